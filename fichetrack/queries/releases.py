"""Datasets read: which tables are visible, their millésimes, their rows. One query tells all of them.

The visible table of a source is that of its newest millésime, and of the last import of this millésime; lots (a file per
EPCI) are put together. Older millésimes stay readable.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from pyarrow.lib import ArrowException
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from fichetrack import store
from fichetrack.errors import ImportRefused
from fichetrack.extensions import db
from fichetrack.models import DatasetRelease, DatasetTable

# What reading a table raises when this host lacks it, or has it damaged.
UNREADABLE = (OSError, ArrowException)
# (column, codes): keeps the rows whose column is among the codes.
Where = Sequence[tuple[str, Iterable[str]]]
# (source, table) → millésime → lot → table.
Arranged = dict[tuple[str, str], dict[str, dict[str, "Held"]]]


@dataclass(frozen=True)
class Release:
    """What is to be said of an import beside its figures."""

    id: int
    source: str
    lot: str
    millesime: str
    filename: str
    imported_at: datetime
    fictitious: bool
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Held:
    """A table of a release, as the shelf keeps it."""

    name: str
    sha256: str
    release: Release


@dataclass(frozen=True)
class VisibleTable:
    """A table as of one millésime: the releases it comes from (one per lot) and their files."""

    source: str
    name: str
    millesime: str
    releases: tuple[Release, ...]
    files: tuple[str, ...]

    @property
    def release(self) -> Release:
        """The last one imported: for the producer, the file, the date."""
        return max(self.releases, key=lambda one: one.id)

    @property
    def is_fictitious(self) -> bool:
        return any(release.fictitious for release in self.releases)

    @property
    def reservations(self) -> list[str]:
        """What the reader of the file said that a reader of its figures must know: an extract is not the whole."""
        said = [remark for one in self.releases if not one.fictitious for remark in one.remarks]
        extracts = [remark for remark in said if remark.startswith("Ce fichier est un extrait")]
        return [f"{one} Ce lieu n’y est peut-être qu’en partie." for one in extracts]

    def read(self, columns: list[str] | None = None, where: Where = ()) -> pd.DataFrame:
        """Its rows, filtered while reading. A file that this host lacks is a missing dataset, said by FileNotFoundError."""
        filters = [(column, "in", sorted(set(codes))) for column, codes in where] or None
        frames = [pq.read_table(store.path_of(sha), columns=columns, filters=filters).to_pandas() for sha in self.files]
        return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)

    def columns(self) -> list[str]:
        """The names of its columns, read from the files' footers."""
        return list(dict.fromkeys(name for sha in self.files for name in pq.read_schema(store.path_of(sha)).names))


class Shelf:
    """Everything imported, told by one query; tables are read when asked for.

    `signature` changes with any import: what is computed from the shelf is kept by it.
    """

    def __init__(self) -> None:
        rows = db.session.execute(_TABLES).all()
        self.signature = hashlib.sha256(repr(rows).encode()).hexdigest()
        with _lock:
            if self.signature not in _shelves:
                while len(_shelves) >= KEPT:
                    _shelves.pop(next(iter(_shelves)))
                _shelves[self.signature] = _arranged(_load())
            self._held = _shelves[self.signature]

    def get(self, source: str, name: str, millesime: str | None = None) -> VisibleTable | None:
        """The table of a millésime, of the newest one without; None when there is none."""
        held = self._held.get((source, name), {})
        if not held or (millesime and millesime not in held):
            return None
        newest = millesime or max(held)
        lots = held[newest] if millesime else self._each_lot_at_its_newest(held, newest)
        tables = [lots[lot] for lot in sorted(lots)]
        files = tuple(table.sha256 for table in tables)
        return VisibleTable(source, name, newest, tuple(table.release for table in tables), files)

    def millesimes(self, source: str, name: str) -> list[str]:
        """All those imported, newest first."""
        return sorted(self._held.get((source, name), {}), reverse=True)

    def readable(self) -> dict[int, bool]:
        """The releases of which a table can be read, and whether it is the one pages show; a replaced file is not there."""
        held = {
            one.release.id: False for found in self._held.values() for lots in found.values() for one in lots.values()
        }
        shown = [table.releases for key in self._held if (table := self.get(*key))]
        return held | {release.id: True for releases in shown for release in releases}

    @staticmethod
    def _each_lot_at_its_newest(held: dict[str, dict[str, Held]], newest: str) -> dict[str, Held]:
        """A file for the whole replaces all that is older; files per lot complete each other across millésimes."""
        if "" in held[newest]:
            return held[newest]
        whole = max((millesime for millesime in held if "" in held[millesime]), default="")
        lots: dict[str, Held] = {}
        for millesime in sorted(one for one in held if one >= whole):
            lots |= held[millesime]
        return lots


_TABLES = (
    select(
        DatasetTable.id, DatasetTable.name, DatasetTable.sha256, DatasetRelease.id, DatasetRelease.source,
        DatasetRelease.lot, DatasetRelease.millesime, DatasetRelease.fictitious,
    )
    .join(DatasetRelease)
    .order_by(DatasetTable.id)
)  # fmt: skip
KEPT = 4  # shelves in memory: today's, and those of requests that an import overtook
_shelves: dict[str, Arranged] = {}
_lock = threading.Lock()


def _load() -> list[Held]:
    wanted = select(DatasetTable).options(joinedload(DatasetTable.release)).order_by(DatasetTable.id)
    return [Held(one.name, one.sha256, _plain(one.release)) for one in db.session.scalars(wanted)]


def _plain(one: DatasetRelease) -> Release:
    remarks = tuple(one.report.get("remarks", ()))
    return Release(one.id, one.source, one.lot, one.millesime, one.filename, one.imported_at, one.fictitious, remarks)


def _arranged(tables: list[Held]) -> Arranged:
    """By source and table, then millésime, then lot: the last import of a lot wins."""
    arranged: Arranged = {}
    real = {table.release.source for table in tables if not table.release.fictitious}
    for table in tables:
        release = table.release
        if release.fictitious and release.source in real:
            continue  # the figures of the demonstration never stand beside real ones
        arranged.setdefault((release.source, table.name), {}).setdefault(release.millesime, {})[release.lot] = table
    return arranged


def list_releases(source: str | None = None) -> list[DatasetRelease]:
    """Every import kept, the last first."""
    wanted = select(DatasetRelease).order_by(DatasetRelease.id.desc())
    return list(db.session.scalars(wanted.where(DatasetRelease.source == source) if source else wanted))


def find_same(source: str, sha256: str, options: Mapping[str, str], cog_year: int) -> DatasetRelease | None:
    """The import of these very bytes on this geography, of the same lot and millésime if they are asked, if it is there."""
    wanted = select(DatasetRelease).where(DatasetRelease.source == source, DatasetRelease.sha256 == sha256)
    for column, name in ((DatasetRelease.lot, "lot"), (DatasetRelease.millesime, "millesime")):
        if asked := options.get(name, "").strip():
            wanted = wanted.where(column == asked)
    last = db.session.scalars(wanted.order_by(DatasetRelease.id.desc())).first()
    return last if last and last.cog_year in (None, cog_year) else None


def is_replaced(release: DatasetRelease) -> bool:
    """Whether a later import of the same lot and millésime hides a table of this one."""
    mine = {table.name: table.sha256 for table in release.tables}
    same = ("source", "lot", "millesime", "fictitious")
    later = (
        select(DatasetTable.name, DatasetTable.sha256)
        .join(DatasetRelease)
        .where(DatasetRelease.id > release.id, DatasetTable.name.in_(mine))
        .where(*(getattr(DatasetRelease, name) == getattr(release, name) for name in same))
        .order_by(DatasetTable.id)
    )
    shown = dict(db.session.execute(later).all())
    return any(mine[name] != sha256 for name, sha256 in shown.items())


def list_known_tables() -> set[str]:
    """The SHA-256 of every table of every release."""
    return set(db.session.scalars(select(DatasetTable.sha256)))


def table_reader() -> Any:
    """What a reader asks other sources through: (source, table) → its visible rows, or None."""
    shelf = Shelf()

    def read(source: str, name: str) -> pd.DataFrame | None:
        found = shelf.get(source, name)
        try:
            return found.read() if found else None
        except UNREADABLE as error:
            again = "relancez « flask init »" if source == "naf" else "réimportez d’abord son fichier"
            raise ImportRefused(
                f"La table « {source}/{name} », dont cet import a besoin, n’est pas lisible sur ce serveur : {again}."
            ) from error

    return read
