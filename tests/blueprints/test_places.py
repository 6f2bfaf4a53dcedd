"""Going from a territoire to its places, from a place to its neighbours, from a panel to the next; tiles of key figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from fichetrack.blueprints.drawings import DRAWINGS
from fichetrack.models import Departement, Territoire
from fichetrack.queries import panels
from tests.factories import PersonneFactory
from tests.small_gard import load_jobs, settle


@pytest.fixture
def country(db: Any, tmp_path: Path) -> None:
    DRAWINGS.clear()
    settle()
    load_jobs(tmp_path)


def test_a_territoire_leads_to_its_region_and_departements(country: None, browser: Any, db: Any) -> None:
    ales = db.session.scalars(select(Territoire).where(Territoire.slug == "ales")).one()
    ales.departements = [db.session.get(Departement, "30")]
    db.session.commit()
    links = browser.get("/territoires/ti-ales").links()
    assert {"/territoires/reg-76", "/territoires/dep-30"} <= set(links)


def test_its_members_are_links_for_those_who_may_open_them(country: None, browser: Any, login_as: Any) -> None:
    page = browser.get("/territoires/ti-ales")
    assert "EPCI 200066918" in page
    assert "/territoires/epci-200066918" not in page.links()
    assert "/territoires/epci-200066918" in login_as(PersonneFactory()).get("/territoires/ti-ales").links()


def test_a_place_leads_up_and_down(country: None, browser: Any, login_as: Any) -> None:
    assert {"/territoires/dep-30", "/territoires/ti-ales"} <= set(browser.get("/territoires/reg-76").links())
    page = login_as(PersonneFactory()).get("/territoires/epci-200066918")
    assert {"/territoires/dep-30", "/territoires/com-30007"} <= set(page.links())


def test_a_panel_leads_to_the_others_and_back_to_its_territoire(country: None, browser: Any) -> None:
    page = browser.get("/territoires/ti-ales/foncier", date="2026-01-01")
    nav = page.find("main nav.ft-onpage")
    assert [one["href"] for one in nav.select("a")] == [
        "/territoires/ti-ales?date=2026-01-01",
        *(f"/territoires/ti-ales/{code}?date=2026-01-01" for code in panels.TITLES),
    ]
    assert [one.get_text() for one in nav.select("[aria-current=page]")] == ["Foncier"]


def test_a_tile_keeps_its_unit_beside_its_number_and_a_long_name_under_its_label(country: None, browser: Any) -> None:
    tiles = browser.get("/territoires/ti-ales/specificite").html.select(".ft-tiles .ft-figure")
    assert tiles[2].select_one(".text-nowrap").get_text().endswith("\u00a0%")
    assert tiles[-1].select_one(".ft-figure__label").get_text().strip().startswith("Indice le plus élevé")
    assert "électroniques" not in tiles[-1].select_one(".ft-figure__label").get_text()
    assert "électroniques" in tiles[-1].select_one(".ft-tiles__named").get_text()
