"""The FAP nomenclature in both orders of its headings, and files that are not quite that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from fichetrack.config import ROOT
from fichetrack.errors import ImportRefused
from fichetrack.sources import fap
from fichetrack.sources.layouts import get_source
from fichetrack.sources.reading import Ground, Reading
from tests.sources.conftest import DATA
from tests.tables.workbooks import grid, pack, parts_of, row_xml, sheet_xml, text_cell

EXAMPLE = (ROOT / "imports" / "fap" / "exemple.csv").read_bytes()


@pytest.fixture
def read(ground: Ground, tmp_path: Path) -> Callable[..., Reading]:
    def run(content: bytes, name: str = "fap.csv") -> Reading:
        (tmp_path / name).write_bytes(content)
        return fap.read(tmp_path / name, ground, tmp_path, {}, lambda _said: None)

    return run


def table(reading: Reading) -> pd.DataFrame:
    return pd.read_parquet(reading.tables["fap"])


def workbook(rows: str) -> bytes:
    return pack(parts_of(sheet_xml(rows), names=("FAP",)))


def as_workbook() -> bytes:
    return workbook(grid([line.split(";") for line in EXAMPLE.decode().splitlines()]))


def test_each_level_knows_the_one_above(read: Callable[..., Reading]) -> None:
    rows = table(read(EXAMPLE)).set_index(["niveau", "code"])
    assert rows.loc[("FAP341", "X0X10a"), ["label", "parent"]].tolist() == ["Bobineurs d’exemple", "X0X10"]
    assert rows.loc[("FAP22", "X"), "parent"] is None or pd.isna(rows.loc[("FAP22", "X"), "parent"])


@pytest.mark.parametrize("example", get_source("fap").raw["examples"])
def test_both_editions_are_read_whole(read: Callable[..., Reading], example: str) -> None:
    reading = read((ROOT / "imports" / "fap" / example).read_bytes())
    assert reading.millesime == "2021" and reading.report.kept == reading.report.read > 0
    assert set(table(reading)["niveau"]) == {"FAP22", "FAP86", "FAP228", "FAP341"}


SURVIVED: dict[str, Callable[[], bytes]] = {
    "BOM and CRLF": lambda: b"\xef\xbb\xbf" + EXAMPLE.replace(b"\n", b"\r\n"),
    "cp1252": lambda: EXAMPLE.decode().encode("cp1252"),
    "workbook": as_workbook,
    "titles above": lambda: b"Nomenclature FAP\n\n" + EXAMPLE,
}


@pytest.mark.parametrize("name", SURVIVED)
def test_a_variant_gives_the_same_table(read: Callable[..., Reading], name: str) -> None:
    pd.testing.assert_frame_equal(table(read(SURVIVED[name]())), table(read(EXAMPLE)))


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "vide"),
    "missing column": (lambda: EXAMPLE.replace(b"Code_FAP86", b"Autre"), "Code_FAP86.» manque"),
    "duplicate column": (lambda: EXAMPLE.replace(b"Code_FAP341", b"Code FAP 228"), "Plusieurs colonnes valent"),
    "wrong vintage": (lambda: EXAMPLE.replace(b"FAP228", b"FAP225"), "Code_FAP228.» manque"),
    "another table": (lambda: b"nom;prenom\nx;y\n", "Colonnes trouvées : « nom »"),
    "truncated workbook": (lambda: as_workbook()[:700], "abîmé"),
    "far cell": (lambda: workbook(row_xml(1_048_576, text_cell("XFD1048576", "x"))), "XFD1048576"),
    "giant cell": (lambda: EXAMPLE.replace(b"Bobineurs", b"B" * 200_000), "démesurée"),
    "image": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "image"),
    "two encodings": (lambda: EXAMPLE + "X;é".encode("cp1252"), "deux encodages"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_not_the_nomenclature_is_refused_in_words(read: Callable[..., Reading], name: str) -> None:
    content, said = REFUSED[name]
    with pytest.raises(ImportRefused, match=said):
        read(content())


def test_a_row_without_code_or_with_a_separator_in_a_label_is_set_aside(read: Callable[..., Reading]) -> None:
    odd = ";x;X0X10;Bobineurs;X0X;Inventés;X;Famille\nX1Z30;Fileurs ; tisseurs;X1Z30;Fileurs;X1Z;Autres;X;Famille\n"
    report = read(EXAMPLE + odd.encode()).report
    assert (report.read, report.kept, [line for line, _why in report.lines]) == (5, 3, [6, 5])


@pytest.mark.skipif(not DATA.exists(), reason="place the public files in ../shared/data to run it")
def test_the_published_nomenclature_has_its_four_counts(read: Callable[..., Reading]) -> None:
    rows = table(read((DATA / "bmo" / "Intitules_FAP2021.csv").read_bytes()))
    counts = rows["niveau"].value_counts().to_dict()
    assert counts == {"FAP341": 341, "FAP228": 228, "FAP86": 86, "FAP22": 22}
