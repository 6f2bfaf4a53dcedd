"""Files of home-to-work flows: both published layouts, zipped or not, exact sums, and broken variants."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from fichetrack.errors import ImportRefused
from fichetrack.sources.layouts import FOLDER, get_source
from fichetrack.sources.mobilite import read
from fichetrack.sources.reading import Ground, Reading

EXAMPLES = FOLDER / "mobilite"
BASE = (EXAMPLES / "exemple_base-flux.csv").read_text("utf-8")

Load = Callable[..., Reading]


@pytest.fixture
def load(ground: Ground, tmp_path: Path) -> Load:
    def load(file: Path | str | bytes, name: str = "base-flux.csv", **options: str) -> Reading:
        if not isinstance(file, Path):
            path = tmp_path / name
            path.write_bytes(file.encode() if isinstance(file, str) else file)
            file = path
        return read(file, ground, tmp_path, options, lambda text: None)

    return load


def rows(reading: Reading, table: str = "flux") -> dict[tuple[str, str], float]:
    frame = pd.read_parquet(reading.tables[table])
    return {(one.origine, one.destination): one.flux for one in frame.itertuples()}


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_csv", ".csv"), data)
    return stream.getvalue()


@pytest.mark.parametrize(("name", "millesime"), get_source("mobilite").raw["examples"].items())
def test_each_example_is_read_whole(load: Load, name: str, millesime: str) -> None:
    reading = load(EXAMPLES / name)
    assert (reading.millesime, reading.report.aside) == (millesime, 0)
    assert reading.report.kept == reading.report.read > 0
    assert set(reading.tables) == {"flux", "flux_par_destination", "flux_epci"}


def test_arrondissements_are_paris_and_flows_are_never_rounded(load: Load) -> None:
    flows = rows(load(BASE))
    assert flows[("30189", "75056")] == 4.0 and flows[("30007", "30007")] == 100.25
    assert sum(flows.values()) == pytest.approx(194.875)


def test_places_abroad_keep_their_code_and_name(load: Load) -> None:
    frame = pd.read_parquet(load(BASE).tables["flux"]).set_index("destination")
    abroad = frame.loc[frame["nature"] == "etranger", "destination_nom"]
    assert abroad.to_dict() == {"99140": "Suisse", "BE201": "Bruxelles"}


def test_flows_between_epci_hold_those_within_them_and_towards_abroad(load: Load) -> None:
    between = rows(load(BASE), "flux_epci")
    assert between[("200066918", "200066918")] == 160.375
    assert between[("200066918", "99140")] == 3.0
    assert between[("243000643", "200054781")] == 4.0


def test_weights_of_individuals_are_summed_exactly(load: Load) -> None:
    weights = ["0.1", "0.2", "2.51234567890123", "1e-3", "4,5"]
    text = "COMMUNE;ARM;DCLT;IPONDI\n" + "".join(f"30007;ZZZZZ;30007;{one}\n" for one in weights)
    total = float(sum(Fraction(one.replace(",", ".")) for one in weights))
    assert rows(load(text, millesime="2021"))[("30007", "30007")] == total


def test_a_foreign_workplace_of_the_detailed_file_is_read_in_its_own_column(load: Load) -> None:
    assert rows(load(EXAMPLES / "exemple_FD_MOBPRO_2022.csv"))[("30007", "SU201")] == 1.25


def test_an_unknown_origin_is_set_aside_and_an_unknown_destination_is_kept_apart(load: Load) -> None:
    reading = load(BASE + "30999;Nulle-Part;30007;Alès;5\n30007;Alès;30998;Nulle-Part;7.5\n")
    frame = pd.read_parquet(reading.tables["flux"])
    assert frame.loc[frame["nature"] == "inconnue", ["destination", "flux"]].to_numpy().tolist() == [["30998", 7.5]]
    assert reading.report.lines[0][0] == 10 and "30999" in reading.report.lines[0][1]
    assert any("30998" in remark for remark in reading.report.remarks)


@pytest.mark.parametrize("cell", ["", "*", "=1+1", "-3", "inf", "nan", "1 234,5.2"])
def test_an_unreadable_flow_is_set_aside_with_its_line(load: Load, cell: str) -> None:
    reading = load(BASE + f"30007;Alès;30010;Anduze;{cell}\n")
    assert reading.report.aside == 1 and reading.report.lines[0][0] == 10
    assert ("30007", "30010") not in rows(reading)


def test_a_short_row_is_set_aside_and_the_others_keep_their_lines(load: Load) -> None:
    lines = BASE.splitlines()
    reading = load("\n".join([*lines[:3], "30007;Alès", *lines[3:], "30999;X;30007;Alès;1", ""]))
    assert [line for line, _ in reading.report.lines] == [4, 11]
    assert reading.report.read == reading.report.kept + reading.report.aside == 10


def test_the_same_file_gives_the_same_bytes_twice(load: Load) -> None:
    text = BASE + "".join(f"30007;Alès;75{100 + i % 20 + 1};Paris;0.{i + 1}\n" for i in range(3000))
    first = {name: path.read_bytes() for name, path in load(text).tables.items()}
    assert first == {name: path.read_bytes() for name, path in load(text).tables.items()}


def test_nothing_is_left_beside_the_tables(load: Load, tmp_path: Path) -> None:
    load(zipped(base_csv=BASE.encode(), meta_base_csv=b"COD_VAR;LIB_VAR\n"), "flux.zip")
    assert {path.name for path in tmp_path.iterdir()} == {
        "flux.zip", "flux.parquet", "flux_par_destination.parquet", "flux_epci.parquet",
    }  # fmt: skip


MOVED = "\n".join(";".join(line.split(";")[::-1]) for line in BASE.splitlines())
GOOD = {
    "a BOM": b"\xef\xbb\xbf" + BASE.encode(),
    "cp1252": BASE.encode("cp1252"),
    "moved columns": MOVED.encode(),
    "commas": BASE.replace(";", ",").encode(),
    "CRLF": BASE.replace("\n", "\r\n").encode(),
    "a zip with its dictionary": zipped(base_csv=BASE.encode(), meta_base_csv=b"COD_VAR;LIB_VAR\n"),
    "an older year": BASE.replace("C22", "C19").encode(),
}


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD)
def test_an_odd_file_is_read_the_same(load: Load, data: bytes) -> None:
    reading = load(data)
    assert sum(rows(reading).values()) == pytest.approx(194.875)
    assert reading.millesime in ("2022", "2019")


def workbook() -> bytes:
    book = Workbook()
    for line in BASE.splitlines():
        book.active.append(line.split(";"))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


BAD = {
    "empty": (b"", "vide"),
    "headings only": (BASE.splitlines()[0].encode() + b"\n", "aucune ligne"),
    "missing column": (BASE.replace("DCLT;L_", "X;L_").encode(), "CODGEO"),
    "no flow column": (BASE.replace("NBFLUX_C22_ACTOCC15P", "FLUX").encode(), "flux domicile-travail"),
    "residential moves": (BASE.replace("ACTOCC15P", "POP01P").encode(), "migrations"),
    "duplicate column": (BASE.replace("LIBGEO", "CODGEO").encode(), "Plusieurs colonnes"),
    "two years at once": (BASE.replace("L_DCLT", "NBFLUX_C21_ACTOCC15P").encode(), "Plusieurs colonnes de flux"),
    "a future year": (BASE.replace("C22", "C88").encode(), "futur"),
    "truncated": (BASE[:-12].encode(), "tronqué"),
    "nothing usable": (b"CODGEO;DCLT;NBFLUX_C22_ACTOCC15P\nx;y;z\n", "n’est utilisable"),
    "a truncated archive": (zipped(base_csv=BASE.encode())[:-30], "abîmée"),
    "an archive without flows": (zipped(lisezmoi_txt=b"x"), "un seul CSV"),
    "two tables": (zipped(a_csv=BASE.encode(), b_csv=BASE.encode()), "un seul CSV"),
    "a bomb": (zipped(base_csv=BASE.encode() + b" " * (60 << 20)), "démesurée"),
    "a workbook": (workbook(), "un seul CSV"),
    "null bytes": (BASE.encode("utf-16-le"), "octets nuls"),
    "a web page": (b"<!doctype html><title>x</title>", "page web"),
}


@pytest.mark.parametrize(("data", "expected"), BAD.values(), ids=BAD)
def test_a_wrong_file_is_refused_in_french(load: Load, data: bytes, expected: str) -> None:
    with pytest.raises(ImportRefused) as refusal:
        load(data)
    assert expected in str(refusal.value)


def test_a_giant_cell_is_set_aside(load: Load) -> None:
    reading = load(BASE + f"30007;{'x' * 3_000_000};30010;Anduze;5\n")
    assert sum(rows(reading).values()) == pytest.approx(194.875)
    assert reading.report.aside == 1


def test_another_year_than_the_one_asked_is_refused(load: Load) -> None:
    with pytest.raises(ImportRefused, match="2022"):
        load(BASE, millesime="2020")
