"""Overlap of a territoire with the zonages of public policies, told by commune.

A commune of a zone counts whole: neither surfaces nor the inhabitants of a neighbourhood are measured. Pure: pandas in and out.
"""

from __future__ import annotations

import pandas as pd

from fichetrack.indicators.catalogue import Indicator
from fichetrack.indicators.contracts import require_columns, require_unique

LABELS = {
    "acv": "Action cœur de ville",
    "pvd": "Petites villes de demain",
    "ort": "Opérations de revitalisation de territoire",
    "crte": "Contrats pour la réussite de la transition écologique",
    "qpv": "Quartiers prioritaires de la politique de la ville",
}

_BY_COMMUNE = (
    "Une commune compte en entier dès qu’une part d’elle est concernée ; la liste est celle du millésime affiché, ramenée "
    "aux communes d’aujourd’hui. "
)

INDICATORS = (
    Indicator(
        code="zonages.zones",
        label="Zones du programme qui touchent le territoire",
        unit="zones",
        source="zonages",
        treatment="Zones dont au moins une commune est membre du territoire.",
        formula="nombre d’identifiants de zone distincts parmi les communes du territoire",
        limits=_BY_COMMUNE
        + "Les listes d’ORT n’identifient pas les conventions : chaque commune signataire y compte pour une zone.",
    ),
    Indicator(
        code="zonages.communes",
        label="Part des communes concernées",
        unit="%",
        source="zonages",
        treatment="Communes du territoire présentes dans la liste du programme, une fois chacune.",
        formula="communes concernées ÷ communes du territoire × 100",
        limits=_BY_COMMUNE
        + "Un programme dont aucune liste n’a été importée n’est pas affiché : ce n’est pas un zéro.",
        digits=1,
    ),
    Indicator(
        code="zonages.population",
        label="Part de la population vivant dans une commune concernée",
        unit="%",
        source="zonages",
        treatment="Population municipale des communes concernées, rapportée à celle du territoire.",
        formula="population des communes concernées ÷ population du territoire × 100",
        limits=_BY_COMMUNE
        + "Pour les QPV, c’est la population des communes qui en ont, pas celle des quartiers. Les communes "
        "de population inconnue sont hors du calcul, et comptées à côté.",
        digits=1,
    ),
)


def overlap(zones: pd.DataFrame, communes: pd.DataFrame) -> pd.DataFrame:
    """What each programme covers of a territoire.

    zones: programme, zone_id, commune (one row per zone × commune, whole of France).   communes: those of the territoire,
    indexed by code, column population (inhabitants, NaN when unknown).
    Returns one row per programme of `zones`, indexed by programme (sorted): zones, communes, communes_total (int64),
    part_communes (%, NaN for a territoire without communes), population, population_total (sums of the known ones, NaN when
    none is known), part_population (%, over known populations), population_inconnue (communes of the territoire).
    Raises InputRefused if a column is missing or a commune is listed twice.
    Source: lists of the ANCT and of the DGALN, millésime of the input.
    """
    _check(zones, communes)
    inside = zones.loc[communes.index.get_indexer(zones["commune"]) >= 0]
    names = sorted(zones["programme"].unique())
    rows = [_row(inside.loc[inside["programme"] == one], communes) for one in names]
    return pd.DataFrame(rows, columns=_OVERLAP, index=pd.Index(names, name="programme")).astype(_TYPES)


def list_zones(zones: pd.DataFrame, communes: pd.DataFrame) -> pd.DataFrame:
    """The zones that touch a territoire, and how far they go beyond it.

    zones: programme, zone_id, zone_nom, commune, signe_le (ISO date or None).   communes: as in `overlap`.
    Returns one row per zone, sorted by programme then name: programme, zone_id, zone_nom, communes (list of the codes inside
    the territoire, sorted), hors (int64, communes of the zone outside it), signe_le (the earliest date, None when unknown).
    Raises InputRefused if a column is missing or a commune is listed twice.
    """
    _check(zones, communes)
    require_columns(zones, "zone_nom", "signe_le")
    touched = zones.merge(
        zones.loc[zones["commune"].isin(communes.index), ["programme", "zone_id"]].drop_duplicates(),
        on=["programme", "zone_id"],
    )
    rows, held = [], set(communes.index)
    for (programme, zone), part in touched.groupby(["programme", "zone_id"], sort=True):
        inside = sorted(held.intersection(part["commune"]))
        signed = part["signe_le"].dropna()
        hors = part["commune"].nunique() - len(inside)
        rows.append((programme, zone, part["zone_nom"].iloc[0], inside, hors, min(signed) if len(signed) else None))
    listed = pd.DataFrame(rows, columns=["programme", "zone_id", "zone_nom", "communes", "hors", "signe_le"])
    return listed.sort_values(["programme", "zone_nom", "zone_id"], kind="stable", ignore_index=True)


_TYPES = {
    "zones": "int64", "communes": "int64", "communes_total": "int64", "part_communes": "float64", "population": "float64",
    "population_total": "float64", "part_population": "float64", "population_inconnue": "int64",
}  # fmt: skip
_OVERLAP = list(_TYPES)


def _check(zones: pd.DataFrame, communes: pd.DataFrame) -> None:
    require_columns(zones, "programme", "zone_id", "commune")
    require_columns(communes, "population")
    require_unique(pd.DataFrame({"commune": communes.index}), "commune")


def _row(inside: pd.DataFrame, communes: pd.DataFrame) -> tuple[float, ...]:
    covered = communes.loc[communes.index.isin(inside["commune"]), "population"]
    whole, people = communes["population"].sum(min_count=1), covered.sum(min_count=1)
    part = 100 * len(covered) / len(communes) if len(communes) else float("nan")
    # No commune concerned is a known nothing; a commune of unknown population is not.
    people = 0.0 if not len(covered) and pd.notna(whole) else people
    share = 100 * people / whole if whole else float("nan")
    unknown = int(communes["population"].isna().sum())
    return inside["zone_id"].nunique(), len(covered), len(communes), part, people, whole, share, unknown
