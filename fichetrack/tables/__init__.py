"""Spreadsheets both ways: read, map, judge row by row, compare, write. Pure, and knows no source by name.

`read_table` → `map_columns` → `map_rows` → `diff` on the way in; `write_xlsx`, `write_csv`, `write_model` on the way
out. What is written reads back to the same values.
"""

from fichetrack.tables.diffing import Diff, diff
from fichetrack.tables.headings import Column, Mapping, count_recognised, map_columns, normalise_heading
from fichetrack.tables.mapping import MappedRow, RowError, map_rows
from fichetrack.tables.model import write_model
from fichetrack.tables.reading import read_table
from fichetrack.tables.shapes import Limits, Row, Table
from fichetrack.tables.writing import Sheet, safe_filename, write_csv, write_xlsx

__all__ = [
    "Column",
    "Diff",
    "Limits",
    "MappedRow",
    "Mapping",
    "Row",
    "RowError",
    "Sheet",
    "Table",
    "count_recognised",
    "diff",
    "map_columns",
    "map_rows",
    "normalise_heading",
    "read_table",
    "safe_filename",
    "write_csv",
    "write_model",
    "write_xlsx",
]
