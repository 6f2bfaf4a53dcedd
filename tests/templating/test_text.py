"""French words for values."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from fichetrack import clock
from fichetrack.templating import text
from fichetrack.vocabulary import Etat

NOON = datetime(2026, 3, 3, 13, 32, tzinfo=UTC)


def plain(words: str) -> str:
    return " ".join(words.split())


def test_a_moment_is_shown_in_paris() -> None:
    assert plain(text.datetime_fr(NOON)) == "3 mars 2026 à 14 h 32"
    assert plain(text.date_fr(datetime(2026, 3, 3, 23, 30, tzinfo=UTC))) == "4 mars 2026"


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        text.datetime_fr(NOON.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 3, 3), "aujourd’hui"),
        (date(2026, 3, 2), "hier"),
        (date(2026, 2, 28), "il y a 3 jours"),
        (date(2026, 6, 1), "dans 3 mois"),
    ],
)
def test_a_day_is_told_from_today(day: date, words: str) -> None:
    with clock.at(NOON):
        assert plain(text.ago(day)) == words


def test_whole_euros_have_no_decimals() -> None:
    assert plain(text.euros(Decimal("1234567.50"))) == "1 234 567,50 €"
    assert plain(text.euros(12)) == "12 €"


def test_french_counts_from_two() -> None:
    counts = [plain(text.plural(n, "travail", "travaux")) for n in (0, 1, 2, 1234)]
    assert counts == ["0 travail", "1 travail", "2 travaux", "1 234 travaux"]


def test_a_missing_value_is_said_and_a_code_has_its_label() -> None:
    assert text.label(None) == "Non renseigné"
    assert text.label(Etat.VALIDEE) == text.label("validee", "etat") == "Validée"


def test_rich_text_keeps_no_script_no_image_and_no_title_above_ours() -> None:
    html = text.markdown(
        "# Titre\n[a](javascript:alert(1)) ![i](http://x/i.png) <script>x</script>\n\n[b](https://x.fr)"
    )
    assert "<h4>Titre</h4>" in html
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'rel="nofollow noopener noreferrer"' in html


def test_a_link_goes_to_a_whole_address_or_nowhere() -> None:
    html = text.markdown("[a](//mal.fr) [b](/\\\\mal.fr) [c](https://bien.fr) [d](mailto:a@bien.fr)")
    assert html.count("href") == 2
    assert "mal.fr" not in html
    assert 'href="https://bien.fr"' in html


def test_a_table_is_shown_as_it_was_typed() -> None:
    assert "| a | b |" in text.markdown("| a | b |\n|---|---|\n| 1 | 2 |")


HOSTILE = ["|", ">", "> - ", "*a ", "**a*_b_", "_a*", "[", "[a](b)", "[a](", "![[", "[a]: b\n", "- a\n", "- ", "`a", "&", "<a",
           "# a\n", "a\n=\n", "a  \n", "\\", "~~~\n"]  # fmt: skip


@pytest.mark.parametrize("motif", HOSTILE)
@pytest.mark.parametrize("size", [2_000, 20_000])
def test_no_text_makes_a_page_slow(motif: str, size: int) -> None:
    """The best of three, in this process’s own time: the machine may be busy elsewhere."""
    typed, costs = (motif * size)[:size], []
    for _ in range(3):
        start = time.process_time()
        text.markdown(typed)
        costs.append(time.process_time() - start)
    assert min(costs) < 0.1


def test_a_text_with_too_many_marks_is_shown_as_typed_and_whole() -> None:
    typed = "- <b>point</b>\n" * 3_000
    html = text.markdown(typed)
    assert html.count("- &lt;b&gt;point&lt;/b&gt;") == 3_000


def test_the_longest_description_keeps_its_formatting() -> None:
    typed = ("## Titre\n\nUne phrase, d’une **certaine** longueur, écrite par quelqu’un.\n\n- un point\n" * 230)[
        :19_900
    ]
    assert text.markdown(typed).count("<strong>") > 180


def test_guillemets_and_double_signs_never_stand_alone_at_the_end_of_a_line():
    assert (
        text.unbroken("« Non » : pourquoi ?")
        == "«\N{NO-BREAK SPACE}Non\N{NO-BREAK SPACE}»\N{NO-BREAK SPACE}: pourquoi\N{NO-BREAK SPACE}?"
    )
