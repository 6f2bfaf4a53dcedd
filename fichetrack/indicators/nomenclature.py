"""The French nomenclature of activities (NAF rév. 2) as sets of sectors: 17, 38, 88 or 732, and sums from one to another.

A sous-classe (« APE ») is written without its dot: « 2711Z ». Source of the levels: INSEE, tables of the NAF rév. 2.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from fichetrack.indicators.contracts import InputRefused, require_columns, require_unique

LEVELS = ("a17", "a38", "a88", "a732")
INTERIM = "7820Z"  # temporary work: its staff is counted at the agency's commune, wherever they work


def divisions(text: str) -> list[str]:
    """The divisions of a published cell: « 05-09,35-39 » gives 05 … 09, 35 … 39. Raises InputRefused for another text."""
    found: list[str] = []
    for part in filter(None, re.sub(r"\s", "", text).split(",")):
        bounds = part.split("-")
        if len(bounds) > 2 or not all(bound.isdigit() for bound in bounds):
            raise InputRefused(f"divisions expected (« 05-09,35 »), {text!r} found")
        found += [f"{number:02d}" for number in range(int(bounds[0]), int(bounds[-1]) + 1)]
    return found


def levels_of(sous_classes: pd.DataFrame) -> pd.DataFrame:
    """The sector of each APE at every level.

    sous_classes: one row per APE, columns ape, a88, a38, a17 (str).
    Returns the same rows indexed by `ape`, columns a17, a38, a88, a732 (the APE itself).
    Raises InputRefused if a column is missing or an APE is there twice.
    """
    require_columns(sous_classes, "ape", "a88", "a38", "a17")
    require_unique(sous_classes, "ape")
    return sous_classes.assign(a732=sous_classes["ape"]).set_index("ape")[list(LEVELS)]


def aggregate(
    rows: pd.DataFrame, sous_classes: pd.DataFrame, level: str, by: Sequence[str], values: Sequence[str]
) -> pd.DataFrame:
    """Sums by sector of a level, from rows by APE.

    rows: a column `ape`, the columns `by` (territoire…), and the columns `values` (float64; NaN: nothing there).
    sous_classes: as `levels_of` takes it.   level: one of LEVELS.
    Returns one row per (by…, secteur), sorted; a sum is NaN when every part is. Zeros stay zeros.
    Raises InputRefused if a column is missing, the level unknown, or an APE is not in the nomenclature: a sum that
    loses jobs in silence would be wrong.
    """
    require_columns(rows, "ape", *by, *values)
    if level not in LEVELS:
        raise InputRefused(f"level among {', '.join(LEVELS)} expected, {level!r} found")
    secteur = rows["ape"].map(levels_of(sous_classes)[level])
    if secteur.isna().any():
        unknown = sorted(rows.loc[secteur.isna(), "ape"].astype("str").unique())[:5]
        raise InputRefused(f"APE unknown to the nomenclature: {', '.join(unknown)}")
    held = rows.assign(secteur=secteur)
    groups = held.groupby([*by, "secteur"], sort=True, observed=True)
    return groups[list(values)].sum(min_count=1).reset_index()


def without_interim(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows but those of temporary work agencies (APE 7820Z); column `ape` or, in sums, the boolean `interim`."""
    if "interim" in rows.columns:
        return rows.loc[~rows["interim"].astype("bool")]
    require_columns(rows, "ape")
    return rows.loc[rows["ape"] != INTERIM]
