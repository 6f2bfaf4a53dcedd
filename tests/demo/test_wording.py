"""French grammar of the demonstration's texts, and their vocabulary."""

from __future__ import annotations

import pytest

from fichetrack.demo.grammar import at, expand, of
from fichetrack.demo.phrases import actions
from fichetrack.demo.places import words


@pytest.mark.parametrize(
    ("name", "with_of", "with_at"),
    [
        ("Alès", "d’Alès", "à Alès"),
        ("Le Havre", "du Havre", "au Havre"),
        ("Les Mureaux", "des Mureaux", "aux Mureaux"),
        ("La Grand-Combe", "de La Grand-Combe", "à La Grand-Combe"),
        ("Yvetot", "d’Yvetot", "à Yvetot"),
        ("Harfleur", "de Harfleur", "à Harfleur"),
        ("l’axe Seine", "de l’axe Seine", "à l’axe Seine"),
    ],
)
def test_prepositions_and_articles_contract(name: str, with_of: str, with_at: str) -> None:
    assert (of(name), at(name)) == (with_of, with_at)


def test_the_vocabulary_has_hundreds_of_titles_and_every_place_its_words() -> None:
    assert len({title for action in actions() for title in action.titres}) > 180
    assert len(words()["places"]) == 25


def test_a_pattern_reads_with_choices_numbers_and_capitals() -> None:
    class First:
        choice = staticmethod(lambda options: options[0])
        randint = staticmethod(lambda low, high: high)

    text = expand("{le_ti} [compte|a] {2..9000} sites : {2..9000}", {"le_ti": "l’axe"}, {}, First())  # type: ignore[arg-type]
    assert text == "L’axe compte 9\u202f000 sites\u00a0: 9\u202f000"
