"""/comparer: two to four places, those unknown said, similar ones one click away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.factories import PersonneFactory
from tests.small_gard import load_jobs, settle


@pytest.fixture
def country(db: Any, tmp_path: Path) -> None:
    settle()
    load_jobs(tmp_path)


def test_without_a_place_one_is_asked(country: Any, browser: Any) -> None:
    assert "Premier territoire" in browser.get("/comparer")


def test_places_are_added_then_taken_away(country: Any, browser: Any) -> None:
    page = browser.get("/comparer?t=ti-ales")
    both = page.submit(t=["ti-ales", "france"])
    assert "Bassin d’Alès" in both and "Spécificité économique" in both
    assert both.html.select(".ft-apart__word")
    assert "Urssaf Caisse nationale" in both
    assert "t=france" in both.follow("Retirer").url


def test_a_visitor_never_goes_past_four_places(country: Any, browser: Any) -> None:
    page = browser.get("/comparer", t=["ti-ales", "france", "reg-76", "dep-30", "dep-48"])
    assert "au-delà du nombre permis" in page and "dep-48" in page
    assert not page.html.select("main form select")


@pytest.mark.parametrize("code", ["ti-x", "com-99999", "<b>", "é😀'\"", "x" * 500, "epci-"])
def test_an_unknown_place_is_said(country: Any, browser: Any, code: str) -> None:
    assert "Ce lieu est inconnu" in browser.get("/comparer", t=["ti-ales", code])


def test_a_member_compares_an_epci(country: Any, login_as: Any) -> None:
    page = login_as(PersonneFactory()).get("/comparer", t=["epci-200066918", "com-30007"], niveau="a732")
    assert "CA Alès Agglomération" in page and "2711Z" in page.text


def test_the_same_place_twice_is_once(country: Any, browser: Any) -> None:
    page = browser.get("/comparer", t=["ti-ales", "ti-ales"])
    assert len(page.html.select(".ft-compared li")) == 1
