"""Two to four places side by side: the same figures of each panel, and where they differ, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fichetrack.indicators.catalogue import Indicator
from fichetrack.indicators.quantities import Quantity
from fichetrack.queries import panels
from fichetrack.queries.panels.shapes import Column, Grid, Panel
from fichetrack.queries.places import Place

MOST = 4
ROWS = 60
APART = 1.25  # the highest value is told apart when it is that many times the lowest


@dataclass(frozen=True)
class Cell:
    """A value, and what to say of it beside the others: « le plus élevé », « le plus bas », or nothing."""

    quantity: Quantity
    word: str = ""


@dataclass(frozen=True)
class Line:
    """One figure of every place, in their order."""

    label: str
    indicator: Indicator | None
    unit: str
    digits: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Block:
    """A panel compared: key figures, then the lines of its first grid."""

    panels: tuple[Panel, ...]
    figures: tuple[Line, ...]
    column: Column | None
    lines: tuple[Line, ...]

    @property
    def shown(self) -> Panel:
        """The panel that holds something, for its bulles and sources."""
        return next((panel for panel in self.panels if not panel.missing), self.panels[0])


def compare(user: Any, places: Sequence[Place], args: Mapping[str, str]) -> list[Block]:
    """Every panel of these places, with the same options."""
    by_place = [panels.get_panels(user, place, args) for place in places]
    return [_block(tuple(same)) for same in zip(*by_place, strict=True)]


def _block(same: tuple[Panel, ...]) -> Block:
    shown = [panel for panel in same if not panel.missing]
    if not shown:
        return Block(same, (), None, ())
    first = shown[0]
    grid = first.grids[0] if first.grids else None
    column = _compared(first, grid) if grid else None
    lines = _lines(same, grid, column) if grid and column else []
    return Block(same, tuple(_figures(same, first)), column, tuple(lines))


def _figures(same: tuple[Panel, ...], first: Panel) -> list[Line]:
    """The key figures every panel has; one that names a thing of its own place is not the same figure elsewhere."""
    lines = []
    for figure in first.figures:
        if not figure.label:
            found = [_figure(panel, figure.indicator.code) for panel in same]
            lines.append(line(figure.indicator.label, figure.indicator, found))
    return lines


def _figure(panel: Panel, code: str) -> Quantity:
    return next((one.quantity for one in panel.figures if one.indicator.code == code and not one.label), Quantity())


def _compared(panel: Panel, grid: Grid) -> Column | None:
    """The column of the grid that is compared: the first quantity that has its row in the catalogue and is no rank."""
    quantities = [one for one in grid.columns if one.kind == "quantity" and one.indicator]
    return next((one for one in quantities if one.key != "rang"), None)


def _lines(same: tuple[Panel, ...], grid: Grid, column: Column) -> list[Line]:
    """The rows of the first place, then those only the others have, joined by name."""
    name = grid.columns[0].key
    held = [{str(row[name]): row.get(column.key) or Quantity() for row in _rows(panel, grid)} for panel in same]
    labels = list(dict.fromkeys(label for rows in held for label in rows))
    return [line(label, column.indicator, [rows.get(label, Quantity()) for rows in held]) for label in labels[:ROWS]]


def _rows(panel: Panel, grid: Grid) -> Sequence[Mapping[str, Any]]:
    return next((one.rows for one in panel.grids if one.code == grid.code), ())


def line(label: str, indicator: Indicator | None, found: Sequence[Quantity]) -> Line:
    """A line with its words. A lower bound or a secret is not told apart: nobody knows how large it is."""
    exact = [one.exact for one in found if one.exact is not None]
    high, low = (max(exact), min(exact)) if len(exact) > 1 else (None, None)
    apart = high is not None and low is not None and high > 0 and high >= APART * low and high != low
    cells = []
    for one in found:
        word = "le plus élevé" if apart and one.exact == high else "le plus bas" if apart and one.exact == low else ""
        cells.append(Cell(one, word))
    unit, digits = (indicator.unit, indicator.digits) if indicator else ("", 0)
    return Line(label, indicator, unit, digits, tuple(cells))
