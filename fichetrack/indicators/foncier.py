"""Foncier: friches by status and type, zones d'activité and their vacancy, sites clés en main, land to be found.

Terrains come from terrains.py. A « friche potentielle » is never counted as a friche nor as land that is free.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from fichetrack.indicators.catalogue import Indicator
from fichetrack.indicators.contracts import InputRefused, require_columns, require_crs
from fichetrack.indicators.quantities import Quantity
from fichetrack.indicators.terrains import (
    AVEC_PROJET,
    LAMBERT_93,
    MEASURED,
    POTENTIELLE,
    RECONVERTIE,
    SANS_PROJET,
    SQUARE_METRES,
    Surface,
    distinct,
    surface_of,
    surface_once,
)

STATUTS = (SANS_PROJET, AVEC_PROJET, RECONVERTIE, POTENTIELLE, "inconnu", "autre", "sans objet")
LAMBERT_BOX = (0.0, 6_000_000.0, 1_400_000.0, 7_300_000.0)  # métropole, in metres
FRICHES_AVEREES = (SANS_PROJET, AVEC_PROJET)

INDICATORS = (
    Indicator(
        code="friches_nombre",
        label="Friches recensées",
        unit="sites",
        source="friches",
        treatment="Sites dont le statut est « friche sans projet » ou « friche avec projet », chacun compté une fois.",
        formula="nombre de sites distincts par identifiant et par parcelles",
        limits="Les friches potentielles, reconverties ou de statut inconnu sont montrées à part. "
        "Un territoire sans observatoire local est moins bien recensé : zéro site recensé ne veut pas dire zéro friche.",
    ),
    Indicator(
        code="friches_surface",
        label="Surface des friches",
        unit="ha",
        source="friches",
        treatment="Union des contours en Lambert-93 ; sans contour, surface annoncée de l’unité foncière.",
        formula="aire de l’union des contours + somme des surfaces annoncées des sites sans contour, ÷ 10 000",
        limits="Les surfaces couvrent des parcelles entières. Un recouvrement entre sites sans contour serait compté "
        "deux fois ; un site sans surface connue n’est pas compté.",
        digits=1,
    ),
    Indicator(
        code="friches_potentielles",
        label="Friches potentielles",
        unit="sites",
        source="friches",
        treatment="Sites repérés par des inventaires (anciens sites industriels, pollutions) que personne n’a vérifiés.",
        formula="nombre de sites distincts de statut « friche potentielle »",
        limits="Près de la moitié des sites du fichier national. Ils ne sont jamais comptés comme du terrain disponible.",
    ),
    Indicator(
        code="zae_nombre",
        label="Zones d’activité inventoriées",
        unit="zones",
        source="zae",
        treatment="Sites économiques de l’inventaire publié par l’EPCI.",
        formula="nombre de sites distincts par identifiant",
        limits="Sans inventaire publié, le chiffre est absent : il ne veut pas dire qu’il n’y a pas de zone.",
    ),
    Indicator(
        code="zae_surface",
        label="Surface des zones d’activité",
        unit="ha",
        source="zae",
        treatment="Union des contours en Lambert-93 ; sans contour, surface brute annoncée.",
        formula="aire de l’union des contours + somme des surfaces brutes des zones sans contour",
        limits="Chaque EPCI publie son propre fichier, à sa date.",
        digits=1,
    ),
    Indicator(
        code="zae_vacance",
        label="Taux de vacance des zones d’activité",
        unit="%",
        source="zae",
        treatment="Taux de l’article L. 318-8-2 du code de l’urbanisme, regroupé sur les zones du territoire.",
        formula="unités foncières vacantes ÷ unités foncières × 100 ; à défaut, moyenne des taux pondérée par la surface",
        limits="Seules les zones qui publient leur vacance comptent ; un taux secret rend le total secret.",
        digits=1,
    ),
    Indicator(
        code="sites_cles_en_main",
        label="Sites clés en main",
        unit="sites",
        source="sites",
        treatment="Sites de la liste fournie qui ne sont pas dits indisponibles, chacun compté une fois.",
        formula="nombre de sites distincts par identifiant et par parcelles",
        limits="La liste vient du territoire ou de la région, à la date qu’elle porte ; il n’y a pas de fichier national.",
    ),
    Indicator(
        code="terrain_disponible",
        label="Terrain disponible",
        unit="ha",
        source="friches",
        treatment="Friches sans projet, surface en vente des zones d’activité, sites clés en main non indisponibles.",
        formula="union des contours des friches et des sites + surfaces annoncées en vente dans les zones",
        limits="À vérifier sur place : pollution, accès et documents d’urbanisme n’y sont pas jugés. Un terrain annoncé "
        "dans deux listes sans contour ni parcelles serait compté deux fois. Jamais de friche potentielle ni reconvertie.",
        digits=1,
        mixes=("zae", "sites"),
    ),
)


@dataclass(frozen=True)
class Vacancy:
    """A vacancy rate in per cent, over how many zones out of how many, and by what they are weighted."""

    rate: Quantity
    covered: int
    zones: int
    weight: str


def by_statut(friches: gpd.GeoDataFrame) -> pd.DataFrame:
    """Friches by status: how many sites, and their surface in hectares with overlaps counted once within the status.

    friches: terrains, EPSG:2154. Returns one row per status of STATUTS, in this order: nombre (int64), surface_ha
    (float64, NaN when unknown), surface_ha_secret (int64), sans_surface (int64). « Potentielles » have their own row; no
    total is made of all of them. Raises InputRefused if a column or the projection is missing.
    Source: Cartofriches (Cerema) and local observatories.
    """
    kept = distinct(friches)[["statut", *MEASURED]]
    rows = {statut: _row(surface_of(kept[kept["statut"] == statut])) for statut in STATUTS}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("statut").astype(_ROW)


def by_type(friches: gpd.GeoDataFrame) -> pd.DataFrame:
    """Friches (sans projet and avec projet only) by type, the most numerous first; columns as `by_statut`.

    friches: terrains, EPSG:2154. An empty input gives no row. Raises InputRefused if a column or the projection is missing.
    Source: Cartofriches (Cerema) and local observatories.
    """
    kept = distinct(averees(friches))[["type", *MEASURED]]
    rows = {kind: _row(surface_of(group)) for kind, group in kept.groupby("type")}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(_ROW)).rename_axis("type").astype(_ROW)
    return frame.sort_values(["nombre", "surface_ha"], ascending=False, kind="stable")


def averees(friches: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The terrains that are friches today: sans projet or avec projet; neither potentielles nor reconverties."""
    return friches[friches["statut"].isin(FRICHES_AVEREES)]


def vacancy(zones: pd.DataFrame) -> Vacancy:
    """The vacancy of zones d'activité together, in per cent (0–100), three states.

    zones: one row per zone: site_id, surface_ha (hectares), taux_vacance (per cent), uf_nombre, uf_vacantes (counts), and
    their `_secret` columns. Weighted by unités foncières, which gives the legal rate of the whole; by surface when no zone
    publishes them. A zone without any figure is not covered; a secret one makes the rate secret; none covered: absent.
    Raises InputRefused if a column is missing. Source: inventories of the EPCI (CNIG Sites économiques).
    """
    require_columns(zones, "site_id", "surface_ha", "taux_vacance", "uf_nombre", "uf_vacantes")
    held = zones.drop_duplicates("site_id", keep="last")
    units = held["uf_nombre"].where(held["uf_nombre"] > 0)
    rate = (100 * held["uf_vacantes"] / units).fillna(held["taux_vacance"])
    by_units = (rate.notna() & units.notna()).any()
    weights = units if by_units else held["surface_ha"].where(held["surface_ha"] > 0)
    known = rate.notna() & weights.notna()
    secret = int((_is_secret(held, "taux_vacance", "uf_vacantes") & ~known).sum())
    value = float(np.average(rate[known], weights=weights[known])) if known.any() and not secret else None
    return Vacancy(Quantity(value, secret), int(known.sum()), len(held), "unités foncières" if by_units else "surface")


def available_land(terrains: gpd.GeoDataFrame, minimum_ha: float) -> gpd.GeoDataFrame:
    """« Un terrain d'au moins n hectares »: what is free and large enough, the largest first.

    terrains: any origins (terrains.gather), EPSG:2154.   minimum_ha: hectares, 0 or more.
    Keeps friches sans projet by their surface, zones by the surface they sell, sites clés en main not said to be taken;
    each row keeps its source and statut. Never a potentielle, a reconvertie, a site of unknown surface.
    Returns the same columns. Raises InputRefused if a column or the projection is missing, or for such a minimum.
    """
    require_crs(terrains, LAMBERT_93)
    if not np.isfinite(minimum_ha) or minimum_ha < 0:
        raise InputRefused(f"a minimum of 0 hectare or more expected, {minimum_ha} found")
    free = distinct(terrains[terrains["libre"].astype(bool)])
    found = free[free["disponible_ha"] >= minimum_ha]
    return found.sort_values(["disponible_ha", "site_id"], ascending=[False, True], kind="stable")


def available_surface(found: gpd.GeoDataFrame) -> Surface:
    """The surface of what `available_land` found, overlaps counted once between contours.

    What a zone sells has no contour of its own: its declared surface is added.
    """
    is_part = found["disponible_ha"] < found["surface_ha"]
    part = found.assign(
        surface_ha=found["disponible_ha"], dessine=found["dessine"] & (found["source"] != "zae") & ~is_part
    )
    # A part of a terrain has no contour: neither may it cover another nor be covered.
    return surface_once(part.set_geometry(part.geometry.where(part["dessine"], None)))


def count_unmeasured(terrains: gpd.GeoDataFrame) -> int:
    """How many free terrains have no known surface: no search finds them, and the page must say so."""
    free = distinct(terrains[terrains["libre"].astype(bool)])
    return int(free["disponible_ha"].isna().sum())


def share_of_friches(territoires: gpd.GeoDataFrame, friches: gpd.GeoDataFrame) -> pd.Series:
    """Share of each territoire's surface occupied by friches (sans projet, avec projet), in per cent (0–100).

    territoires: polygons, EPSG:2154, indexed by territoire code.   friches: terrains, EPSG:2154; overlaps count once, and
    contours are cut at the border; a site without a contour counts whole where its point is.
    Returns float64, same index as `territoires`; 0.0 where there is none; NaN where the territoire has no geometry, lies
    overseas (Lambert-93 does not measure it), or where no surface is known.
    Raises InputRefused if a column or the projection is missing. Source: Cartofriches (Cerema) and local observatories.
    """
    require_crs(territoires, LAMBERT_93)
    require_crs(friches, LAMBERT_93)
    kept = distinct(averees(friches))
    shares = [_share(shape, kept) for shape in territoires.geometry]
    return pd.Series(shares, index=territoires.index, dtype="float64", name="friches_part_surface")


def figures(
    friches: gpd.GeoDataFrame | None, zones: gpd.GeoDataFrame | None, sites: gpd.GeoDataFrame | None
) -> dict[str, Quantity]:
    """The figures of a territoire by code of INDICATORS, but for the vacancy and the share, which need more.

    Each argument: its terrains, or None when the source was never imported: absent. No friche recorded is 0; no zone and
    no site listed is absent, since there is no national file of them.
    """
    real = None if friches is None else averees(friches)
    held = [part for part in (friches, zones, sites) if part is not None]
    return {
        "friches_nombre": _count(real, 0.0),
        "friches_surface": Quantity() if real is None else surface_once(real).hectares,
        "friches_potentielles": _count(None if friches is None else friches[friches["statut"] == POTENTIELLE], 0.0),
        "zae_nombre": _count(zones, None),
        "zae_surface": Quantity() if zones is None or zones.empty else surface_once(zones).hectares,
        "sites_cles_en_main": Quantity() if sites is None or sites.empty else _count(sites[sites["libre"]], 0.0),
        "terrain_disponible": _available(held),
    }


_ROW = {"nombre": "int64", "surface_ha": "float64", "surface_ha_secret": "int64", "sans_surface": "int64"}


def _row(surface: Surface) -> dict[str, float | None]:
    return {
        "nombre": surface.sites,
        "surface_ha": surface.hectares.value,
        "surface_ha_secret": surface.hectares.secrets,
        "sans_surface": surface.unmeasured,
    }


def _available(held: list[gpd.GeoDataFrame]) -> Quantity:
    """What is free, at least: a free terrain of unknown surface is no zero, and alone it makes no figure."""
    unknown = sum(count_unmeasured(part) for part in held)
    free = pd.concat([available_land(part, 0) for part in held]) if held else None
    if free is None or (free.empty and unknown):
        return Quantity(unknown=unknown)
    return available_surface(free.reset_index(drop=True)).hectares + Quantity(unknown=unknown)


def _count(terrains: gpd.GeoDataFrame | None, none: float | None) -> Quantity:
    """How many distinct terrains; `none` is what an empty frame means."""
    if terrains is None:
        return Quantity()
    return Quantity(float(len(distinct(terrains))) if len(terrains) else none)


def _is_secret(frame: pd.DataFrame, *names: str) -> pd.Series:
    columns = [f"{name}_secret" for name in names if f"{name}_secret" in frame.columns]
    return frame[columns].gt(0).any(axis=1) if columns else pd.Series(False, index=frame.index)


def _share(shape: shapely.Geometry | None, friches: gpd.GeoDataFrame) -> float:
    if shape is None or shape.is_empty or not shapely.box(*LAMBERT_BOX).contains(shape.centroid):
        return float("nan")
    near = friches[friches.geometry.intersects(shape)]
    cut = near.set_geometry(near.geometry.intersection(shape))
    hectares = surface_once(cut).hectares.value
    return float("nan") if hectares is None else 100 * hectares * SQUARE_METRES / float(shape.area)
