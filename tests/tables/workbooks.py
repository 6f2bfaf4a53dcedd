"""Workbooks written by hand, byte by byte where needed: what no library would write, an attacker may."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'

Parts = dict[str, str | bytes]


def text_cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def sheet_xml(rows: str, before: str = "", after: str = "") -> str:
    return f'{PROLOG}<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def row_xml(number: int, *cells: str) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def grid(rows: Sequence[Sequence[str]]) -> str:
    """Rows of texts from A1."""
    return "".join(
        row_xml(line, *(text_cell(f"{chr(65 + index)}{line}", text) for index, text in enumerate(cells)))
        for line, cells in enumerate(rows, start=1)
    )


def parts_of(*sheets: str, names: Sequence[str] = ("Fiches", "Autre", "Encore"), states: Sequence[str] = ()) -> Parts:
    """The parts of a workbook whose sheets have this XML."""
    listed = "".join(
        f'<sheet name="{names[i]}" sheetId="{i + 1}" r:id="rId{i + 1}"{states[i] if states else ""}/>'
        for i in range(len(sheets))
    )
    relations = "".join(
        f'<Relationship Id="rId{i + 1}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{i + 1}.xml"/>'
        for i in range(len(sheets))
    )
    parts: Parts = {
        "[Content_Types].xml": f'{PROLOG}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'{PROLOG}<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{PROLOG}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{PROLOG}<Relationships xmlns="{PACKAGE}">{relations}</Relationships>',
    }
    return parts | {f"xl/worksheets/sheet{i + 1}.xml": sheet for i, sheet in enumerate(sheets)}


def pack(parts: Parts) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()
