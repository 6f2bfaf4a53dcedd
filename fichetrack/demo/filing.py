"""What a territoire's figures said the day a fiche was filed: of the editions that were out, never of a later one.

The Urssaf's file holds many years and the unemployment rates many quarters: their figures of then are read in the very
tables. Of the other files only the last edition is loaded: for an earlier one a value is drawn, the same for every fiche.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from fichetrack.demo.dice import dice
from fichetrack.demo.published.editions import Editions, editions_on
from fichetrack.indicators.quantities import Quantity
from fichetrack.queries import context, panels, places
from fichetrack.queries.panels import emploi, specificite
from fichetrack.queries.panels.emploi import Options
from fichetrack.queries.places import Place
from fichetrack.queries.releases import Shelf, VisibleTable, Where

SPREAD = (0.93, 1.05)  # what an earlier edition says, over what the last one says
POINTS = (-1.5, 1.5)  # and for a share


class Filings:
    """The figures at each filing; those of a place are computed once for all the fiches of the same editions."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._kept: dict[tuple[str, Editions], list[context.Held]] = {}

    def figures_on(self, code: str, day: date) -> list[context.Held]:
        """The key figures of a place as they were that day."""
        key = code, editions_on(day)
        if key not in self._kept:
            self._kept[key] = _figures(*key, self.seed)
        return self._kept[key]


def _figures(code: str, out: Editions, seed: int) -> list[context.Held]:
    place = places.get_place(code)
    if place is None:
        return []
    read = [*_of_year(place, out.urssaf), *_of_quarter(place, _quarter(out))]
    rest = [one for one in context.figures_of(code) if one.panel not in (specificite.CODE, emploi.CODE)]
    return [*read, *(_of_edition(code, one, out, seed) for one in rest)]


def _of_year(place: Place, year: int) -> list[context.Held]:
    """Jobs and index of the panel at that year; nothing when the file does not hold it."""
    panel = panels.get_panel(None, specificite.CODE, place, {"annee": str(year)})
    held = [context.hold(panel, one) for one in panel.figures] if panel else []
    return [one for one in held if one.millesime.endswith(str(year))]


def _of_quarter(place: Place, quarter: str) -> list[context.Held]:
    """The rates as the table said when that quarter was its last one."""
    panel = emploi.build(place, _ShelfThen(quarter), Options())
    return [context.hold(panel, one) for one in panel.figures]


def _of_edition(code: str, one: context.Held, out: Editions, seed: int) -> context.Held:
    """Today's figure when its edition was out already; otherwise the one drawn for the edition that was."""
    millesime = _published(one, out)
    if millesime == one.millesime or one.quantity.value is None:
        return replace(one, millesime=millesime)
    rng, value = dice(seed, "contexte", code, one.label, millesime), one.quantity.value
    drawn = min(max(value + rng.uniform(*POINTS), 0.0), 100.0) if one.unit == "%" else value * rng.uniform(*SPREAD)
    return replace(one, quantity=Quantity(round(drawn, one.digits), one.quantity.secrets), millesime=millesime)


def _published(one: context.Held, out: Editions) -> str:
    """The millésime that was out, in place of today's; a figure drawn from several files has one for each."""
    months = {name: f"{getattr(out, name):%Y-%m}" for name in ("friches", "zae", "sites", "funding", "zonages")}
    if one.indicator == "terrain_disponible":
        return ", ".join(dict.fromkeys(months[name] for name in ("friches", "zae", "sites")))
    told = {**months, "financements": months["funding"], "bmo": str(out.bmo), "mobilite": str(out.flows)}
    return told.get(one.source.source.name, one.millesime) if one.source else one.millesime


def _quarter(out: Editions) -> str:
    year, quarter = out.quarter
    return f"{year}-T{quarter}"


class _ShelfThen(Shelf):
    """The shelf, whose rates stop at a quarter."""

    def __init__(self, quarter: str) -> None:
        super().__init__()
        self.quarter = quarter

    def get(self, source: str, name: str, millesime: str | None = None) -> VisibleTable | None:
        """The same table, cut."""
        found = super().get(source, name, millesime)
        cut = found is not None and (source, name) == ("chomage", "taux")
        return _RatesThen(**vars(found), quarter=self.quarter) if cut else found


@dataclass(frozen=True)
class _RatesThen(VisibleTable):
    """The rates up to a quarter."""

    quarter: str = ""

    def read(self, columns: list[str] | None = None, where: Where = ()) -> pd.DataFrame:
        """Its rows up to that quarter."""
        rows = super().read(columns, where)
        return rows[rows["trimestre"] <= self.quarter]
