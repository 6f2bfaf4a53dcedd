"""Shapes of groups of communes: their union, without the gaps of the source, simplified with shared borders kept.

Coordinates are degrees (WGS84) in and out; nothing here measures a surface.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import shapely

Shape = Any  # shapely publishes no types


def union(contours: Mapping[str, Shape], groups: Mapping[str, Iterable[str]]) -> dict[str, Shape]:
    """The union of the contours of each group, keyed as `groups`.

    contours: polygons by commune code.   groups: commune codes by group; a code without a contour is skipped.
    A hole where no known commune stands is a gap of the source (a commune without a contour) and is filled; a hole that
    holds somebody else's commune stays. A group without any contour is absent from the answer.
    """
    tree = shapely.STRtree([shape.representative_point() for shape in contours.values()])
    shapes = {}
    for key, codes in groups.items():
        parts = [contours[code] for code in codes if code in contours]
        if parts:
            shapes[key] = fill_gaps(shapely.union_all(parts), tree)
    return shapes


def fill_gaps(shape: Shape, points: shapely.STRtree) -> Shape:
    """The shape without the holes in which none of `points` falls."""
    kept = [
        shapely.Polygon(part.exterior, [ring for ring in part.interiors if _is_inhabited(ring, points)])
        for part in shapely.get_parts(shape)
        if part.geom_type == "Polygon"
    ]
    return shapely.MultiPolygon(kept)


def simplify(shapes: Mapping[str, Shape], tolerance: float, smallest: float = 0.0) -> dict[str, Shape]:
    """Simplify all shapes together, so that the border two of them share stays one border.

    tolerance: the side, in degrees, of the details that may go.   smallest: islands below this surface, in square
    degrees, are left out, except the largest part of each shape. Returns the same keys; an empty mapping gives one.
    """
    if not shapes:
        return {}
    simplified = shapely.coverage_simplify([_main_parts(shape, smallest) for shape in shapes.values()], tolerance)
    return dict(zip(shapes, simplified, strict=True))


def to_geojson(shape: Shape, digits: int = 3) -> str:
    """The GeoJSON text of a shape, coordinates rounded (the same point rounds alike in two neighbours)."""
    rounded = shapely.transform(shape, lambda points: np.round(points, digits) + 0.0)
    return str(shapely.to_geojson(_without_collapsed_rings(shapely.remove_repeated_points(rounded))))


def _is_inhabited(ring: Shape, points: shapely.STRtree) -> bool:
    return len(points.query(shapely.Polygon(ring), predicate="contains")) > 0


def _main_parts(shape: Shape, smallest: float) -> Shape:
    parts = sorted(shapely.get_parts(shape), key=shapely.area, reverse=True)
    return shapely.MultiPolygon([part for index, part in enumerate(parts) if index == 0 or part.area >= smallest])


def _without_collapsed_rings(shape: Shape) -> Shape:
    """Rounding may flatten a small islet or hole to a line: it is no longer drawn."""
    parts = shapely.get_parts(shape)
    kept = [
        shapely.Polygon(part.exterior, [ring for ring in part.interiors if shapely.Polygon(ring).area > 0])
        for part in parts
        if shapely.Polygon(part.exterior).area > 0
    ]
    return shapely.MultiPolygon(kept or list(parts))
