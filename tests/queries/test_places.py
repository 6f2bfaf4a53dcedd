"""Places: every kind, a territoire at a date, addresses nobody gave."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fichetrack.queries import places
from fichetrack.vocabulary import PlaceKind
from tests.factories import PersonneFactory
from tests.small_gard import settle
from tests.statements import counted

ODD = ["", "ti", "ti-", "com-", "epci-", "dep-", "reg-", "com-99999", "epci-000000000", "dep-xx", "reg-xx", "dep-3",
       "ti-inconnu", "TI-ales", "com-30007 ", "france-", "France", "tous-ti", "metropole", "com-" + "9" * 5000,
       "ti-é’😀", "dep-٣٠", "-", "--", "com--30007", "epci-200066918-x", "ti-ales'--"]  # fmt: skip


@pytest.fixture
def country(db: Any) -> None:
    settle()


@pytest.mark.parametrize(
    ("code", "kind", "nom", "population"),
    [
        ("ti-ales", PlaceKind.TI, "Bassin d’Alès", 50_000),
        ("epci-200066918", PlaceKind.EPCI, "CA Alès Agglomération", 50_000),
        ("epci-200057867", PlaceKind.EPCI, "Plaine Commune", 150_000),
        ("com-30010", PlaceKind.COMMUNE, "Anduze", 4_000),
        ("dep-30", PlaceKind.DEPARTEMENT, "Gard", 50_000),
        ("reg-76", PlaceKind.REGION, "Occitanie", 62_000),
        ("france", PlaceKind.FRANCE, "France", 212_000),
    ],
)
def test_every_kind_of_place_is_found(country: None, code: str, kind: PlaceKind, nom: str, population: int) -> None:
    place = places.get_place(code)
    assert place is not None
    assert (place.code, place.kind, place.nom, place.population) == (code, kind, nom, population)


@pytest.mark.parametrize("code", ODD)
def test_an_address_nobody_gave_is_no_place(country: None, code: str) -> None:
    assert places.get_place(code) is None


def test_a_territoire_has_the_communes_of_its_perimeter_that_day(country: None) -> None:
    before, now = places.get_place("ti-ales", date(2022, 12, 31)), places.get_place("ti-ales")
    assert before is not None and now is not None
    assert (before.communes, before.epcis, before.lone) == (("30007",), (), ("30007",))
    assert (now.communes, now.epcis, now.lone) == (("30007", "30010", "30132"), ("200066918",), ())
    assert before.as_of == date(2022, 12, 31)
    first = places.get_place("ti-ales", date(2018, 1, 1))
    assert first is not None and first.communes == ()


def test_an_ept_is_read_by_its_communes_for_nothing_is_published_under_its_code(country: None) -> None:
    place = places.get_place("epci-200057867")
    assert place is not None
    assert (place.communes, place.epcis, place.lone) == (("93066",), (), ("93066",))


def test_all_the_ti_hold_each_commune_once(country: None) -> None:
    assert places.list_all_ti().communes == ("30007", "30010", "30132")
    assert places.list_all_ti(date(2020, 1, 1)).communes == ("30007",)
    assert places.list_all_ti().epcis == ("200066918",)


def test_epci_and_communes_are_for_accounts(country: None) -> None:
    closed = dict.fromkeys(("ti-ales", "epci-200066918", "com-30007", "dep-30", "reg-76", "france"))
    found = [place for code in closed if (place := places.get_place(code))]
    assert [place.code for place in found if not places.may_read(None, place)] == ["epci-200066918", "com-30007"]
    assert all(places.may_read(PersonneFactory(), place) for place in found)


@pytest.mark.parametrize("code", ["ti-ales", "epci-200066918", "com-30007", "dep-30", "reg-76", "france"])
def test_a_place_costs_a_few_queries(country: None, db: Any, code: str) -> None:
    db.session.expire_all()
    with counted(db.engine) as statements:
        places.get_place(code)
    assert len(statements) <= 6
