"""Two to four places side by side: the same figures of each panel, and where they differ, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fichetrack.indicators.catalogue import Indicator
from fichetrack.indicators.quantities import Quantity, State
from fichetrack.queries import panels
from fichetrack.queries.panels.shapes import Column, Figure, Grid, Panel
from fichetrack.queries.places import Place

MOST = 4
ROWS = 40
# The grid and the column that mean the same everywhere; other grids list things of one place.
COMPARED = {
    "specificite": ("secteurs", "indice"),
    "metiers": ("metiers", "xmet"),
    "foncier": ("statuts", "nombre"),
    "zonages": ("programmes", "part_population"),
    "mobilite": ("profil", "part"),
}
APART = 1.25  # the highest value is told apart when it is that many times the lowest


@dataclass(frozen=True)
class Cell:
    """A value, and what to say of it beside the others: « le plus élevé », « le plus bas », or nothing."""

    quantity: Quantity
    word: str = ""
    note: str = ""  # what this place's figure is exactly, when it names a thing of its own


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
    grid: Grid | None
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
        return Block(same, (), None, None, ())
    first = shown[0]
    grid, column = _compared(first)
    lines = _lines(same, grid, column) if grid and column else []
    return Block(same, tuple(_figures(same, first)), grid, column, tuple(lines))


def _figures(same: tuple[Panel, ...], first: Panel) -> list[Line]:
    """The key figures, once per indicator; one that names a thing of its own place says which beside its value."""
    lines = []
    for indicator in {figure.indicator.code: figure.indicator for figure in first.figures}.values():
        found = [_figure(panel, indicator.code) for panel in same]
        values = [one.quantity if one else Quantity() for one in found]
        lines.append(line(indicator.label, indicator, values, [one.label if one else "" for one in found]))
    return lines


def _figure(panel: Panel, code: str) -> Figure | None:
    return next((one for one in panel.figures if one.indicator.code == code), None)


def _compared(panel: Panel) -> tuple[Grid | None, Column | None]:
    """The grid that is compared, and which of its columns."""
    code, key = COMPARED.get(panel.code, ("", ""))
    grid = next((one for one in panel.grids if one.code == code), None)
    return grid, next((one for one in grid.columns if one.key == key), None) if grid else None


def _lines(same: tuple[Panel, ...], grid: Grid, column: Column) -> list[Line]:
    """The rows of the first place, then those only the others have, joined by name."""
    name = grid.columns[0].key
    held = [{str(row[name]): row.get(column.key) or Quantity() for row in _rows(panel, grid)} for panel in same]
    labels = list(dict.fromkeys(label for rows in held for label in rows))
    lines = [
        line(label, column.indicator, [rows.get(label, Quantity()) for rows in held], column=column) for label in labels
    ]
    # A row without a value anywhere (the whole that others are a part of) says nothing of a difference.
    told = [one for one in lines if any(cell.quantity.state != State.ABSENT for cell in one.cells)]
    return told[:ROWS]


def _rows(panel: Panel, grid: Grid) -> Sequence[Mapping[str, Any]]:
    return next((one.rows for one in panel.grids if one.code == grid.code), ())


def line(
    label: str,
    indicator: Indicator | None,
    found: Sequence[Quantity],
    notes: Sequence[str] = (),
    column: Column | None = None,
) -> Line:
    """A line with its words. A lower bound or a secret is not told apart: nobody knows how large it is."""
    exact = [one.exact for one in found if one.exact is not None]
    high, low = (max(exact), min(exact)) if len(exact) > 1 else (None, None)
    apart = high is not None and low is not None and high > 0 and high >= APART * low and high != low
    cells = []
    for one, note in zip(found, notes or [""] * len(found), strict=True):
        word = "le plus élevé" if apart and one.exact == high else "le plus bas" if apart and one.exact == low else ""
        cells.append(Cell(one, word, note))
    told = indicator or column
    unit, digits = (told.unit, told.digits) if told else ("", 0)
    return Line(label, indicator, unit, digits, tuple(cells))
