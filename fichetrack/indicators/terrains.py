"""Terrains of three origins (friches, zones d'activité, sites clés en main) in one shape, and their surface, once.

Geometry is Lambert-93 (EPSG:2154), whose surfaces are right within 1 % in métropole; overseas contours are not measured in
it: their declared surface is used.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from fichetrack.indicators.contracts import require_columns, require_crs
from fichetrack.indicators.quantities import Quantity, whole

LAMBERT_93 = 2154
SQUARE_METRES = 10_000.0  # in a hectare
METROPOLE = (-5.6, 41.2, 9.8, 51.3)

FRICHES, ZONES, SITES = "friches", "zae", "sites"
POTENTIELLE, SANS_PROJET = "friche potentielle", "friche sans projet"
AVEC_PROJET, RECONVERTIE = "friche avec projet", "friche reconvertie"
TERRAIN = (
    "source", "site_id", "nom", "commune", "statut", "type", "surface_ha", "surface_ha_secret", "disponible_ha", "libre",
    "parcelles", "url", "actualise_le", "lon", "lat", "dessine",
)  # fmt: skip

MEASURED = ["dessine", "surface_ha", "surface_ha_secret", "geometry"]  # what a surface is told from


@dataclass(frozen=True)
class Surface:
    """A surface in hectares, each square metre once where contours tell; and what it does not know.

    repeated: sites left out because their identifier or their parcels are those of another.   unmeasured: sites without
    any surface.   undrawn: sites without a contour, whose declared surfaces are added up.
    """

    hectares: Quantity
    sites: int = 0
    repeated: int = 0
    unmeasured: int = 0
    undrawn: int = 0

    @property
    def warnings(self) -> list[str]:
        """What to say beside the figure, in French."""
        said = []
        if self.unmeasured:
            said.append(f"{_sites(self.unmeasured)} sans surface connue : la surface totale est un minimum.")
        if self.undrawn:
            said.append(
                f"{_sites(self.undrawn)} sans contour : les surfaces annoncées sont additionnées, "
                "un recouvrement entre sites serait compté deux fois."
            )
        if self.repeated:
            said.append(
                f"{_sites(self.repeated)} en double ou sur les mêmes parcelles : une seule fois dans les comptes."
            )
        return said


def _sites(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}") + (" site" if number < 2 else " sites")


def from_friches(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """The table `friches` (surface_m2 in square metres, lon, lat, contour in WGS84) as terrains.

    Only a « friche sans projet » is `libre`: a « potentielle » was never checked, the others have a use or a project.
    Returns the columns TERRAIN, geometry in EPSG:2154. Raises InputRefused if a column is missing.
    """
    require_columns(table, "site_id", "commune", "statut", "type", "surface_m2", "lon", "lat", "contour")
    hectares = table["surface_m2"] / SQUARE_METRES
    frame = table.assign(source=FRICHES, surface_ha=hectares, surface_ha_secret=_secrets(table, "surface_m2"))
    frame["libre"] = frame["statut"] == SANS_PROJET
    return _drawn(frame.assign(disponible_ha=np.nan))


def from_zones(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """The table `sites` of the ZAE (surface_ha, surface_disponible_ha, lon, lat, contour in WGS84) as terrains.

    `libre` where a surface is said to be for sale in a zone that is neither a project nor declassified.
    Returns the columns TERRAIN, geometry in EPSG:2154. Raises InputRefused if a column is missing.
    """
    require_columns(table, "site_id", "commune", "etat", "type", "surface_ha", "surface_disponible_ha", "lon", "lat")
    frame = table.assign(source=ZONES, statut=table["etat"], disponible_ha=table["surface_disponible_ha"])
    frame["libre"] = table["etat"].isin(["existant et actif", "création"]) & (frame["disponible_ha"] > 0)
    return _drawn(frame.assign(surface_ha_secret=_secrets(table, "surface_ha")))


def from_sites(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """The table `sites` of the sites clés en main (surface_ha, disponible_ha, lon, lat, contour in WGS84) as terrains.

    `libre` unless the list says that the site is taken; an unsaid availability is shown as « inconnu ».
    Returns the columns TERRAIN, geometry in EPSG:2154. Raises InputRefused if a column is missing.
    """
    require_columns(
        table, "site_id", "commune", "disponibilite", "vocation", "surface_ha", "disponible_ha", "lon", "lat"
    )
    frame = table.assign(source=SITES, statut=table["disponibilite"], type=table["vocation"])
    frame["libre"] = table["disponibilite"] != "indisponible"
    return _drawn(frame.assign(surface_ha_secret=_secrets(table, "surface_ha")))


def gather(parts: Iterable[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Terrains of several origins in one frame, EPSG:2154. Raises InputRefused for another projection."""
    held = list(parts)
    for part in held:
        require_crs(part, LAMBERT_93)
    filled = [part for part in held if len(part)]
    if not filled:
        return held[0].copy() if held else _empty()
    return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), geometry="geometry", crs=LAMBERT_93)


def distinct(terrains: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One terrain per (source, site_id), the last updated, then one per set of parcels, the one that is drawn or largest.

    terrains: the columns TERRAIN. Same columns and order of rows. Raises InputRefused if a column is missing.
    """
    require_columns(terrains, *TERRAIN)
    # On the few columns that decide: wide frames with geometry are slow to sort and cut.
    heads = pd.DataFrame({name: terrains[name] for name in ("source", "site_id", "dessine", "surface_ha", "parcelles")})
    heads["jour"] = terrains["actualise_le"].astype("object").fillna("")
    newest = heads.sort_values("jour", kind="stable").drop_duplicates(["source", "site_id"], keep="last")
    ordered = newest.sort_values(["dessine", "surface_ha"], ascending=False, kind="stable")
    kept = ordered.index[ordered["parcelles"].isna() | ~ordered.duplicated("parcelles")]
    return terrains if len(kept) == len(terrains) else terrains.loc[terrains.index.isin(kept)]


def surface_once(terrains: gpd.GeoDataFrame) -> Surface:
    """The surface of terrains, overlaps counted once: the union of contours, plus the declared surfaces of the others.

    terrains: the columns TERRAIN, a unique index, geometry in EPSG:2154 (contour where `dessine`, else a point or none).
    A terrain without a contour whose point is in a contour at least as large is counted with it. Never more than the sum
    of the surfaces. No terrain: 0 ha; none of known surface: absent; secrets and unknown surfaces make a lower bound.
    Raises InputRefused if a column or the projection is missing.
    """
    kept = distinct(terrains)
    return surface_of(kept, repeated=len(terrains) - len(kept))


def surface_of(kept: gpd.GeoDataFrame, repeated: int = 0) -> Surface:
    """`surface_once` of terrains that are `distinct` already. Raises InputRefused for another projection."""
    require_crs(kept, LAMBERT_93)
    kept = kept[MEASURED]
    drawn, others = kept[kept["dessine"]], kept[~kept["dessine"]]
    others = others[~_is_covered(others, drawn)]
    declared = whole(others, "surface_ha")
    area = union_area(drawn.geometry.to_list()) / SQUARE_METRES
    known = Quantity(area) + declared if len(drawn) or not len(kept) else declared
    unmeasured = int((others["surface_ha"].isna() & (others["surface_ha_secret"] == 0)).sum())
    return Surface(
        hectares=known + Quantity(unknown=unmeasured),
        sites=len(kept),
        repeated=repeated,
        unmeasured=unmeasured,
        undrawn=len(others),
    )


def union_area(shapes: list[Any]) -> float:
    """The area of the union of polygons, in square units of their projection; invalid ones are repaired first.

    Only those that touch another are united: a national file holds thousands that touch none.
    """
    if not shapes:
        return 0.0
    valid = np.array([shape if shape.is_valid else shapely.make_valid(shape) for shape in shapes], dtype="object")
    left, right = shapely.STRtree(valid).query(valid, predicate="intersects")
    touching = np.zeros(len(valid), dtype=bool)
    touching[left[left != right]] = True
    alone = float(shapely.area(valid[~touching]).sum())
    return alone + float(shapely.area(shapely.union_all(valid[touching])))


def _is_covered(points: gpd.GeoDataFrame, drawn: gpd.GeoDataFrame) -> Any:
    """Whether each terrain without a contour has its point in a contour at least as large as it."""
    covered = np.zeros(len(points), dtype=bool)
    if not len(points) or not len(drawn):
        return covered
    shapes = drawn.geometry.to_numpy()
    rank, holder = shapely.STRtree(shapes).query(points.geometry.to_numpy(), predicate="within")
    room = shapely.area(shapes)[holder] / SQUARE_METRES >= points["surface_ha"].to_numpy()[rank]
    covered[rank[room]] = True
    return covered


def _secrets(table: pd.DataFrame, name: str) -> Any:
    return table[f"{name}_secret"] if f"{name}_secret" in table.columns else 0


def _drawn(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """The frame with its geometry; a terrain that declares no surface has that of its contour."""
    frame = frame.reset_index(drop=True)
    for name in ("nom", "parcelles", "url", "actualise_le", "contour"):
        if name not in frame.columns:
            frame[name] = None
    lon, lat = (frame[name].to_numpy("float64", na_value=np.nan) for name in ("lon", "lat"))
    contours = _in_lambert(_contours(frame["contour"]))
    places = _in_lambert(_kept_where(_is_metropole(lon, lat), shapely.points(lon, lat)))
    frame["dessine"] = contours.notna()
    frame["surface_ha"] = frame["surface_ha"].where(
        frame["surface_ha"].notna() | (frame["surface_ha_secret"] > 0), contours.area / SQUARE_METRES
    )
    # A zone says what is for sale; elsewhere the whole terrain is, unless the list says less.
    is_whole = (frame["source"] != ZONES) & frame["disponible_ha"].isna()
    frame["disponible_ha"] = frame["disponible_ha"].where(~is_whole, frame["surface_ha"])
    geometry = contours.where(frame["dessine"], places)
    return gpd.GeoDataFrame(frame[list(TERRAIN)], geometry=geometry, crs=LAMBERT_93)


def _contours(texts: pd.Series) -> np.ndarray:
    """The contours of terrains of métropole; None for another, or without any."""
    shapes = shapely.from_wkt(texts.astype("object").where(texts.notna(), None).to_numpy())
    centres = shapely.centroid(shapes)
    return _kept_where(_is_metropole(shapely.get_x(centres), shapely.get_y(centres)), shapes)


def _kept_where(kept: np.ndarray, shapes: Any) -> np.ndarray:
    """The shapes; None where they are not kept."""
    held = np.array(shapes, dtype="object")
    held[~kept] = None
    return held


def _is_metropole(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Where a place is in métropole; nowhere is not."""
    west, south, east, north = METROPOLE
    return (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)


def _in_lambert(shapes: np.ndarray) -> gpd.GeoSeries:
    return gpd.GeoSeries(shapes, crs=4326).to_crs(LAMBERT_93)


def _empty() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({name: [] for name in TERRAIN}, geometry=[], crs=LAMBERT_93)
