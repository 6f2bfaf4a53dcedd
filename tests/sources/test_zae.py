"""Economic sites: the three tables of the standard, its malformed example, projections, units, and damaged files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from fichetrack.errors import ImportRefused
from fichetrack.indicators import foncier, terrains
from fichetrack.sources import points
from fichetrack.sources.layouts import FOLDER
from fichetrack.sources.reading import Ground, Reading
from fichetrack.sources.zae import read

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "foncier"
real = pytest.mark.skipif(not DATA.exists(), reason="place the public files in ../shared/data to run it")
OFFICIAL = "cnig_sites-economiques_site-eco_exemple-valide.csv"
BOXES = {
    "30007": (4.05, 44.09, 4.13, 44.16), "80024": (2.21, 49.91, 2.28, 49.96), "97411": (55.37, -21.02, 55.52, -20.87)
}  # fmt: skip
COLUMNS = (
    "site_id", "site_comm_insee", "site_surf_brute", "site_nom", "site_vocadomi", "site_etat", "site_epci_siren",
    "site_actu_date", "site_uf_nbre", "site_uf_vacant_nbre", "site_taux_vacance", "site_surf_comm_dispo", "site_geompoint",
    "site_geomsurf",
)  # fmt: skip
BASE = {
    "site_id": "30007_SITE-ECO_00001", "site_comm_insee": "30007", "site_surf_brute": "12,5", "site_nom": "Zone inventée",
    "site_vocadomi": "entrepôts, logistique", "site_etat": "existant et actif", "site_epci_siren": "200066918",
    "site_actu_date": "2025-03-10", "site_uf_nbre": "20", "site_uf_vacant_nbre": "3", "site_taux_vacance": "15",
}  # fmt: skip

Load = Callable[..., Reading]


@pytest.fixture
def load(ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.setattr(points, "commune_boxes", lambda: BOXES)

    def load(file: Path | str | bytes, name: str = "zae.csv", **options: str) -> Reading:
        if not isinstance(file, Path):
            path = tmp_path / name
            path.write_bytes(file.encode() if isinstance(file, str) else file)
            file = path
        return read(file, ground, tmp_path, options, lambda text: None)

    return load


def table(reading: Reading, name: str = "sites") -> pd.DataFrame:
    return pd.read_parquet(reading.tables[name])


def text_of(*rows: dict[str, str]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, delimiter=";", restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(BASE | row for row in rows)
    return stream.getvalue()


def lambert_square(x: float, y: float, side: float) -> str:
    ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


SOUND = text_of({}, {"site_id": "30007_SITE-ECO_00002", "site_surf_brute": "3"})


@pytest.mark.parametrize(
    ("name", "key", "rows"),
    [("sites", "site_id", 3), ("etablissements", "siret", 1), ("poles", "pole_id", 1)],
)
def test_each_table_is_recognised_by_its_headings(load: Load, name: str, key: str, rows: int) -> None:
    reading = load(FOLDER / "zae" / f"exemple_{name}.csv")
    assert list(reading.tables) == [name] and len(table(reading, name)) == rows and key in table(reading, name)
    assert (reading.millesime, reading.lot, reading.report.aside) == ("2025-03", "200066918", 0)


def test_surfaces_are_hectares_and_rates_per_cent(load: Load) -> None:
    site = table(load(text_of({"site_taux_vacance": "13 %", "site_surf_comm_dispo": "1.5"}))).iloc[0]
    assert (site["surface_ha"], site["taux_vacance"], site["surface_disponible_ha"]) == (12.5, 13.0, 1.5)
    assert (site["etat"], site["vocation"]) == ("existant et actif", "entrepôts, logistique")


def test_a_secret_rate_is_a_secret_and_a_blank_one_nothing(load: Load) -> None:
    sites = table(load(text_of({"site_taux_vacance": "s"}, {"site_id": "b", "site_taux_vacance": ""})))
    assert sites["taux_vacance"].isna().all() and sites["taux_vacance_secret"].tolist() == [1, 0]


def test_a_lambert_93_contour_and_a_wgs84_point_stand_in_one_row(load: Load) -> None:
    row = {
        "site_geomsurf": lambert_square(786_400, 6_336_400, 300),
        "site_geompoint": "4.08, 44.12",
        "site_surf_brute": "9",
    }
    made = terrains.from_zones(table(load(text_of(row))))
    assert bool(made.at[0, "dessine"]) and (made.at[0, "lon"], made.at[0, "lat"]) == (4.08, 44.12)
    assert foncier.surface_once(made).hectares.value == pytest.approx(9.0, rel=1e-3)


@pytest.mark.parametrize("point", ["4.08, 44.12", "44.12, 4.08", "786500, 6336500", "[4.08,44.12]"])
def test_points_are_read_in_the_projection_and_order_that_is_near_the_commune(load: Load, point: str) -> None:
    site = table(load(text_of({"site_geompoint": point}))).iloc[0]
    assert (round(site["lon"], 2), round(site["lat"], 2)) == (4.08, 44.12)


def test_overseas_metres_are_not_lambert_93(load: Load) -> None:
    # UTM 40 South, the legal projection of La Réunion.
    row = {"site_comm_insee": "97411", "site_geompoint": "338000, 7688000", "site_epci_siren": "249740119"}
    site = table(load(text_of(row))).iloc[0]
    assert 55.37 < site["lon"] < 55.52 and -21.02 < site["lat"] < -20.87


def test_square_metres_are_told_from_hectares_by_the_contour(load: Load) -> None:
    row = {"site_geomsurf": lambert_square(786_400, 6_336_400, 300), "site_surf_brute": "9000"}
    reading = load(text_of(row))
    assert pd.isna(table(reading).at[0, "surface_ha"])
    assert any("hectares" in remark and "Ligne 2" in remark for remark in reading.report.remarks)


def test_what_contradicts_itself_is_left_out_and_said(load: Load) -> None:
    reading = load(text_of({"site_uf_vacant_nbre": "30"}, {"site_id": "b", "site_taux_vacance": "140"}))
    sites = table(reading).set_index("site_id")
    assert pd.isna(sites.at["30007_SITE-ECO_00001", "uf_vacantes"]) and pd.isna(sites.at["b", "taux_vacance"])
    assert any("plus d’unités" in remark for remark in reading.report.remarks)
    proportions = load(text_of({"site_taux_vacance": "0,13"}, {"site_id": "b", "site_taux_vacance": "0,5"}))
    assert table(proportions)["taux_vacance"].isna().all()


def test_a_shifted_row_is_set_aside_and_the_others_kept(load: Load) -> None:
    text = SOUND.replace('"entrepôts, logistique";existant et actif', "entrepôts;logistique", 1)
    text = text.replace("entrepôts, logistique;existant et actif", "entrepôts;logistique", 1)
    reading = load(text)
    assert reading.report.kept == 1 and reading.report.lines[0][0] == 2
    assert "site_vocadomi" in reading.report.lines[0][1] and "site_etat" in reading.report.lines[0][1]


def test_contacts_and_the_names_of_persons_are_not_kept(load: Load) -> None:
    text = (FOLDER / "zae" / "exemple_etablissements.csv").read_text("utf-8")
    reading = load(text.replace(";5710;", ";1000;"))
    content = table(reading, "etablissements").to_csv()
    assert "exemple.fr" not in content and "01 00" not in content and "Atelier" not in content


def test_a_file_of_several_epci_asks_for_the_name_of_its_lot(load: Load) -> None:
    text = text_of({}, {"site_id": "b", "site_epci_siren": "200035129"})
    with pytest.raises(ImportRefused, match="2 EPCI"):
        load(text)
    assert load(text, lot="occitanie").lot == "occitanie"


def test_a_table_of_friches_is_refused_by_name(load: Load) -> None:
    with pytest.raises(ImportRefused, match="manque"):
        load(FOLDER / "friches" / "exemple.csv")


@pytest.mark.parametrize("asked", ["2024-13", "24", "T4"])
def test_a_millesime_that_is_none_is_refused(load: Load, asked: str) -> None:
    with pytest.raises(ImportRefused, match="millésime"):
        load(SOUND, millesime=asked)


def test_headings_alone_are_refused(load: Load) -> None:
    with pytest.raises(ImportRefused, match="aucune ligne utilisable"):
        load(text_of())


@real
def test_the_official_example_is_refused_naming_the_line_and_the_column(load: Load) -> None:
    with pytest.raises(ImportRefused) as refusal:
        load(DATA / OFFICIAL)
    assert "Ligne 2" in str(refusal.value) and "« site_vocadomi »" in str(refusal.value).replace("\u00a0", " ")
    assert "entrepôts" in str(refusal.value) and "logistique" in str(refusal.value)


@real
def test_the_official_example_mended_gives_its_figures_and_its_impossible_places_are_said(
    ground: Ground, tmp_path: Path
) -> None:
    text = (DATA / OFFICIAL).read_text("utf-8-sig")
    file = tmp_path / "mended.csv"
    file.write_text(text.replace("entrepôts;logistique;", '"entrepôts, logistique";existant et actif;'), "utf-8")
    reading = read(file, ground, tmp_path, {}, lambda said: None)
    site = table(reading).iloc[0]
    assert (site["surface_ha"], site["surface_utile_ha"], site["surface_disponible_ha"]) == (37.2, 35.3, 5.7)
    assert (site["taux_vacance"], site["uf_nombre"], site["uf_vacantes"], site["emplois"]) == (13, 15, 2, 856)
    assert (reading.millesime, reading.lot) == ("2023-08", "200071223")
    # Its point is in the Aisne, its commune in the Somme, and its polygon is not closed.
    dropped = [remark.split(",")[0] for remark in reading.report.remarks if "non retenu" in remark]
    assert dropped == ["Point à plus de dix kilomètres de sa commune", "Contour illisible"]
    assert pd.isna(site["lon"]) and pd.isna(site["contour"])


@real
@pytest.mark.parametrize(("name", "kept"), [("etablissement", "etablissements"), ("pole-eco", "poles")])
def test_the_other_official_examples_are_read(load: Load, name: str, kept: str) -> None:
    reading = load(DATA / f"cnig_sites-economiques_{name}_exemple-valide.csv")
    assert list(reading.tables) == [kept] and (reading.report.read, reading.report.kept) == (1, 1)
    assert reading.lot == "200071223"
