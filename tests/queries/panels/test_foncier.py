"""The panel « Foncier », from the example files through the real importers: figures by hand, a search, who sees what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fichetrack.config import ROOT
from fichetrack.geography.reference import Reference
from fichetrack.indicators.quantities import Quantity, State
from fichetrack.queries import panels, places
from fichetrack.queries.panels import exporting, foncier
from fichetrack.queries.panels.shapes import Figure, Grid, Panel, Reader
from fichetrack.services import releases
from fichetrack.services import territoires as services
from tests.factories import PersonneFactory
from tests.small_country import commune, epci
from tests.statements import counted

VISITOR = None
ODD = ("", "beaucoup", "-3", "nan", "inf", "1e9")
IMPORTS = ROOT / "imports"
SOURCES = {
    "friches": "friches/exemple.csv",
    "zae": "zae/exemple_sites.csv",
    "sites": "sites/exemple.csv",
}


def gard() -> Reference:
    return Reference(
        cog_year=2026,
        package="made up",
        regions=[{"code": "76", "nom": "Occitanie"}],
        departements=[
            {"code": "30", "nom": "Gard", "region_code": "76"},
            {"code": "48", "nom": "Lozère", "region_code": "76"},
        ],
        epcis=[epci("200066918", "CA Alès Agglomération", "CA"), epci("244800405", "CC du Mont-Lozère", "CC")],
        communes=[
            commune("30007", "Alès", 44_000, "200066918"),
            commune("30132", "La Grand-Combe", 5_000, "200066918"),
            commune("48095", "Mende", 12_000, "244800405"),
        ],
        successors={},
    )


@pytest.fixture
def country(db: Any) -> None:
    panels._kept.clear()  # the numbers of releases begin again with each test
    foncier._kept.clear()
    services.load_reference(reference=gard(), contours=dict, progress=lambda words: None)


def load(*sources: str) -> None:
    for source in sources or SOURCES:
        releases.run_file(source, IMPORTS / SOURCES[source], apply=True, say=lambda words: None)


def panel_of(code: str, user: Any = VISITOR, **args: str) -> Panel:
    place = places.get_place(code)
    assert place is not None
    panel = panels.get_panel(user, "foncier", place, args)
    assert panel is not None
    return panel


def figure(panel: Panel, code: str) -> Figure:
    return next(one for one in panel.figures if one.indicator.code == code)


def grid(panel: Panel, code: str) -> Grid:
    return next(one for one in panel.grids if one.code == code)


def names(panel: Panel) -> list[Any]:
    return [row["nom"] for row in grid(panel, "terrains").rows]


def row(panel: Panel, code: str, nom: str) -> Mapping[str, Any]:
    return next(one for one in grid(panel, code).rows if one["nom"] == nom)


def test_figures_are_those_counted_by_hand(country: None) -> None:
    load()
    panel = panel_of("dep-30")
    values = {one.indicator.code: one.quantity.value for one in panel.figures}
    assert (values["friches_nombre"], values["friches_potentielles"], values["zae_nombre"]) == (3, 1, 3)
    assert values["sites_cles_en_main"] == 2
    # The contour of the first friche, 160 m by 144 m, and the 1.2 ha that the second declares without a contour.
    assert values["friches_surface"] == pytest.approx(2.31 + 1.2, abs=0.01)
    assert values["zae_surface"] == pytest.approx(20 + 6 + 3.1, abs=0.01)
    assert values["terrain_disponible"] == pytest.approx(2.31 + 4.2 + 2.5 + 8 + 6, abs=0.01)


def test_a_potentielle_has_its_own_row_and_no_total_is_made(country: None) -> None:
    load("friches")
    panel = panel_of("com-30007")
    statuts = {one["nom"]: one["nombre"].value for one in grid(panel, "statuts").rows}
    assert statuts == {
        "Friche sans projet": 1,
        "Friche avec projet": 1,
        "Friche reconvertie": 0,
        "Friche potentielle": 1,
    }
    assert [one["nom"] for one in grid(panel, "types").rows] == ["Friche industrielle"]


def test_a_terrain_without_surface_is_counted_and_said(country: None) -> None:
    load()
    panel = panel_of("com-30132", surface_min="0")
    assert any("sans surface connue" in warning for warning in panel.warnings)
    assert names(panel) == ["Site inventé de la Plaine"]
    assert "1 terrain sans surface connue" in grid(panel, "terrains").note


def test_a_surface_that_lacks_a_terrain_is_at_least_on_screen_and_in_every_export(country: None) -> None:
    load()
    panel = panel_of("dep-30")
    told = figure(panel, "terrain_disponible")
    assert told.quantity.state == State.AT_LEAST and "1 terrain sans surface connue" in told.note
    page = json.loads(exporting.export(panel, "json", "x"))
    states = {one["code"]: one["etat"] for one in page["chiffres"]}
    assert states["terrain_disponible"] == states["friches_surface"] == "au moins"


def test_the_list_says_which_surface_a_line_shows_and_how_totals_are_measured(country: None) -> None:
    load("friches")
    for minimum in ("", "1"):
        note = grid(panel_of("dep-30", surface_min=minimum), "terrains").note
        assert "Surface d’une ligne" in note and "Les totaux mesurent les contours" in note


def test_a_secret_vacancy_is_secret_and_never_zero(country: None) -> None:
    load("zae")
    panel = panel_of("epci-200066918")
    assert figure(panel, "zae_vacance").quantity.state == State.SECRET
    assert "2 zones sur 3" in figure(panel, "zae_vacance").note
    assert row(panel, "zones", "Zone inventée sans taux")["taux"] == Quantity(None, 1)
    assert row(panel, "zones", "Zone inventée sans taux")["vacantes"] == Quantity()
    assert row(panel, "zones", "Zone inventée sud")["taux"] == Quantity(60.0)


def test_a_search_finds_free_land_and_never_a_potentielle(country: None) -> None:
    load()
    assert names(panel_of("dep-30", surface_min="5")) == ["Site inventé du Gardon", "Site inventé de la Plaine"]
    found = panel_of("dep-30", surface_min="2,5")
    assert len(names(found)) == 5
    assert grid(found, "terrains").title == "Terrains d’au moins 2,5 ha"
    everything = names(panel_of("dep-30", surface_min="0"))
    assert "Dépôt de la gare inventée" not in everything
    assert "Site inventé vendu" not in everything


def test_a_search_by_type_says_what_it_looked_for_even_in_vain(country: None) -> None:
    load()
    assert names(panel_of("dep-30", surface_min="1", type="friche industrielle")) == [
        "Filature du Pont \"vieux\"; bâtiment A"
    ]  # fmt: skip
    nothing = panel_of("dep-30", type="friche portuaire")
    assert names(nothing) == []
    assert ("friche portuaire", "friche portuaire") in nothing.extra["kinds"]
    assert "friche portuaire" in grid(nothing, "terrains").title


def test_a_surface_that_is_not_one_searches_for_nothing(country: None) -> None:
    place = places.get_place("dep-30")
    assert place is not None
    asked = {text: foncier.options({"surface_min": text}, place, Reader()).minimum for text in ODD}
    assert asked == dict.fromkeys(ODD)
    load()
    panel = panel_of("dep-30", surface_min="beaucoup")
    assert grid(panel, "terrains").title == "Terrains recensés"
    assert len(names(panel)) == 11


def test_a_row_says_its_source_its_contact_and_what_is_free_of_it(country: None) -> None:
    load()
    site = row(panel_of("dep-30"), "terrains", "Site inventé du Gardon")
    assert (site["commune"], site["statut"], site["contact"]) == ("Alès", "disponible", "Service économique (exemple)")
    assert site["source"] == "Liste de sites clés en main, février 2026"
    assert (site["surface"], site["disponible"]) == (Quantity(12.5), Quantity(8.0))
    assert (site["longitude"], site["latitude"]) == (Quantity(4.085), Quantity(44.121))
    assert row(panel_of("dep-30"), "terrains", "Site inventé vendu")["disponible"] is None


def test_every_kind_of_place_has_its_panel_and_only_its_own_terrains(country: None) -> None:
    load()
    assert [len(names(panel_of(code))) for code in ("france", "reg-76", "dep-30", "epci-200066918")] == [11] * 4
    assert len(names(panel_of("com-30132"))) == 3
    elsewhere = panel_of("dep-48")
    assert names(elsewhere) == []
    assert figure(elsewhere, "friches_nombre").quantity == Quantity(0.0)
    assert figure(elsewhere, "zae_nombre").quantity.state == State.ABSENT
    assert figure(elsewhere, "zae_nombre").note == "inventaire de 0 EPCI sur 1"


def test_a_source_that_is_not_there_is_said(country: None) -> None:
    assert "n’est pas encore importé" in panel_of("dep-30").missing
    load("sites")
    panel = panel_of("dep-30")
    assert any(warning.startswith("Pas encore importé ici : friches") for warning in panel.warnings)
    assert [one.indicator.code for one in panel.figures] == ["sites_cles_en_main", "terrain_disponible"]


def test_it_costs_the_same_statements_whatever_the_place(country: None, db: Any) -> None:
    load()
    panel_of("com-30132")  # what is read once per process
    costs = []
    for place in [places.get_place(code) for code in ("com-30007", "dep-30")]:
        assert place is not None
        with counted(db.engine) as sent:
            panels.get_panel(VISITOR, "foncier", place, {})
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 6


def test_a_visitor_reads_a_departement_and_signs_in_for_the_rest(country: None, db: Any, browser: Any) -> None:
    load()
    db.session.commit()
    page = browser.get("/territoires/dep-30/foncier?surface_min=5")
    assert "Site inventé du Gardon" in page.text
    assert "Filature du Pont" not in page.text
    assert "foncier.csv" not in page.text
    for path in ("/territoires/com-30007/foncier", "/territoires/dep-30/foncier.csv"):
        assert browser.client.get(path).headers["Location"].startswith("/connexion")


def test_points_of_the_map_are_the_rows_of_the_table(country: None, db: Any, client: Any) -> None:
    load()
    text = client.get("/territoires/dep-30/foncier").text
    assert text.count("data-lon=") == 8  # two sites clés en main have no coordinates
    assert 'data-lon="4.085" data-lat="44.121" data-point="sites libre"' in text
    assert 'data-point="friches potentielle"' in text


def test_an_export_carries_the_search(country: None, db: Any, login_as: Any) -> None:
    load()
    reader = PersonneFactory()
    db.session.commit()
    client = login_as(reader).client
    held = json.loads(client.get("/territoires/dep-30/foncier.json?surface_min=5").text)
    assert "surface_min=5" in held["adresse"]
    assert [one["identifiant"] for one in held["tableaux"][0]["lignes"]] == ["EX-1", "EX-2"]
    for kind in ("csv", "xlsx"):
        assert client.get(f"/territoires/com-30007/foncier.{kind}?surface_min=5").status_code == 200


def test_a_point_of_the_map_leads_to_its_row(country: None, db: Any, page: Page) -> None:
    load()
    db.session.commit()
    page.goto("/territoires/dep-30/foncier?surface_min=5")
    expect(page.locator("#foncier-carte")).to_be_visible()
    expect(page.locator("#foncier-carte .leaflet-marker-icon")).to_have_count(1)
    expect(page.locator("#foncier-carte figcaption")).to_contain_text("1 sans coordonnées")
    page.locator("#foncier-carte .leaflet-marker-icon").click()
    expect(page.locator("#foncier-terrains tr.ft-terrains__on th")).to_be_focused()
    page.locator("#foncier-surface").fill("2,5")
    page.locator("#foncier-surface").press("Enter")
    expect(page.locator("#foncier-terrains tbody tr")).to_have_count(5)
    expect(page.locator("#foncier-carte .leaflet-marker-icon")).to_have_count(4)
    assert "surface_min=2%2C5" in page.url
