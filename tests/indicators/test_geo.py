"""Shapes: a union has no gap of its own, keeps what belongs to others, and shares its borders once simplified."""

from __future__ import annotations

import json

import shapely

from fichetrack.indicators import geo


def grid(side: int) -> dict[str, object]:
    return {f"{x}{y}": shapely.box(x, y, x + 1, y + 1) for x in range(side) for y in range(side)}


def test_a_group_is_the_union_of_its_communes() -> None:
    shapes = geo.union(grid(2), {"left": ["00", "01"], "right": ["10", "11"]})
    assert {key: shape.area for key, shape in shapes.items()} == {"left": 2, "right": 2}


def test_a_hole_left_by_a_commune_without_contour_is_filled() -> None:
    cells = grid(3)
    del cells["11"]
    assert geo.union(cells, {"all": [f"{x}{y}" for x in range(3) for y in range(3)]})["all"].area == 9


def test_a_hole_that_is_somebody_else_stays() -> None:
    cells = grid(3)
    around = [code for code in cells if code != "11"]
    assert geo.union(cells, {"ring": around, "heart": ["11"]})["ring"].area == 8


def test_a_group_without_contour_is_left_out() -> None:
    assert geo.union(grid(1), {"nowhere": ["99"]}) == {}
    assert geo.union(grid(1), {}) == {}


def test_neighbours_still_share_their_border_once_simplified() -> None:
    border = [(1, 0), (1.1, 0.25), (0.95, 0.5), (1.05, 0.75), (1, 1)]
    left = shapely.Polygon([(0, 0), *border, (0, 1)])
    right = shapely.Polygon([*border, (2, 1), (2, 0)])
    shapes = geo.simplify({"left": left, "right": right}, tolerance=0.5)
    assert shapes["left"].intersection(shapes["right"]).length > 0.9
    assert shapely.get_num_coordinates(shapes["left"]) < shapely.get_num_coordinates(left)
    assert shapes["left"].union(shapes["right"]).area == 2


def test_small_islands_go_but_never_the_last_one() -> None:
    islands = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 5.01, 5.01)])
    assert len(geo.simplify({"a": islands}, 0, smallest=0.5)["a"].geoms) == 1
    assert len(geo.simplify({"a": shapely.box(5, 5, 5.01, 5.01)}, 0, smallest=0.5)["a"].geoms) == 1
    assert geo.simplify({}, 0.1) == {}


def test_geojson_is_rounded() -> None:
    text = geo.to_geojson(shapely.MultiPolygon([shapely.box(0.12345, 0, 1, 1)]))
    assert json.loads(text)["type"] == "MultiPolygon"
    assert "0.123," in text
    assert "0.1234" not in text
