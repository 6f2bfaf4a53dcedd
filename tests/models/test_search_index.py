"""Full text: the same queries find the same fiches on both databases, and no query is an error."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from fichetrack import search
from fichetrack.models import Fiche, search_index
from tests.factories import FicheFactory, PersonneFactory, TerritoireFactory

TEXTS = {
    "ecole": "École de production d’usinage à l’œuvre dans les forêts",
    "friche": "Dépollution de la friche Péchiney : études préalables",
    "hydrogene": "Hydrogène vert & mobilité lourde (poids-lourds)",
    "logement": "Loger les alternants, l’été comme l’hiver",
}
# The query of a reader → what it finds.
FOUND = {
    "ecole": {"ecole"},
    "ÉCOLE": {"ecole"},
    "oeuvre": {"ecole"},
    "œuvres": {"ecole"},
    "l’œuvre": {"ecole"},
    "l'usinage": {"ecole"},
    "forêt": {"ecole"},
    "foret": {"ecole"},
    "usin": {"ecole"},
    "friches": {"friche"},
    "d’études": {"friche"},
    "pechiney etude": {"friche"},
    "friche hydrogène": set(),
    "poids-lourds": {"hydrogene"},
    "poids lourd": {"hydrogene"},
    "alternant été": {"logement"},
    '"alternants"': {"logement"},
    "alternants OR friche": set(),
    "friche AND NOT etude": set(),
    "NEAR(friche etude)": set(),
    "search_text:friche": set(),
    "friche*": {"friche"},
    "^friche": {"friche"},
    "(friche": {"friche"},
    "friche)": {"friche"},
    "friche'; DROP TABLE fiche; --": set(),
    "friche & !etude | <-> :*": {"friche"},
    "xylophone": set(),
}


@pytest.fixture
def find(db: Any) -> Any:
    common = {"territoire": TerritoireFactory(), "created_by": PersonneFactory()}
    names = {FicheFactory(intitule=text, **common).id: name for name, text in TEXTS.items()}

    def run(query: str) -> set[str]:
        words = search.query_words(query)
        condition = search_index.matches(words, db.engine.dialect.name)
        return {names[found] for found in db.session.scalars(select(Fiche.id).where(condition))}

    return run


def test_a_query_finds_the_same_on_both_databases(find: Any) -> None:
    assert {query: find(query) for query in FOUND} == FOUND


def test_words_beyond_the_twelfth_are_left_aside(find: Any) -> None:
    twelve = [
        "ecole",
        "production",
        "usinage",
        "oeuvre",
        "foret",
        "de",
        "ecol",
        "prod",
        "usin",
        "oeuv",
        "fore",
        "producti",
    ]
    assert find(" ".join([*twelve, "xylophone"])) == {"ecole"}
    assert find(" ".join(["xylophone", *twelve])) == set()


@pytest.mark.parametrize("query", ["", "   ", "’", '"', "***", "( ) & | !", "€ – «»"])
def test_a_query_without_a_word_asks_nothing(query: str) -> None:
    assert search.query_words(query) == []


def test_the_index_follows_what_is_written(db: Any, find: Any) -> None:
    fiche = db.session.scalars(select(Fiche).where(Fiche.intitule == TEXTS["logement"])).one()
    fiche.intitule = "Une halle neuve"
    db.session.commit()
    assert (find("alternants"), find("halle")) == (set(), {"logement"})
    db.session.delete(fiche)
    db.session.commit()
    assert find("halle") == set()


def test_internal_fields_are_not_searched(db: Any, find: Any) -> None:
    fiche = db.session.scalars(select(Fiche).where(Fiche.intitule == TEXTS["logement"])).one()
    fiche.referent_nom, fiche.appui_demande_a = "Zygomorphe", "Zygomorphe"
    db.session.commit()
    assert find("zygomorphe") == set()
