"""The terrains of a place, read from the three tables of land, and their rows as a panel shows and exports them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import geopandas as gpd
import numpy as np
import pandas as pd

from fichetrack.indicators import terrains
from fichetrack.queries.ground import get_communes
from fichetrack.queries.places import Place
from fichetrack.queries.releases import Shelf, VisibleTable, Where
from fichetrack.vocabulary import PlaceKind

# Each origin: the name of its table, how its rows become terrains, who is to be asked about one of them.
Convert = Callable[[pd.DataFrame], gpd.GeoDataFrame]
ORIGINS: dict[str, tuple[str, Convert, tuple[str, ...]]] = {
    terrains.FRICHES: ("friches", terrains.from_friches, ("producteur",)),
    terrains.ZONES: ("sites", terrains.from_zones, ("producteur",)),
    terrains.SITES: ("sites", terrains.from_sites, ("contact",)),
}


@dataclass(frozen=True, eq=False)
class Land:
    """What is known of the land of a place.

    millesimes: of each origin; one that was never imported is not there.   terrains: by origin, EPSG:2154, with `contact`.
    gathered: all of them.   listed: the same rows, without geometry, with `nom_commune`.
    zones: the rows of the inventory of zones, for their vacancy.
    """

    millesimes: Mapping[str, str]
    terrains: Mapping[str, gpd.GeoDataFrame]
    gathered: gpd.GeoDataFrame
    listed: pd.DataFrame
    zones: pd.DataFrame


def find_tables(shelf: Shelf, millesime: str = "") -> dict[str, VisibleTable]:
    """The visible table of each origin that was imported. `millesime`: that of the friches, the newest without."""
    found = {}
    for origin, (name, _convert, _asked) in ORIGINS.items():
        wanted = shelf.get(origin, name, millesime) if millesime and origin == terrains.FRICHES else None
        if table := wanted or shelf.get(origin, name):
            found[origin] = table
    return found


def read_land(place: Place, tables: Mapping[str, VisibleTable]) -> Land:
    """The terrains of a place."""
    where = where_of(place)
    rows = {origin: table.read(where=where) for origin, table in tables.items()}
    found = {
        origin: ORIGINS[origin][1](part).assign(contact=_first(part, ORIGINS[origin][2]))
        for origin, part in rows.items()
    }
    gathered = terrains.gather(found.values()).reset_index(drop=True)
    listed = pd.DataFrame(gathered.drop(columns="geometry")).assign(nom_commune=names_of(gathered["commune"]))
    millesimes = {origin: millesimes_of(table) for origin, table in tables.items()}
    return Land(millesimes, found, gathered, listed, rows.get(terrains.ZONES, pd.DataFrame()))


def millesimes_of(table: VisibleTable) -> str:
    """The millésime, or the first and the last of those put together."""
    held = sorted({release.millesime for release in table.releases})
    return held[0] if len(held) == 1 else f"{held[0]} à {held[-1]}"


def where_of(place: Place) -> Where:
    """What keeps the rows of a place: its communes, those of its départements or régions, or everything."""
    if place.kind == PlaceKind.FRANCE:
        return ()
    return (("commune", communes_of(place)),)


def communes_of(place: Place) -> Sequence[str]:
    """The codes of the communes of a place, whatever its kind."""
    communes = get_communes()
    if place.kind == PlaceKind.FRANCE:
        return list(communes.index)
    if place.kind == PlaceKind.REGION:
        return list(communes.index[communes["region"] == place.key])
    if place.kind == PlaceKind.DEPARTEMENT:
        return list(communes.index[communes["departement"] == place.key])
    return place.communes


def names_of(codes: pd.Series) -> pd.Series:
    """The names of communes; a code that is none of today's stays."""
    return codes.map(get_communes()["nom"]).astype("object").fillna(codes)


def _first(rows: pd.DataFrame, names: tuple[str, ...]) -> pd.Series:
    """The first of these columns that says something; None where none does."""
    said = pd.Series(None, index=rows.index, dtype="object")
    for name in names:
        if name in rows.columns:
            said = said.where(said.notna(), rows[name])
    return said


class Rows(Sequence[Mapping[str, Any]]):
    """Rows of a frame, each made when it is read: a page draws a few hundred of them, an export all.

    `make` is given a named tuple of the frame's columns; order: positions in the frame, which is held, not copied, so that
    the answers to many searches of one place weigh little.
    """

    def __init__(self, frame: pd.DataFrame, make: Callable[[Any], Mapping[str, Any]], order: Any = None) -> None:
        self._frame = frame
        self._make = make
        self._order = np.arange(len(frame), dtype="int32") if order is None else np.asarray(order, dtype="int32")

    def __len__(self) -> int:
        return len(self._order)

    @property
    def weight(self) -> int:
        """What it weighs while it is kept, in cells made once for all: a number per row, the frame is shared."""
        return len(self._order) // 16

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return map(self._make, self._frame.iloc[self._order].itertuples(index=False))

    @overload
    def __getitem__(self, index: int) -> Mapping[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Mapping[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> Mapping[str, Any] | Sequence[Mapping[str, Any]]:
        if isinstance(index, slice):
            return Rows(self._frame, self._make, self._order[index])
        return next(iter(Rows(self._frame, self._make, [self._order[index]])))
