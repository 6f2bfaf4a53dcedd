"""/territoires and /territoires/<code>: the map's twin, the contours, a territoire's page for each reader."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fichetrack.models import PerimetreCommune
from tests.factories import CommuneFactory, FicheFactory, PerimetreFactory, TerritoireFactory, chef

CONTOUR = '{"type":"MultiPolygon","coordinates":[' + ",".join(["[[[4,44],[5,44],[5,45],[4,44]]]"] * 20) + "]}"


@pytest.fixture
def ales(db: Any) -> Any:
    territoire = TerritoireFactory(slug="ales", nom="Bassin d’Alès")
    version = PerimetreFactory(territoire=territoire, phase="1", id_ti="ti-7602", contour=CONTOUR)
    commune = CommuneFactory(nom="Alès", population=40_000)
    db.session.add(PerimetreCommune(perimetre_id=version.id, commune_code=commune.code))
    db.session.commit()
    return territoire


def test_the_table_counts_what_its_reader_may_list(ales: Any, browser: Any, login_as: Any) -> None:
    FicheFactory(territoire=ales, validee=True)
    FicheFactory(territoire=ales, deposee=True)
    visitor = browser.get("/territoires").find("tr[data-code=ti-ales]")
    assert visitor["data-value"] == "1"
    assert login_as(chef(ales)).get("/territoires").find("tr[data-code=ti-ales]")["data-value"] == "2"


def test_territoires_are_searched_with_and_without_htmx(ales: Any, browser: Any) -> None:
    TerritoireFactory(nom="Grand Dole")
    page = browser.get("/territoires", q="ales")
    assert "Bassin d’Alès" in page
    assert "Grand Dole" not in page
    fragment = browser.fragment("/territoires", q="ales")
    assert str(fragment.find("#territoires-liste")) == str(page.find("#territoires-liste"))
    assert "Aucun territoire de ce nom" in browser.get("/territoires", q="zzz")


def test_without_territoire_the_page_says_so(db: Any, browser: Any) -> None:
    assert "Aucun territoire pour le moment" in browser.get("/territoires")


def test_contours_are_cached_and_asked_again_for_nothing(ales: Any, client: Any) -> None:
    asked = {"Accept-Encoding": "gzip"}
    answer = client.get("/territoires/contours.geojson", headers=asked)
    assert (answer.status_code, answer.mimetype) == (200, "application/geo+json")
    assert answer.cache_control.public
    assert answer.headers["Content-Encoding"] == "gzip"
    again = client.get("/territoires/contours.geojson", headers={**asked, "If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_territoire_shows_its_plan_and_its_perimeter(ales: Any, browser: Any) -> None:
    fiche = FicheFactory(territoire=ales, validee=True)
    page = browser.get("/territoires/ti-ales")
    assert page.find("h1").get_text() == "Bassin d’Alès"
    assert f"/fiches/{fiche.code}" in page.links()
    for words in (
        ales.region_instructrice.nom,
        "ti-7602",
        "Phase 1 (2018-2022)",
        "40 000",
        "depuis le 1er janvier 2023",
    ):
        assert words in page


def test_people_are_shown_to_signed_in_readers_only(ales: Any, browser: Any, login_as: Any) -> None:
    lead = chef(ales)
    assert lead.nom not in browser.get("/territoires/ti-ales")
    assert lead.nom in login_as(lead).get("/territoires/ti-ales")


def test_what_a_reader_may_not_read_is_not_in_the_plan(ales: Any, browser: Any) -> None:
    FicheFactory(territoire=ales, validee=True, reseau=True, intitule="Un projet discret")
    page = browser.get("/territoires/ti-ales")
    assert "Un projet discret" not in page
    assert "Aucune fiche à lire ici" in page


def test_earlier_versions_are_listed(ales: Any, browser: Any, db: Any) -> None:
    ales.perimetres[0].valid_to = date(2023, 12, 31)
    PerimetreFactory(territoire=ales, id_ti="ti-7601", nom="Alès", valid_from=date(2024, 1, 1))
    page = browser.get("/territoires/ti-ales")
    assert "du 1er janvier 2023 au 31 décembre 2023" in page
    assert "ti-7601" in page


@pytest.mark.parametrize("code", ["ti-inconnu", "ales", "epci-200066918", "com-30007", "dep-30", "reg-76", "francais"])
def test_an_unknown_address_is_a_404(ales: Any, browser: Any, code: str) -> None:
    browser.get(f"/territoires/{code}", status=404)
