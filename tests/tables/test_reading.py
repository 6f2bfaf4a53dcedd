"""Reading: encodings, delimiters, heading rows, sheets, and cells that keep what they are."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter

from fichetrack.errors import ImportRefused
from fichetrack.tables import Column, count_recognised, read_table
from tests.tables.workbooks import grid, pack, parts_of, row_xml, sheet_xml, text_cell

COLUMNS = [Column("intitule", "Intitulé"), Column("axe", "Axe"), Column("cout_total", "Coût total", "amount")]
ACCEPTED = count_recognised(COLUMNS)
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encoding_delimiter_and_newline_are_found_by_content(encoding: str, delimiter: str, newline: str) -> None:
    lines = [f"Intitulé{delimiter}Axe", f'"L’été, 1{delimiter} 2"{delimiter}Innover', f"Œuvre{delimiter}Attirer"]
    table = read_table(newline.join(lines).encode(encoding), "n_importe.quoi", accepted=ACCEPTED)
    assert table.columns == ["Intitulé", "Axe"]
    assert [row.cells for row in table.rows] == [[f"L’été, 1{delimiter} 2", "Innover"], ["Œuvre", "Attirer"]]
    assert table.delimiter == delimiter


def test_quoted_line_breaks_keep_the_numbers_a_spreadsheet_shows() -> None:
    table = read_table('Intitulé;Axe\n"Sur\ntrois\r\nlignes";a\n\n;\nHalle;b'.encode(), "a.csv", accepted=ACCEPTED)
    assert [(row.line, row.cells[0]) for row in table.rows] == [(2, "Sur\ntrois\r\nlignes"), (5, "Halle")]


def test_the_heading_row_is_found_under_titles_and_beside_blank_columns() -> None:
    text = ";Fiches actions; mars, avril\n\n;Extrait le;1/3/2026\n;intitule;AXE *;Coût total (€)\n;Halle;Innover;12"
    table = read_table(text.encode(), "a.csv", accepted=ACCEPTED)
    assert table.header_line == 4
    assert table.columns == ["", "intitule", "AXE *", "Coût total (€)"]
    assert [(row.line, row.cells[1]) for row in table.rows] == [(5, "Halle")]


def test_without_known_headings_the_first_row_that_holds_something_is_the_heading() -> None:
    table = read_table(b"\n\nx;y\n1;2\n", "a.csv", accepted=ACCEPTED)
    assert (table.columns, table.header_line) == (["x", "y"], 3)


def test_excels_separator_hint_is_not_a_row() -> None:
    table = read_table("sep=|\nIntitulé|Axe\nUn;deux|b".encode(), "a.csv")
    assert (table.columns, table.rows[0].cells, table.rows[0].line) == (["Intitulé", "Axe"], ["Un;deux", "b"], 3)


def test_the_sheet_whose_headings_are_recognised_is_chosen() -> None:
    notes = sheet_xml(grid([["Notes"], ["Lisez-moi"]]))
    fiches = sheet_xml(grid([["Plan"], ["Axe", "Intitulé"], ["Innover", "Halle"]]))
    table = read_table(pack(parts_of(notes, fiches)), "a.csv", accepted=ACCEPTED)
    assert (table.sheet, table.header_line, table.other_sheets) == ("Autre", 2, ["Fiches"])


def test_hidden_sheets_are_not_looked_at_unless_named() -> None:
    fiches = sheet_xml(grid([["Axe", "Intitulé"], ["Innover", "Halle"]]))
    data = pack(parts_of(fiches, fiches, states=[' state="hidden"', ""]))
    assert read_table(data, "a.xlsx", accepted=ACCEPTED).sheet == "Autre"
    assert read_table(data, "a.xlsx", accepted=ACCEPTED, sheet="Fiches").sheet == "Fiches"


def test_an_unknown_sheet_is_refused_with_the_names_of_the_others() -> None:
    with pytest.raises(ImportRefused, match="Ses feuilles"):
        read_table(pack(parts_of(sheet_xml(grid([["Axe"]])))), "a.xlsx", sheet="Plan")


def test_a_broken_sheet_does_not_forbid_reading_another() -> None:
    fiches = sheet_xml(grid([["Axe", "Intitulé"], ["Innover", "Halle"]]))
    far = sheet_xml(row_xml(999_999, text_cell("A999999", "x")))
    assert read_table(pack(parts_of(far, fiches)), "a.xlsx", accepted=ACCEPTED).sheet == "Autre"
    with pytest.raises(ImportRefused, match="feuille «\u00a0Fiches\u00a0»"):
        read_table(pack(parts_of(far, fiches)), "a.xlsx", sheet="Fiches")


def test_cells_of_a_workbook_keep_what_they_are() -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"remove_timezone": True})
    sheet = book.add_worksheet()
    for index in range(8):
        sheet.write_string(2, index + 1, f"Colonne {index}")
    sheet.write_string(4, 1, "01001")
    sheet.write_number(4, 2, 1500)
    sheet.write_number(4, 3, 0.1)
    sheet.write_datetime(4, 4, datetime(2026, 12, 31, tzinfo=UTC), book.add_format({"num_format": "dd/mm/yyyy"}))
    sheet.write_boolean(4, 5, True)
    sheet.write_formula(4, 6, "=A1", None, "#REF!")
    sheet.write_number(4, 7, 12345678901234)
    sheet.write_datetime(
        4, 8, datetime(2026, 12, 31, 14, 5, tzinfo=UTC), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    )
    book.close()
    (row,) = read_table(buffer.getvalue(), "a.xlsx").rows
    assert row.line == 5
    assert row.cells[1:] == [
        "01001", "1500", "0.1", "2026-12-31", "VRAI", "#REF!", "12345678901234", "2026-12-31T14:05:00"
    ]  # fmt: skip
    assert [type(cell).__name__ for cell in row.cells[1:7]] == [
        "str",
        "NumberCell",
        "NumberCell",
        "DateCell",
        "str",
        "ErrorCell",
    ]


def test_a_path_is_read_like_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(pack(parts_of(sheet_xml(grid([["Axe"], ["Innover"]])))))
    assert read_table(path, path.name).rows[0].cells == ["Innover"]


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared data are not here")
def test_published_files_are_read_with_their_own_habits() -> None:
    naf = read_table(DATA / "naf" / "int_courts_naf_rev_2.csv", "naf.csv")
    assert (naf.encoding, naf.delimiter, len(naf.rows)) == ("cp1252", ";", 2109)
    urssaf = next((DATA / "urssaf").glob("*.csv"))
    table = read_table(urssaf, urssaf.name)
    assert (table.encoding, table.delimiter, len(table.columns), len(table.rows)) == ("utf-8-sig", ";", 53, 9338)
