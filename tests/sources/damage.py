"""Ways a published table arrives damaged or disguised, for any source of small tables: what is sent, and what is owed.

Each variant is made from the rows of a sound file, headings first, whose first column is required. `says` is a pattern of
the refusal; None: it must be read, and give the tables of the sound file.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from typing import NamedTuple
from xml.sax.saxutils import escape

from openpyxl import Workbook

from fichetrack.tables.worker import column_letters
from tests.tables.workbooks import grid, pack, parts_of, row_xml, sheet_xml, text_cell

Grid = list[list[str]]


class Damage(NamedTuple):
    make: Callable[[Grid], bytes]
    says: str | None
    name: str = "liste 2026-04-15.csv"


def grid_of(text: str) -> Grid:
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def as_csv(rows: Grid, delimiter: str = ";") -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return stream.getvalue()


def as_xlsx(*sheets: tuple[str, Grid]) -> bytes:
    book = Workbook()
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.remove(book.worksheets[0])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def without_first_column(rows: Grid) -> bytes:
    return as_csv([row[1:] for row in rows]).encode()


def with_first_column_twice(rows: Grid) -> bytes:
    return as_csv([[row[0], *row] for row in rows]).encode()


def with_giant_cell(rows: Grid) -> bytes:
    return as_csv([*rows, ["x" * 200_000, *rows[1][1:]]]).encode()


def cut_in_a_quote(rows: Grid) -> bytes:
    return as_csv(rows).encode().rstrip() + b'\r\n"coupe; ici'


def with_formulas(rows: Grid) -> bytes:
    """One more row of nothing but formulas: never run, never a value."""
    return as_csv([*rows, ["=1+1"] * len(rows[0])]).encode()


def uncomputed(rows: Grid) -> bytes:
    """A workbook no spreadsheet has opened yet: each cell below the headings is a formula without its result."""
    cells = (f'<c r="{column_letters(place)}2"><f>1+1</f></c>' for place in range(1, len(rows[0]) + 1))
    headings = (text_cell(f"{column_letters(place)}1", escape(name)) for place, name in enumerate(rows[0], start=1))
    return pack(parts_of(sheet_xml(row_xml(1, *headings) + row_xml(2, *cells))))


def cut_workbook(rows: Grid) -> bytes:
    return as_xlsx(("Liste", rows))[:-200]


def two_encodings(rows: Grid) -> bytes:
    return as_csv(rows).encode() + "é\r\n".encode() + "é\r\n".encode("cp1252")


def zip_bomb(rows: Grid) -> bytes:
    return pack({"xl/workbook.xml": b"<a/>", "xl/worksheets/sheet1.xml": b" " * (40 << 20)})


def far_cell(rows: Grid) -> bytes:
    return pack(parts_of(sheet_xml(grid(rows[:1]) + row_xml(1_048_576, text_cell("XFD1048576", "loin")))))


EXPECTED_AND_FOUND = r"(?s)(?=.*(manque|attendu|Formats|ni l’enquête))(?=.*([Tt]rouvé|deux lignes))"
DAMAGES = {
    "BOM": Damage(lambda rows: b"\xef\xbb\xbf" + as_csv(rows).encode(), None),
    "cp1252": Damage(lambda rows: as_csv(rows).encode("cp1252"), None),
    "UTF-16": Damage(lambda rows: as_csv(rows).encode("utf-16"), None),
    "tabs": Damage(lambda rows: as_csv(rows, "\t").encode(), None),
    "moved columns": Damage(lambda rows: as_csv([row[::-1] for row in rows]).encode(), None),
    "one column more": Damage(lambda rows: as_csv([[*row, "note"] for row in rows]).encode(), None),
    "titles above": Damage(lambda rows: b"Liste;de;sites\r\n\r\n" + as_csv(rows).encode(), None),
    "formulas": Damage(with_formulas, None),
    "workbook": Damage(lambda rows: as_xlsx(("Liste", rows)), None, "liste 2026-04-15.xlsx"),
    "second sheet": Damage(
        lambda rows: as_xlsx(("Lisez-moi", [["Notes"]]), ("Données", rows)), None, "liste 2026-04-15.xlsx"
    ),
    "wrong sheet": Damage(
        lambda rows: as_xlsx(("Notes", [["Titre"], ["x"]])), EXPECTED_AND_FOUND, "liste 2026-04-15.xlsx"
    ),
    "formulas never computed": Damage(uncomputed, r"formule|illisible|[Aa]ucun|manque", "liste 2026-04-15.xlsx"),
    "missing column": Damage(without_first_column, EXPECTED_AND_FOUND),
    "duplicate column": Damage(with_first_column_twice, r"Plusieurs colonnes valent"),
    "truncated": Damage(cut_in_a_quote, r"guillemet|tronqué"),
    "truncated workbook": Damage(cut_workbook, r"abîmé", "liste 2026-04-15.xlsx"),
    "two encodings": Damage(two_encodings, r"deux encodages"),
    "empty": Damage(lambda rows: b"", r"vide"),
    "blank": Damage(lambda rows: b"\r\n;;;\r\n", r"aucune ligne remplie|manque|vide|Colonnes trouvées"),
    "headings alone": Damage(lambda rows: as_csv(rows[:1]).encode(), r"[Aa]ucun|pas de ligne|deux lignes"),
    "zip bomb": Damage(zip_bomb, r"volumineux", "liste.xlsx"),
    "giant cell": Damage(with_giant_cell, r"démesurée"),
    "far cell": Damage(far_cell, r"XFD1048576", "liste.xlsx"),
    "PDF": Damage(lambda rows: b"%PDF-1.7 ...", r"PDF"),
    "web page": Damage(lambda rows: b"<!doctype html><p>Erreur</p>", r"page web"),
    "gzipped": Damage(lambda rows: gzip.compress(as_csv(rows).encode()), r"archive compressée"),
    "broken GeoJSON": Damage(lambda rows: b'{"type": "FeatureCollection", "features": [{', r"JSON"),
    "GeoJSON of nothing": Damage(lambda rows: b'{"type": "FeatureCollection", "features": []}', r"JSON"),
}
