"""Territoires read: lookup, people, contours, lieux."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from fichetrack.config import ROOT
from fichetrack.models import Territoire
from fichetrack.queries import lieux, territoires
from fichetrack.services import territoires as services
from fichetrack.vocabulary import Role
from tests.factories import (
    PerimetreFactory,
    RegionFactory,
    TerritoireFactory,
    chef,
    elu,
    instructeur,
)
from tests.small_country import small_contours, small_country


@pytest.fixture
def country(db: Any) -> None:
    silent: dict[str, Any] = {"reference": small_country(), "contours": small_contours, "progress": lambda words: None}
    services.load_reference(**silent)
    example = ROOT / "imports" / "territoires" / "exemple_phase-1.geojson"
    services.apply_import(example, "1", date(2018, 11, 22), **silent)


def plaine() -> Territoire:
    found = territoires.get_territoire("ti-plaine-collines")
    assert found is not None
    return found


def test_a_territoire_has_one_address(country: None) -> None:
    assert plaine().nom == "Plaine - Collines"
    assert [territoires.get_territoire(code) for code in ("plaine-collines", "ti-ailleurs", "epci-200000018", "")] == [
        None
    ] * 4


def test_a_workbook_may_write_the_code_the_slug_or_the_name(country: None) -> None:
    for text in ("ti-plaine-collines", "plaine-collines", "plaine – COLLINES", "Plaine Collines"):
        assert territoires.find_territoire(text) == plaine()
    assert territoires.find_territoire("Plaine") is None


def test_territoires_are_searched_by_the_words_of_their_name(country: None) -> None:
    assert [one.slug for one in territoires.list_territoires("bassin exem")] == ["bassin-d-exempleville"]
    assert [one.slug for one in territoires.list_territoires(region="84")] == ["plaine-collines"]
    assert len(territoires.list_territoires()) == 2
    assert territoires.list_territoires("marseille") == []


def test_regions_are_those_that_carry_a_territoire(country: None) -> None:
    RegionFactory(nom="Sans territoire")
    assert [region.nom for region in territoires.list_regions()] == ["Grand Sud", "Petit Est"]


def test_a_perimeter_adds_up_its_members(country: None) -> None:
    perimeter = territoires.get_perimeter(plaine())
    assert perimeter is not None
    assert (perimeter.communes, perimeter.population) == (3, 4_300)
    assert [(one.kind_label, one.communes, one.population) for one in perimeter.members] == [
        ("EPCI", 2, 3_500),
        ("commune", 1, 800),
    ]
    assert territoires.get_perimeter(plaine(), date(2018, 1, 1)) is None


def test_people_are_those_whose_mandat_is_valid_chefs_first(db: Any) -> None:
    here = TerritoireFactory()
    elu(here)
    chef(here)
    instructeur(here.region_instructrice)
    chef(here, ended=True)
    chef(TerritoireFactory())
    roles = [mandat.role for mandat in territoires.list_people(here)]
    assert roles == [Role.CHEF_DE_PROJET, Role.ELU_REFERENT, Role.INSTRUCTEUR_REGION]


def test_contours_are_in_force_and_behind_them_the_regions(country: None) -> None:
    features = json.loads(territoires.contours_geojson(lambda code: f"/territoires/{code}"))["features"]
    assert [feature["properties"].get("code") for feature in features] == [
        None,
        None,
        "ti-bassin-d-exempleville",
        "ti-plaine-collines",
    ]
    assert features[0]["properties"] == {"fond": True, "nom": "Grand Sud"}
    assert features[2]["properties"]["url"] == "/territoires/ti-bassin-d-exempleville"
    assert {feature["geometry"]["type"] for feature in features} == {"MultiPolygon"}
    before = json.loads(territoires.contours_geojson(str, date(2018, 1, 1)))["features"]
    assert all(feature["properties"]["fond"] for feature in before)


def test_contours_and_list_cost_as_many_queries_for_2_as_for_20(db: Any) -> None:
    def count() -> int:
        db.session.expire_all()
        seen: list[str] = []
        listen = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listen)
        territoires.contours_geojson(str)
        [one.regions_in_order for one in territoires.list_territoires()]
        event.remove(db.engine, "before_cursor_execute", listen)
        return len(seen)

    PerimetreFactory.create_batch(2, contour='{"type":"MultiPolygon","coordinates":[]}')
    few = count()
    PerimetreFactory.create_batch(18, contour='{"type":"MultiPolygon","coordinates":[]}')
    assert count() == few


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("99001", "99001"),
        ("com-99001", "99001"),
        ("epci-200000034", "200000034"),
        ("cc du VAL", "200000034"),
        ("Bourg l'exemple", "99002"),
        ("Bourg-l’Exemple (99002)", "99002"),
        ("Lacville (98)", "98001"),
    ],
)
def test_a_lieu_is_written_by_code_or_by_name(country: None, text: str, code: str) -> None:
    assert lieux.resolve_lieux([text, f" {text} ", ""]) == [code]


def test_an_unknown_lieu_is_refused_with_what_resembles_it(country: None) -> None:
    with pytest.raises(ValueError, match=r"n’est ni un EPCI ni une commune\. Voulez-vous dire : Plaineville"):
        lieux.resolve_lieux(["Plainevil"])
    with pytest.raises(ValueError, match="99999"):
        lieux.resolve_lieux(["99999"])


def test_lieux_are_found_by_the_beginning_of_words(country: None) -> None:
    assert [lieu.label for lieu in lieux.search_lieux("exem")] == [
        "CA Exempleville Agglomération (200000018)",
        "Exempleville (99001)",
        "Bourg-l’Exemple (99002)",
    ]
    assert lieux.search_lieux("%") == []
    assert [lieu.nom for lieu in lieux.list_lieux(["99003", "99999", "200000034"])] == [
        "Plaineville",
        "CC du Val",
    ]


def test_names_stand_in_alphabetical_order_whatever_the_database(db: Any) -> None:
    for nom in ("Évry", "Zone", "Île-de-France", "Éguzon", "Dole", "Jura"):
        TerritoireFactory(nom=nom, region_instructrice=RegionFactory(nom=nom))
    in_order = ["Dole", "Éguzon", "Évry", "Île-de-France", "Jura", "Zone"]
    assert [one.nom for one in territoires.list_territoires()] == in_order
    assert [one.nom for one in territoires.list_regions()] == in_order
