"""Tables out: workbooks and CSV that open as they should in a spreadsheet, run nothing, and read back unchanged.

What a format cannot hold gives way to a mark in a `marked` column (tables.marks), and is else refused with a French
sentence naming the cell: in a workbook, beyond 32,767 characters,
U+FFFE and U+FFFF; in CSV the zero character. Other control characters are written in Excel's reversible `_xHHHH_` form.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from xlsxwriter.format import Format
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from fichetrack.tables.cells import Shown, check_writable, french_date, show
from fichetrack.tables.headings import Column, Kind
from fichetrack.tables.injection import neutralise

XLSX_TEXT = 32_767
CSV_TEXT = 131_072  # what the CSV parser reads back
ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f]")
MOST_DIGITS = 6
FIRST_SAFE_DAY = date(1900, 3, 1)  # before it, Excel counts a 29 February 1900 that never was
SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
WIDTHS: dict[Kind, int] = {"long_text": 60, "text": 30, "date": 12, "amount": 16, "integer": 12, "boolean": 10}

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "constant_memory": False,
}


@dataclass(frozen=True)
class Sheet:
    """A sheet to write: its name, its columns, and one dict of values by field name per row."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Mapping[str, Any]]


def write_xlsx(target: str | Path | IO[bytes], sheets: Sequence[Sheet]) -> None:
    """Write a workbook. Raises ImportRefused when a text cannot be held; nothing is written then."""
    buffer = io.BytesIO()
    workbook = ExactWorkbook(buffer, OPTIONS)
    styles = {
        "header": workbook.add_format(
            {"bold": True, "bg_color": "#000091", "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"}
        ),
        "date": workbook.add_format({"num_format": "dd/mm/yyyy", "valign": "top"}),
        "amount": workbook.add_format({"num_format": "#,##0.00", "valign": "top"}),
        "word": workbook.add_format({"num_format": "@", "valign": "top", "align": "right"}),
        "text": workbook.add_format({"num_format": "@", "valign": "top"}),
    }
    for digits in range(MOST_DIGITS + 1):
        shown = f"#,##0.{'0' * digits}".removesuffix(".")
        styles[f"{digits} digits"] = workbook.add_format({"num_format": shown, "valign": "top"})
    for sheet in sheets:
        name = SHEET_NAME.sub(" ", sheet.name).strip(" '")[:31] or "Feuille"
        write_sheet(workbook.add_worksheet(name), sheet, styles)
    workbook.close()
    if isinstance(target, (str, Path)):
        Path(target).write_bytes(buffer.getvalue())
    else:
        target.write(buffer.getvalue())


def write_sheet(worksheet: Worksheet, sheet: Sheet, styles: dict[str, Format]) -> None:
    for index, column in enumerate(sheet.columns):
        worksheet.set_column(index, index, WIDTHS.get(column.kind, 22))
        worksheet.write_string(0, index, column.label, styles["header"])
    line = 1
    for line, row in enumerate(sheet.rows, start=2):
        for index, column in enumerate(sheet.columns):
            # « <name>__digits »: with how many decimals this amount is shown; all of them are kept.
            digits = row.get(f"{column.name}__digits")
            style = styles["amount"] if digits is None else styles[f"{min(digits, MOST_DIGITS)} digits"]
            write_cell(worksheet, line, index, column, show(row.get(column.name), column), styles | {"amount": style})
    worksheet.freeze_panes(1, 0)
    if sheet.columns:
        worksheet.autofilter(0, 0, line - 1, len(sheet.columns) - 1)


def write_cell(
    worksheet: Worksheet, line: int, index: int, column: Column, value: Shown, styles: dict[str, Format]
) -> None:
    if value is None:
        return
    if isinstance(value, date) and value >= FIRST_SAFE_DAY:
        worksheet.write_datetime(line - 1, index, value, styles["date"])
    elif isinstance(value, (int, Decimal)) and is_exact(value):
        worksheet.write_number(line - 1, index, float(value), styles["amount"] if column.kind == "amount" else None)
    else:
        text = show_text(value)
        text = check_writable(text, column, line, {"\ufffe", "\uffff"}, XLSX_TEXT, "Vous pouvez aussi exporter en CSV.")
        worksheet.write_string(line - 1, index, text, styles["word" if column.kind == "amount" else "text"])


def is_exact(value: int | Decimal) -> bool:
    """Does a spreadsheet, which keeps fifteen digits, hold this number unchanged?"""
    return -(10**15) < value < 10**15 and Decimal(f"{float(value):.15g}") == value


def show_text(value: Shown) -> str:
    if isinstance(value, date):
        return french_date(value)
    return f"{value:f}".replace(".", ",") if isinstance(value, Decimal) else str(value)


def write_csv(stream: IO[bytes], columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write UTF-8 with BOM, `;`, all quoted, formulas neutralised. Raises ImportRefused when a text cannot be held."""
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    try:
        writer.writerow([neutralise(column.label) for column in columns])
        for line, row in enumerate(rows, start=2):
            writer.writerow([csv_cell(show(row.get(column.name), column), column, line) for column in columns])
    finally:
        text.detach()


def csv_cell(value: Shown, column: Column, line: int) -> str:
    """Numbers and dates hold no text to neutralise."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return show_text(value)
    return neutralise(check_writable(value, column, line, {"\0"}, CSV_TEXT - 1, ""))


def safe_filename(text: str, limit: int = 100) -> str:
    """A name any system accepts: plain letters, digits, dash, dot, underscore; never a path, hidden or empty."""
    last = re.split(r"[/\\]", text)[-1].replace("œ", "oe").replace("Œ", "OE")
    plain = unicodedata.normalize("NFKD", last).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^\w.-]+", "-", plain, flags=re.ASCII).strip("-. ")
    stem, dot, suffix = plain.rpartition(".")
    if not dot or len(suffix) > 10:
        stem, dot, suffix = plain, "", ""
    stem = re.sub(r"-{2,}", "-", stem)[: limit - len(dot + suffix)].strip("-.") or "fichier"
    if re.fullmatch(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", stem, re.IGNORECASE):
        stem = f"fichier-{stem}"
    return stem + dot + suffix


class ExactStrings(SharedStrings):
    """XlsxWriter writes « <r>…</r> » as raw XML, and forgets to escape overlapping `_xHHHH_`; not here."""

    def _write_si(self, string: str) -> None:
        escaped = ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", string)
        self._xml_si_element(escaped, [("xml:space", "preserve")])


class ExactPackager(Packager):
    """The packager, with exact strings."""

    def _write_shared_strings_file(self) -> None:
        if self.workbook.str_table.count:
            strings = ExactStrings()
            strings.string_table = self.workbook.str_table
            strings._set_xml_writer(self._filename("xl/sharedStrings.xml"))
            strings._assemble_xml_file()


class ExactWorkbook(Workbook):
    """The workbook, with the exact packager."""

    def _get_packager(self) -> Packager:
        return ExactPackager()
