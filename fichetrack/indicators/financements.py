"""Financed projects of a territoire: how many, and how much by kind of amount. Pure: pandas in and out.

A grant, a loan and an advance are not the same euros: kinds are never added up. A confidential amount makes « au moins ».
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from fichetrack.indicators.catalogue import Indicator
from fichetrack.indicators.contracts import InputRefused, require_columns
from fichetrack.indicators.quantities import total

NATURES = {
    "subvention": "Subvention",
    "avance": "Avance remboursable",
    "pret": "Prêt",
    "fonds_propres": "Fonds propres",
    "garantie": "Garantie",
    "investissement": "Investissement total du projet",
    "non_precisee": "Nature non précisée",
}
TYPES = ("dispositifs", "operateurs", "theme", "avancement")

_ONCE = (
    "Un projet qui a plusieurs dispositifs, plusieurs montants ou plusieurs communes compte une fois. Les projets dont la "
    "commune est à confirmer sont hors des chiffres d’un territoire. "
)

INDICATORS = (
    Indicator(
        code="financements.projets",
        label="Projets financés",
        unit="projets",
        source="financements",
        treatment="Projets distincts dont une commune au moins est membre du territoire, par dispositif, opérateur, thème ou "
        "avancement.",
        formula="nombre de projets distincts",
        limits=_ONCE + "Les listes sont celles que les opérateurs ont transmises : elles ne sont pas exhaustives.",
    ),
    Indicator(
        code="financements.montants",
        label="Montants par nature",
        unit="€",
        source="financements",
        treatment="Montants des projets retenus, nature par nature. Un montant répété à l’identique pour un autre dispositif "
        "ou un autre site du même projet, à la même date, est compté une fois.",
        formula="Σ montants connus d’une même nature ; « au moins » dès qu’un montant est confidentiel",
        limits=_ONCE
        + "Subventions, avances, prêts et fonds propres ne s’additionnent pas. Le montant d’un projet à cheval "
        "sur plusieurs territoires est compté en entier dans chacun.",
    ),
)


def select(
    projets: pd.DataFrame,
    communes: pd.Index | None = None,
    theme: str | None = None,
    start: str | None = None,
    end: str | None = None,
) -> pd.DataFrame:
    """The projects of a zone, a theme and a period.

    projets: one row per project × commune, with projet_id, commune (None when to be confirmed), theme, date (ISO text, a year
    alone or None).   communes: codes of the zone; None keeps every project, those without a commune included.
    start, end: ISO dates, both included; a year alone is in the period when the whole year is. A project without a date is
    never in a period.
    Returns rows of `projets` (same columns, index kept): those of the zone. Raises InputRefused if a column is missing.
    """
    require_columns(projets, "projet_id", "commune", "theme", "date")
    kept = pd.Series(True, index=projets.index)
    if communes is not None:
        kept &= projets["commune"].isin(communes)
    if theme is not None:
        kept &= projets["theme"] == theme
    days = projets["date"].fillna("").astype("str")
    year_alone = days.str.len() == 4
    if start is not None:
        kept &= (days != "") & (days.where(~year_alone, days + "-01-01") >= start)
    if end is not None:
        kept &= (days != "") & (days.where(~year_alone, days + "-12-31") <= end)
    return projets.loc[kept]


def count_projets(projets: pd.DataFrame, by: str) -> pd.Series:
    """How many distinct projects of each value of `by`, one of TYPES; « non précisé » where there is none.

    A project of several measures or operators (« a ; b ») counts in each: the parts may exceed the whole.
    Returns int64, indexed by value, the largest first, then by name. Raises InputRefused for another column.
    """
    if by not in TYPES:
        raise InputRefused(f"projects are counted by {', '.join(TYPES)}, not by {by}")
    require_columns(projets, "projet_id", by)
    pairs = projets[["projet_id", by]].drop_duplicates()
    values = pairs[by].fillna("").astype("str")
    values = values.str.split(" ; ") if by in ("dispositifs", "operateurs") else values.map(lambda one: [one])
    named = pairs.assign(**{by: values}).explode(by)
    named[by] = named[by].replace("", "non précisé")
    counts = named.groupby(by, sort=True)["projet_id"].nunique().astype("int64")
    return counts.sort_values(ascending=False, kind="stable")


def sum_montants(projets: pd.DataFrame, montants: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """The amounts of these projects, kind by kind, and by measure or operator if asked.

    projets: as `select` gives them.   montants: projet_id, nature, montant (euros, NaN when confidential), montant_secret
    (int) and the columns `by`, among dispositif and operateur. An amount under two measures « a ; b » has a row of its own.
    Returns nature, the columns `by`, projets (int64, distinct ones with such an amount), montant (float64, sum of the known
    ones, NaN when none is), montant_secret (int64): a lower bound as soon as it is positive. Known kinds come first, in the
    order of NATURES. There is no total: kinds are never added up. Raises InputRefused if a column is missing.
    """
    require_columns(montants, "projet_id", "nature", "montant", "montant_secret", *by)
    require_columns(projets, "projet_id")
    mine = montants.loc[montants["projet_id"].isin(projets["projet_id"])]
    mine = mine.assign(**{one: mine[one].fillna("non précisé") for one in by})
    keys = ["nature", *by]
    sums = total(mine, keys, ["montant"])
    counts = mine.groupby(keys, sort=True)["projet_id"].nunique().astype("int64").rename("projets")
    table = counts.to_frame().join(sums).reset_index()
    order = {nature: rank for rank, nature in enumerate(NATURES)}
    rank = table["nature"].map(order).fillna(len(order))
    ordered = table.assign(rank=rank).sort_values(["rank", "nature", *by], kind="stable", ignore_index=True)
    return ordered[[*keys, "projets", "montant", "montant_secret"]]
