"""Coordinates of published sites: read as text, their axis order and projection found, always checked, never guessed.

A point is kept when exactly one way of reading it puts it in France, in the zone of its commune and near its commune.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from fichetrack.errors import Refusal
from fichetrack.geography.contours import read_contours

Box = tuple[float, float, float, float]

NEAR = 0.1  # degrees around the box of a commune: about ten kilometres
WGS84, LAMBERT_93 = 4326, 2154

OUTSIDE = "hors de France, dans un ordre d’axes comme dans l’autre"
FAR = "à plus de dix kilomètres de sa commune"
UNDECIDABLE = "ordre des axes indécidable"
UNREADABLE = "illisible"


class Zone(NamedTuple):
    """A part of France: its départements (none named: métropole), its box in degrees, its legal projection."""

    departements: tuple[str, ...]
    box: Box
    epsg: int


ZONES = (
    Zone((), (-5.6, 41.2, 9.8, 51.3), LAMBERT_93),
    Zone(("971", "977", "978"), (-63.3, 15.7, -60.9, 18.3), 5490),
    Zone(("972",), (-61.4, 14.2, -60.7, 15.0), 5490),
    Zone(("973",), (-54.8, 2.0, -51.4, 6.0), 2972),
    Zone(("974",), (55.1, -21.5, 55.95, -20.8), 2975),
    Zone(("975",), (-56.6, 46.6, -56.0, 47.3), 4467),
    Zone(("976",), (44.9, -13.1, 45.4, -12.5), 4471),
)

_NUMBER = r"(-?\d+(?:[.,]\d+)?(?:e-?\d+)?)"
_PAIR = re.compile(
    rf"(?:SRID=\d+;\s*)?(?:POINT\s*Z?\s*)?[(\[]?\s*{_NUMBER}\s*[,;\s]\s*{_NUMBER}\s*[)\]]?", re.IGNORECASE
)
_SPACED = re.compile(rf"{_NUMBER}\s*[;\s]\s*{_NUMBER}")


@lru_cache
def commune_boxes() -> Mapping[str, Box]:
    """The box of each commune's contour, in degrees; empty when the contours are not installed."""
    try:
        contours = read_contours()
    except Refusal:
        return {}
    bounds = shapely.bounds(list(contours.values())).tolist()
    return {code: tuple(box) for code, box in zip(contours, bounds, strict=True)}


def read_pairs(cells: pd.Series) -> pd.DataFrame:
    """The two numbers of « POINT(a b) », « a, b », « [a, b] » or of a GeoJSON point, in the order they are written.

    Returns float64 columns x and y, same index: NaN where the cell holds no such pair.
    """
    return pd.DataFrame([_pair(cell) for cell in cells], index=cells.index, columns=["x", "y"], dtype="float64")


def read_shapes(cells: pd.Series) -> pd.Series:
    """The polygons of cells in WKT or GeoJSON, as they are written; None for anything else."""
    shapes = [_shape(cell) for cell in cells]
    return pd.Series(shapes, index=cells.index, dtype="object")


def locate(pairs: pd.DataFrame, communes: pd.Series, epsg: int | None = None) -> pd.DataFrame:
    """Where points are, in degrees: WGS84 or a French projection, in either axis order, whichever is in the commune.

    pairs: x and y as written.   communes: today's codes, same index.   epsg: the projection the file declares, if it does.
    Returns lon, lat (rounded to a decimetre, NaN when dropped), `epsg` and `swapped` (how it was read), and `problem`:
    None, or why a point that is there was dropped.
    """
    x, y = pairs["x"].to_numpy(), pairs["y"].to_numpy()
    expected, near = _expected_boxes(communes)
    result = pd.DataFrame({"lon": np.nan, "lat": np.nan, "epsg": 0, "swapped": False}, index=pairs.index)
    hits = np.zeros(len(pairs), dtype="int64")
    in_zone = np.zeros(len(pairs), dtype=bool)
    for code, swapped in _readings(communes, epsg):
        lon, lat = to_degrees(*((y, x) if swapped else (x, y)), code)
        found = _inside(lon, lat, expected)
        in_zone |= found
        found &= _inside(lon, lat, near)
        hits += found
        result.loc[found, ["lon", "lat"]] = np.column_stack([lon, lat])[found].round(6)
        result.loc[found, "epsg"] = code
        result.loc[found, "swapped"] = swapped
    result.loc[hits > 1, ["lon", "lat"]] = np.nan
    problems = pd.Series(np.where(in_zone, FAR, OUTSIDE), index=pairs.index, dtype="object")
    problems[hits > 1] = UNDECIDABLE
    return result.assign(problem=problems.where(~np.isnan(x) & (hits != 1), None))


def locate_shapes(shapes: pd.Series, communes: pd.Series, epsg: int | None = None) -> tuple[pd.Series, pd.Series]:
    """Contours brought to WGS84 as their centroid tells, valid polygons only; and why those dropped were dropped."""
    held = shapes[shapes.notna()]
    centres = shapely.centroid(held.to_list())
    pairs = pd.DataFrame({"x": shapely.get_x(centres), "y": shapely.get_y(centres)}, index=held.index)
    found = locate(pairs, communes.loc[held.index], epsg)
    moved = pd.Series([None] * len(shapes), index=shapes.index, dtype="object")
    for (code, swapped), group in found[found["lon"].notna()].groupby(["epsg", "swapped"]):
        for index in group.index:
            moved[index] = polygons_of(_moved(shapes[index], int(code), bool(swapped)))
    return moved, found["problem"].reindex(shapes.index)


def polygons_of(shape: Any) -> Any:
    """The shape made valid, reduced to its polygons; None when none is left."""
    valid = shape if shape.is_valid else shapely.make_valid(shape)
    if valid.geom_type in ("Polygon", "MultiPolygon"):
        return None if valid.is_empty else valid
    parts = [part for part in shapely.get_parts(valid) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else None


def to_wkt(shapes: pd.Series) -> pd.Series:
    """The text contours are kept as: WKT in degrees, to a decimetre."""
    text = [shapely.to_wkt(one, rounding_precision=6) if isinstance(one, shapely.Geometry) else None for one in shapes]
    return pd.Series(text, index=shapes.index, dtype="object")


def beside(places: pd.DataFrame, contours: pd.Series) -> pd.DataFrame:
    """lon, lat and `contour` (text): a site with a contour and no point gets a point inside its contour."""
    lonely = places["lon"].isna() & contours.notna()
    inside = shapely.point_on_surface(contours[lonely].to_list())
    places.loc[lonely, "lon"] = np.round(shapely.get_x(inside), 6)
    places.loc[lonely, "lat"] = np.round(shapely.get_y(inside), 6)
    return places.assign(contour=to_wkt(contours))


def to_degrees(x: Any, y: Any, epsg: int) -> tuple[Any, Any]:
    """Longitude and latitude; infinite where the projection does not reach."""
    if epsg == WGS84:
        return x, y
    lon, lat = _transformer(epsg).transform(x, y)
    return lon, lat


@lru_cache
def _transformer(epsg: int) -> Transformer:
    return Transformer.from_crs(epsg, WGS84, always_xy=True)


def _pair(cell: Any) -> tuple[float, float]:
    text = str(cell or "").strip()
    if text.startswith("{"):
        shape = shapely.from_geojson(text, on_invalid="ignore")
        points = [] if shape is None else shapely.get_coordinates(shape).tolist()
        return (points[0][0], points[0][1]) if points and "Point" in shape.geom_type else (np.nan, np.nan)
    # « 3,98 49,25 » has decimal commas; « 3.98,49.25 » and « 3.98, 49.25 » have a comma between.
    found = _SPACED.fullmatch(text) or _PAIR.fullmatch(text)
    return (_float(found[1]), _float(found[2])) if found else (np.nan, np.nan)


def _float(text: str) -> float:
    return float(text.replace(",", "."))


def _shape(cell: Any) -> Any:
    text = str(cell or "").strip()
    if not text:
        return None
    read = shapely.from_geojson if text.startswith("{") else shapely.from_wkt
    shape = read(text, on_invalid="ignore")
    usable = shape is not None and not shape.is_empty and "Polygon" in shape.geom_type
    return shapely.force_2d(shape) if usable else None


def _moved(shape: Any, epsg: int, swapped: bool) -> Any:
    def move(points: Any) -> Any:
        x, y = (points[:, 1], points[:, 0]) if swapped else (points[:, 0], points[:, 1])
        return np.column_stack(to_degrees(x, y, epsg))

    return shapely.transform(shape, move)


def _zone_of(commune: str) -> Zone:
    return next((zone for zone in ZONES if commune[:3] in zone.departements), ZONES[0])


def _readings(communes: pd.Series, epsg: int | None) -> list[tuple[int, bool]]:
    """Every (projection, axes swapped) a point may have been written in."""
    codes = [epsg] if epsg else [WGS84, *sorted({_zone_of(commune).epsg for commune in communes.unique()})]
    return [(code, swapped) for code in codes for swapped in (False, True)]


def _expected_boxes(communes: pd.Series) -> tuple[Any, Any]:
    """For each row, the box of its part of France, and the box of its commune widened (the former when unknown)."""
    boxes = commune_boxes()
    zones = {code: _zone_of(code).box for code in communes.unique()}
    near = {code: _widened(boxes[code]) if code in boxes else zones[code] for code in zones}
    wide = [zones[code] for code in communes]
    close = [near[code] for code in communes]
    return np.array(wide).reshape(-1, 4), np.array(close).reshape(-1, 4)


def _widened(box: Box) -> Box:
    return box[0] - NEAR, box[1] - NEAR, box[2] + NEAR, box[3] + NEAR


def _inside(lon: Any, lat: Any, boxes: Any) -> Any:
    west, south, east, north = boxes.T
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
