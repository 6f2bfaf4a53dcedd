"""Lists of zonages: each published layout, the real files when they are there, and broken variants."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from fichetrack.errors import ImportRefused
from fichetrack.sources.layouts import FOLDER, get_source
from fichetrack.sources.reading import Ground, Reading
from fichetrack.sources.zonages import read

EXAMPLES = FOLDER / "zonages"
REAL = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "zonages"
real = pytest.mark.skipif(not REAL.exists(), reason="place the public files in ../shared/data to run it")

Load = Callable[..., Reading]
ACV = "insee_com,lib_com,id_acv,lib_acv,date_signature\n30007,Alès,acv-901,Alès,2018-09-27\n"


@pytest.fixture
def load(ground: Ground, tmp_path: Path) -> Load:
    def load(file: Path | str | bytes, name: str = "liste_2024.csv", **options: str) -> Reading:
        if not isinstance(file, Path):
            path = tmp_path / name
            path.write_bytes(file.encode() if isinstance(file, str) else file)
            file = path
        return read(file, ground, tmp_path, options, lambda text: None)

    return load


def table(reading: Reading, programme: str) -> pd.DataFrame:
    return pd.read_parquet(reading.tables[f"zonages_{programme}"])


@pytest.mark.parametrize(("name", "programmes"), get_source("zonages").raw["examples"].items())
def test_each_example_speaks_of_its_programmes(load: Load, name: str, programmes: list[str]) -> None:
    reading = load(EXAMPLES / name)
    assert set(reading.tables) == {f"zonages_{one}" for one in programmes}
    assert reading.report.kept + reading.report.aside == reading.report.read


def test_a_joint_site_has_a_row_per_commune(load: Load) -> None:
    rows = table(load(EXAMPLES / "exemple_pvd_2024.geojson"), "pvd")
    assert list(rows["commune"]) == ["30010", "30269", "58062"]
    assert list(rows["signe_le"].fillna("")) == ["2021-04-02", "2021-04-02", ""]
    assert rows["zone_id"].nunique() == 2


def test_only_signed_ort_conventions_count_and_dates_are_read_as_french_ones(load: Load) -> None:
    reading = load(EXAMPLES / "exemple_ort_2024.csv")
    assert table(reading, "ort").to_dict("records") == [
        {"programme": "ort", "zone_id": "30007", "zone_nom": "Alès", "commune": "30007", "signe_le": "2020-03-15"}
    ]
    assert reading.report.reasons == {"convention ORT non signée": 1}


def test_a_groupement_becomes_its_communes_and_a_commune_is_known_by_its_siren(load: Load, ground: Ground) -> None:
    rows = table(load(EXAMPLES / "exemple_crte-groupements_2025.csv"), "crte")
    members = set(ground.communes.index[ground.communes["epci"] == "200066918"])
    assert set(rows["commune"]) == members | {"30189"}


def test_a_siren_of_a_commune_that_does_not_hold_its_insee_code_is_looked_up(load: Load) -> None:
    text = "id_crte,lib_crte,siren_epci,lib_groupement\ncrte-1,C,210200457,Barenton-Bugny\n"
    assert list(table(load(text), "crte")["commune"]) == ["02046"]


def test_a_cell_may_hold_several_zones(load: Load) -> None:
    rows = table(load(EXAMPLES / "exemple_crte-communes_2025.csv"), "crte")
    assert list(zip(rows["commune"], rows["zone_nom"], strict=True)) == [
        ("30007", "CRTE Alès Cévennes"),
        ("30010", "CRTE Alès Cévennes"),
        ("30010", "CRTE Piémont"),
    ]


def test_a_merged_commune_and_an_arrondissement_are_todays_commune(load: Load) -> None:
    reading = load(
        ACV + "75101,Paris 1er,acv-9,Paris,\n75102,Paris 2e,acv-9,Paris,\n93059,Pierrefitte,acv-8,Pierrefitte,\n"
    )
    assert list(table(reading, "acv")["commune"]) == ["30007", "75056", "93066"]
    assert reading.report.kept == 4 and "comptés une fois" in reading.report.remarks[-1]


def test_an_unknown_commune_is_set_aside_with_its_line(load: Load) -> None:
    reading = load(ACV + "30999,Nulle-Part,acv-904,Nulle-Part,\n")
    assert reading.report.aside == 1
    line, sentence = reading.report.lines[0]
    assert line == 3 and "Nulle-Part" in sentence and "30999" in sentence


def test_a_line_of_several_zones_whose_commune_is_unknown_is_set_aside_once(load: Load) -> None:
    report = load("insee_com,id_crte\n30007,crte-1 ; crte-2\n99999,crte-1 ; crte-2\n").report
    assert (report.read, report.kept, report.aside) == (2, 1, 1)


def test_a_date_nobody_can_read_is_told_and_the_commune_stays(load: Load) -> None:
    reading = load(ACV.replace("2018-09-27", "31/02/2018"))
    assert table(reading, "acv")["signe_le"].isna().all()
    assert "31/02/2018 n’existe pas" in reading.report.remarks[0]


def test_the_millesime_is_that_of_the_import_when_nothing_says_it(load: Load) -> None:
    assert "daté de son import" in " ".join(load(ACV, name="liste.csv").report.remarks)
    assert load(ACV, name="liste.csv", millesime="2025").millesime == "2025"
    assert load(ACV, name="liste-acv-com2025-20250103.csv").millesime == "2025-01"


@pytest.mark.parametrize("millesime", ["2999", "deux mille", "2024-13"])
def test_an_impossible_millesime_is_refused(load: Load, millesime: str) -> None:
    with pytest.raises(ImportRefused, match=r"millésime|futur"):
        load(ACV, millesime=millesime)


def workbook(*sheets: tuple[str, list[list[str]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


ROWS = [line.split(",") for line in ACV.splitlines()]
GOOD = {
    "a BOM": "\ufeff".encode() + ACV.encode(),
    "cp1252": ACV.encode("cp1252"),
    "semicolons": ACV.replace(",", ";").encode(),
    "moved columns": "id_acv,date_signature,insee_com,lib_com\nacv-901,2018-09-27,30007,Alès\n".encode(),
    "lost zeros and a number": b"insee_com,id_acv\n1053.0,acv-1\n",
    "the table on the second sheet": workbook(("Lisez-moi", [["Bonjour"]]), ("Liste", ROWS)),
    "a formula-like name": ACV.replace("Alès,acv", "=1+1,acv").encode(),
}


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD)
def test_an_odd_file_is_read(load: Load, data: bytes) -> None:
    assert list(table(load(data), "acv")["commune"]) in (["30007"], ["01053"])


GEOJSON = (EXAMPLES / "exemple_pvd_2024.geojson").read_text("utf-8")
BAD = {
    "empty": (b"", "vide"),
    "headings only": (ACV.splitlines()[0].encode(), "aucune ligne"),
    "missing column": (ACV.replace("insee_com", "commune_x").encode(), "commune_x"),
    "duplicate column": (ACV.replace("lib_com", "code insee").encode(), "Plusieurs colonnes"),
    "two programmes at once": (b"insee_com,id_acv,id_pvd\n30007,a1,p1\n", "plusieurs listes"),
    "truncated JSON": (GEOJSON[:200].encode(), "tronqué"),
    "another JSON": (json.dumps({"bonjour": 1}).encode(), "bonjour"),
    "another GeoJSON": (json.dumps({"features": [{"properties": {"nom": "x"}}]}).encode(), "nom"),
    "territoires d’industrie": (GEOJSON.replace("pvd-90", "ti-90").encode(), "territoires d’industrie"),
    "truncated gzip": (gzip.compress(GEOJSON.encode())[:60], "abîmée"),
    "a bomb": (gzip.compress(b"{" + b" " * (201 << 20), 1), "décompressé"),
    "cp1252 JSON": (GEOJSON.encode("cp1252"), "UTF-8"),
    "a web page": (b"<html></html>", "page web"),
    "deep JSON": (b'{"features": ' + b"[" * 200_000, "tronqué ou mal formé"),
    "a giant cell": (ACV.encode() + b'"' + b"x" * 200_000 + b'",a,b,c,d\n', "démesurée"),
    "the wrong sheet": (workbook(("Bonjour", [["a", "b"], ["1", "2"]])), "pas une liste de zonages"),
}


@pytest.mark.parametrize(("data", "expected"), BAD.values(), ids=BAD)
def test_a_wrong_file_is_refused_in_french(load: Load, data: bytes, expected: str) -> None:
    with pytest.raises(ImportRefused) as refusal:
        load(data)
    assert expected in str(refusal.value)


@real
@pytest.mark.parametrize(("programme", "zones"), [("acv", 232), ("pvd", 1645)])
def test_the_real_geojson_lists_are_read_whole(load: Load, programme: str, zones: int) -> None:
    reading = load(REAL / f"{programme}_anct-2024_points.geojson")
    assert reading.report.read == reading.report.kept == zones
    assert table(reading, programme)["zone_id"].nunique() == zones
    assert reading.millesime == "2024"


@real
def test_the_real_list_by_commune_gives_three_programmes(load: Load) -> None:
    reading = load(REAL / "acv-pvd-ort_par-commune_2026.json")
    counts = {one: len(table(reading, one)) for one in ("acv", "pvd", "ort")}
    assert (reading.report.read, reading.report.kept) == (2390, 2390)
    assert counts == {"acv": 245, "pvd": 1646, "ort": 2265}


@real
def test_the_real_neighbourhoods_are_1584_over_834_communes_of_which_one_has_merged(load: Load) -> None:
    """Pierrefitte-sur-Seine (93059) is part of Saint-Denis (93066) since 2025: 834 communes of the file are 833 today."""
    reading = load(REAL / "qpv-2024_contours.json.gz")
    rows = table(reading, "qpv")
    listed = json.loads(gzip.decompress((REAL / "qpv-2024_contours.json.gz").read_bytes()))["qpvs"]
    assert len({code for one in listed for code in one["insee"]}) == 834
    assert (rows["zone_id"].nunique(), rows["commune"].nunique(), reading.report.aside) == (1584, 833, 0)


@real
def test_the_real_raw_ort_has_two_signed_communes_and_one_that_is_not(load: Load) -> None:
    reading = load(REAL / "ort_echantillon-brut.csv", millesime="2024")
    assert list(table(reading, "ort")["zone_nom"]) == ["Belley", "Valence"]
    assert reading.report.reasons == {"convention ORT non signée": 1}
