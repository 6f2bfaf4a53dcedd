"""The published layouts, as each imports/<source>/source.toml declares them, and small files read by their headings.

A column is found by its heading, normalised, never by its place. Everything stays text: the reader of the source types it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from fichetrack.config import ROOT
from fichetrack.errors import ImportRefused
from fichetrack.tables import Column, Limits, Table, count_recognised, map_columns, read_table

FOLDER = ROOT / "imports"
# A national table of France: generous, and still bounded. Larger files go through bulk.py.
LIMITS = Limits(
    max_bytes=300 << 20, max_unpacked=1 << 30, max_rows=300_000, max_cells=8_000_000, max_text=400_000_000,
    memory=3 << 30, timeout=120.0,
)  # fmt: skip


@dataclass(frozen=True)
class Source:
    """A source as its source.toml declares it. `next_months`: how long after the end of a millésime the next one is due; 0:
    nobody plans it, and it is never late.

    lots: the cadence and next_months of those whose own are not those of the source, a table of reference among them.
    layouts: for each table of the source, its columns; a source with one table calls it by its own name.
    """

    name: str
    title: str
    producer: str
    dataset: str
    licence: str
    cadence: str
    next_months: int
    where: str
    layouts: dict[str, tuple[Column, ...]] = field(default_factory=dict)
    lots: dict[str, dict[str, Any]] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)

    def of_lot(self, lot: str) -> Source:
        """The same source with the cadence of one of its lots."""
        return replace(self, **self.lots[lot]) if lot in self.lots else self


@lru_cache
def get_source(name: str) -> Source:
    """The declaration of imports/<name>/source.toml."""
    raw = tomllib.loads((FOLDER / name / "source.toml").read_text("utf-8"))
    layouts = {table: _columns(columns) for table, columns in raw.get("layouts", {}).items()}
    if "columns" in raw:
        layouts[name] = _columns(raw["columns"])
    texts = {key: raw.get(key, "") for key in ("title", "producer", "dataset", "licence", "cadence", "where")}
    months, lots = raw.get("next_months", 12), raw.get("lots", {})
    return Source(name=name, next_months=months, layouts=layouts, lots=lots, raw=raw, **texts)


def read_frame(file: Path, columns: tuple[Column, ...], sheet: str | None = None) -> tuple[pd.DataFrame, list[str]]:
    """The declared columns of a workbook or CSV, as text, with `line`; and remarks about the other columns.

    A declared column the file lacks is absent from the frame. Raises ImportRefused, in French, when the file cannot be
    read, when a required column is missing (naming what was expected and found) or twice there.
    """
    table = read_table(file, file.name, sheet=sheet, accepted=count_recognised(columns), limits=LIMITS)
    return frame_of(table, columns, file.name)


def frame_of(table: Table, columns: tuple[Column, ...], filename: str) -> tuple[pd.DataFrame, list[str]]:
    """As `read_frame`, for a table already read: a reader may look at its headings first, to tell layouts apart."""
    mapping = map_columns(table.columns, columns)
    if problems := mapping.problems():
        found = ", ".join(f"« {heading} »" for heading in table.columns[:60] if heading.strip()) or "aucune"
        raise ImportRefused(f"Fichier « {filename} » : {' '.join(problems)} Colonnes trouvées : {found}.")
    data: dict[str, Any] = {"line": [row.line for row in table.rows]}
    for index, name in mapping.columns.items():
        data[name] = [str(row.cells[index]).strip() for row in table.rows]
    # Without a row, nothing says that these columns are texts.
    return pd.DataFrame(data).astype(
        {"line": "int64"} | dict.fromkeys(mapping.columns.values(), "str")
    ), mapping.remarks()


def _columns(declared: dict[str, Any]) -> tuple[Column, ...]:
    """A column of source.toml: label, names (other headings), required, width (of a code that lost its zeros), choices."""
    return tuple(
        Column(
            name=name,
            label=one.get("label", name),
            kind=one.get("kind", "text"),
            synonyms=tuple(one.get("names", ())),
            required=one.get("required", False),
            width=one.get("width"),
            help=one.get("help", ""),
            choices=tuple(one["choices"].items()) if "choices" in one else None,
        )
        for name, one in declared.items()
    )
