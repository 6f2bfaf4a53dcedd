"""Panels going out: the same values in csv, xlsx and json, with where they come from, and nothing that runs."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from fichetrack.indicators import foncier
from fichetrack.indicators.quantities import Quantity
from fichetrack.queries import panels, places
from fichetrack.queries.panels import exporting
from fichetrack.queries.panels.shapes import Column, Figure, Grid, Panel, SourceLine, by_code
from fichetrack.queries.places import Place
from fichetrack.sources.layouts import get_source
from fichetrack.vocabulary import PlaceKind
from tests.small_gard import load_jobs, load_survey, settle

URL = "https://exemple.fr/territoires/ti-ales/specificite?reference=reg-76&seuil=5"


@pytest.fixture(params=[False, True], ids=["real", "fictitious"])
def panel(request: pytest.FixtureRequest, db: Any, tmp_path: Path) -> Panel:
    settle()
    load_jobs(tmp_path, fictitious=request.param)
    place = places.get_place("ti-ales")
    assert place is not None
    found = panels.get_panel(None, "specificite", place, {"reference": "reg-76", "seuil": "5"})
    assert found is not None
    return found


def csv_rows(panel: Panel) -> list[dict[str, str]]:
    text = exporting.export(panel, "csv", URL).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def sheets(panel: Panel) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(exporting.export(panel, "xlsx", URL)))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def test_the_three_formats_hold_the_same_values(panel: Panel) -> None:
    kept = json.loads(exporting.export(panel, "json", URL))
    jobs = {row["secteur"]: row["effectifs"]["valeur"] for row in kept["tableaux"][0]["lignes"]}
    assert sorted(jobs.values()) == [20.0, 40.0]
    rows = [row for row in csv_rows(panel) if row["Tableau"].startswith("Secteurs") and row["Chiffre"] == "Emplois"]
    assert {row["Ligne"]: float(row["Valeur"].replace(",", ".")) for row in rows} == jobs
    name, table = next((name, rows) for name, rows in sheets(panel).items() if name.startswith("1 Secteurs"))
    column = table[0].index("Emplois")
    assert {row[0]: float(row[column]) for row in table[1:]} == jobs, name


def test_every_row_says_its_place_its_reference_its_source_and_its_page(panel: Panel) -> None:
    rows = csv_rows(panel)
    assert rows
    for row in rows:
        assert row["Lieu"] == "Bassin d’Alès (ti-ales)"
        assert "Référence : région Occitanie" in row["Réglages"] and "17 secteurs" in row["Réglages"]
        assert row["Adresse de la page"] == URL
        assert "Urssaf Caisse nationale" in row["Source et licence"] and "ODbL" in row["Source et licence"]
        assert row["Millésime"].endswith("2024")


def test_each_setting_that_is_followed_and_the_year_of_the_rows_are_beside_the_values(panel: Panel) -> None:
    older = panels.get_panel(None, "specificite", panel.place, {"annee": "2019", "seuil": "5", "interim": "sans"})
    assert older is not None
    rows = [row for row in csv_rows(older) if row["Tableau"].startswith("Secteurs")]
    assert rows and {row["Millésime"] for row in rows} == {"2019"}
    said = rows[0]["Réglages"]
    assert "Année : 2019" in said and "Emplois au moins : 5" in said and "Intérim : exclu" in said


def test_a_workbook_and_a_json_say_their_reference_and_their_sources_too(panel: Panel) -> None:
    about = " ".join(str(cell) for row in sheets(panel)["Sources"] for cell in row)
    kept = json.loads(exporting.export(panel, "json", URL))
    for text in (about, json.dumps(kept, ensure_ascii=False)):
        for words in (URL, "Référence : région Occitanie", "millésime 2024", "ODbL", "ti-ales"):
            assert words in text
    assert kept["sources"][0]["licence"] == "ODbL"


def test_fictitious_values_say_so_in_every_format(panel: Panel) -> None:
    for kind in ("csv", "json"):
        text = exporting.export(panel, kind, URL).decode("utf-8-sig")
        assert ("Démonstration : valeurs fictives" in text) == panel.is_fictitious
    about = str(sheets(panel)["Sources"])
    assert ("valeurs fictives" in about) == panel.is_fictitious


def test_a_secret_goes_out_as_a_secret(db: Any) -> None:
    settle()
    load_survey()
    place = places.get_place("ti-ales")
    assert place is not None
    panel = panels.get_panel(None, "metiers", place, {})
    assert panel is not None
    hidden = [row for row in csv_rows(panel) if row["État de la valeur"] == "secret statistique"]
    assert hidden and {row["Valeur"] for row in hidden} == {"secret"}
    cells = [cell for name, rows in sheets(panel).items() if name[0].isdigit() for row in rows for cell in row]
    assert "secret" in cells


def test_counts_have_no_decimals_and_what_has_some_keeps_them_all(panel: Panel) -> None:
    book = openpyxl.load_workbook(io.BytesIO(exporting.export(panel, "xlsx", URL)))
    formats = {row[0].value: (row[1].value, row[1].number_format) for row in book["Chiffres"].iter_rows(min_row=2)}
    assert formats["Effectifs salariés au 31 décembre"] == (60, "#,##0")
    assert next(shown for label, (_value, shown) in formats.items() if label.startswith("Indice")) == "#,##0.00"


def test_a_column_says_its_states_only_where_a_value_is_a_minimum() -> None:
    columns = (Column("n", "Nombre", "quantity"), Column("m", "Autre", "quantity"))
    shown = a_panel("x", columns=columns, n=Quantity(3.0, 1), m=Quantity(None, 1))
    head, row = next(rows for name, rows in sheets(shown).items() if name.startswith("1 "))
    assert head == ("Nom", "Nombre", "Nombre : état", "Autre")
    assert row == ("x", 3, "au moins", "secret")


def test_each_figure_of_a_json_says_its_own_source(panel: Panel) -> None:
    for figure in json.loads(exporting.export(panel, "json", URL))["chiffres"]:
        (source,) = figure["sources"]
        assert (source["producteur"], source["licence"], source["millesime"]) == (
            "Urssaf Caisse nationale", "ODbL", "2024"
        )  # fmt: skip


def test_a_figure_that_mixes_sources_says_all_their_licences() -> None:
    mixed = foncier_panel("friches", "zae", "sites")
    licences = {get_source(name).licence for name in ("friches", "zae", "sites")}
    (figure,) = json.loads(exporting.export(mixed, "json", URL))["chiffres"]
    assert {one["licence"] for one in figure["sources"]} == licences
    rows = [row for row in csv_rows(mixed) if row["Chiffre"] == "Terrain disponible"]
    assert all(get_source(name).dataset in rows[0]["Source et licence"] for name in ("friches", "zae", "sites"))


def foncier_panel(*names: str) -> Panel:
    sources = [SourceLine(get_source(name), "2025", "f", date(2026, 1, 1), False) for name in names]
    figure = Figure(by_code(foncier.INDICATORS)["terrain_disponible"], Quantity(3.0), "2025")
    return a_panel("Essai").holding(sources=sources, figures=[figure])


def test_what_must_be_known_is_said_once(panel: Panel) -> None:
    told = [row["Ligne"] for row in csv_rows(panel) if row["Tableau"] == "À savoir"]
    assert panel.sentence in told and len(told) == len(set(told))
    assert sum(panel.sentence in str(row) for row in csv_rows(panel)) == 1


def test_a_sheet_has_whole_words_of_its_table() -> None:
    assert "1 Liste de choses très très" in sheets(a_panel("Essai"))


def a_panel(label: str, **row: Any) -> Panel:
    grid = Grid("liste", "Liste : de [choses] / très, très longue à nommer", (Column("nom", "Nom"), *row.pop("columns", ())),
                [{"nom": label, **row}])  # fmt: skip
    return Panel("essai", "Essai", Place("france", PlaceKind.FRANCE, "France"), grids=[grid])


@pytest.mark.parametrize("label", ["=1+1", "+33 4 66", "-2", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
def test_a_label_runs_nothing(label: str) -> None:
    shown = a_panel(label, columns=(Column("n", "Nombre", "quantity"),), n=Quantity(1.0))
    assert not [row["Ligne"] for row in csv_rows(shown) if row["Ligne"].lstrip()[:1] in "=+@-"]
    book = openpyxl.load_workbook(io.BytesIO(exporting.export(shown, "xlsx", URL)))
    assert not [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]


def test_a_list_without_any_figure_goes_out_too() -> None:
    shown = a_panel("Action cœur de ville")
    assert csv_rows(shown)[0]["Ligne"] == "Action cœur de ville"


def test_a_day_is_exported_as_a_day() -> None:
    shown = a_panel("Essai", columns=(Column("jour", "Jour", "date"),), jour=date(2026, 3, 2))
    assert "2026-03-02" in exporting.export(shown, "json", URL).decode()
    assert "02/03/2026" in str(sheets(shown)) or "datetime" in str(sheets(shown)) or "2026" in str(sheets(shown))


def test_a_day_written_alone_is_a_date_in_a_workbook() -> None:
    columns = (Column("jour", "Mis à jour"),)
    for written, kept in (("10/03/2025", datetime(2025, 3, 10)), ("03/2025", "03/2025"), ("31/02/2025", "31/02/2025")):  # noqa: DTZ001
        name = "1 Liste de choses très très"
        assert sheets(a_panel("Essai", columns=columns, jour=written))[name][1][1] == kept


def test_the_list_comes_right_after_the_figures_and_the_sources_last() -> None:
    assert list(sheets(a_panel("Essai"))) == ["Chiffres", "1 Liste de choses très très", "Sources"]


def test_two_lists_of_the_same_name_make_two_sheets() -> None:
    one = a_panel("Essai")
    both = one.holding(grids=[*one.grids, *one.grids])
    assert len(sheets(both)) == 4
