"""The nomenclature of activities: the published table, the installed one, and what is neither."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from fichetrack.config import ROOT
from fichetrack.errors import ImportRefused
from fichetrack.sources import naf
from fichetrack.sources.reading import Ground, Reading

EXAMPLE = ROOT / "imports" / "naf" / "exemple.csv"
PUBLIC = ROOT.parent / "shared" / "data" / "naf" / naf.MAIN

Read = Callable[[bytes], Reading]


@pytest.fixture
def read(ground: Ground, tmp_path: Path) -> Read:
    def reading(content: bytes) -> Reading:
        file = tmp_path / "naf.csv"
        file.write_bytes(content)
        return naf.read(file, ground, tmp_path, {}, lambda sentence: None)

    return reading


def sectors(reading: Reading) -> dict[str, tuple[str, str, str]]:
    frame = pd.read_parquet(reading.tables["sous_classes"])
    return {row.ape: (row.a88, row.a38, row.a17) for row in frame.itertuples()}


def text() -> str:
    return EXAMPLE.read_bytes().decode("cp1252")


def test_the_example_gives_each_ape_its_sectors(read: Read) -> None:
    found = sectors(read(EXAMPLE.read_bytes()))
    assert found["2711Z"] == ("27", "CJ", "C3") and found["7820Z"] == ("78", "NZ", "MN") and len(found) == 5


def test_the_installed_tables_are_whole(ground: Ground, tmp_path: Path) -> None:
    reading = naf.read_package(ground, tmp_path)
    postes = pd.read_parquet(reading.tables["postes"])
    assert (reading.report.read, reading.report.kept) == (732, 732)
    assert postes.groupby("niveau").size().to_dict() == {"a17": 17, "a38": 38, "a732": 732, "a88": 88}
    assert not postes["label"].str.contains("['\"\x92]").any()


def test_the_seventeen_sectors_follow_the_thirty_eight() -> None:
    sous_classes, _postes = naf.packaged_tables()
    a17 = sous_classes.drop_duplicates("a38").set_index("a38")["a17"]
    assert sous_classes.groupby("a38")["a17"].nunique().max() == 1
    expected = {
        "CA": "C1",
        "CD": "C2",
        "CI": "C3",
        "CJ": "C3",
        "CK": "C3",
        "CL": "C4",
        "CM": "C5",
        "BZ": "DE",
        "EZ": "DE",
    }
    assert a17[list(expected)].to_dict() == expected


@pytest.mark.skipif(not PUBLIC.exists(), reason="place the public files in ../shared/data to run it")
def test_the_public_table_says_the_same_as_the_installed_one(read: Read) -> None:
    reading = read(PUBLIC.read_bytes())
    pd.testing.assert_frame_equal(
        pd.read_parquet(reading.tables["sous_classes"]), naf.packaged_tables()[0].sort_values("ape", ignore_index=True)
    )
    assert any("installées" in remark for remark in reading.report.remarks)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(text().encode("utf-8-sig"), id="BOM"),
        pytest.param(text().replace(";", "\t").encode(), id="tabs"),
        pytest.param("\r\n".join(";".join(line.split(";")[::-1]) for line in text().splitlines()).encode(), id="moved columns"),
        pytest.param(("Nomenclature 2008\r\n" + text()).encode(), id="title above"),
        pytest.param(text().replace("27.11Z;Exemple", "2711z;Exemple").encode(), id="without dots"),
    ],
)  # fmt: skip
def test_a_variant_gives_the_same_sectors(read: Read, content: bytes) -> None:
    assert sectors(read(content)) == sectors(read(EXAMPLE.read_bytes()))


def packed(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "vide", id="empty"),
        pytest.param(b"a;b\n1;2\n", "deux lignes", id="another file"),
        pytest.param("\n".join(text().splitlines()[:1]).encode(), "deux lignes", id="one heading row"),
        pytest.param("\n".join(text().splitlines()[:2]).encode(), "aucune sous-classe", id="no row"),
        pytest.param(text().replace("A 88", "A 89").encode(), "A 88", id="missing level"),
        pytest.param(text().replace("A 10", "A 38").encode(), "Plusieurs colonnes", id="duplicate level"),
        pytest.param(packed({"autre.csv": b"x"}), "il y manque", id="zip without tables"),
        pytest.param(
            packed(dict.fromkeys((naf.MAIN, *naf.COMPANIONS.values()), b"0" * 20_000_000)), "dépasse", id="zip bomb"
        ),
        pytest.param(packed({naf.MAIN: b"x"})[:-10] + b"PK", "naf.csv", id="broken zip"),
    ],
)
def test_what_is_not_the_nomenclature_is_refused(read: Read, content: bytes, said: str) -> None:
    with pytest.raises(ImportRefused, match=said):
        read(content)


def test_rows_without_code_or_sector_are_set_aside_with_their_line(read: Read) -> None:
    more = [
        "XX.11Z;Illisible;;;;27;;CJ;C",
        "27.12Z;Sans division;;;;;;CJ;C",
        "27.11Z;Encore;;;;27;;CJ;C",
        "=A1;x;;;;27;;CJ;C",
    ]
    reading = read((text() + "\r\n".join(more)).encode())
    assert sorted(line for line, _why in reading.report.lines) == [8, 9, 10, 11]
    assert (reading.report.read, reading.report.kept) == (9, 5)
