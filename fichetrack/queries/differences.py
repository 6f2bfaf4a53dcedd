"""Values of places in one line, and the words that tell them apart: « le plus élevé », « part la plus forte »."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fichetrack.indicators.catalogue import Indicator
from fichetrack.indicators.quantities import Quantity, State
from fichetrack.queries.panels.shapes import Column

FEW = 5  # a count below it weighs nothing worth a word
APART = 1.25  # the highest value is told apart when it is that many times the lowest
HIGHEST, LOWEST, HEAVIEST = "le plus élevé", "le plus bas", "part la plus forte"
AS_THEY_ARE = frozenset({"%", "indice", "points"})  # units that do not grow with the size of a place


@dataclass(frozen=True)
class Cell:
    """A value, and what to say of it beside the others: « le plus élevé », « le plus bas », or nothing."""

    quantity: Quantity
    word: str = ""
    note: str = ""  # what this place's figure is exactly, when it names a thing of its own

    @property
    def stands_out(self) -> bool:
        return self.word in {HIGHEST, HEAVIEST}


@dataclass(frozen=True)
class Line:
    """One figure of every place, in their order."""

    label: str
    indicator: Indicator | None
    unit: str
    digits: int
    cells: tuple[Cell, ...]
    note: str = ""  # the same for every place


def counted_line(label: str, found: Sequence[Quantity], column: Column, wholes: Sequence[float | None]) -> Line:
    """A line of a grid; counts are told apart by what they weigh in their place, not by the size of the place."""
    said = line(label, None, found, column=column)
    if None in wholes:
        return said
    shares = [Quantity(_share(one, whole)) for one, whole in zip(found, wholes, strict=True)]
    silent = any(
        one.exact is None and (one.state != State.ABSENT or whole) for one, whole in zip(found, wholes, strict=True)
    )
    high = None if silent else _extremes(shares, 3)[0]  # less than a tenth of a per cent apart is a tie
    cells = [
        replace(cell, word=HEAVIEST if high is not None and high == _rounded(share, 3).value and count >= FEW else "")
        for cell, share, count in zip(said.cells, shares, [one.value or 0 for one in found], strict=True)
    ]
    return replace(said, cells=tuple(cells))


def wholes_of(table: Sequence[Sequence[Quantity]]) -> list[float]:
    """The total of each place over the lines of which every place that knows something knows a part: the same lines for all.

    With a secret left out of one total and not of another, the shares of the first would be too large; a line that is « au
    moins » counts for its known part: secrets are small, and what is known of the line is most of it.
    """
    columns = list(zip(*table, strict=True))
    telling = [any(one.value is not None for one in column) for column in columns]
    shared = [
        row for row in table if all(one.value is not None for one, told in zip(row, telling, strict=True) if told)
    ]
    return [sum(row[rank].value or 0.0 for row in shared) for rank in range(len(columns))]


def _share(one: Quantity, whole: float | None) -> float | None:
    """The exact value, as a share of its place's whole when there is one; None without anything to divide by."""
    if whole is None or not one.exact:
        return one.exact
    return one.exact / whole if whole else None


def gap(one: Line, wholes: Sequence[float | None]) -> float:
    """How far apart the known values of a line are, each as a share of its place's whole when there is one; −1: unknown."""
    shares = [_share(cell.quantity, whole) for cell, whole in zip(one.cells, wholes, strict=True)]
    known = [share for share in shares if share is not None]
    return max(known) - min(known) if len(known) > 1 else -1.0


def line(
    label: str,
    indicator: Indicator | None,
    found: Sequence[Quantity],
    notes: Sequence[str] = (),
    column: Column | None = None,
) -> Line:
    """A line with its words: said of what nothing unknown could contradict, once rounded as it is shown."""
    unit, digits = (indicator.unit, indicator.digits) if indicator else ("", 0)
    if column:
        unit, digits = unit_of(column), column.indicator.digits if column.indicator else column.digits
    high, low = _extremes(found, digits)
    common = notes[0] if len(set(notes)) == 1 else ""
    cells = []
    for one, note in zip(found, [""] * len(found) if common or not notes else notes, strict=True):
        word = "" if one.exact is None else {high: HIGHEST, low: LOWEST}.get(_rounded(one, digits).exact, "")
        cells.append(Cell(one, word, note))
    return Line(label, indicator, unit, digits, tuple(cells), common)


def _extremes(found: Sequence[Quantity], digits: int) -> tuple[float | None, float | None]:
    """(highest, lowest), rounded as shown, when they are apart before and after it.

    A secret may be anything; a minimum may be the highest, never below itself.
    """
    exact = [one.exact for one in found if one.exact is not None]
    bounds = [one.value for one in found if one.state == State.AT_LEAST and one.value is not None]
    if len(exact) < 2 or any(one.state == State.SECRET for one in found):
        return None, None
    high, low = max(exact), min(exact)
    if high <= 0 or high < APART * low or round(high, digits) == round(low, digits):
        return None, None
    return None if bounds else round(high, digits), round(low, digits) if all(one >= low for one in bounds) else None


def _rounded(one: Quantity, digits: int) -> Quantity:
    return one if one.value is None else replace(one, value=round(one.value, digits))


def unit_of(column: Column) -> str:
    """The unit of a column: its own, or that of its indicator."""
    return column.unit or (column.indicator.unit if column.indicator else "")
