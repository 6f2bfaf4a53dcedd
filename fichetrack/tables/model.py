"""The model workbook people fill in: French headings, drop-down lists, and a sheet that explains each column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from fichetrack.tables.french import NBSP, count
from fichetrack.tables.headings import Column, Kind
from fichetrack.tables.writing import WIDTHS

GUIDE = "Mode d’emploi"
LISTS = "Listes"
LAST_ROW = 2000
BLUE = PatternFill("solid", fgColor="000091")
REQUIRED = PatternFill("solid", fgColor="E1000F")
FORMATS: dict[Kind, str] = {"date": "dd/mm/yyyy", "amount": "#,##0.00", "integer": "#,##0"}
EXPECTED: dict[Kind, str] = {
    "text": "Texte",
    "long_text": "Texte long",
    "choice": "Une valeur de la liste",
    "choices": "Une ou plusieurs valeurs, séparées par un point-virgule",
    "boolean": "oui ou non",
    "integer": "Nombre entier",
    "amount": "Montant en euros",
    "date": "Date, par exemple 31/12/2026",
    "code": "Code, au format Texte",
    "siret": "SIRET, 14 chiffres",
    "email": "Adresse de courriel",
    "url": "Adresse web, commençant par https://",
}


def write_model(stream: IO[bytes], columns: Sequence[Column], sheet_name: str, notes: Sequence[str] = ()) -> None:
    """Write modele.xlsx: the sheet to fill, « Mode d’emploi », and the lists on a hidden sheet."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    sheet = workbook.create_sheet(sheet_name[:31])
    write_guide(workbook.create_sheet(GUIDE), columns, notes)
    lists = workbook.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    for index, column in enumerate(columns, start=1):
        write_heading(sheet, index, column)
        add_validation(sheet, index, column, write_list(lists, index, column))
    sheet.freeze_panes = "A2"
    workbook.save(stream)


def write_heading(sheet: Worksheet, index: int, column: Column) -> None:
    cell = sheet.cell(1, index, column.label)
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = REQUIRED if column.required else BLUE
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    dimension = sheet.column_dimensions[get_column_letter(index)]
    dimension.width = WIDTHS.get(column.kind, 22)
    # Text by default: a spreadsheet must not eat the zeros of a code.
    dimension.number_format = FORMATS.get(column.kind, "@")


def write_list(lists: Worksheet, index: int, column: Column) -> str | None:
    """The accepted labels in a column of the hidden sheet; their address."""
    labels = ["oui", "non"] if column.kind == "boolean" else [label for _, label in column.choices or ()]
    if not labels or column.kind not in ("choice", "boolean"):
        return None
    for row, label in enumerate(labels, start=1):
        lists.cell(row, index, label).data_type = "s"
    letter = get_column_letter(index)
    return f"{LISTS}!${letter}$1:${letter}${len(labels)}"


def add_validation(sheet: Worksheet, index: int, column: Column, address: str | None) -> None:
    """A drop-down list where there is one, and for every column the message shown when a cell is selected."""
    validation = DataValidation(type="list" if address else None, formula1=address, allow_blank=True)
    validation.showErrorMessage = bool(address)
    validation.errorTitle = "Valeur inconnue"
    validation.error = "Choisissez une valeur de la liste."
    validation.showInputMessage = True
    validation.promptTitle = column.label[:32]
    validation.prompt = explain(column)[:255]
    letter = get_column_letter(index)
    validation.add(f"{letter}2:{letter}{LAST_ROW}")
    sheet.add_data_validation(validation)


def explain(column: Column) -> str:
    """What a cell of this column holds."""
    sentences = [EXPECTED[column.kind] + (" (obligatoire)." if column.required else ".")]
    if column.max_length:
        sentences.append(f"{count(column.max_length)} caractères au plus.")
    return " ".join([*sentences, column.help]).strip()


def write_guide(guide: Worksheet, columns: Sequence[Column], notes: Sequence[str]) -> None:
    lines: list[tuple[str, ...]] = [(note,) for note in notes]
    lines += [()] if notes else []
    header = len(lines) + 1
    lines.append(("Colonne", "Ce qu’elle contient", "Valeurs admises"))
    for column in columns:
        accepted = f"{NBSP}; ".join(label for _, label in column.choices or ())
        lines.append((column.label, explain(column), accepted))
    for row, texts in enumerate(lines, start=1):
        for index, text in enumerate(texts, start=1):
            cell = guide.cell(row, index, text)
            cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=row >= header, vertical="top")
            cell.font = Font(bold=row == header)
    for letter, width in (("A", 36), ("B", 60), ("C", 80)):
        guide.column_dimensions[letter].width = width
