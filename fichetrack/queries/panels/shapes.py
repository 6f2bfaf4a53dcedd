"""What a panel is made of: figures, grids, the sources they come from. Pages, exports and comparisons draw the same."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from fichetrack import clock
from fichetrack.indicators.catalogue import Indicator
from fichetrack.indicators.quantities import Quantity
from fichetrack.models import DatasetRelease
from fichetrack.queries.places import Place
from fichetrack.queries.releases import Release, VisibleTable
from fichetrack.sources.layouts import Source, get_source
from fichetrack.vocabulary import millesime_label

QUARTER_END = {"1": 3, "2": 6, "3": 9, "4": 12}


@dataclass(frozen=True)
class Reader:
    """What somebody may see: 88 sectors, communes and downloads (signed in); rows of the class « réseau » (mandated)."""

    detailed: bool = False
    network: bool = False


@dataclass(frozen=True)
class SourceLine:
    """Where figures come from: what every screen and export says beside them."""

    source: Source
    millesime: str
    filename: str
    imported_on: date
    is_fictitious: bool

    @classmethod
    def of(cls, release: DatasetRelease | Release, fictitious: bool = False) -> SourceLine:
        """What to say of a release."""
        day = release.imported_at.astimezone(clock.PARIS).date()
        fictitious = fictitious or release.fictitious
        return cls(get_source(release.source).of_lot(release.lot), release.millesime, release.filename, day, fictitious)

    @property
    def next_due(self) -> date | None:
        """When the next millésime is expected; None when nothing says it, or nobody plans one."""
        ended = end_of(self.millesime) if self.source.next_months else None
        return add_months(ended, self.source.next_months) if ended else None

    @property
    def is_late(self) -> bool:
        """Its date is past: the figures are still true, and no longer the last ones."""
        return self.next_due is not None and self.next_due < clock.today()

    @property
    def sentence(self) -> str:
        """« Urssaf Caisse nationale, Établissements et effectifs salariés, millésime 2024, ODbL »."""
        fictitious = " — Démonstration : valeurs fictives" if self.is_fictitious else ""
        one = self.source
        # « Celle que dit le producteur » is read after the word; « Licence Ouverte 2.0 » and « ODbL » say it themselves.
        licence = one.licence
        if licence and not licence.startswith(("Licence", "ODbL")):
            licence = f"licence : {licence[0].lower()}{licence[1:]}"
        return f"{one.producer}, {one.dataset}, millésime {millesime_label(self.millesime)}, {licence}{fictitious}"


@dataclass(frozen=True)
class Figure:
    """One figure of a panel, with its catalogue row: it never travels without its unit and its millésime."""

    indicator: Indicator
    quantity: Quantity
    millesime: str
    label: str = ""  # when it is more precise than the catalogue's
    note: str = ""
    named: str = ""  # the proper name its label ends with: a tile writes it apart, under a short label

    @property
    def shown_label(self) -> str:
        return self.label or self.indicator.label

    @property
    def short_label(self) -> str:
        """Its label without the proper name it ends with."""
        return self.shown_label.removesuffix(self.named).rstrip(" :,") if self.named else self.shown_label

    @property
    def unit(self) -> str:
        """Its unit as it is said after it: in French, what is less than two is singular."""
        unit, value = self.indicator.unit, self.quantity.value
        return unit.removesuffix("s") if value is not None and abs(value) < 2 else unit


@dataclass(frozen=True)
class Column:
    """A column of a grid: a text, or the quantities of an indicator."""

    key: str
    label: str
    kind: Literal["text", "quantity", "date"] = "text"
    indicator: Indicator | None = None
    unit: str = ""
    digits: int = 0


@dataclass(frozen=True)
class Grid:
    """A table: each row maps the keys of its columns to a text, a Quantity or a date; `href` links the first cell."""

    code: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    note: str = ""
    total: int | None = None  # how many rows there are in all, when only the first are shown
    millesime: str = ""  # of its rows, when the reader chose another than the newest of its source

    def head(self, number: int) -> Grid:
        """The first rows, and how many there are."""
        if len(self.rows) <= number:
            return self
        return replace(self, rows=self.rows[:number], total=len(self.rows))


@dataclass(frozen=True)
class Panel:
    """A panel of a place. `missing` says, in French, why there is nothing to show; `extra` is for its own template."""

    code: str
    title: str
    place: Place
    sentence: str = ""
    figures: Sequence[Figure] = ()
    grids: Sequence[Grid] = ()
    sources: Sequence[SourceLine] = ()
    warnings: Sequence[str] = ()
    missing: str = ""
    options: Any = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_fictitious(self) -> bool:
        return any(line.is_fictitious for line in self.sources)

    def without(self, why: str) -> Panel:
        """Nothing to show, and why."""
        return replace(self, missing=why)

    def holding(self, **parts: Any) -> Panel:
        """The same panel with its figures, grids, sources…"""
        return replace(self, **parts)

    @property
    def indicators(self) -> list[Indicator]:
        """Every indicator shown, once: each has its bulle."""
        shown = [figure.indicator for figure in self.figures]
        shown += [column.indicator for grid in self.grids for column in grid.columns if column.indicator]
        return list({one.code: one for one in shown}.values())

    def source_of(self, indicator: Indicator) -> SourceLine | None:
        """Where this indicator comes from; None when this panel does not show its source."""
        return next((line for line in self.sources if line.source.name == indicator.source), None)


def source_line(table: VisibleTable) -> SourceLine:
    """What to say of a visible table."""
    return SourceLine.of(table.release, table.is_fictitious)


def by_code(indicators: Iterable[Indicator]) -> dict[str, Indicator]:
    """The rows of a catalogue by their code."""
    return {one.code: one for one in indicators}


def percent(share: Quantity) -> Quantity:
    """A share (0–1) as it is shown (0–100)."""
    return replace(share, value=None if share.value is None else 100 * share.value)


def not_imported(source: str) -> str:
    """Said instead of a panel whose dataset is not there."""
    declared = get_source(source)
    return (
        f"Le jeu « {declared.dataset or declared.title} » ({declared.producer}) n’est pas encore importé ici : "
        "ce panneau apparaîtra dès qu’il le sera."
    )


def end_of(millesime: str) -> date | None:
    """The last day of « 2024 », « 2025-T4 », « 2026-04 » or « 2026-04-15 »; None for anything else."""
    year, _dash, rest = millesime.partition("-")
    try:
        if not rest:
            return date(int(year), 12, 31)
        if rest.startswith("T"):
            return _month_end(int(year), QUARTER_END[rest[1:]])
        month, _dash, day = rest.partition("-")
        return date(int(year), int(month), int(day)) if day else _month_end(int(year), int(month))
    except (ValueError, KeyError):
        return None


def add_months(day: date, months: int) -> date:
    """The end of the month that many months later."""
    total = day.year * 12 + day.month - 1 + months
    return _month_end(total // 12, total % 12 + 1)


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def millesime_choices(millesimes: Sequence[str]) -> list[tuple[str, str]]:
    """What a list of millésimes offers; the newest is the default, and stays so when a newer one comes."""
    return [("", "le plus récent"), *((one, millesime_label(one)) for one in millesimes)]
