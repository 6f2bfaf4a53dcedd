"""Former codes of communes: only those that changed, towards communes the installation knows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from fichetrack.config import ROOT
from fichetrack.errors import ImportRefused
from fichetrack.sources import communes_passage
from fichetrack.sources.reading import Ground, Reading

EXAMPLE = ROOT / "imports" / "communes-passage" / "exemple.csv"
PUBLIC = ROOT.parent / "shared" / "data" / "geographie" / "communes_passage-annuel-2025.csv"
HEAD = "Année;Niveau;Type;Ancien Code Officiel;Code Courant Officiel\r\n"

Read = Callable[[bytes], Reading]


@pytest.fixture
def read(ground: Ground, tmp_path: Path) -> Read:
    def reading(content: bytes) -> Reading:
        file = tmp_path / "passage.csv"
        file.write_bytes(content)
        return communes_passage.read(file, ground, tmp_path, {}, lambda sentence: None)

    return reading


def passage(reading: Reading) -> dict[str, str]:
    frame = pd.read_parquet(reading.tables["passage"])
    return dict(zip(frame["ancien"], frame["courant"], strict=True))


def test_the_example_gives_the_codes_that_changed(read: Read) -> None:
    reading = read(EXAMPLE.read_bytes())
    assert passage(reading) == {"01091": "01033", "14472": "14654"}
    assert (reading.millesime, reading.report.read, reading.report.kept) == ("2025", 7, 5)


@pytest.mark.skipif(not PUBLIC.exists(), reason="place the public files in ../shared/data to run it")
def test_the_public_table_agrees_with_the_installed_communes(read: Read, ground: Ground) -> None:
    reading = read(PUBLIC.read_bytes())
    found = passage(reading)
    assert (reading.report.read, len(found)) == (36_955, 1_836)
    assert set(found.values()) <= set(ground.communes.index) and not set(found) & set(ground.communes.index)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(EXAMPLE.read_text("utf-8-sig").encode("cp1252"), id="cp1252"),
        pytest.param(EXAMPLE.read_text("utf-8-sig").replace(";", ",").encode(), id="commas"),
        pytest.param(EXAMPLE.read_text("utf-8-sig").replace(";0", ";").encode(), id="lost zeros"),
        pytest.param(EXAMPLE.read_text("utf-8-sig").replace("Ancien Code", "ANCIEN  CODE").encode(), id="capitals"),
    ],
)
def test_a_variant_gives_the_same_codes(read: Read, content: bytes) -> None:
    assert passage(read(content)) == passage(read(EXAMPLE.read_bytes()))


def test_a_code_that_was_split_is_never_guessed(read: Read) -> None:
    rows = "2025;COM;commune;01091;01033\r\n2025;COM;commune;01039;01138\r\n2025;COM;commune;01039;01001\r\n"
    reading = read((HEAD + rows).encode())
    assert passage(reading) == {"01091": "01033"}
    assert [line for line, _why in reading.report.lines] == [3, 4]


def test_defective_rows_are_set_aside_with_their_line(read: Read) -> None:
    rows = "2025;COM;c;01091;01033\r\n2025;COM;c;ABCDE;01033\r\nx;COM;c;01039;01138\r\n2024;COM;c;01039;01138\r\n"
    reading = read((HEAD + rows).encode())
    assert sorted(line for line, _why in reading.report.lines) == [3, 4, 5]
    assert reading.report.kept == 1


def test_a_current_code_the_installation_does_not_know_is_remarked(read: Read) -> None:
    reading = read((HEAD + "2025;COM;commune;01091;01033\r\n2025;COM;commune;01039;01999\r\n").encode())
    assert passage(reading) == {"01091": "01033"}
    assert any("codes courants" in remark for remark in reading.report.remarks)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "vide", id="empty"),
        pytest.param(HEAD.encode(), "aucune ligne", id="headings only"),
        pytest.param(b"a;b\n1;2\n", "Ancien Code Officiel", id="another file"),
        pytest.param(HEAD.replace("Niveau;", "").encode() + b"2025;c;01091;01033\n", "Niveau", id="missing column"),
        pytest.param(
            HEAD.replace("Type", "Niveau").encode() + b"2025;COM;COM;1;2\n", "Plusieurs colonnes", id="duplicate"
        ),
        pytest.param(HEAD.encode() + b'2025;COM;"never closed;01091;01033\n', "guillemet", id="truncated"),
        pytest.param(b"PK\x03\x04 not a workbook", "passage.csv", id="broken workbook"),
    ],
)
def test_another_file_is_refused(read: Read, content: bytes, said: str) -> None:
    with pytest.raises(ImportRefused, match=said):
        read(content)
