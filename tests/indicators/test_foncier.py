"""Foncier: statuses kept apart, surfaces counted once, vacancy in three states, land that is really free.

The mini set is drawn in Lambert-93 around Alès, in squares of a hundred metres: one square is one hectare.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from fichetrack.indicators import foncier, terrains
from fichetrack.indicators.contracts import InputRefused
from fichetrack.indicators.quantities import State

X, Y = 786_000.0, 6_337_000.0


def square(column: float, row: float, side: float = 1) -> shapely.Polygon:
    """`side` × `side` hectometres, its corner at (column, row)."""
    return shapely.box(X + 100 * column, Y + 100 * row, X + 100 * (column + side), Y + 100 * (row + side))


def terrain(site_id: str, **fields: Any) -> dict[str, Any]:
    shape = fields.pop("shape", None)
    base = {
        "source": "friches", "site_id": site_id, "nom": site_id, "commune": "30007", "statut": "friche sans projet",
        "type": "friche industrielle", "surface_ha": np.nan, "surface_ha_secret": 0, "disponible_ha": np.nan, "libre": True,
        "parcelles": None, "url": None, "actualise_le": "2026-01-01", "lon": np.nan, "lat": np.nan,
        "dessine": shape is not None and shape.geom_type != "Point", "geometry": shape,
    }  # fmt: skip
    row = base | fields
    if row["dessine"] and np.isnan(row["surface_ha"]):
        row["surface_ha"] = shape.area / 10_000
    if np.isnan(row["disponible_ha"]):
        row["disponible_ha"] = row["surface_ha"]
    return row


def frame(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    columns = [*terrains.TERRAIN, "geometry"]
    held = pd.DataFrame(list(rows), columns=columns).astype({"dessine": bool, "libre": bool, "surface_ha": "float64"})
    return gpd.GeoDataFrame(held, geometry="geometry", crs=2154)


MINI = (
    terrain("a", shape=square(0, 0, 2)),  # 4 ha
    terrain("b", shape=square(1, 1, 2), statut="friche avec projet", libre=False),  # 4 ha, of which 1 with a
    terrain("c", surface_ha=3.0, shape=shapely.Point(X + 1000, Y)),  # no contour
    terrain("d", surface_ha=7.0, statut="friche potentielle", libre=False),
    terrain("e", surface_ha=9.0, statut="friche reconvertie", libre=False),
    terrain("f", statut="inconnu", libre=False),
)


def test_overlaps_count_once_and_what_has_no_contour_is_added_with_a_warning() -> None:
    surface = foncier.surface_once(foncier.averees(frame(*MINI)))
    assert surface.hectares.value == pytest.approx(4 + 4 - 1 + 3)
    assert (surface.sites, surface.undrawn, surface.repeated) == (3, 1, 0)
    assert surface.warnings == [
        (
            "1 site sans contour : les surfaces annoncées sont additionnées, "
            "un recouvrement entre sites serait compté deux fois."
        )
    ]


def test_each_status_has_its_row_and_potentielles_stand_apart() -> None:
    table = foncier.by_statut(frame(*MINI))
    assert list(table.index) == list(foncier.STATUTS)
    assert table["nombre"].to_dict() == {
        "friche sans projet": 2, "friche avec projet": 1, "friche reconvertie": 1, "friche potentielle": 1, "inconnu": 1,
        "autre": 0, "sans objet": 0,
    }  # fmt: skip
    assert table.at["friche sans projet", "surface_ha"] == pytest.approx(7)
    assert np.isnan(table.at["inconnu", "surface_ha"]) and table.at["inconnu", "sans_surface"] == 1
    assert table.at["autre", "surface_ha"] == 0


def test_types_are_those_of_real_friches_only() -> None:
    rows = [*MINI, terrain("g", type="friche militaire", statut="friche potentielle", surface_ha=2.0)]
    table = foncier.by_type(frame(*rows))
    assert table["nombre"].to_dict() == {"friche industrielle": 3}
    assert table["nombre"].dtype == "int64" and table.index.name == "type"


def test_no_friche_is_zero_and_a_source_never_imported_is_absent() -> None:
    figures = foncier.figures(frame(), None, None)
    assert figures["friches_nombre"].exact == 0 and figures["friches_surface"].exact == 0
    assert figures["zae_surface"].state == State.ABSENT and figures["sites_cles_en_main"].state == State.ABSENT
    assert foncier.figures(None, None, None)["friches_nombre"].state == State.ABSENT


def test_no_zone_listed_is_absent_since_no_national_file_exists() -> None:
    figures = foncier.figures(None, frame(), frame())
    assert figures["zae_nombre"].state == State.ABSENT and figures["zae_surface"].state == State.ABSENT
    assert figures["sites_cles_en_main"].state == State.ABSENT


def test_figures_of_the_mini_set() -> None:
    zone = terrain("z", source="zae", statut="existant et actif", surface_ha=30.0, disponible_ha=5.0)
    sites = [
        terrain("s", source="sites", statut="disponible", surface_ha=6.0),
        terrain("t", source="sites", statut="indisponible", surface_ha=50.0, libre=False),
    ]
    figures = foncier.figures(frame(*MINI), frame(zone), frame(*sites))
    values = {code: quantity.value for code, quantity in figures.items()}
    assert values == pytest.approx(
        {
            "friches_nombre": 3, "friches_surface": 10, "friches_potentielles": 1, "zae_nombre": 1, "zae_surface": 30,
            "sites_cles_en_main": 1, "terrain_disponible": 4 + 3 + 5 + 6,
        }
    )  # fmt: skip
    assert set(values) <= {indicator.code for indicator in foncier.INDICATORS}


def test_a_site_told_twice_or_on_the_same_parcels_counts_once() -> None:
    rows = [
        terrain("a", surface_ha=5.0, actualise_le="2024-01-01"),
        terrain("a", surface_ha=6.0, actualise_le="2025-01-01"),
        terrain("b", surface_ha=2.0, parcelles="30007000AZ0001"),
        terrain("c", surface_ha=2.0, parcelles="30007000AZ0001"),
    ]
    surface = foncier.surface_once(frame(*rows))
    assert (surface.hectares.value, surface.sites, surface.repeated) == (8.0, 2, 2)


def test_a_point_in_a_contour_large_enough_is_counted_with_it() -> None:
    inside = shapely.Point(X + 50, Y + 50)
    rows = [terrain("a", shape=square(0, 0, 2)), terrain("p", shape=inside, surface_ha=1.5)]
    assert foncier.surface_once(frame(*rows)).hectares.value == pytest.approx(4)
    rows[1] = terrain("p", shape=inside, surface_ha=50.0)
    assert foncier.surface_once(frame(*rows)).hectares.value == pytest.approx(54)


def test_a_secret_surface_makes_a_lower_bound_never_a_zero() -> None:
    rows = [terrain("a", surface_ha=5.0), terrain("b", surface_ha_secret=1)]
    surface = foncier.surface_once(frame(*rows))
    assert (surface.hectares.state, surface.hectares.value, surface.unmeasured) == (State.AT_LEAST, 5.0, 0)
    assert foncier.surface_once(frame(rows[1])).hectares.state == State.SECRET
    assert foncier.surface_once(frame(terrain("c"))).hectares.state == State.ABSENT


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5), st.floats(0.1, 3)), max_size=8))
def test_the_union_is_never_more_than_the_sum_nor_less_than_the_largest(
    squares: list[tuple[float, float, float]],
) -> None:
    rows = frame(*(terrain(f"s{rank}", shape=square(*one)) for rank, one in enumerate(squares)))
    once = foncier.surface_once(rows).hectares.value
    assert once is not None
    assert once <= rows["surface_ha"].sum() + 1e-6
    assert once >= (rows["surface_ha"].max() if len(rows) else 0) - 1e-6
    shuffled = rows.sample(frac=1, random_state=1)
    assert foncier.surface_once(shuffled).hectares.value == pytest.approx(once)


def test_a_bow_tie_is_repaired_before_it_is_measured() -> None:
    bow = shapely.Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])
    assert not bow.is_valid
    assert foncier.surface_once(frame(terrain("a", shape=bow, surface_ha=1.0))).hectares.value == pytest.approx(0.5)


def test_an_unknown_surface_makes_a_lower_bound_of_what_is_there_and_of_what_is_free() -> None:
    rows = frame(*MINI, terrain("g"))
    held = foncier.figures(rows, None, None)
    assert held["friches_surface"].state == held["terrain_disponible"].state == State.AT_LEAST
    assert foncier.figures(frame(*MINI), None, None)["terrain_disponible"].state == State.VALUE
    # Alone, it is neither « au moins 0 ha » nor a zero.
    assert foncier.figures(frame(terrain("g")), None, None)["terrain_disponible"].state == State.ABSENT


# --- Vacancy


def zones(**columns: Any) -> pd.DataFrame:
    size = len(next(iter(columns.values())))
    base = {"site_id": [f"z{rank}" for rank in range(size)]}
    numbers = {name: [np.nan] * size for name in ("surface_ha", "taux_vacance", "uf_nombre", "uf_vacantes")}
    return pd.DataFrame(base | numbers | columns)


def test_vacancy_is_weighted_by_unites_foncieres() -> None:
    found = foncier.vacancy(zones(uf_nombre=[20, 10, np.nan], uf_vacantes=[3, 6, np.nan]))
    assert found.rate.exact == pytest.approx(100 * 9 / 30)
    assert (found.covered, found.zones, found.weight) == (2, 3, "unités foncières")


def test_vacancy_without_units_is_weighted_by_surface() -> None:
    found = foncier.vacancy(zones(taux_vacance=[10.0, 40.0], surface_ha=[30.0, 10.0]))
    assert found.rate.exact == pytest.approx((10 * 30 + 40 * 10) / 40) and found.weight == "surface"


def test_a_secret_rate_makes_the_whole_secret_and_none_is_absent() -> None:
    table = zones(taux_vacance=[10.0, np.nan], surface_ha=[30.0, 10.0]).assign(taux_vacance_secret=[0, 1])
    assert foncier.vacancy(table).rate.state == State.SECRET
    assert foncier.vacancy(zones(taux_vacance=[np.nan])).rate.state == State.ABSENT
    assert foncier.vacancy(zones(taux_vacance=[])).rate.state == State.ABSENT


# --- Land to be found


def test_a_search_finds_what_is_free_and_large_enough_with_its_source_and_status() -> None:
    rows = [
        *MINI,
        terrain("z", source="zae", statut="existant et actif", surface_ha=30.0, disponible_ha=5.0),
        terrain("s", source="sites", statut="disponible", surface_ha=2.0),
    ]
    found = foncier.available_land(frame(*rows), 3)
    assert found[["site_id", "source", "statut"]].to_numpy().tolist() == [
        ["z", "zae", "existant et actif"],
        ["a", "friches", "friche sans projet"],
        ["c", "friches", "friche sans projet"],
    ]
    assert list(foncier.available_land(frame(*rows), 4.0001)["site_id"]) == ["z"]


def test_potentielles_reconverties_and_unknown_surfaces_are_never_found() -> None:
    found = foncier.available_land(frame(*MINI, terrain("g")), 0)
    assert set(found["site_id"]) == {"a", "c"}
    assert foncier.count_unmeasured(frame(*MINI, terrain("g"))) == 1


@pytest.mark.parametrize("minimum", [-1, float("nan"), float("inf")])
def test_a_minimum_that_is_no_surface_is_refused(minimum: float) -> None:
    with pytest.raises(InputRefused):
        foncier.available_land(frame(*MINI), minimum)


# --- Share of a territoire


def test_the_share_cuts_contours_at_the_border() -> None:
    land = gpd.GeoDataFrame({"geometry": [square(0, 0, 10), square(1, 0, 10), square(50, 50), None]}, crs=2154)
    land.index = ["com-1", "com-2", "com-3", "com-4"]
    shares = foncier.share_of_friches(land, frame(terrain("a", shape=square(0, 0, 2))))
    assert shares.iloc[:3].tolist() == pytest.approx([4.0, 2.0, 0.0])
    assert np.isnan(shares["com-4"]) and list(shares.index) == list(land.index) and shares.dtype == "float64"


def test_lambert_93_is_required() -> None:
    degrees = frame(*MINI).set_crs(4326, allow_override=True)
    for compute in (foncier.surface_once, foncier.by_statut, lambda one: foncier.available_land(one, 1)):
        with pytest.raises(InputRefused, match="2154"):
            compute(degrees)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputRefused, match="surface_m2"):
        terrains.from_friches(pd.DataFrame({"site_id": [], "commune": [], "statut": [], "type": []}))


# --- From the tables of the importers


def table(**columns: Any) -> pd.DataFrame:
    base = {"site_id": ["x"], "commune": ["30007"], "type": ["mixte"], "lon": [4.08], "lat": [44.12], "contour": [None]}
    return pd.DataFrame(base | columns)


def test_a_friche_in_degrees_becomes_a_terrain_in_lambert_93() -> None:
    corner = "POLYGON ((4.08 44.12, 4.09 44.12, 4.09 44.13, 4.08 44.13, 4.08 44.12))"
    made = terrains.from_friches(table(statut=["friche sans projet"], surface_m2=[np.nan], contour=[corner]))
    assert made.crs.to_epsg() == 2154 and bool(made.at[0, "dessine"]) and bool(made.at[0, "libre"])
    # A hundredth of a degree is 1,111 m northward and about 800 m eastward at this latitude.
    assert made.at[0, "surface_ha"] == pytest.approx(1.111 * 0.800 * 100, rel=0.01)


def test_overseas_keeps_its_declared_surface_and_is_not_drawn() -> None:
    corner = "POLYGON ((55.4 -21, 55.41 -21, 55.41 -20.99, 55.4 -20.99, 55.4 -21))"
    made = terrains.from_friches(
        table(
            commune=["97411"],
            statut=["friche sans projet"],
            surface_m2=[12_000.0],
            contour=[corner],
            lon=[55.4],
            lat=[-21],
        )
    )
    surface = foncier.surface_once(made)
    assert surface.hectares.value == pytest.approx(1.2) and surface.undrawn == 1
    assert foncier.available_land(made, 1)["site_id"].tolist() == ["x"]


def test_a_zone_offers_only_what_it_sells() -> None:
    made = terrains.from_zones(
        table(site_id=["x", "y"], commune=["30007"] * 2, type=["zae"] * 2, lon=[4.08] * 2, lat=[44.1] * 2, contour=[None] * 2)
        .assign(etat=["existant et actif", "en projet"], surface_ha=[30.0, 9.0], surface_disponible_ha=[np.nan, 4.0])
    )  # fmt: skip
    assert made["libre"].tolist() == [False, False]
    assert foncier.available_land(made, 0).empty


def test_a_site_of_unsaid_availability_is_shown_as_such() -> None:
    made = terrains.from_sites(
        table(disponibilite=["inconnu"], vocation=["industrie"], surface_ha=[6.0], disponible_ha=[np.nan])
    )
    assert foncier.available_land(made, 5)["statut"].tolist() == ["inconnu"]


def test_three_origins_go_together() -> None:
    friches = terrains.from_friches(table(statut=["friche sans projet"], surface_m2=[50_000.0]))
    sites = terrains.from_sites(
        table(site_id=["y"], disponibilite=["disponible"], vocation=[None], surface_ha=[6.0], disponible_ha=[2.0])
    )
    held = terrains.gather([friches, sites, frame()])
    assert held["disponible_ha"].tolist() == [5.0, 2.0] and held.crs.to_epsg() == 2154
    assert foncier.available_surface(foncier.available_land(held, 0)).hectares.value == pytest.approx(7.0)
    assert terrains.gather([]).empty


def test_every_indicator_says_its_lines() -> None:
    for indicator in foncier.INDICATORS:
        assert indicator.label and indicator.treatment and indicator.formula and indicator.limits
        assert "'" not in indicator.treatment + indicator.limits + indicator.label
