"""Where the lines of a small chart go, quarter after quarter: the template only writes them down. Its table says the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

WIDTH, HEIGHT = 620, 240
LEFT, RIGHT, TOP, BOTTOM = 48, 24, 12, 34  # room for the larger words of a telephone
MOST = 5  # lines told apart by their dashes
STEPS = (0.5, 1, 2, 5, 10, 20)


@dataclass(frozen=True)
class Line:
    """One series: its label, its path, and its last known value."""

    label: str
    path: str
    last: float


@dataclass(frozen=True)
class Chart:
    """Lines, and the marks of both axes as (position, text)."""

    lines: tuple[Line, ...]
    across: tuple[tuple[float, str], ...]
    upward: tuple[tuple[float, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def draw(series: Mapping[str, pd.Series]) -> Chart | None:
    """A chart of series indexed by the same ordered quarters (« 2025-T4 »); None when nothing is known."""
    known = {label: one for label, one in series.items() if one.notna().any()}
    if not known:
        return None
    quarters = sorted({str(quarter) for one in known.values() for quarter in one.index})
    everything = pd.concat(list(known.values())).dropna()
    marks = _scale(float(everything.min()), float(everything.max()))
    span = marks[-1] - marks[0]

    def x_of(rank: int) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * rank / max(len(quarters) - 1, 1), 1)

    def y_of(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value - marks[0]) / span, 1)

    lines = []
    for label, one in list(known.items())[:MOST]:
        values = one.reindex(quarters)
        points = [
            None if math.isnan(value) else (x_of(rank), y_of(value)) for rank, value in enumerate(values.astype(float))
        ]
        lines.append(Line(label, _path(points), float(values.dropna().iloc[-1])))
    years = [(x_of(rank), one[:4]) for rank, one in enumerate(quarters) if one.endswith("T1")]
    every = max(1, math.ceil(len(years) / 6))
    digits = 1 if any(mark % 1 for mark in marks) else 0
    upward = [(y_of(mark), f"{mark:.{digits}f}".replace(".", ",")) for mark in marks]
    return Chart(tuple(lines), tuple(years[::every]), tuple(upward))


def _scale(low: float, high: float) -> list[float]:
    """Round marks from below the lowest value to above the highest: five or six of them at most."""
    step = next((one for one in STEPS if (high - low) / one <= 4), STEPS[-1])
    first, last = math.floor(low / step), math.ceil(high / step)
    return [rank * step for rank in range(first, max(last, first + 1) + 1)]


def _path(points: list[tuple[float, float] | None]) -> str:
    """A line that stops where nothing is published, and starts again after."""
    words, pen_up = [], True
    for point in points:
        if point is not None:
            # A point alone between two gaps is still drawn: a line of no length has round ends.
            words.append(f"{'M' if pen_up else 'L'}{point[0]} {point[1]}" + ("h0" if pen_up else ""))
        pen_up = point is None
    return "".join(words)
