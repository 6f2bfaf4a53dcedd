"""What every reader of a published file receives and gives back: the ground it stands on, its report, its tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

KEPT_LINES = 200  # lines set aside that a report names; all are counted
KEPT_REMARKS = 200

Say = Callable[[str], None]


@dataclass(frozen=True)
class Ground:
    """What codes of a file are read against.

    communes: one row per current commune, indexed by `code`, columns nom, departement, region, epci, ept (str or None),
    population (float).   successors: former commune codes, and municipal arrondissements, to the current commune.
    tables: gives another source's visible table by (source, table), None when it was never imported.
    """

    communes: pd.DataFrame
    successors: Mapping[str, str]
    cog_year: int
    tables: Callable[[str, str], pd.DataFrame | None] = lambda source, table: None

    def current_communes(self, codes: pd.Series) -> pd.Series:
        """Commune codes as they are today (75101 → 75056, a merged commune → the new one); None when unknown."""
        known = self.communes.index
        today = {code: code if code in known else self.successors.get(code) for code in codes.dropna().unique()}
        return codes.map(today)


@dataclass
class Report:
    """What became of the rows of a file: read = kept + set aside, each with its reason and its line."""

    read: int = 0
    kept: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    lines: list[tuple[int, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unsaid: int = 0

    @property
    def aside(self) -> int:
        return self.reasons.total()

    def set_aside(self, line: int, reason: str, sentence: str | None = None) -> None:
        """Count a row under its reason, and name its line while there are few."""
        self.reasons[reason] += 1
        if len(self.lines) < KEPT_LINES:
            self.lines.append((line, sentence or reason))

    def set_aside_where(self, frame: pd.DataFrame, wrong: pd.Series, reason: str) -> pd.DataFrame:
        """The rows of `frame` (which has `line`) that are not `wrong`; the others are reported."""
        lines = frame.loc[wrong, "line"]
        self.reasons[reason] += len(lines)
        self.lines += [(int(line), reason) for line in lines.head(max(KEPT_LINES - len(self.lines), 0))]
        if not len(lines):
            del self.reasons[reason]
        return frame.loc[~wrong]

    def remark(self, sentence: str) -> None:
        """Say something once; when a file calls for too many remarks, the last one counts those left unsaid."""
        if len(self.remarks) < KEPT_REMARKS:
            self.remarks.append(sentence)
        else:
            self.unsaid += 1
            self.remarks[KEPT_REMARKS:] = [f"… et d’autres remarques de ce genre : {self.unsaid}."]

    def as_dict(self) -> dict[str, Any]:
        """As a release keeps it."""
        lines = [[line, why] for line, why in self.lines]
        return {"reasons": dict(self.reasons), "lines": lines, "remarks": self.remarks}


@dataclass(frozen=True)
class Reading:
    """A file read: its millésime (« 2024 », « 2025-T4 », « 2026-04 »), its Parquet files by table, its report.

    cog_year: the official geographic code its communes were brought to.   lot: empty for a file that stands for the whole
    of its source; else the part it covers (an EPCI…): a new file then replaces only that part.
    """

    millesime: str
    tables: dict[str, Path]
    report: Report
    cog_year: int | None = None
    lot: str = ""


def write_table(frame: pd.DataFrame, folder: Path, name: str, sort: list[str] | None = None) -> Path:
    """Write a tidy table as `<name>.parquet` in `folder`, sorted so that a filtered reading skips most of it."""
    path = folder / f"{name}.parquet"
    ordered = frame.sort_values(sort, kind="stable") if sort else frame
    ordered.reset_index(drop=True).to_parquet(path, index=False, compression="zstd", row_group_size=20_000)
    return path
