"""From the rows of a table to typed rows, each judged on its own: every fault is reported with its line and column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass
from typing import Any

from fichetrack.tables.french import NBSP, quote
from fichetrack.tables.headings import Column, Mapping
from fichetrack.tables.marks import is_mark
from fichetrack.tables.shapes import Row, Table
from fichetrack.tables.values import Resolver, parse_cell


@dataclass(frozen=True)
class MappedRow:
    """A row without fault: typed values by field name, and the cells as they were."""

    line: int
    values: dict[str, Any]
    raw: dict[str, str]


@dataclass(frozen=True)
class RowError:
    """One fault of one cell (or of a whole row: no column). `str(error)` is the French sentence."""

    line: int
    column: str | None
    value: str
    message: str

    def __str__(self) -> str:
        where = f", colonne {quote(self.column)}" if self.column else ""
        return f"Ligne {self.line}{where}{NBSP}: {self.message}"


def map_rows(
    table: Table, mapping: Mapping, columns: Sequence[Column], resolvers: Dict[str, Resolver] | None = None
) -> tuple[list[MappedRow], list[RowError]]:
    """Type every row; one with a fault is only in the errors. `resolvers` turn the text of a column into a value."""
    declared = {column.name: column for column in columns}
    placed = [(index, declared[name]) for index, name in mapping.columns.items() if name in declared]
    rows: list[MappedRow] = []
    errors: list[RowError] = []
    for row in table.rows:
        values, faults = map_row(row, placed, resolvers or {})
        faults += overflow(row, table)
        errors += faults
        if not faults:
            rows.append(MappedRow(row.line, values, {column.name: str(row.cells[index]) for index, column in placed}))
    return rows, errors


def map_row(
    row: Row, placed: list[tuple[int, Column]], resolvers: Dict[str, Resolver]
) -> tuple[dict[str, Any], list[RowError]]:
    """The typed values of a row and its faults; a cell that holds only a mark says nothing of its column."""
    values: dict[str, Any] = {}
    faults: list[RowError] = []
    for index, column in placed:
        cell = row.cells[index]
        if column.marked and is_mark(cell):
            continue
        try:
            values[column.name] = value = parse_cell(cell, column, resolvers.get(column.name))
        except ValueError as error:
            faults.append(RowError(row.line, column.label, str(cell), str(error)))
            continue
        if value in (None, []) and column.required:
            faults.append(RowError(row.line, column.label, "", "la cellule est vide. Renseignez-la."))
    return values, faults


def overflow(row: Row, table: Table) -> Iterator[RowError]:
    """In a CSV, cells beyond the last heading mean that a separator slipped in and everything after it moved."""
    width = len(table.columns)
    if table.delimiter and any(cell.strip() for cell in row.cells[width:]):
        filled = max(index for index, cell in enumerate(row.cells, start=1) if cell.strip())
        message = (
            f"la ligne a {filled} cellules pour {width} titres. Un séparateur {quote(table.delimiter)} est sans doute "
            "resté dans un texte{nbsp}: mettez ce texte entre guillemets, ou enregistrez le tableau en .xlsx."
        ).replace("{nbsp}", NBSP)
        yield RowError(row.line, None, "", message)
