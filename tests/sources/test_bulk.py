"""Large texts read by DuckDB: what the header says, what becomes of defective rows, and the lines they are told by."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from fichetrack.errors import ImportRefused
from fichetrack.sources import bulk
from fichetrack.sources.reading import Report


def count(headings: list[str]) -> int:
    return len({"code", "label", "number"} & set(headings))


def read(content: bytes, folder: Path) -> tuple[list[tuple[object, ...]], Report, list[int]]:
    """Rows kept (code, label, number), the report, and the lines rejected."""
    file, report = folder / "text.csv", Report()
    file.write_bytes(content)
    with bulk.open_text(file, folder, count) as text, bulk.connect(folder, text, memory_mb=100) as engine:
        rows = engine.execute(f"SELECT * FROM {bulk.scan(text, {2: 'UINTEGER'})}").fetchall()
        return rows, report, bulk.report_rejects(engine, text, report)


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_encoding_and_the_delimiter_are_found(tmp_path: Path, delimiter: str, encoding: str) -> None:
    content = f'code;label;number\r\n01;"é ; è{delimiter}";3\r\n'.replace(";", delimiter).encode(encoding)
    assert read(content, tmp_path)[0] == [("01", f"é {delimiter} è{delimiter}", 3)]


def test_quoted_separators_and_line_breaks_stay_in_their_cell(tmp_path: Path) -> None:
    rows, report, _lines = read(b'code;label;number\n01;"a;b\n""c""";1\n02;d;2\n', tmp_path)
    assert rows == [("01", 'a;b\n"c"', 1), ("02", "d", 2)] and report.aside == 0


def test_a_blank_is_nothing_and_a_code_keeps_its_zeros(tmp_path: Path) -> None:
    assert read(b"code;label;number\n001;;\n", tmp_path)[0] == [("001", None, None)]


def test_lines_above_the_headings_are_skipped(tmp_path: Path) -> None:
    rows, report, lines = read(b"A title\n\ncode;label;number\n01;a;1\n02;a;x\n", tmp_path)
    assert [row[0] for row in rows] == ["01"] and lines == [5] and report.lines[0][0] == 5


def test_each_defect_has_its_reason_and_its_line(tmp_path: Path) -> None:
    lines = ["code;label;number", "1;a;1", '2;"b\nb";2', "3;c", "4;d;4;4", "5;e;=1+1", "", '6;"f"f;6', "7;g;7", ""]
    rows, report, _rejected = read("\n".join(lines).encode(), tmp_path)
    assert [row[0] for row in rows] == ["1", "2", "7"]
    told = dict(report.lines)
    assert sorted(told) == [4, 5, 6, 8]
    assert (
        "incomplète" in told[4] and "plus de colonnes" in told[5] and "« number »" in told[6] and "guillemet" in told[8]
    )


def test_a_giant_cell_costs_its_row_only(tmp_path: Path) -> None:
    rows, _report, lines = read(b"code;label;number\n1;a;1\n2;" + b"x" * 5_000_000 + b";2\n3;c;3\n", tmp_path)
    assert [row[0] for row in rows] == ["1", "3"] and lines == [3]


def test_a_quote_never_closed_is_told_and_swallows_no_row_in_silence(tmp_path: Path) -> None:
    body = b"".join(b"%d;a;1\n" % number for number in range(1_000))
    with pytest.raises(ImportRefused, match=r"tronqué|guillemet"):
        read(b"code;label;number\n" + body + b'x;"never;1\n' + body.rstrip(), tmp_path)


def test_rows_after_many_blocks_keep_their_line_and_their_breaks(tmp_path: Path) -> None:
    body = [f'{number};"long\n{"x" * 90}";{number}' for number in range(200_000)]
    body[150_000] = "150000;short"
    rows, _report, lines = read("\n".join(["code;label;number", *body, ""]).encode(), tmp_path)
    assert len(rows) == 199_999 and sum(row[2] for row in rows) == sum(range(200_000)) - 150_000  # type: ignore[misc]
    assert lines == [150_002]


def test_a_kept_row_is_numbered_as_in_the_file() -> None:
    text = bulk.Text(Path("x"), "x", ";", ["a"], skip=1)
    assert [bulk.line_of(index, text, [3, 4, 7]) for index in range(4)] == [2, 5, 6, 8]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "vide"), (b"\xef\xbb\xbf \r\n", "vide"), (b"PK\x03\x04", "archive"), (b"\x1f\x8b\x08", "archive"),
        (b"<html>", "page web"), (b"code;label\0;number\n", "octets nuls"),
        (b"code;label;number\n1;a;1\n2;b", "tronqué"),
    ],
)  # fmt: skip
def test_what_is_no_text_table_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(ImportRefused, match=said):
        read(content, tmp_path)


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    read("code;label;number\n1;é;1\n".encode("cp1252"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["text.csv"]


@pytest.mark.parametrize("name", ["*.csv", "o[t]her.csv", "o?her.csv", "data [1].csv", "it's.csv", "a.csv.gz", "a.zst"])
def test_a_name_is_a_name_and_no_other_file_is_read(tmp_path: Path, name: str) -> None:
    """Hole: « o[t]her.csv » gave the figures of other.csv, « *.csv » those of the whole folder."""
    (tmp_path / "other.csv").write_bytes(b"code;label;number\n99;other;9\n")
    mine = tmp_path / name
    mine.write_bytes(b"code;label;number\n01;mine;1\n")
    with bulk.open_text(mine, tmp_path, count) as text, bulk.connect(tmp_path, text, memory_mb=100) as engine:
        assert engine.execute(f"SELECT * FROM {bulk.scan(text, {2: 'UINTEGER'})}").fetchall() == [("01", "mine", 1)]


@pytest.mark.parametrize("folder", ["c0=99", "annee=2024"])
def test_the_name_of_a_folder_is_no_column(tmp_path: Path, folder: str) -> None:
    """Hole: a folder called « c0=99 » replaced the first column by 99."""
    (tmp_path / folder).mkdir()
    assert read(b"code;label;number\n01;mine;1\n", tmp_path / folder)[0] == [("01", "mine", 1)]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
        "SELECT * FROM read_text('/etc/passwd')",
        "COPY (SELECT 1) TO 'stolen.csv'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
    ],
)
def test_the_engine_reaches_nothing_but_its_text(tmp_path: Path, query: str) -> None:
    (tmp_path / "mine.csv").write_bytes(b"code;label;number\n01;mine;1\n")
    with bulk.open_text(tmp_path / "mine.csv", tmp_path, count) as text, bulk.connect(tmp_path, text) as engine:
        with pytest.raises(duckdb.Error):
            engine.execute(query)
        assert engine.execute(f"SELECT count(*) FROM {bulk.scan(text, {})}").fetchone() == (1,)


def test_an_error_met_under_way_is_a_refusal_too(tmp_path: Path) -> None:
    late = "SELECT CASE WHEN i < 3000000 THEN 1 ELSE CAST('x' || i AS INTEGER) END FROM range(4000000) t(i)"
    with pytest.raises(ImportRefused, match="ne peut pas être lu"), bulk.connect(tmp_path) as engine:
        for _batch in bulk.batches(engine, late):
            pass


def test_a_file_that_needs_more_memory_than_it_is_given_is_refused(tmp_path: Path) -> None:
    whole = "SELECT string_agg(i::VARCHAR, ',' ORDER BY i) FROM range(2000000) t(i)"
    with pytest.raises(ImportRefused, match="plus de mémoire"), bulk.connect(tmp_path, memory_mb=5) as engine:
        engine.execute(whole).fetchall()
