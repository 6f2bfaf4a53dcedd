"""Home-to-work mobility of a territoire: who lives, works and stays there, and the main flows. Pure: pandas in and out.

Flows are sums of weights of the census: they are rounded for the eye only, never here.
"""

from __future__ import annotations

import pandas as pd

from fichetrack.indicators.catalogue import Indicator
from fichetrack.indicators.contracts import InputRefused, require_columns

THRESHOLD = 400  # the default of the slider
FLOOR = 50  # under it, a flow is mostly chance
FRAGILE = 200  # Insee advises against using smaller flows

_CENSUS = (
    "Estimation du recensement (cinq enquêtes annuelles, millésime = année médiane), au lieu de résidence. Les personnes qui "
    "vivent à l’étranger et travaillent en France n’y sont pas. "
)

INDICATORS = (
    Indicator(
        code="mobilite.residents",
        label="Actifs occupés qui vivent dans le territoire",
        unit="actifs",
        source="mobilite",
        treatment="Somme des flux dont la commune de résidence est membre du territoire, quel que soit le lieu de travail, "
        "étranger compris. Arrondi à l’affichage seulement.",
        formula="Σ flux (résidence dans le territoire)",
        limits=_CENSUS + "Actifs occupés de 15 ans ou plus.",
    ),
    Indicator(
        code="mobilite.emplois",
        label="Emplois occupés sur place",
        unit="emplois",
        source="mobilite",
        treatment="Somme des flux dont la commune de travail est membre du territoire. Arrondi à l’affichage seulement.",
        formula="Σ flux (travail dans le territoire)",
        limits=_CENSUS + "Ce n’est pas l’emploi salarié de l’Urssaf : les indépendants et le secteur public y sont.",
    ),
    Indicator(
        code="mobilite.part_stables",
        label="Part des actifs qui vivent et travaillent dans le territoire",
        unit="%",
        source="mobilite",
        treatment="Flux dont les deux communes sont membres du territoire, flux internes aux communes compris.",
        formula="actifs vivant et travaillant dans le territoire ÷ actifs occupés qui y vivent × 100",
        limits=_CENSUS + "Plus un territoire est étendu, plus cette part est grande : à comparer à taille semblable.",
        digits=1,
    ),
    Indicator(
        code="mobilite.flux",
        label="Principaux flux entre intercommunalités",
        unit="actifs",
        source="mobilite",
        treatment="Flux entre communes sommés par intercommunalité (une intercommunalité à cheval sur la limite du territoire "
        "est comptée en deux parts), au-dessus du seuil choisi : 400 par défaut, 50 au moins.",
        formula="Σ flux (résidence dans l’une, travail dans l’autre)",
        limits=_CENSUS + "L’Insee déconseille d’utiliser les flux inférieurs à 200 : ils sont signalés.",
    ),
)


def profile(flows: pd.DataFrame, communes: pd.Index) -> pd.Series:
    """Who lives, works and stays in a territoire.

    flows: origine, destination (codes), nature (commune | etranger | inconnue), flux (float, people); at least all those that
    begin or end in the territoire.   communes: the codes of the territoire.
    Returns float64: residents, emplois, stables, sortants (residents who work elsewhere), vers_etranger and vers_inconnu
    (parts of sortants), entrants; part_stables (% of residents), part_emplois_stables (% of emplois),
    emplois_pour_100_actifs; a ratio is NaN when it has no denominator. Everything is NaN when no flow touches the
    territoire: the census then says nothing of it. Raises InputRefused if a column is missing.
    Source: census of the Insee, millésime of the input.
    """
    require_columns(flows, "origine", "destination", "nature", "flux")
    lives, works = _ends(flows, communes)
    if not (lives | works).any():
        return pd.Series(float("nan"), index=_PROFILE, dtype="float64")
    flux = flows["flux"]
    residents, jobs, stable = (float(flux[rows].sum()) for rows in (lives, works, lives & works))
    abroad, unknown = (float(flux[lives & (flows["nature"] == one)].sum()) for one in ("etranger", "inconnue"))
    values = (residents, jobs, stable, residents - stable, abroad, unknown, jobs - stable)
    ratios = (_percent(stable, residents), _percent(stable, jobs), _percent(jobs, residents))
    return pd.Series([*values, *ratios], index=_PROFILE, dtype="float64")


def main_flows(flows: pd.DataFrame, communes: pd.Index, units: pd.Series, threshold: float = THRESHOLD) -> pd.DataFrame:
    """The flows between units that begin or end in a territoire, from the largest.

    flows: origine, destination, destination_nom (None for a commune), nature, flux, between communes.   communes: those of the
    territoire.   units: the unit (EPCI…) by commune code; a commune without one stands for itself, and so does a place abroad.
    threshold: people; compared with the exact flow, at least FLOOR.
    A unit that the border of the territoire cuts counts as two, inside and outside. What stays within one is not a flow.
    Returns origine, origine_dedans (bool), destination, destination_dedans (bool), destination_nom, nature, flux (float64),
    fragile (bool, under FRAGILE). Raises InputRefused if a column is missing or the threshold is under FLOOR.
    """
    require_columns(flows, "origine", "destination", "destination_nom", "nature", "flux")
    if threshold < FLOOR:
        raise InputRefused(f"a threshold under {FLOOR} shows chance, not flows")
    lives, works = _ends(flows, communes)
    touching = flows.assign(origine_dedans=lives, destination_dedans=works).loc[lives | works]
    touching = touching.assign(
        origine=_unit(touching["origine"], units),
        destination=_unit(touching["destination"], units).where(
            touching["nature"] == "commune", touching["destination"]
        ),
    )
    names = touching.groupby([*_KEY], sort=True)["destination_nom"].first()
    summed = touching.groupby([*_KEY], sort=True)["flux"].sum().to_frame().join(names).reset_index()
    within = (summed["origine"] == summed["destination"]) & (summed["origine_dedans"] == summed["destination_dedans"])
    kept = summed.loc[~within & (summed["flux"] >= threshold)]
    kept = kept.assign(fragile=kept["flux"] < FRAGILE).sort_values("flux", ascending=False, kind="stable")
    return kept[["origine", "origine_dedans", "destination", "destination_dedans", *_LAST]].reset_index(drop=True)


_PROFILE = [
    "residents", "emplois", "stables", "sortants", "vers_etranger", "vers_inconnu", "entrants", "part_stables",
    "part_emplois_stables", "emplois_pour_100_actifs",
]  # fmt: skip
_KEY = ("origine", "origine_dedans", "destination", "destination_dedans", "nature")
_LAST = ("destination_nom", "nature", "flux", "fragile")


def _ends(flows: pd.DataFrame, communes: pd.Index) -> tuple[pd.Series, pd.Series]:
    """Which flows begin, and which end, in the territoire. A code abroad never ends there, whatever it looks like."""
    return flows["origine"].isin(communes), flows["destination"].isin(communes) & (flows["nature"] == "commune")


def _unit(codes: pd.Series, units: pd.Series) -> pd.Series:
    found = codes.map(units)
    return found.where(found.notna(), codes)


def _percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole else float("nan")
