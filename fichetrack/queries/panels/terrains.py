"""The terrains of a place, read from the three tables of land, and their rows as a panel shows and exports them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import geopandas as gpd
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
KEPT = 12
_kept: OrderedDict[Any, Land] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class Land:
    """What is known of the land of a place.

    tables: the visible table of each origin; an origin that was never imported is not there.   terrains: by origin,
    EPSG:2154, with `contact`; gathered: all of them.   zones: the rows of the inventory of zones, for their vacancy.
    """

    tables: Mapping[str, VisibleTable]
    terrains: Mapping[str, gpd.GeoDataFrame]
    gathered: gpd.GeoDataFrame
    zones: pd.DataFrame


def read_land(place: Place, shelf: Shelf, millesime: str = "") -> Land:
    """The terrains of a place; kept for the searches that follow. `millesime`: that of the friches, the newest without."""
    key = (place, shelf.signature, millesime)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    land = _read(place, shelf, millesime)
    with _lock:
        _kept[key] = land
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return land


def _read(place: Place, shelf: Shelf, millesime: str) -> Land:
    where = where_of(place)
    tables, found, zones = {}, {}, pd.DataFrame()
    for origin, (name, convert, asked) in ORIGINS.items():
        wanted = shelf.get(origin, name, millesime) if millesime and origin == terrains.FRICHES else None
        table = wanted or shelf.get(origin, name)
        if table is None:
            continue
        rows = table.read(where=where)
        tables[origin] = table
        found[origin] = convert(rows).assign(contact=_first(rows, asked))
        zones = rows if origin == terrains.ZONES else zones
    return Land(tables, found, terrains.gather(found.values()), zones)


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


def _first(rows: pd.DataFrame, names: tuple[str, ...]) -> pd.Series:
    """The first of these columns that says something; None where none does."""
    said = pd.Series(None, index=rows.index, dtype="object")
    for name in names:
        if name in rows.columns:
            said = said.where(said.notna(), rows[name])
    return said


class Rows(Sequence[Mapping[str, Any]]):
    """The rows of a frame, each made when it is read: a page draws a few hundred of them, an export all.

    `make` is given a named tuple of the frame's columns.
    """

    def __init__(self, frame: pd.DataFrame, make: Callable[[Any], Mapping[str, Any]]) -> None:
        self._frame = pd.DataFrame(frame).reset_index(drop=True)
        self._make = make

    def __len__(self) -> int:
        return len(self._frame)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return map(self._make, self._frame.itertuples(index=False))

    @overload
    def __getitem__(self, index: int) -> Mapping[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Mapping[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> Mapping[str, Any] | Sequence[Mapping[str, Any]]:
        if isinstance(index, slice):
            return Rows(self._frame.iloc[index], self._make)
        return next(iter(Rows(self._frame.iloc[[index]], self._make)))
