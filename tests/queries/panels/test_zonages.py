"""The panel « Zonages », from the example lists: zones, communes and population by hand, what is missing said."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.browser import Browser
from tests.factories import PersonneFactory
from tests.queries.panels.scene import ALES, DATA, bring, grid, load, panel_of, row, settle
from tests.statements import counted

ACV, QPV = "Action cœur de ville", "Quartiers prioritaires de la politique de la ville"
CRTE = "Contrats pour la réussite de la transition écologique"


@pytest.fixture
def zones(db: Any) -> None:
    settle()
    load(
        "zonages", "exemple_qpv_2024.json", "exemple_crte-communes_2025.csv", "exemple_programmes-par-commune_2026.json"
    )


def test_shares_are_those_counted_by_hand(zones: None) -> None:
    panel = panel_of("zonages", ALES, PersonneFactory())
    covered = row(panel, "programmes", CRTE)
    assert [covered[one].value for one in ("zones", "communes", "part", "habitants")] == [2, 2, 50, 47_000]
    assert covered["part_population"].value == pytest.approx(100 * 47_000 / 55_500)
    assert covered["millesime"] == "2025"
    assert row(panel, "programmes", QPV)["zones"].value == 2
    assert row(panel, "programmes", ACV)["part"].value == 25


@pytest.mark.parametrize(("code", "communes"), [("com-30189", 1), ("dep-30", 2), ("reg-76", 2), ("france", 2)])
def test_every_kind_of_place_has_its_communes_counted(zones: None, code: str, communes: int) -> None:
    panel = panel_of("zonages", code, PersonneFactory())
    assert row(panel, "programmes", QPV)["communes"].value == communes
    assert row(panel, "programmes", ACV)["zones"].value == (0 if code == "com-30189" else 1)


def test_a_zone_tells_its_communes_inside_and_how_many_are_outside(zones: None) -> None:
    zone = row(panel_of("zonages", ALES, PersonneFactory()), "zones", "Entre deux communes")
    assert (zone["communes"], zone["hors"].value, zone["signe_le"]) == ("Alès", 1, None)
    signed = [one for one in grid(panel_of("zonages", "dep-30"), "zones").rows if one["programme"] == ACV]
    assert [one["signe_le"] for one in signed] == [date(2018, 10, 1)]


def test_one_programme_may_be_listed_alone(zones: None) -> None:
    held = grid(panel_of("zonages", "dep-30", programme="crte"), "zones").rows
    assert {one["programme"] for one in held} == {CRTE}
    assert panel_of("zonages", "dep-30", programme="rien").options.programme == ""


def test_a_list_nobody_imported_is_not_a_zero(db: Any) -> None:
    settle()
    assert "n’est pas encore importé" in panel_of("zonages", "dep-30").missing
    load("zonages", "exemple_qpv_2024.json")
    panel = panel_of("zonages", "dep-30")
    assert [one["programme"] for one in grid(panel, "programmes").rows] == [QPV]
    assert ACV in panel.warnings[0]
    assert "pas un zéro" in panel.warnings[0]


def test_france_has_no_list_of_zones_and_says_so(zones: None) -> None:
    panel = panel_of("zonages", "france")
    assert [one.code for one in panel.grids] == ["programmes"]
    assert any("choisissez" in one for one in panel.warnings)


@pytest.mark.skipif(not DATA.exists(), reason="place the public files in ../shared/data to run it")
def test_the_published_lists_put_ales_in_its_programmes(db: Any) -> None:
    settle()
    bring("zonages", DATA / "zonages" / "acv-pvd-ort_par-commune_2026.json")
    panel = panel_of("zonages", "com-30007", PersonneFactory())
    counted_zones = {one["programme"]: one["zones"].value for one in grid(panel, "programmes").rows}
    assert list(counted_zones.values()) == [1, 0, 1]
    signed = {one["programme"]: one["signe_le"] for one in grid(panel, "zones").rows}
    assert signed[ACV] == date(2018, 10, 10)


def test_as_many_statements_for_a_commune_as_for_a_departement(zones: None, db: Any) -> None:
    numbers = []
    for code in ("com-30007", "dep-30"):
        user = PersonneFactory()
        with counted(db.engine) as sent:
            panel_of("zonages", code, user)
        numbers.append(len(sent))
    assert abs(numbers[0] - numbers[1]) <= 1  # looking the place up differs


def test_the_page_reads_without_javascript(zones: None, browser: Browser) -> None:
    assert "Entre deux communes" in browser.get("/territoires/dep-30/zonages?programme=qpv").text
