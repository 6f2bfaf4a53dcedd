"""The panel « Métiers en tension » on the survey of the example: secrets stay secret, bassins are named, shares counted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fichetrack.indicators.quantities import Quantity, State
from fichetrack.queries import panels, places
from fichetrack.queries.panels import exporting
from fichetrack.queries.panels.shapes import Panel
from tests.browser import Browser
from tests.factories import PersonneFactory
from tests.small_gard import IMPORTS, load, load_survey, settle


@pytest.fixture
def country(db: Any) -> None:
    settle()
    load_survey()


def shown(code: str, user: Any = None, **args: str) -> Panel:
    place = places.get_place(code)
    assert place is not None
    panel = panels.get_panel(user, "metiers", place, args)
    assert panel is not None
    return panel


def figure(panel: Panel, code: str) -> Quantity:
    return next(one.quantity for one in panel.figures if one.indicator.code == code)


def test_projects_of_the_bassin_are_counted(country: None) -> None:
    panel = shown("ti-ales")
    assert figure(panel, "projets_recrutement") == Quantity(62)  # 20 + 12 + 30
    assert figure(panel, "part_difficile").value == pytest.approx(100 * 44 / 62)  # 15 + 11 + 18


def test_a_share_with_a_secret_part_is_not_shown_as_known(country: None) -> None:
    share = figure(shown("ti-ales"), "part_saisonniere")
    assert (share.value, share.secrets, share.state) == (None, 1, State.SECRET)


def test_the_part_of_the_place_outside_any_bassin_is_said(country: None) -> None:
    sentence = shown("ti-ales").sentence  # 46,000 of 50,000: Anduze is in no bassin of the example
    assert "ALES LA GRAND COMBE (92\u00a0% des habitants)" in sentence
    assert "92\u00a0% des habitants sont couverts" in sentence


def test_a_sum_over_secrets_is_a_lower_bound(country: None) -> None:
    panel = shown("dep-30")  # 20 + 12 + 30 + 9, difficult: 15 + 11 + 18 + one secret
    assert figure(panel, "projets_recrutement") == Quantity(71)
    assert figure(panel, "part_difficile").value is None
    waiters = next(row for row in panel.grids[0].rows if str(row["metier"]).startswith("Serveurs"))
    assert (waiters["xmet"].value, waiters["xmet"].state) == (18, State.AT_LEAST)


def test_a_secret_alone_is_never_a_zero(country: None) -> None:
    load_hidden = shown("france")
    rows = [row for row in load_hidden.grids[0].rows for name in ("met", "xmet") if row[name].secrets]
    assert rows
    assert not [row for row in rows if row["met"].value == 0 or row["xmet"].value == 0]
    kept = json.loads(exporting.export(load_hidden, "json", "https://exemple.fr"))
    cells = [cell for grid in kept["tableaux"] for row in grid["lignes"] for cell in row.values()]
    assert not [one for one in cells if isinstance(one, dict) and one["etat"] == "secret" and one["valeur"] is not None]


def test_both_ways_of_counting_a_bassin_are_explained(country: None) -> None:
    whole, part = shown("com-30007", PersonneFactory()), shown("com-30007", PersonneFactory(), bassins="prorata")
    assert whole.sentence != part.sentence
    assert figure(part, "projets_recrutement").value == pytest.approx(62 * 40 / 46)


def test_a_place_without_any_bassin_says_so(country: None) -> None:
    panel = shown("com-48095", PersonneFactory())
    assert "Aucun bassin d’emploi connu" in panel.missing + panel.sentence
    assert all(one.quantity.value is None for one in panel.figures)


def test_without_the_bassins_the_panel_says_what_is_missing(db: Any) -> None:
    settle()
    load("bmo", IMPORTS / "bmo" / "exemple.csv")
    assert "bassins d’emploi" in shown("ti-ales").missing
    assert not shown("dep-30").missing


@pytest.mark.parametrize("millesime", ["1999", "x" * 500, "2024'--", ""])
def test_an_unknown_survey_is_the_newest(country: None, millesime: str) -> None:
    assert figure(shown("ti-ales", millesime_bmo=millesime), "projets_recrutement") == Quantity(62)


def test_a_page_without_a_choice_has_no_lone_button(country: None, browser: Browser) -> None:
    assert "Afficher</button>" not in browser.get("/territoires/france/metiers").text
    assert "Afficher</button>" in browser.get("/territoires/ti-ales/metiers").text
