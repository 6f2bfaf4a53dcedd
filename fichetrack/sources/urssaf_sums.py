"""The three Parquet files of an URSSAF import: rows brought together by whole numbers, years kept as columns.

Text is met once per code, never once per row, and tables are summed and written a slice at a time: what grows with the file
is a few whole numbers per row. In a column of measures the largest number of its type stands for a blank.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from fichetrack.errors import ImportRefused
from fichetrack.sources.bulk import ahead
from fichetrack.sources.reading import Say

SLICE = 20_480  # rows of a row group: one territory is a few of them
SECTORS = ["ape", "a88", "a38", "a17", "interim"]
METROPOLE = "metropole"


@dataclass(frozen=True)
class Rows:
    """Rows to bring together.

    columns: by measure (« eff_2022 »), whole numbers, `blank` where there is none.   picked: the places in them of the rows.
    place, activity: for each row, its place in `places` (commune, epci, departement, region) and in `activities` (SECTORS).
    """

    columns: Mapping[str, np.ndarray]
    picked: np.ndarray
    place: np.ndarray
    activity: np.ndarray
    places: pd.DataFrame
    activities: pd.DataFrame


class Groups:
    """The rows that share their place and their activity, as some columns of `places` and `activities` say them."""

    def __init__(self, rows: Rows, by_place: list[str], by_activity: list[str]) -> None:
        self.columns = rows.columns
        self.places, place = numbered(rows.places, by_place)
        self.activities, activity = numbered(rows.activities, by_activity)
        keys = place[rows.place] * len(self.activities) + activity[rows.activity]
        order = np.argsort(keys, kind="stable")
        self.picked, keys = rows.picked[order], keys[order]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        self.bounds = np.append(starts, len(keys))
        self.place, self.activity = np.divmod(keys[starts], max(len(self.activities), 1))

    def __len__(self) -> int:
        return len(self.place)

    def sums(self, measure: str, first: int, last: int) -> np.ndarray:
        """The sums of a measure over these groups, in order (int64); the sum of blanks is blank."""
        start, end = self.bounds[[first, last]]
        starts = self.bounds[first:last] - start
        cells = self.columns[measure][self.picked[start:end]]
        if len(starts) == len(cells):  # each row is a group: the usual case of communes × APE
            return np.where(cells == blank(cells), blank(np.empty(0, np.int64)), cells.astype(np.int64))
        there = cells != blank(cells)
        sums = np.add.reduceat(cells.astype(np.int64) * there, starts)
        sums[~np.logical_or.reduceat(there, starts)] = blank(sums)
        return sums

    def table(self, first: int, last: int) -> pa.Table:
        """These groups as a table: codes of the place, of the activity, measures."""
        cells: dict[str, pa.Array] = {}
        for heads, numbers in ((self.places, self.place), (self.activities, self.activity)):
            cells |= {name: typed(heads[name], numbers[first:last]) for name in heads}
        for measure in self.columns:
            cells[measure] = counted(measure, self.sums(measure, first, last))
        return pa.table(cells)


def counted(measure: str, sums: np.ndarray) -> pa.Array:
    """Sums as they are kept, on four bytes: France has fewer than thirty million employees. Raises ImportRefused beyond."""
    blanks = sums == blank(sums)
    known = np.where(blanks, 0, sums)
    if known.max(initial=0) > np.iinfo(np.int32).max:
        raise ImportRefused(
            f"La colonne {measure} dépasse deux milliards une fois additionnée : ce ne sont pas des effectifs ni des "
            "établissements. Téléchargez le fichier à nouveau, sans l’ouvrir dans un tableur."
        )
    return pa.array(known.astype(np.int32), mask=blanks)


def typed(codes: pd.Series, numbers: np.ndarray) -> pa.Array:
    """The codes of these numbers; text is typed as such, whatever the slice holds: every slice of a file has one schema."""
    kind = pa.bool_() if codes.dtype == bool else pa.large_string()
    return pa.array(codes.array.take(numbers), type=kind)


def blank(column: np.ndarray) -> int:
    """What stands for a blank in a column."""
    return int(np.iinfo(column.dtype).max)


def numbered(frame: pd.DataFrame, columns: list[str]) -> tuple[pd.DataFrame, np.ndarray]:
    """The distinct values of these columns, in order, and the place of each row of the frame among them (−1: a blank)."""
    heads = frame[columns].dropna().drop_duplicates().sort_values(columns, ignore_index=True)
    return heads, frame.groupby(columns).ngroup().fillna(-1).to_numpy("int64")


def write_tables(rows: Rows, folder: Path, say: Say) -> dict[str, Path]:
    """Write the three files, sorted by their codes so that one territory is a few row groups."""
    say("Écriture des tables")
    paths = {name: folder / f"{name}.parquet" for name in TABLES}
    # Two at a time: one of them is as long as the others together.
    with ThreadPoolExecutor(2) as threads:
        for written in [threads.submit(lambda name: write(TABLES[name](rows), paths[name]), name) for name in TABLES]:
            written.result()
    return paths


def write(groups: Groups, path: Path) -> None:
    """Write a table, a row group at a time."""
    schema = groups.table(0, 0).schema
    codes = [field.name for field in schema if field.name not in groups.columns]
    # Only codes repeat and are looked for. The schema of Arrow is left out: text comes back as plain text.
    settings = {"compression": "zstd", "use_dictionary": codes, "write_statistics": codes, "store_schema": False}
    with pq.ParquetWriter(path, schema, **settings) as target:
        slices = (groups.table(first, min(first + SLICE, len(groups))) for first in range(0, len(groups), SLICE))
        for piece in ahead(slices):
            target.write_table(piece)


def zones(rows: Rows) -> Rows:
    """The rows of départements, once for each zone they are part of (`niveau`, `code`), themselves among them."""
    departements = Groups(rows, ["departement", "region"], SECTORS)
    places, number = departements.places, len(departements)
    # Régions of métropole are « 11 » to « 94 »; « 01 » to « 06 » are the DROM, three characters another collectivité.
    metropole = (places["region"].str.len() == 2) & (places["region"] >= "11")
    codes = {
        "departement": places["departement"],
        "region": places["region"],
        METROPOLE: pd.Series(METROPOLE, places.index).where(metropole),
        "france": pd.Series("france", places.index),
    }
    levels = pd.concat([pd.DataFrame({"niveau": niveau, "code": code}) for niveau, code in codes.items()])
    place = (departements.place + np.arange(len(codes))[:, None] * len(places)).ravel()
    inside = levels["code"].notna().to_numpy()[place]
    picked = np.tile(np.arange(number), len(codes))
    return Rows(
        columns={measure: departements.sums(measure, 0, number) for measure in departements.columns},
        picked=picked[inside],
        place=place[inside],
        activity=departements.activity[picked[inside]],
        places=levels,
        activities=departements.activities,
    )


TABLES: dict[str, Callable[[Rows], Groups]] = {
    "communes_ape": lambda rows: Groups(rows, ["commune"], SECTORS),
    "epci_a88": lambda rows: Groups(rows, ["epci"], SECTORS[1:]),
    "zones_ape": lambda rows: Groups(zones(rows), ["niveau", "code"], SECTORS),
}
