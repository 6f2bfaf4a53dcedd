"""How a territoire is shared among zones that ignore its limits: bassins of the BMO survey, zones d'emploi."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from fichetrack.indicators.contracts import require_columns, require_unique

COLUMNS = ["nom", "communes", "population", "part_territoire", "part_zone"]


@dataclass(frozen=True)
class Allocation:
    """The zones a territoire touches.

    parts: one row per zone, indexed by its code (str), the most peopled part of the territoire first; nom (str); communes
    (int64, those of the territoire in it); population (float64, inhabitants of the territoire in it); part_territoire
    (float64, 0–1, share of the territoire's inhabitants who live in it); part_zone (float64, 0–1, share of the zone's
    inhabitants who live in the territoire). Shares are NaN when the population they divide by is not known.
    covered: share of the territoire's inhabitants who live in a known zone (0–1), None without known population.
    outside: the communes of the territoire that no zone holds, sorted.
    """

    parts: pd.DataFrame
    covered: float | None
    outside: tuple[str, ...]

    @property
    def is_split(self) -> bool:
        return len(self.parts) > 1

    @property
    def is_whole(self) -> bool:
        """Whether every zone lies entirely in the territoire, which then has figures of its own."""
        return not self.outside and bool((self.parts["part_zone"] == 1).all())


def allocate(members: Iterable[str], communes: pd.DataFrame, zones: pd.DataFrame, code: str, nom: str) -> Allocation:
    """The zones that hold the communes `members` of a territoire, and how inhabitants are shared.

    communes: every commune of the country, indexed by code (str), column `population` (inhabitants; NaN counts for none).
    zones: columns `commune` (unique), `code` and `nom` as named by the arguments.
    Raises InputRefused if a column is missing or a commune is in two zones. Empty members give an empty allocation.
    """
    require_columns(communes, "population")
    require_columns(zones, "commune", code, nom)
    require_unique(zones, "commune")
    wanted = sorted(set(members))
    people = communes["population"]
    touched = zones.loc[zones["commune"].isin(wanted), code].unique()
    held = zones[zones[code].isin(touched)]
    held = held.assign(people=held["commune"].map(people).astype("float64").fillna(0.0))
    inside = held[held["commune"].isin(wanted)]
    whole = float(people.reindex(wanted).fillna(0.0).sum())
    parts = inside.groupby(code).agg(nom=(nom, "first"), communes=("commune", "size"), population=("people", "sum"))
    parts["part_territoire"] = parts["population"] / whole if whole else float("nan")
    totals = held.groupby(code)["people"].sum().reindex(parts.index)
    parts["part_zone"] = parts["population"] / totals.where(totals > 0)
    parts = parts.sort_values(["population", "communes"], ascending=False, kind="stable")[COLUMNS]
    covered = float(parts["population"].sum()) / whole if whole else None
    return Allocation(parts, covered, tuple(sorted(set(wanted) - set(inside["commune"]))))
