"""Every importer before every way a published table arrives damaged or disguised: refused in clear French, or read right."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from fichetrack.errors import ImportRefused
from fichetrack.services.releases import read_file
from fichetrack.sources import points
from fichetrack.sources.layouts import FOLDER
from fichetrack.sources.reading import Ground, Reading
from fichetrack.sources.registry import SOURCES
from tests.sources.damage import DAMAGES, Grid, as_csv

SOUND = "liste 2026-04-15.csv"
TEXTS_ONLY = r"classeur|archive|un seul CSV"  # the national files are streamed: a workbook cannot hold them
WORKBOOKS = (
    "workbook",
    "second sheet",
    "wrong sheet",
    "formulas never computed",
    "truncated workbook",
    "zip bomb",
    "far cell",
)


def example(source: str, name: str, first: str, delimiter: str = ";", start: int = 0, end: int | None = None) -> Grid:
    """The rows of an example, with the column `first`, which is required, in front."""
    content = (FOLDER / source / name).read_bytes()
    text = content.decode("cp1252" if source == "naf" else "utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[start:end]
    place = rows[0].index(first)
    return [[row[place], *row[:place], *row[place + 1 :]] for row in rows]


def rates() -> Grid:
    """Without the région of each zone, which would be another level of rates."""
    return [row[:2] + row[4:] for row in example("chomage", "exemple.csv", "ZE2020", start=3, end=7)]


# A source may have several layouts: « source layout ».
SAMPLES: dict[str, Callable[[], Grid]] = {
    "communes-passage": lambda: example("communes-passage", "exemple.csv", "Ancien Code Officiel"),
    "naf": lambda: example("naf", "exemple.csv", "SOUS CLASSE"),
    "fap": lambda: example("fap", "exemple.csv", "Code_FAP228"),
    "urssaf": lambda: example("urssaf", "exemple.csv", "Code commune"),
    "bmo": lambda: example("bmo", "exemple.csv", "BE24"),
    "friches": lambda: example("friches", "exemple_variante.csv", "identifiant"),
    "zae": lambda: example("zae", "exemple_sites.csv", "site_id"),
    "sites": lambda: example("sites", "exemple.csv", "Nom du site"),
    "chomage": rates,
    "chomage communes": lambda: example("chomage", "exemple_communes.csv", "codgeo", ","),
    "evenements-emploi": lambda: example("evenements-emploi", "exemple.csv", "Libellé"),
    "mobilite": lambda: example("mobilite", "exemple_base-flux.csv", "CODGEO"),
    "zonages": lambda: example("zonages", "exemple_acv_2024.csv", "insee_com", ","),
    "financements": lambda: example("financements", "exemple_2026-06.csv", "Entreprise"),
}
STREAMED = ("urssaf", "mobilite")
# What a layout owes another answer than the others, and which.
OWN: dict[tuple[str, str], str | None] = {
    **{(sample, damage): TEXTS_ONLY for sample in STREAMED for damage in WORKBOOKS},
    **{(sample, "giant cell"): None for sample in STREAMED},  # it costs its row only
    ("naf", "zip bomb"): "devrait contenir",
}


@pytest.fixture
def read(ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Reading]:
    monkeypatch.setattr(points, "commune_boxes", dict)

    def run(sample: str, content: bytes, name: str = SOUND, **options: str) -> Reading:
        file = tmp_path / name
        file.write_bytes(content)
        folder = tmp_path / "tables"
        folder.mkdir(exist_ok=True)
        return read_file(sample.split()[0], file, ground, folder, options, lambda _said: None)

    return run


_sound: dict[str, dict[str, str]] = {}  # the tables of each sample, undamaged


def tables(reading: Reading) -> dict[str, str]:
    """What was read, to be compared."""
    return {name: pd.read_parquet(path).to_csv() for name, path in sorted(reading.tables.items())}


def test_every_source_is_tried() -> None:
    assert {sample.split()[0] for sample in SAMPLES} == set(SOURCES)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_damaged_file_is_refused_in_words_or_read_right(
    read: Callable[..., Reading], sample: str, damage: str
) -> None:
    one, rows = DAMAGES[damage], SAMPLES[sample]()
    says = OWN.get((sample, damage), one.says)
    if says is None:
        reading = read(sample, one.make(rows), one.name)
        assert reading.report.read == reading.report.kept + reading.report.aside
        found = tables(reading)
        if sample not in _sound:
            _sound[sample] = tables(read(sample, as_csv(rows).encode()))
        assert found == _sound[sample]
    else:
        with pytest.raises(ImportRefused) as refusal:
            read(sample, one.make(rows), one.name)
        sentence = str(refusal.value).replace("\u00a0", " ")
        assert re.search(says, sentence), sentence
        assert sentence.startswith(f"Fichier « {one.name} »"), sentence
        assert sentence[-1] in ".?" or "Rien n’a été changé.\n" in sentence, sentence


# What dates a file, and what it becomes; a list that nothing dates is asked for another millésime.
OTHER_VINTAGES = {
    "communes-passage": ("2025", "2031", "futur"),
    "naf": ("A 88", "A 87", "A 88.+manque"),
    "fap": ("FAP228", "FAP225", "Code_FAP228.+manque"),
    "urssaf": ("s 2024", "s 2031", "n’est pas encore finie"),
    "bmo": ("BE24", "BE23", "les titres BE… et NOMBE… disent 2023"),
    "chomage": ("2025-T1", "2031-T1", "futur"),
    "mobilite": ("C22", "C31", "futur"),
}


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_file_of_another_vintage_is_refused_in_words(read: Callable[..., Reading], sample: str) -> None:
    old, new, says = OTHER_VINTAGES.get(sample, ("", "", "futur"))
    text = as_csv(SAMPLES[sample]())
    with pytest.raises(ImportRefused, match=says):
        read(sample, (text.replace(old, new) if old else text).encode(), **({} if old else {"millesime": "2031"}))


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_file_of_another_source_is_refused_in_words(read: Callable[..., Reading], sample: str) -> None:
    source = sample.split()[0]
    for other in SAMPLES:
        if other.split()[0] != source:
            with pytest.raises(ImportRefused, match=r"^Fichier «"):
                read(source, as_csv(SAMPLES[other]()).encode())
