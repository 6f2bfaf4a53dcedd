"""The national file of establishments and employees: both headers, blanks and zeros, drift of codes, and broken files."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from fichetrack.config import ROOT
from fichetrack.errors import ImportRefused
from fichetrack.indicators import specificite
from fichetrack.sources import urssaf
from fichetrack.sources.reading import Ground, Reading

EXAMPLE = ROOT / "imports" / "urssaf" / "exemple.csv"
TECHNICAL = ROOT / "imports" / "urssaf" / "exemple_noms-techniques.csv"
DATA = ROOT.parent / "shared" / "data" / "urssaf"
EXTRACT = DATA / "etablissements-et-effectifs-salaries_commune-x-ape_ze-rouen_2006-2022.csv"
PUBLISHED = DATA / "urssaf_ze-x-a38_2019-2024_avec-indice-specificite.parquet"
PUBLIC = pytest.mark.skipif(not EXTRACT.exists(), reason="place the public files in ../shared/data to run it")

Read = Callable[[Path | bytes], Reading]


@pytest.fixture
def read(ground: Ground, tmp_path: Path) -> Read:
    """Read a file, or its bytes."""

    def reading(content: Path | bytes) -> Reading:
        file = content
        if isinstance(content, bytes):
            file = tmp_path / "urssaf.csv"
            file.write_bytes(content)
        return urssaf.read(file, ground, tmp_path, {}, lambda sentence: None)

    return reading


def table(reading: Reading, name: str) -> pd.DataFrame:
    return pd.read_parquet(reading.tables[name])


def cell(reading: Reading, commune: str, ape: str, column: str) -> float:
    return float(table(reading, "communes_ape").set_index(["commune", "ape"]).at[(commune, ape), column])


def rewritten(change: Callable[[list[list[str]]], object], delimiter: str = ";") -> bytes:
    """The example after `change` has worked on its rows, headings first."""
    rows = list(csv.reader(io.StringIO(EXAMPLE.read_text("utf-8-sig"), newline=""), delimiter=";"))
    change(rows)
    target = io.StringIO(newline="")
    csv.writer(target, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return target.getvalue().encode()


def test_the_example_is_read_whole_with_its_last_year_as_millesime(read: Read) -> None:
    reading = read(EXAMPLE)
    assert (reading.millesime, reading.report.read, reading.report.kept, reading.report.aside) == ("2024", 10, 10, 0)
    assert set(reading.tables) == {"communes_ape", "epci_a88", "zones_ape"}
    assert cell(reading, "30007", "2711Z", "eff_2024") == 395


def test_the_technical_names_give_the_same_figures(read: Read) -> None:
    labels, technical = table(read(EXAMPLE), "communes_ape"), table(read(TECHNICAL), "communes_ape")
    pd.testing.assert_frame_equal(technical, labels[technical.columns])


def test_a_blank_stays_a_blank_and_a_zero_a_zero(read: Read) -> None:
    reading = read(EXAMPLE)
    assert cell(reading, "30010", "1071C", "eff_2020") == 0
    assert pd.isna(cell(reading, "30010", "1071C", "etab_2022"))
    assert cell(reading, "30010", "7112B", "etab_2020") == 1 and pd.isna(cell(reading, "30010", "7112B", "eff_2020"))


def test_municipal_arrondissements_are_summed_in_their_commune(read: Read) -> None:
    reading = read(EXAMPLE)
    assert cell(reading, "69123", "2711Z", "eff_2024") == 39 and cell(reading, "69123", "2711Z", "eff_2022") == 15
    assert any("Arrondissements municipaux" in remark for remark in reading.report.remarks)


def test_every_table_adds_up_to_the_same_whole(read: Read) -> None:
    reading = read(EXAMPLE)
    zones, wholes = table(reading, "zones_ape"), table(reading, "communes_ape").filter(regex="^(eff|etab)_").sum()
    for part in ("departement", "region", "france"):
        pd.testing.assert_series_equal(zones[zones["niveau"] == part].filter(regex="^(eff|etab)_").sum(), wholes)
    pd.testing.assert_series_equal(table(reading, "epci_a88").filter(regex="^(eff|etab)_").sum(), wholes)
    assert zones.loc[zones["niveau"] == "metropole", "eff_2024"].sum() == wholes["eff_2024"] - 160 - 72


def test_temporary_work_can_be_left_out(read: Read) -> None:
    path = read(EXAMPLE).tables["epci_a88"]
    held = urssaf.load_year(path, 2024, ("epci", "a88"))
    without = urssaf.load_year(path, 2024, ("epci", "a88"), interim=False)
    assert held["effectifs"].sum() - without["effectifs"].sum() == 260


def test_another_epci_in_the_file_and_an_extract_are_remarked(read: Read) -> None:
    remarks = " ".join(read(EXAMPLE).report.remarks)
    assert "EPCI" in remarks and "extrait" in remarks and "2021" in remarks


def test_sectors_that_are_not_those_of_the_naf_are_remarked_and_not_kept(read: Read) -> None:
    reading = read(rewritten(lambda rows: [row.__setitem__(rows[0].index("Secteur NA38"), "ZZ") for row in rows[1:]]))
    assert any("A38" in remark and "la NAF est retenue" in remark for remark in reading.report.remarks)
    assert "ZZ" not in set(table(reading, "communes_ape")["a38"])


def test_the_totals_of_a_year_come_straight_from_the_file(tmp_path: Path, read: Read) -> None:
    straight = urssaf.sector_totals(EXAMPLE, 2024, tmp_path).groupby("secteur")["effectifs"].sum()
    imported = table(read(EXAMPLE), "epci_a88").groupby("a88")["eff_2024"].sum()
    assert straight.to_dict() == imported.to_dict()
    with pytest.raises(ImportRefused, match="2021"):
        urssaf.sector_totals(EXAMPLE, 2021, tmp_path)


def test_reading_twice_writes_the_same_bytes(read: Read) -> None:
    first = {name: path.read_bytes() for name, path in read(EXAMPLE).tables.items()}
    assert first == {name: path.read_bytes() for name, path in read(EXAMPLE).tables.items()}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(EXAMPLE.read_text("utf-8-sig").encode(), id="no BOM"),
        pytest.param(EXAMPLE.read_text("utf-8-sig").encode("cp1252"), id="cp1252"),
        pytest.param(EXAMPLE.read_text("utf-8-sig").encode("utf-16"), id="utf-16"),
        pytest.param(rewritten(lambda rows: None, delimiter="\t"), id="tabs"),
        pytest.param(rewritten(lambda rows: [row.reverse() for row in rows]), id="moved columns"),
        pytest.param(rewritten(lambda rows: [row.append("x") for row in rows]), id="one more column"),
        pytest.param(rewritten(lambda rows: rows.__setitem__(slice(1, None), rows[:0:-1])), id="permuted rows"),
        pytest.param(rewritten(lambda rows: [row.__setitem__(11, 'a; "b"\nc') for row in rows[1:]]), id="line breaks"),
        pytest.param(rewritten(lambda rows: [row.__setitem__(11, "=1+1") for row in rows[1:]]), id="formulas as labels"),
    ],
)  # fmt: skip
def test_a_variant_of_the_file_gives_the_same_figures(read: Read, content: bytes) -> None:
    expected = table(read(EXAMPLE), "communes_ape")
    reading = read(content)
    assert reading.report.aside == 0
    pd.testing.assert_frame_equal(table(reading, "communes_ape"), expected)


def drop(rows: list[list[str]], heading: str) -> None:
    place = rows[0].index(heading)
    for row in rows:
        del row[place]


def packed() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("urssaf.csv", b"0" * 20_000_000)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "vide", id="empty"),
        pytest.param(EXAMPLE.read_bytes().splitlines()[0], "pas de ligne", id="headings only"),
        pytest.param(packed(), "archive", id="zip bomb"),
        pytest.param(b"%PDF-1.7 ...", "PDF", id="PDF"),
        pytest.param(b"a;b\r\n1;2\r\n", "Code commune", id="another file"),
        pytest.param(b"Code commune;Code APE\r\n30007;2711Z\r\n", "Effectifs salariés AAAA", id="no year"),
        pytest.param(EXAMPLE.read_bytes()[:-30], "tronqué", id="truncated"),
        pytest.param(rewritten(lambda rows: drop(rows, "Code APE")), "Code APE", id="missing column"),
        pytest.param(
            rewritten(lambda rows: rows[0].__setitem__(0, "Code commune")), "Plusieurs colonnes", id="duplicate column"
        ),
        pytest.param(
            rewritten(lambda rows: rows[0].__setitem__(19, "Effectifs salariés 2024")), "2024", id="duplicate year"
        ),
        pytest.param(rewritten(lambda rows: rows[0].__setitem__(-1, "Effectifs salariés 2098")), "2098", id="future year"),
        pytest.param(
            rewritten(lambda rows: [row.__setitem__(18, "99.99X") for row in rows[1:]]), "APE inconnue", id="another NAF"
        ),
        pytest.param(
            rewritten(lambda rows: [row.__setitem__(17, "00000") for row in rows[1:]]), "commune inconnue", id="other codes"
        ),
        pytest.param(rewritten(lambda rows: [row.__setitem__(-1, "12,5") for row in rows[1:]]), "nombres", id="averages"),
        pytest.param(rewritten(lambda rows: [row.__setitem__(-1, "12.5") for row in rows[1:]]), "entier", id="fractions"),
        pytest.param(
            rewritten(lambda rows: rows[1].__setitem__(19, "3000000000")), "deux milliards", id="impossible number"
        ),
        pytest.param(EXAMPLE.read_bytes()[3:].replace(b"Gard", b"\0"), "octets nuls", id="null bytes"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_right_is_refused_in_french(read: Read, content: bytes, said: str) -> None:
    with pytest.raises(ImportRefused, match=said):
        read(content)


def test_defective_rows_are_set_aside_with_their_line_and_the_others_kept(read: Read) -> None:
    good = EXAMPLE.read_text("utf-8-sig").splitlines()
    filler = [good[2].replace("30007", f"30{number:03d}") for number in range(11, 120)]
    bad = [
        good[1].replace(";395", ";abc"),  # line 112
        good[1] + ";1",
        ";".join(good[1].split(";")[:20]),
        good[1].replace("30007", "99999"),  # 115
        good[1].replace("2711Z", "9999X"),
        good[1].replace(";395", ";-4"),
        "",
        good[2],  # again a commune and an APE
        good[1].replace("Occitanie", "O" * 3_000_000),  # 120
    ]
    reading = read("\r\n".join([good[0], good[2], *filler, *bad, good[4]]).encode() + b"\r\n")
    lines = dict(reading.report.lines)
    assert sorted(lines)[:6] == [112, 113, 114, 115, 116, 117] and 120 in lines
    assert "2024" in lines[112] and "99999" in lines[115] and "9999X" in lines[116]
    assert reading.report.aside == 8
    assert reading.report.read == reading.report.kept + 8
    assert cell(reading, "30010", "1071C", "eff_2024") == 3


@PUBLIC
def test_the_public_extract_gives_its_known_total(read: Read) -> None:
    reading = read(EXTRACT)
    assert (reading.millesime, reading.report.kept) == ("2022", 9_338)
    assert table(reading, "communes_ape")["eff_2022"].sum() == 183_731


@PUBLIC
def test_rouen_has_the_specificities_recounted_from_public_files(read: Read) -> None:
    rows = urssaf.load_year(read(EXTRACT).tables["epci_a88"], 2022, ("epci", "a38"))
    rouen = rows[rows["epci"] == "200023414"].groupby("a38", observed=True)["effectifs"].sum()
    france = pd.read_parquet(PUBLISHED).groupby("a38")["eff_22"].sum()
    found = specificite.index(rouen.to_frame("rouen").T.astype("float64")[[*rouen.index]], france).loc["rouen"].round(2)
    assert rouen.sum() == 163_452
    assert found[["CF", "CD", "CL", "CE"]].to_dict() == {"CF": 3.78, "CD": 3.30, "CL": 1.51, "CE": 1.40}
