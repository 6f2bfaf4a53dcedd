"""Métiers en tension: recruitment projects of the BMO survey for a territoire, by métier, in three states.

The survey is published by bassin d'emploi. A territoire that straddles bassins is read in one of two ways, and says which.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from fichetrack.indicators.allocation import Allocation, allocate
from fichetrack.indicators.catalogue import Indicator
from fichetrack.indicators.contracts import InputRefused, require_columns
from fichetrack.indicators.quantities import Quantity, ratio, total, whole

QUANTITIES = ("met", "xmet", "smet")
COLUMNS = [column for name in QUANTITIES for column in (name, f"{name}_secret")]
FORMULA = (
    "tension = part des projets difficiles × nombre de projets = (xmet ÷ met) × met, c’est-à-dire le nombre de projets "
    "jugés difficiles ; le rang 1 est le plus grand. Une partie secrète fait de ce nombre un « au moins »."
)


class Mode(StrEnum):
    """How bassins that exceed a territoire are counted."""

    ENTIERS = "bassins-entiers"
    PRORATA = "prorata"


LABELS = {Mode.ENTIERS: "Bassins entiers", Mode.PRORATA: "Prorata de population"}
_SENTENCES = {
    Mode.ENTIERS: (
        "Les projets de tous les bassins d’emploi que le territoire touche sont additionnés en entier, y compris ceux des "
        "communes voisines qui n’en font pas partie : ces chiffres sont ceux d’un espace plus large que le territoire."
    ),
    Mode.PRORATA: (
        "Les projets de chaque bassin d’emploi sont comptés selon la part de ses habitants qui vivent dans le territoire : "
        "c’est une estimation, qui suppose que les projets se répartissent comme la population."
    ),
}
_SAME = "Chaque bassin d’emploi tient en entier dans le territoire : les deux lectures donnent les mêmes chiffres."


@dataclass(frozen=True)
class Share:
    """A share of projects, and what secrecy lets say of it.

    exact: the ratio when both parts are known whole, else secret or absent.   published: the ratio over the only cells
    where both are published, and `covers`, the share of the known projects these cells hold.   low, high: what the ratio
    must lie between, over the known projects. The last four are None when nothing is known.
    """

    exact: Quantity
    published: float | None = None
    covers: float | None = None
    low: float | None = None
    high: float | None = None


def allocate_bassins(members: Iterable[str], communes: pd.DataFrame, bassins: pd.DataFrame) -> Allocation:
    """The bassins d'emploi of a territoire; see allocation.allocate. bassins: columns commune, bassin, nom."""
    return allocate(members, communes, bassins, "bassin", "nom")


def explain(allocation: Allocation, mode: Mode) -> str:
    """The French sentence that goes with figures read in this way."""
    if not allocation.is_split and allocation.is_whole and len(allocation.parts):
        return _SAME
    return _SENTENCES[mode]


def rows_for(projets: pd.DataFrame, allocation: Allocation, mode: Mode) -> pd.DataFrame:
    """The rows of the survey for a territoire: those of its bassins, quantities weighted when `mode` is PRORATA.

    projets: columns bassin, met, xmet, smet (float64, projects) and their `_secret` (int64), any others kept; one row per
    (bassin, département, métier): a bassin that crosses départements has several.
    A weight that is not known (no population) makes the quantities NaN, never whole. Secrets are counted, not weighted: a
    part of a secret is secret.   Raises InputRefused if a column is missing.
    Source: France Travail, BMO.
    """
    require_columns(projets, "bassin", *COLUMNS)
    rows = projets[projets["bassin"].isin(allocation.parts.index)].copy()
    if mode is Mode.PRORATA:
        weights = rows["bassin"].map(allocation.parts["part_zone"]).astype("float64")
        rows[list(QUANTITIES)] = rows[list(QUANTITIES)].mul(weights, axis=0)
        rows = rows[~(weights == 0)]
    return rows


def rows_of(projets: pd.DataFrame, level: str, code: str = "") -> pd.DataFrame:
    """The rows of the survey of a `departement`, a `region`, a `bassin`, or of `france` (every row), as published.

    Raises InputRefused for another level, or when its column is missing.
    """
    if level == "france":
        return projets
    if level not in ("departement", "region", "bassin"):
        raise InputRefused(f"level departement, region, bassin or france expected, {level} found")
    require_columns(projets, level)
    return projets[projets[level] == code]


def by_metier(rows: pd.DataFrame) -> pd.DataFrame:
    """Projects by métier over these rows, with shares and rank.

    rows: columns fap, metier, famille (str) and met, xmet, smet with their `_secret`.
    Returns one row per métier indexed by fap: metier, famille; met, xmet, smet (float64, known projects, NaN when none is
    known) and `_secret` (int64, number of secret cells); part_difficile and part_saisonniere (float64, 0–1, NaN unless both
    parts are known whole); tension (float64, see FORMULA) and rang (Int64, 1 first, ties share it, missing when nothing is
    known). Sorted by rang, then by share, then by fap: permuting the rows changes nothing.
    Raises InputRefused if a column is missing. Source: France Travail, BMO.
    """
    require_columns(rows, "fap", "metier", "famille", *COLUMNS)
    labels = rows.sort_values(["fap", "metier"]).groupby("fap")[["metier", "famille"]].first()
    table = labels.join(total(rows, ["fap"], QUANTITIES))
    for part, name in (("xmet", "part_difficile"), ("smet", "part_saisonniere")):
        known = (table["met_secret"] == 0) & (table[f"{part}_secret"] == 0) & (table["met"] > 0)
        table[name] = (table[part] / table["met"]).where(known)
    table["tension"] = table["xmet"]
    table["rang"] = table["tension"].rank(method="min", ascending=False).astype("Int64")
    ordered = table.reset_index().sort_values(["rang", "part_difficile", "fap"], ascending=[True, False, True])
    return ordered.set_index("fap")


def totals(rows: pd.DataFrame) -> dict[str, Quantity]:
    """met, xmet and smet over these rows; secrets make lower bounds. Raises InputRefused if a column is missing."""
    require_columns(rows, *COLUMNS)
    return {name: whole(rows, name) for name in QUANTITIES}


def share(rows: pd.DataFrame, part: str) -> Share:
    """The share of projects that are `part` (xmet, difficult; smet, seasonal), with what secrecy leaves of it.

    Bounds hold over projects whose number is known: a secret part of a known met is between 0 and met.
    Raises InputRefused if a column is missing. Source: France Travail, BMO.
    """
    require_columns(rows, "met", "met_secret", part, f"{part}_secret")
    exact = ratio(whole(rows, part), whole(rows, "met"))
    known = rows[rows["met"].notna()]
    projects = float(known["met"].sum())
    if not projects:
        return Share(exact)
    both = known[known[part].notna()]
    counted, found = float(both["met"].sum()), float(both[part].sum())
    hidden = float(known.loc[known[part].isna(), "met"].sum())
    return Share(
        exact=exact,
        published=found / counted if counted else None,
        covers=counted / projects,
        low=found / projects,
        high=(found + hidden) / projects,
    )


_TREATMENT = "Projets additionnés par bassin d’emploi ; une cellule secrète (*) n’est jamais comptée comme un zéro."
_LIMITS = (
    "Intentions déclarées à l’automne précédent, non des embauches ; l’enquête est par bassin d’emploi, qui dépasse souvent "
    "le territoire ; les petites valeurs sont secrètes, si bien qu’un total est un minimum (« au moins »). Codes métiers en "
    "FAP 2009 jusqu’à l’enquête 2023, en FAP 2021 ensuite : les séries ne se comparent pas métier par métier."
)
INDICATORS = (
    Indicator(
        code="projets_recrutement",
        label="Projets de recrutement",
        unit="projets",
        source="bmo",
        treatment=_TREATMENT,
        formula="somme de met sur les bassins du territoire, entiers ou au prorata de la population",
        limits=_LIMITS,
    ),
    Indicator(
        code="part_difficile",
        label="Part des projets jugés difficiles",
        unit="%",
        source="bmo",
        treatment=_TREATMENT
        + " La part exacte n’est donnée que si aucune cellule n’est secrète ; sinon, celle des seules "
        "cellules publiées, avec la fourchette possible.",
        formula="xmet ÷ met",
        limits=_LIMITS,
        digits=1,
    ),
    Indicator(
        code="part_saisonniere",
        label="Part des projets saisonniers",
        unit="%",
        source="bmo",
        treatment=_TREATMENT
        + " La part exacte n’est donnée que si aucune cellule n’est secrète ; sinon, celle des seules "
        "cellules publiées, avec la fourchette possible.",
        formula="smet ÷ met",
        limits=_LIMITS,
        digits=1,
    ),
    Indicator(
        code="tension",
        label="Rang du métier par difficulté et volume",
        unit="",
        source="bmo",
        treatment=_TREATMENT + " Un métier dont rien n’est publié n’a pas de rang.",
        formula=FORMULA,
        limits=_LIMITS,
    ),
)
