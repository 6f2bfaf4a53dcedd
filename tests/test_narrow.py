"""What a telephone is shown first."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests import factories as f
from tests.small_gard import IMPORTS, load, settle


def test_on_a_telephone_the_filters_are_folded_and_the_fiches_come_first(page: Page, db: Any) -> None:
    f.FicheFactory(validee=True, diffusion="publique", intitule="Une halle rénovée")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/fiches")
    expect(page.get_by_role("link", name="Une halle rénovée")).to_be_in_viewport()
    expect(page.locator("#filtre-territoire")).to_be_hidden()
    page.get_by_text("Filtres", exact=True).click()
    expect(page.locator("#filtre-territoire")).to_be_visible()


def test_on_a_wide_screen_the_filters_stand_open_beside_the_fiches(page: Page, db: Any) -> None:
    page.goto("/fiches")
    expect(page.locator("#filtre-territoire")).to_be_visible()
    expect(page.get_by_text("Filtres", exact=True)).to_be_hidden()


def test_a_map_without_contours_is_not_an_empty_frame(page: Page, db: Any) -> None:
    f.TerritoireFactory()
    db.session.commit()
    with page.expect_response("**/contours.geojson") as answer:
        page.goto("/")
    answer.value.finished()
    page.wait_for_timeout(200)
    expect(page.locator("[data-fichetrack-map]")).to_be_hidden()


def test_on_a_telephone_the_bulle_of_each_column_opens_from_under_its_table(page: Page, db: Any) -> None:
    settle()
    load("friches", IMPORTS / "friches" / "exemple.csv")
    page.goto("/territoires/dep-30/foncier")
    heading = page.locator("#foncier-terrains thead .ft-bulle-button")
    under = page.locator("#tableau-foncier-terrains .ft-definitions .ft-bulle-button")
    expect(heading).to_be_visible()
    expect(under).to_be_hidden()
    page.set_viewport_size({"width": 360, "height": 740})
    expect(heading).to_be_hidden()
    under.click()
    expect(page.get_by_role("dialog", name="Terrain disponible")).to_be_visible()
