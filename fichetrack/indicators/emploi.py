"""Employment of a territoire: unemployment rates of its zones d'emploi, never averaged; creations and losses of jobs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from fichetrack.indicators.allocation import Allocation, allocate
from fichetrack.indicators.catalogue import Indicator
from fichetrack.indicators.contracts import InputRefused, require_columns
from fichetrack.indicators.quantities import Quantity, total, whole

SENTENCE = (
    "L’Insee estime le taux de chômage par zone d’emploi, pas par territoire : voici celui de chaque zone que le territoire "
    "touche, avec la part de ses habitants qui y vivent. Ces taux ne sont jamais moyennés."
)
_QUARTER = re.compile(r"(\d{4})-T([1-4])")


@dataclass(frozen=True)
class Rates:
    """The unemployment rates of the zones d'emploi of a territoire.

    trimestre: the last quarter published, None without any.   zones: one row per zone, indexed by its code, see
    `rates_of_zones`.   low, high: the lowest and highest rate among them (percent), None when none is known.
    covered: share of the inhabitants who live in a zone whose rate is known (0–1), None without known population.
    """

    trimestre: str | None
    zones: pd.DataFrame
    low: float | None
    high: float | None
    covered: float | None


def allocate_zones(members: Iterable[str], communes: pd.DataFrame, zones: pd.DataFrame) -> Allocation:
    """The zones d'emploi of a territoire; see allocation.allocate. zones: columns commune, ze, ze_nom.

    A commune listed by two imports follows the last row.
    """
    require_columns(zones, "commune", "ze", "ze_nom")
    return allocate(members, communes, zones.drop_duplicates("commune", keep="last"), "ze", "ze_nom")


def before(quarter: str, years: int) -> str:
    """The same quarter some years earlier: « 2025-T4 », 1 → « 2024-T4 ». Raises InputRefused for anything else."""
    found = _QUARTER.fullmatch(quarter)
    if not found:
        raise InputRefused(f"a quarter such as 2025-T4 expected, {quarter} found")
    return f"{int(found[1]) - years}-T{found[2]}"


def series(taux: pd.DataFrame, niveau: str, code: str) -> pd.Series:
    """The rates of one zone, in percent, indexed by quarter, in order; NaN where none is published.

    taux: columns niveau, code, trimestre (str), taux (float64, percent). Empty when the zone is unknown.
    Raises InputRefused if a column is missing. Source: Insee, taux de chômage localisés.
    """
    require_columns(taux, "niveau", "code", "trimestre", "taux")
    rows = taux[(taux["niveau"] == niveau) & (taux["code"] == code)]
    return rows.drop_duplicates("trimestre", keep="last").set_index("trimestre")["taux"].sort_index()


def describe(taux: pd.DataFrame, niveau: str, codes: Iterable[str]) -> pd.DataFrame:
    """The last rate of each of these codes at a level, and its trend.

    taux: columns niveau, code, nom, trimestre (str), taux (float64, percent), taux_secret (int64), provisoire (bool).
    The last quarter is that of the whole level, so that codes are compared at the same moment.
    Returns one row per code, in the order given: nom (str, empty when unknown), trimestre, taux (percent, NaN when secret
    or absent), taux_secret (int64), provisoire (bool), evolution_1_an, evolution_5_ans (percentage points against the same
    quarter one and five years before; NaN when either is not published).
    Raises InputRefused if a column is missing. Source: Insee, taux de chômage localisés.
    """
    require_columns(taux, "niveau", "code", "nom", "trimestre", "taux", "taux_secret", "provisoire")
    rows = taux[taux["niveau"] == niveau].drop_duplicates(["code", "trimestre"], keep="last")
    last = str(rows["trimestre"].max()) if len(rows) else None
    codes = pd.Index(list(dict.fromkeys(codes)), dtype="object", name="code")
    at = {
        years: rows[rows["trimestre"] == before(last, years)].set_index("code")
        if last
        else rows.iloc[:0].set_index("code")
        for years in (0, 1, 5)
    }
    now = at[0].reindex(codes)
    return pd.DataFrame(
        {
            "nom": now["nom"].fillna(""),
            "trimestre": last,
            "taux": now["taux"].astype("float64"),
            "taux_secret": now["taux_secret"].fillna(0).astype("int64"),
            "provisoire": now["provisoire"].eq(True),
            "evolution_1_an": now["taux"] - at[1]["taux"].reindex(codes),
            "evolution_5_ans": now["taux"] - at[5]["taux"].reindex(codes),
        },
        index=codes,
    )


def rates_of_zones(taux: pd.DataFrame, allocation: Allocation) -> Rates:
    """The rates of the zones d'emploi of a territoire, side by side: no average is made of them.

    taux: see `describe`.   allocation: from `allocate_zones`; its columns (nom, communes, population, part_territoire,
    part_zone) come first in the returned zones, in its order.
    """
    described = describe(taux, "ze", allocation.parts.index)
    zones = allocation.parts.join(described.drop(columns="nom"))
    zones["nom"] = zones["nom"].where(zones["nom"] != "", described["nom"])  # the communes' table may name no zone
    known = zones[zones["taux"].notna()]
    last = str(zones["trimestre"].iloc[0]) if len(zones) and zones["trimestre"].iloc[0] else None
    return Rates(
        trimestre=last,
        zones=zones,
        low=float(known["taux"].min()) if len(known) else None,
        high=float(known["taux"].max()) if len(known) else None,
        covered=None if allocation.covered is None else float(known["part_territoire"].sum()),
    )


def summarise_events(evenements: pd.DataFrame, members: Iterable[str]) -> dict[str, Quantity]:
    """Jobs created and lost among events of these communes: « creation » and « suppression », each in three states.

    evenements: columns commune, nature (str), emplois (float64, jobs, NaN when not said) and emplois_secret (int64). Give
    only the rows the reader may see. A nature without any event is absent. Raises InputRefused if a column is missing.
    """
    require_columns(evenements, "commune", "nature", "emplois", "emplois_secret")
    rows = evenements[evenements["commune"].isin(set(members))]
    return {nature: whole(rows[rows["nature"] == nature], "emplois") for nature in ("creation", "suppression")}


def events_by_year(evenements: pd.DataFrame, members: Iterable[str]) -> pd.DataFrame:
    """Jobs by year (str) and nature, with the number of events, and of those whose jobs are not said.

    evenements: as `summarise_events`, with date (ISO str). Returns one row per (annee, nature), index sorted: emplois,
    emplois_secret, evenements (int64), sans_nombre (int64). Raises InputRefused if a column is missing.
    """
    require_columns(evenements, "commune", "date", "nature", "emplois", "emplois_secret")
    rows = evenements[evenements["commune"].isin(set(members))]
    rows = rows.assign(annee=rows["date"].astype("str").str[:4], sans_nombre=rows["emplois"].isna().astype("int64"))
    sums = total(rows, ["annee", "nature"], ["emplois"])
    groups = rows.groupby(["annee", "nature"])
    return sums.assign(evenements=groups.size(), sans_nombre=groups["sans_nombre"].sum())


_TREATMENT = "Taux publié de chaque zone d’emploi du territoire, avec la part des habitants concernés ; aucune moyenne."
_LIMITS = (
    "Donnée par zone d’emploi, qui déborde le territoire ; corrigée des variations saisonnières ; le dernier trimestre est "
    "provisoire et les séries sont révisées ; Mayotte absente, Guyane parfois."
)
INDICATORS = (
    Indicator(
        code="taux_chomage",
        label="Taux de chômage des zones d’emploi",
        unit="%",
        source="chomage",
        treatment=_TREATMENT,
        formula="chômeurs au sens du BIT ÷ actifs, estimés par l’Insee ; du plus bas au plus haut des zones du territoire",
        limits=_LIMITS,
        digits=1,
    ),
    Indicator(
        code="evolution_chomage",
        label="Évolution du taux de chômage",
        unit="points",
        source="chomage",
        treatment=_TREATMENT + " Chaque zone est comparée à elle-même au même trimestre, un an et cinq ans plus tôt.",
        formula="taux du trimestre − taux du même trimestre un an (ou cinq ans) plus tôt",
        limits=_LIMITS + " Absente quand l’un des deux trimestres n’est pas publié.",
        digits=1,
    ),
    Indicator(
        code="emplois_crees_annonces",
        label="Créations d’emplois suivies",
        unit="emplois",
        source="evenements-emploi",
        treatment="Événements saisis par les territoires et les services de l’État, ceux que vous pouvez lire.",
        formula="somme des emplois des événements de nature « création »",
        limits="Liste non exhaustive, saisie à la main ; un nombre secret ou inconnu n’est pas compté (« au moins »).",
    ),
    Indicator(
        code="emplois_supprimes_annonces",
        label="Suppressions d’emplois suivies",
        unit="emplois",
        source="evenements-emploi",
        treatment="Événements saisis par les territoires et les services de l’État, ceux que vous pouvez lire.",
        formula="somme des emplois des événements de nature « suppression »",
        limits="Liste non exhaustive, saisie à la main ; un nombre secret ou inconnu n’est pas compté (« au moins »).",
    ),
)
