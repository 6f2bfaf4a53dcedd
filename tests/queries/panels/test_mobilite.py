"""The panel « Actifs et mobilité », from the example of the base of flows: figures by hand, the threshold, who sees what."""

from __future__ import annotations

from typing import Any

import pytest

from fichetrack.queries import places
from fichetrack.queries.panels import mobilite
from fichetrack.queries.panels.shapes import Panel, Reader
from tests.browser import Browser
from tests.factories import PersonneFactory
from tests.queries.panels.scene import ALES, figure, grid, load, panel_of, row, settle
from tests.statements import counted


@pytest.fixture
def flows(db: Any) -> None:
    settle()
    load("mobilite", "exemple_base-flux.csv")


def of(code: str, **args: str) -> Panel:
    return panel_of("mobilite", code, PersonneFactory(), **args)


def test_figures_of_a_commune_are_those_counted_by_hand(flows: None) -> None:
    panel = of("com-30007")
    assert figure(panel, "mobilite.residents").quantity.value == pytest.approx(125.25)
    assert figure(panel, "mobilite.emplois").quantity.value == pytest.approx(165.875)
    assert figure(panel, "mobilite.part_stables").quantity.value == pytest.approx(100 * 100.25 / 125.25)
    assert row(panel, "profil", "dont sortent pour travailler")["nombre"].value == pytest.approx(25)
    assert row(panel, "profil", "parmi eux, à l’étranger")["nombre"].value == pytest.approx(4.5)
    assert row(panel, "profil", "dont par des entrants")["nombre"].value == pytest.approx(65.625)


def test_an_epci_keeps_its_inner_flows_and_a_departement_too(flows: None) -> None:
    assert figure(of(ALES), "mobilite.residents").quantity.value == pytest.approx(185.375)
    assert figure(of("dep-30"), "mobilite.residents").quantity.value == pytest.approx(194.875)
    assert figure(of("reg-76"), "mobilite.residents").quantity.value == pytest.approx(194.875)


def test_small_flows_are_shown_only_when_asked_and_marked(flows: None) -> None:
    assert grid(of("com-30007"), "flux").rows == []
    panel = of("com-30007", flux_min="50")
    (found,) = grid(panel, "flux").rows
    assert (found["origine"], found["destination"], found["sens"]) == ("Anduze", "Alès", "entrant")
    assert found["flux"].value == pytest.approx(60.125)
    assert found["fiable"] == "fragile"
    assert panel.extra["fragile"]


@pytest.mark.parametrize(("asked", "kept"), [("", 400), ("49", 50), ("1", 50), ("9999", 2000), ("-3", 400), ("¼", 400)])
def test_a_threshold_is_brought_within_its_bounds(asked: str, kept: int) -> None:
    place = places.Place("ti-ales", places.PlaceKind.TI, "Alès")
    assert mobilite.options({"flux_min": asked}, place, Reader()).threshold == kept


def test_flows_between_communes_are_for_signed_in_readers() -> None:
    place = places.Place("ti-ales", places.PlaceKind.TI, "Alès")
    asked = {"flux_maille": "commune"}
    assert mobilite.options(asked, place, Reader()).unit == "epci"
    assert mobilite.options(asked, place, Reader(detailed=True)).unit == "commune"


def test_a_file_that_describes_a_part_of_the_inhabitants_says_so(flows: None) -> None:
    assert not any("ne décrit que" in warning for warning in of("com-30007").warnings)
    assert any("ne décrit que 85\u00a0%" in warning for warning in of(ALES).warnings)  # 47 000 of 55 500


def test_for_france_nobody_knows_who_comes_in(flows: None) -> None:
    panel = panel_of("mobilite", "france")
    assert figure(panel, "mobilite.residents").quantity.value == pytest.approx(194.875)
    assert row(panel, "profil", "dont par des entrants")["nombre"].value is None
    assert row(panel, "profil", "dont sortent pour travailler")["nombre"].value >= 4.5
    assert "ne sont pas connues" in panel.warnings[-1]


def test_without_the_file_or_without_a_flow_the_panel_says_why(db: Any) -> None:
    settle()
    assert "n’est pas encore importé" in panel_of("mobilite", "dep-30").missing
    load("mobilite", "exemple_base-flux.csv")
    assert "aucun flux" in of("com-30132").missing


def test_as_many_statements_for_a_commune_as_for_a_departement(flows: None, db: Any) -> None:
    numbers = []
    for code in ("com-30007", "dep-30"):
        user = PersonneFactory()
        with counted(db.engine) as sent:
            panel_of("mobilite", code, user)
        numbers.append(len(sent))
    assert abs(numbers[0] - numbers[1]) <= 1  # looking the place up differs


def test_the_page_has_a_slider_that_a_plain_form_sends(flows: None, browser: Browser) -> None:
    page = browser.get("/territoires/dep-30/mobilite?flux_min=50")
    assert 'type="range"' in page.text
    assert "déconseille" in page.text
