"""Unemployment rates in INSEE's layouts, the communes of the zones, and files that are not quite that."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from fichetrack.config import ROOT
from fichetrack.errors import ImportRefused
from fichetrack.sources import chomage
from fichetrack.sources.quarters import quarter_of
from fichetrack.sources.reading import Ground, Reading
from tests.sources.conftest import DATA
from tests.tables.workbooks import grid, pack, parts_of, row_xml, sheet_xml, text_cell

FOLDER = ROOT / "imports" / "chomage"
EXAMPLE = (FOLDER / "exemple.csv").read_bytes()
JSON = (FOLDER / "exemple.json").read_bytes()
ZONES = (FOLDER / "exemple_communes.csv").read_bytes()
NEEDED = pytest.mark.skipif(not DATA.exists(), reason="place the public files in ../shared/data to run it")


@pytest.fixture
def read(ground: Ground, tmp_path: Path) -> Callable[..., Reading]:
    def run(content: bytes, name: str = "chomage.csv", **options: str) -> Reading:
        (tmp_path / name).write_bytes(content)
        return chomage.read(tmp_path / name, ground, tmp_path, options, lambda _said: None)

    return run


def rates(reading: Reading) -> pd.DataFrame:
    return pd.read_parquet(reading.tables["taux"]).set_index(["niveau", "code", "trimestre"])


def grid_of(text: str) -> str:
    return grid([line.split(";") for line in text.splitlines()])


def workbook(*sheets: str, names: tuple[str, ...] = ("txcho_ze", "txcho_dep", "Notes")) -> bytes:
    return pack(parts_of(*(sheet_xml(rows) for rows in sheets), names=names))


@pytest.mark.parametrize(
    ("heading", "quarter"),
    [
        ("2025-T1", "2025-T1"),
        ("T1_2025", "2025-T1"),
        ("1er trimestre 2025", "2025-T1"),
        ("4e trimestre 2024", "2024-T4"),
        ("Taux de chômage trimestriel 2025-T4", "2025-T4"),
        ("2025T4 (p)", "2025-T4"),
        ("Du 1er trimestre 2003 au 4e trimestre 2025", None),
        ("2025-T5", None),
        ("ZE2020", None),
    ],
)
def test_a_quarter_is_read_as_headings_write_it(heading: str, quarter: str | None) -> None:
    assert quarter_of(heading) == quarter


def test_a_zone_finds_its_zeros_and_its_decimal_comma(read: Callable[..., Reading]) -> None:
    reading = read(EXAMPLE)
    table = rates(reading)
    assert (reading.millesime, reading.lot, table.loc[("ze", "0051", "2024-T4"), "taux"]) == ("2025-T1", "ze", 6.6)
    assert table["provisoire"].groupby("trimestre").all().to_dict() == {
        "2024-T3": False, "2024-T4": False, "2025-T1": True,
    }  # fmt: skip


def test_notes_below_the_table_are_set_aside_with_their_line(read: Callable[..., Reading]) -> None:
    assert read(EXAMPLE).report.lines == [(8, "ligne sans code de zone (titre, note ou total)")]


def test_a_rate_not_published_is_absent_and_a_secret_one_secret(read: Callable[..., Reading]) -> None:
    content = (FOLDER / "exemple_departements.csv").read_bytes()
    table = rates(read(content.replace(b"10,0", b"N/A - secret statistique")))
    mayotte, gard = table.loc[("departement", "976", "2025-T1")], table.loc[("departement", "30", "2024-T4")]
    assert pd.isna(mayotte["taux"]) and mayotte["taux_secret"] == 0
    assert pd.isna(gard["taux"]) and gard["taux_secret"] == 1


def test_a_workbook_gives_every_level_of_its_sheets(read: Callable[..., Reading]) -> None:
    departements = "Code;Libellé;2024-T4;2025-T1\n30;Gard;10.0;10.1\n01;Ain;5.4;5.5\nF;France métropolitaine;7.1;7.2"
    notes = "Définitions\nLe taux du 2025-T1 est provisoire"
    reading = read(workbook(grid_of(EXAMPLE.decode()), grid_of(departements), grid_of(notes)), "chomage.xlsx")
    levels = rates(reading).index.droplevel("trimestre").unique().tolist()
    assert ("departement", "30") in levels and ("france", "metropole") in levels and ("ze", "7603") in levels


def test_codes_that_may_be_departements_or_regions_are_asked_for(read: Callable[..., Reading]) -> None:
    content = "Code;Libellé;2025-T1\n11;x;7,1\n84;y;6,5\n".encode()
    with pytest.raises(ImportRefused, match="--lot departement"):
        read(content)
    assert rates(read(content, lot="region")).index[0][0] == "region"
    assert rates(read(content.replace(b"Code", b"REG"))).index[0][0] == "region"
    assert rates(read(content, "taux_departements.csv")).index[0][0] == "departement"


def test_the_json_gives_rates_and_communes(read: Callable[..., Reading]) -> None:
    reading = read(JSON, "chomage.json")
    zones = pd.read_parquet(reading.tables["zones"]).set_index("commune")
    assert zones.loc["30007"].tolist() == ["7603", "Alès-Le Vigan"]
    assert pd.isna(rates(reading).loc[("ze", "7603", "2025-T1"), "taux"])
    assert rates(reading).loc[("france", "france", "2025-T1"), "taux"] == 7.2


def test_the_communes_alone_take_the_millesime_asked_or_that_of_their_import(read: Callable[..., Reading]) -> None:
    reading = read(ZONES, millesime="2025")
    assert (reading.millesime, reading.lot, reading.report.kept) == ("2025", "zones", 4)
    assert "daté de son import" in " ".join(read(ZONES).report.remarks)


def test_the_table_of_belonging_of_insee_gives_the_communes(read: Callable[..., Reading]) -> None:
    rows = "Table d’appartenance\n\nCODGEO;LIBGEO;DEP;REG;EPCI;ZE2020\n30007;Alès;30;76;200066918;7603\n01001;L;01;84;2;8405"
    reading = read(workbook(grid_of(rows), names=("COM",)), "table-appartenance-geo-communes-2025.xlsx")
    zones = pd.read_parquet(reading.tables["zones"])
    assert (reading.millesime, zones["ze"].tolist()) == ("2025", ["8405", "7603"])


def change(**keys: object) -> bytes:
    return json.dumps(json.loads(JSON) | keys).encode()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "vide"),
    "no code column": (lambda: EXAMPLE.replace(b"ZE2020", b"x").replace(b"REG", b"y"), "aucune colonne de code"),
    "no quarter": (lambda: "ZE2020;LIBZE2020\n0051;Alençon\n".encode(), "aucun taux de chômage"),
    "quarter twice": (lambda: EXAMPLE.replace(b"2024-T3", b"T4_2024"), "plusieurs colonnes disent 2024-T4"),
    "zones of 2010": (lambda: EXAMPLE.replace(b"ZE2020;LIBZE2020", b"ZE2010;code"), "2010"),
    "titles and notes alone": (lambda: EXAMPLE.split(b"51;")[0] + b"(p) : notes;;;;;;\n", "aucune ligne de taux"),
    "truncated json": (lambda: JSON[:-40], "tronqué"),
    "another json": (lambda: b'{"type": "FeatureCollection"}', "Clés trouvées.*type"),
    "json without series": (
        lambda: change(zes={"0051": {"label": "x"}}, national_rate_pct_series=None),
        "aucune série",
    ),
    "json with a wrong quarter": (lambda: change(quarters=["2024-T4", "avant"]), "trimestres distincts"),
    "json deep as a well": (lambda: b'{"zes":' * 200_000, "tronqué"),
    "truncated workbook": (lambda: workbook(grid_of(EXAMPLE.decode()))[:900], "abîmé"),
    "far cell": (lambda: workbook(row_xml(1_048_576, text_cell("XFD1048576", "x"))), "XFD1048576"),
    "giant cell": (lambda: EXAMPLE.replace("Alençon".encode(), b"A" * 200_000), "démesurée"),
    "page": (lambda: b"<!doctype html><title>Insee</title>", "page web"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_without_rates_is_refused_in_words(read: Callable[..., Reading], name: str) -> None:
    content, said = REFUSED[name]
    with pytest.raises(ImportRefused, match=said):
        read(content())


SURVIVED: dict[str, Callable[[], bytes]] = {
    "BOM": lambda: b"\xef\xbb\xbf" + EXAMPLE,
    "cp1252": lambda: EXAMPLE.decode().encode("cp1252"),
    "columns moved": lambda: b"\n".join(
        b";".join([*cells[4:], *cells[:4]]) for cells in (line.split(b";") for line in EXAMPLE.splitlines())
    ),
    "workbook": lambda: workbook(grid_of(EXAMPLE.decode())),
    "padded codes": lambda: EXAMPLE.replace(b"\n51;", b"\n0051;"),
    "quarters in words": lambda: EXAMPLE.replace(b"2024-T3", b"3e trimestre 2024"),
}


@pytest.mark.parametrize("name", SURVIVED)
def test_a_variant_gives_the_same_rates(read: Callable[..., Reading], name: str) -> None:
    pd.testing.assert_frame_equal(rates(read(SURVIVED[name]())), rates(read(EXAMPLE)))


def test_a_rate_that_is_none_sets_its_row_aside(read: Callable[..., Reading]) -> None:
    report = read(EXAMPLE.replace(b"10,9", b"109").replace(b"10,1", b"=B2")).report
    assert (report.read, report.kept) == (4, 1)


@NEEDED
def test_the_published_series_are_read_whole(read: Callable[..., Reading]) -> None:
    reading = read((DATA / "chomage" / "chomage-localise_zones-emploi-2020_2021T1-2025T4.json").read_bytes(), "c.json")
    table = rates(reading)
    assert (reading.millesime, table.loc[("france", "france", "2025-T4"), "taux"]) == ("2025-T4", 7.83)
    assert len(table.loc["ze"]) == 302 * 20
    assert table.loc[("ze", "0051")]["taux"].iloc[[0, -1]].tolist() == [7.4, 7.2]
    assert any("0301" in remark for remark in reading.report.remarks)


@NEEDED
def test_the_published_communes_of_the_zones_are_read(read: Callable[..., Reading]) -> None:
    content = (DATA / "geographie" / "communes_zones-emploi-2020.csv").read_bytes()
    report = read(content, "communes_zones-emploi-2020.csv").report
    assert report.read == 34_935 == report.kept + report.aside and report.kept > 34_900
