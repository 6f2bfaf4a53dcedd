"""Friches: the published layouts, coordinates that are checked, owners that stay hidden, and damaged files."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from fichetrack.errors import ImportRefused
from fichetrack.indicators import foncier, terrains
from fichetrack.sources import points
from fichetrack.sources.friches import STATUTS, TYPES, read
from fichetrack.sources.layouts import FOLDER, get_source
from fichetrack.sources.reading import Ground, Reading
from tests.sources.damage import as_xlsx, grid_of

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "foncier"
real = pytest.mark.skipif(not DATA.exists(), reason="place the public files in ../shared/data to run it")
BOXES = {
    "30007": (4.05, 44.09, 4.13, 44.16), "30132": (4.0, 44.18, 4.06, 44.25), "12083": (2.26, 44.5, 2.32, 44.54),
    "97411": (55.37, -21.02, 55.52, -20.87), "97609": (45.1, -12.85, 45.2, -12.75),
}  # fmt: skip
HEAD = "site_id;comm_insee;site_statut;unite_fonciere_surface;geompoint;site_actu_date;proprio_personne;proprio_nom\n"
SOUND = (
    HEAD
    + 'F1;30007;friche sans projet;12000;POINT (4.08 44.12);2026-01-05;personne morale;"Société; inventée"\n'
    + "F2;30007;friche potentielle;3400;POINT (4.09 44.13);2025-02-03;personne physique;_X_\n"
)

Load = Callable[..., Reading]


@pytest.fixture
def load(ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.setattr(points, "commune_boxes", lambda: BOXES)

    def load(file: Path | str | bytes, name: str = "friches.csv", **options: str) -> Reading:
        if not isinstance(file, Path):
            path = tmp_path / name
            path.write_bytes(file.encode() if isinstance(file, str) else file)
            file = path
        return read(file, ground, tmp_path, options, lambda text: None)

    return load


def table(reading: Reading) -> pd.DataFrame:
    return pd.read_parquet(reading.tables["friches"]).set_index("site_id")


def row(site: str = "F1", **fields: str) -> str:
    base = {
        "comm": "30007",
        "statut": "friche sans projet",
        "surface": "100",
        "point": "",
        "day": "2026-01-05",
    } | fields
    return f"{site};{base['comm']};{base['statut']};{base['surface']};{base['point']};{base['day']};;\n"


def test_each_example_is_read_whole(load: Load) -> None:
    for name in get_source("friches").raw["examples"]:
        reading = load(FOLDER / "friches" / name)
        assert reading.report.kept == reading.report.read > 0 and reading.report.aside == 0


def test_the_national_layout_has_backslash_quotes_and_bare_na(load: Load) -> None:
    sites = table(load(FOLDER / "friches" / "exemple.csv"))
    assert sites.at["30007_90001", "nom"] == 'Filature du Pont "vieux"; bâtiment A'
    assert sites.at["30007_90001", "surface_m2"] == 25_000 and sites.at["30007_90001", "contour"].startswith("POLYGON")
    assert pd.isna(sites.at["30132_90005", "surface_m2"]) and pd.isna(sites.at["30132_90005", "nom"]) is False
    assert sites.at["30007_90002", "parcelles"] == "30007000BC9003|30007000BC9004"
    assert sites["potentielle"].sum() == 1


def test_both_axis_orders_give_the_same_place(load: Load) -> None:
    text = (
        HEAD
        + row("F1", point="POINT(44.12 4.08)")
        + row("F2", point="POINT (4.08 44.12)")
        + row("F3", point="44.12, 4.08")
    )
    sites = table(load(text))
    assert sites[["lon", "lat"]].drop_duplicates().to_numpy().tolist() == [[4.08, 44.12]]


def test_projections_and_overseas_are_told_apart_by_the_commune(load: Load) -> None:
    rows = [
        row("F1", point="POINT (786500 6336500)"),
        row("F2", comm="97411", point="POINT (-20.9 55.45)"),
        row("F3", comm="97609", point="POINT (45.15 -12.8)"),
    ]
    sites = table(load(HEAD + "".join(rows)))
    assert sites["lon"].round(2).tolist() == [4.08, 55.45, 45.15]
    assert sites["lat"].round(2).tolist() == [44.12, -20.9, -12.8]


@pytest.mark.parametrize(
    ("point", "why"),
    [
        ("POINT (0 0)", "hors de France"),
        ("POINT (2.35 48.85)", "dix kilomètres de sa commune"),
        ("POINT (quelque part)", "illisible"),
        ("POINT (1e308 1e308)", "hors de France"),
    ],
)
def test_a_point_that_cannot_be_is_dropped_and_said_and_the_site_kept(load: Load, point: str, why: str) -> None:
    reading = load(HEAD + row(point=point))
    assert pd.isna(table(reading).at["F1", "lon"])
    assert any(why in remark and "ligne 2" in remark for remark in reading.report.remarks)


def test_a_contour_follows_the_axis_order_of_its_centre(load: Load) -> None:
    ring = "POLYGON((44.12 4.08, 44.12 4.09, 44.13 4.09, 44.13 4.08, 44.12 4.08))"
    text = HEAD.replace("geompoint", "geomsurf") + row(point=ring)
    sites = table(load(text))
    assert sites.at["F1", "contour"].startswith("POLYGON ((4.08 44.12")
    assert (round(sites.at["F1", "lon"], 2), round(sites.at["F1", "lat"], 2)) in {
        (4.08, 44.12),
        (4.09, 44.13),
        (4.08, 44.13),
    }


def test_no_owners_name_is_kept_whatever_the_file_says(load: Load) -> None:
    names = ["_X_", "Dupont Jeanne", "_X_|Société inventée", "Commune inventée"]
    kinds = ["", "personne physique", "personne morale", "personne morale"]
    lines = [row(f"F{rank}").rstrip(";\n") + f";{kinds[rank]};{names[rank]}\n" for rank in range(4)]
    reading = load(HEAD + "".join(lines))
    content = reading.tables["friches"].read_bytes() + table(reading).to_csv().encode()
    assert not any(word in content for word in (b"Dupont", b"_X_", b"Soci", b"Commune inv"))
    assert table(reading)["proprietaire_type"].tolist() == [
        "personne physique",
        "personne physique",
        "mixte",
        "personne morale",
    ]


def test_statuses_are_forgiven_their_case_and_an_unknown_one_is_kept_as_such_and_said(load: Load) -> None:
    rows = [
        row("F1", statut="FRICHE  SANS PROJET"),
        row("F2", statut="Reconvertie"),
        row("F3", statut="à l’étude"),
        row("F4", statut="NA"),
    ]
    reading = load(HEAD + "".join(rows))
    assert table(reading)["statut"].tolist() == ["friche sans projet", "friche reconvertie", "inconnu", "inconnu"]
    assert any("à l’étude" in remark and "ligne 4" in remark for remark in reading.report.remarks)
    assert any("sans statut" in remark for remark in reading.report.remarks)


def test_potentielles_never_become_available_land(load: Load) -> None:
    sites = terrains.from_friches(pd.read_parquet(load(SOUND).tables["friches"]))
    assert foncier.available_land(sites, 0)["site_id"].tolist() == ["F1"]
    assert foncier.figures(sites, None, None)["friches_nombre"].exact == 1


def test_rows_that_cannot_be_used_are_named(load: Load) -> None:
    text = HEAD + row("F1") + row("F2", comm="") + row("F3", comm="99999") + row("NA") + row("F1", day="2020-01-01")
    report = load(text).report
    assert (report.read, report.kept, report.aside) == (5, 1, 4)
    assert [line for line, _ in sorted(report.lines)] == [3, 4, 5, 6]


def test_the_newest_of_two_rows_of_a_site_is_kept(load: Load) -> None:
    sites = table(load(HEAD + row("F1", surface="1", day="2020-01-01") + row("F1", surface="2", day="2025-01-01")))
    assert sites["surface_m2"].tolist() == [2.0]


def test_odd_surfaces_are_left_out_and_said_and_zero_is_not_a_surface(load: Load) -> None:
    rows = [
        row("F1", surface="environ 2 ha"),
        row("F2", surface="-5"),
        row("F3", surface="0"),
        row("F4", surface="9e12"),
        row("F5", surface="1 234,5"),
    ]
    reading = load(HEAD + "".join(rows))
    assert table(reading)["surface_m2"].fillna(-1).tolist() == [-1, -1, -1, -1, 1234.5]
    assert sum("ne peut pas être retenu" in remark for remark in reading.report.remarks) == 3


def test_old_communes_and_lost_zeros_come_to_todays_commune(load: Load) -> None:
    sites = table(load(HEAD + row("F1", comm="1004") + row("F2", comm="75101")))
    assert sites["commune"].tolist() == ["01004", "75056"]


def test_a_line_with_too_many_cells_is_set_aside_with_its_number(load: Load) -> None:
    reading = load(HEAD + row("F1") + "F2;30007;friche sans projet;1;2;3;2026-01-01;a;b;c\n")
    assert reading.report.lines == [(3, "10 cellules pour 8 colonnes : un séparateur n’est pas entre guillemets.")]


def test_a_last_line_cut_short_is_set_aside(load: Load) -> None:
    reading = load(HEAD + row("F1") + "F2;30007;friche sans projet;16")
    assert reading.report.kept == 1 and "tronqué" in reading.report.lines[0][1]


def feature(site: str, geometry: dict[str, Any] | None, **properties: Any) -> dict[str, Any]:
    base = {"site_id": site, "comm_insee": "30007", "site_statut": "friche sans projet", "site_actu_date": "2026-01-05"}
    return {"type": "Feature", "properties": base | properties, "geometry": geometry}


def test_a_geojson_has_the_same_columns(load: Load) -> None:
    ring = [[786400, 6336400], [786500, 6336400], [786500, 6336500], [786400, 6336500], [786400, 6336400]]
    features = [
        feature("F1", {"type": "Point", "coordinates": [4.08, 44.12]}, unite_fonciere_surface=1200),
        feature("F2", None, unite_fonciere_surface=None),
    ]
    sites = table(load(json.dumps({"type": "FeatureCollection", "features": features}), "friches.geojson"))
    assert sites["lon"].fillna(0).tolist() == [4.08, 0] and sites["surface_m2"].fillna(0).tolist() == [1200, 0]
    content = {
        "type": "FeatureCollection", "features": [feature("F1", {"type": "Polygon", "coordinates": [ring]})],
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}},
    }  # fmt: skip
    drawn = terrains.from_friches(pd.read_parquet(load(json.dumps(content), "f.geojson").tables["friches"]))
    assert drawn["surface_ha"].tolist() == pytest.approx([1.0], rel=1e-3)


def test_a_projection_nobody_knows_is_refused(load: Load) -> None:
    content = {
        "type": "FeatureCollection",
        "features": [feature("F1", None)],
        "crs": {"properties": {"name": "maison"}},
    }
    with pytest.raises(ImportRefused, match="projection"):
        load(json.dumps(content), "f.geojson")


def test_the_millesime_is_asked_or_in_the_name_or_the_newest_update(load: Load) -> None:
    assert load(SOUND, "friches-standard-2026-04-15.csv").millesime == "2026-04"
    assert load(SOUND, "friches_2026-03.csv").millesime == "2026-03"
    assert load(SOUND).millesime == "2026-01"
    assert load(SOUND, millesime="2025-12").millesime == "2025-12"
    undated = load(SOUND.replace("2026-01-05", "").replace("2025-02-03", "2999-01-01"))
    assert "daté de son import" in " ".join(undated.report.remarks)
    with pytest.raises(ImportRefused, match="pas un millésime"):
        load(SOUND, millesime="avril")


def test_another_standards_table_is_refused_by_name(load: Load) -> None:
    with pytest.raises(ImportRefused, match=r"comm_insee.+manque.+site_surf_brute"):
        load(FOLDER / "zae" / "exemple_sites.csv")


def test_headings_alone_are_refused(load: Load) -> None:
    with pytest.raises(ImportRefused, match="aucune ligne utilisable"):
        load(HEAD, millesime="2026")


def test_a_formula_is_never_run_nor_kept_as_a_number(load: Load) -> None:
    rows = grid_of(HEAD + row("F1", surface="=1+1"))
    reading = load(as_xlsx(("Liste", rows)), "f.xlsx")
    assert pd.isna(table(reading).at["F1", "surface_m2"])


@real
def test_the_valid_file_of_the_standard_is_read_and_its_impossible_place_said(ground: Ground, tmp_path: Path) -> None:
    reading = read(DATA / "cnig_friches_fichier-valide.csv", ground, tmp_path, {}, lambda text: None)
    site = table(reading).loc["12083_22-12.0017"]
    assert (site["statut"], site["surface_m2"], site["surface_bati_m2"]) == ("friche avec projet", 16750, 2400)
    assert reading.millesime == "2019-06" and len(site["parcelles"].split("|")) == 5
    # Its point is in the Aisne, its commune in the Aveyron, and its contour ends with three dots.
    assert pd.isna(site["lon"]) and pd.isna(site["contour"])
    assert [remark.split(",")[0] for remark in reading.report.remarks] == [
        "Point à plus de dix kilomètres de sa commune",
        "Contour illisible",
    ]


@real
def test_the_dirty_sample_keeps_four_rows_of_seven_as_the_communal_aggregate_does(load: Load) -> None:
    reading = load(DATA / "cartofriches_echantillon-6-colonnes.csv", millesime="2026-04")
    assert (reading.report.read, reading.report.kept) == (7, 4)
    aggregate = json.loads(gzip.decompress((DATA / "cartofriches_agregat-communal_2026-04.json.gz").read_bytes()))
    for commune, sites in table(reading).groupby("commune"):
        published = aggregate["communes"][commune]
        assert len(sites) <= published["n"]
        assert set(sites["type"]) <= set(published["by_type"]) and set(sites["statut"]) <= set(published["by_status"])
        assert sites["surface_m2"].sum() <= published["total_surface_m2"]
    assert aggregate["communes"]["61386"]["total_surface_m2"] == 13014
    assert table(reading).query("commune == '61386'")["surface_m2"].sum() == 13014


@real
def test_every_status_and_type_of_the_national_file_is_known() -> None:
    aggregate = json.loads(gzip.decompress((DATA / "cartofriches_agregat-communal_2026-04.json.gz").read_bytes()))
    statuts = {name for one in aggregate["communes"].values() for name in one["by_status"]}
    types = {name for one in aggregate["communes"].values() for name in one["by_type"]}
    assert statuts - set(STATUTS) <= {""} and types - set(TYPES) <= {""}
