"""Every published source says where it comes from, and has examples in the published layout that its reader reads."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook

from fichetrack.config import ROOT
from fichetrack.indicators import CATALOGUE
from fichetrack.queries.methods import model_of
from fichetrack.queries.panels.shapes import end_of
from fichetrack.sources.layouts import get_source
from fichetrack.sources.naf import packaged_zip
from fichetrack.sources.reading import Ground
from fichetrack.sources.registry import DECLARED, SOURCES, get_reader

FOLDER = ROOT / "imports"
EXAMPLES = [
    (source, path.name)
    for source in SOURCES
    for path in sorted((FOLDER / source).iterdir())
    if path.name.startswith("exemple")
]
# What the file itself does not say, as an operator would.
OPTIONS = {"millesime": "2024"}


@pytest.fixture(scope="module")
def informed(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """The same ground once the nomenclature of activities was imported: other readers ask it."""
    folder = tmp_path_factory.mktemp("naf")
    reading = get_reader("naf")(packaged_zip(), ground, folder, {}, lambda words: None)
    held = {("naf", name): pd.read_parquet(path) for name, path in reading.tables.items()}
    return Ground(ground.communes, ground.successors, ground.cog_year, lambda source, table: held.get((source, table)))


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_says_who_publishes_it_where_how_often_and_under_which_licence(source: str) -> None:
    declared = get_source(source)
    texts = (declared.title, declared.producer, declared.dataset, declared.licence, declared.cadence, declared.where)
    assert all(text.strip() for text in texts)
    assert "next_months" in declared.raw and declared.next_months >= 0
    assert not [text for text in texts if "'" in text or '"' in text]


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_has_an_example(source: str) -> None:
    assert source in {one for one, _name in EXAMPLES}


@pytest.mark.parametrize("source", DECLARED)
def test_a_source_without_published_layout_gives_a_workbook_that_its_reader_reads(
    source: str, ground: Ground, tmp_path: Path
) -> None:
    columns = get_source(source).layouts[source]
    book = load_workbook(io.BytesIO(model_of(source) or b""))
    headings = [cell.value for cell in book.worksheets[0][1]]
    assert headings == [column.label for column in columns]
    (example,) = (FOLDER / source).glob("exemple*.csv")
    with example.open(encoding="utf-8-sig", newline="") as rows:
        filled = next(csv.DictReader(rows, delimiter=";"))
    book.worksheets[0].append([filled.get(heading, "") for heading in headings])
    book.save(tmp_path / "modele_2026-04.xlsx")
    report = get_reader(source)(tmp_path / "modele_2026-04.xlsx", ground, tmp_path, {}, lambda words: None).report
    assert (report.read, report.kept) == (1, 1)


@pytest.mark.parametrize(("source", "name"), EXAMPLES)
def test_an_example_is_read(source: str, name: str, informed: Ground, tmp_path: Path) -> None:
    said: list[Any] = []
    try:
        reading = get_reader(source)(FOLDER / source / name, informed, tmp_path, {}, said.append)
    except Exception:  # the file does not say its millésime: the operator does
        reading = get_reader(source)(FOLDER / source / name, informed, tmp_path, OPTIONS, said.append)
    report = reading.report
    assert report.kept and reading.tables
    assert report.read == report.kept + report.aside
    assert end_of(reading.millesime) or source == "naf", reading.millesime  # « rev2-2008 »: no end, nothing due
    for table in reading.tables.values():
        assert len(pd.read_parquet(table))


@pytest.mark.parametrize("source", SOURCES)
def test_the_readme_tells_an_operator_how_to_load_it(source: str) -> None:
    lines = (FOLDER / "README.md").read_text("utf-8").splitlines()
    told = next(line for line in lines if line.startswith(f"| `{source}`"))
    assert f"flask import {source}" in told or (source == "naf" and "flask init" in told)


def test_every_indicator_has_a_known_source_and_its_whole_bulle() -> None:
    codes = [one.code for one in CATALOGUE]
    assert len(codes) == len(set(codes))
    for one in CATALOGUE:
        assert one.source in SOURCES, one.code
        assert all(text.strip() for text in (one.label, one.treatment, one.formula, one.limits)), one.code
        assert not [text for text in (one.label, one.treatment, one.formula, one.limits) if "'" in text], one.code
