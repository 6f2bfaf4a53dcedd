"""The shapes every part of `tables` shares: limits, a table and its rows, and cells that remember what they were.

A cell is always text, so that code 01001 stays 01001; its class tells whether it was a number, a date or an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field

HEADER_SEARCH = 20  # a heading row is looked for in the first rows that hold something


class NumberCell(str):
    """A number as the workbook holds it, with a dot: « 1500 », « 0.1 ». Never ambiguous."""


class DateCell(str):
    """A date or moment as the workbook holds it, in ISO form."""


class ErrorCell(str):
    """A formula that failed: « #REF! ». Never a value."""


@dataclass(frozen=True)
class Limits:
    """What a file may cost before it is refused. The defaults suit an upload; commands may be more generous."""

    max_bytes: int = 64 * 1024 * 1024
    max_unpacked: int = 200 * 1024 * 1024
    max_entries: int = 2_000
    max_rows: int = 20_000
    max_columns: int = 200
    max_cells: int = 1_500_000
    max_text: int = 64_000_000
    memory: int = 1024 * 1024 * 1024
    timeout: float = 8.0


@dataclass(frozen=True)
class Row:
    """One row: its number as a spreadsheet shows it, and its cells."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """What was read: headings, rows below them, and where they come from."""

    columns: list[str]
    rows: list[Row]
    header_line: int = 1
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    other_sheets: list[str] = field(default_factory=list)
