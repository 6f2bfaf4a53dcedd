"""Sites clés en main: the declared table, communes in words that are never guessed, availability, damaged files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import shapely

from fichetrack.errors import ImportRefused
from fichetrack.indicators import foncier, terrains
from fichetrack.sources import points, sites
from fichetrack.sources.layouts import FOLDER
from fichetrack.sources.reading import Ground, Reading

BOXES = {"30007": (4.05, 44.09, 4.13, 44.16), "26362": (4.85, 44.88, 4.98, 44.97)}
HEAD = "Nom du site;Commune;Code INSEE;Département;Surface (ha);Disponibilité;Longitude;Latitude;Mis à jour le\n"
SOUND = HEAD + "Site été;Alès;30007;;6,5;disponible;4,08;44,12;12/02/2026\nAutre site;;30132;;2;vendu;;;12/02/2026\n"

Load = Callable[..., Reading]


@pytest.fixture
def load(ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    ales = shapely.box(*BOXES["30007"])
    monkeypatch.setattr(points, "commune_boxes", lambda: BOXES)
    monkeypatch.setattr(sites, "_contours", lambda: (["30007"], shapely.STRtree([ales])))

    def load(file: Path | str | bytes, name: str = "sites.csv", **options: str) -> Reading:
        if not isinstance(file, Path):
            path = tmp_path / name
            path.write_bytes(file.encode() if isinstance(file, str) else file)
            file = path
        return sites.read(file, ground, tmp_path, options, lambda text: None)

    return load


def table(reading: Reading) -> pd.DataFrame:
    return pd.read_parquet(reading.tables["sites"])


def row(commune: str = "", insee: str = "", departement: str = "", lon: str = "", lat: str = "", **more: str) -> str:
    nom, surface, state = more.get("nom", "Site"), more.get("surface", "6"), more.get("state", "disponible")
    return f"{nom};{commune};{insee};{departement};{surface};{state};{lon};{lat};12/02/2026\n"


def test_the_example_is_read_whole(load: Load) -> None:
    reading = load(FOLDER / "sites" / "exemple.csv")
    assert (reading.report.read, reading.report.kept, reading.millesime) == (3, 3, "2026-02")
    found = foncier.available_land(terrains.from_sites(table(reading)), 5)
    assert found[["site_id", "disponible_ha", "statut"]].to_numpy().tolist() == [
        ["EX-1", 8.0, "disponible"],
        ["EX-2", 6.0, "sous conditions"],
    ]


@pytest.mark.parametrize(
    ("written", "departement", "expected"),
    [
        ("Alès", "", "30007"),
        ("ALES", "", "30007"),
        ("26 - Valence", "", "26362"),
        ("Valence (26)", "", "26362"),
        ("Valence (26362)", "", "26362"),
        ("Valence", "26", "26362"),
        ("Valence (26000)", "", "26362"),
        ("St-Étienne", "42", "42218"),
    ],
)
def test_a_commune_in_words_is_taken_when_it_is_only_one(
    load: Load, written: str, departement: str, expected: str
) -> None:
    reading = load(HEAD + row(written, departement=departement))
    assert table(reading)["commune"].tolist() == [expected]
    assert any("nom exact de leur commune" in remark for remark in reading.report.remarks)


@pytest.mark.parametrize(
    ("written", "says"),
    [("Valence", "à préciser entre Valence"), ("Alèss", "peut-être Alès, 30007"), ("Xyzzyville", "introuvable")],
)
def test_a_commune_in_doubt_is_set_aside_with_what_it_may_mean(load: Load, written: str, says: str) -> None:
    report = load(HEAD + row("Alès", nom="Sûr") + row(written)).report
    assert report.kept == 1 and report.lines[0][0] == 3 and says in report.lines[0][1]


def test_a_code_prevails_over_another_name_and_it_is_said(load: Load) -> None:
    reading = load(HEAD + row("Valence", insee="30007"))
    assert table(reading)["commune"].tolist() == ["30007"]
    assert any("le code 30007 est Alès" in remark for remark in reading.report.remarks)


def test_a_wrong_code_is_not_replaced_by_the_name(load: Load) -> None:
    report = load(HEAD + row("Alès", insee="30007", nom="Sûr") + row("Alès", insee="99999")).report
    assert report.kept == 1 and "99999" in report.lines[0][1]


@pytest.mark.parametrize(("lon", "lat"), [("4,08", "44,12"), ("44.12", "4.08"), ("786500", "6336500")])
def test_coordinates_alone_find_their_commune_and_it_is_said(load: Load, lon: str, lat: str) -> None:
    reading = load(HEAD + row(lon=lon, lat=lat))
    site = table(reading).iloc[0]
    assert (site["commune"], round(site["lon"], 2), round(site["lat"], 2)) == ("30007", 4.08, 44.12)
    assert any("coordonnées" in remark for remark in reading.report.remarks)


def test_nothing_that_places_a_site_sets_it_aside(load: Load) -> None:
    report = load(HEAD + row("Alès", nom="Sûr") + row() + row(lon="0", lat="0")).report
    assert report.kept == 1 and [line for line, _ in report.lines] == [3, 4]


def test_availability_is_read_in_words_and_an_odd_one_is_kept_unknown_and_said(load: Load) -> None:
    states = ["Disponible", "NON", "sous option", "à voir", ""]
    reading = load(HEAD + "".join(row("Alès", nom=f"S{n}", state=state) for n, state in enumerate(states)))
    assert table(reading).sort_values("nom")["disponibilite"].tolist() == [
        "disponible", "indisponible", "indisponible", "inconnu", "inconnu",
    ]  # fmt: skip
    assert any("à voir" in remark for remark in reading.report.remarks)


def test_a_heading_without_a_unit_is_not_taken_for_hectares(load: Load) -> None:
    with pytest.raises(ImportRefused, match=r"Surface \(ha\).+manque"):
        load(SOUND.replace("Surface (ha)", "Surface (m²)"))


def test_a_geojson_of_sites_is_read(load: Load) -> None:
    content = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"nom": "Site", "surface_ha": 6.5, "actualise_le": "2026-02-12"},
                "geometry": {"type": "Point", "coordinates": [4.08, 44.12]},
            }
        ],
    }
    site = table(load(json.dumps(content), "sites.geojson")).iloc[0]
    assert (site["commune"], site["surface_ha"], site["lon"]) == ("30007", 6.5, 4.08)


def test_headings_alone_are_refused(load: Load) -> None:
    with pytest.raises(ImportRefused, match="aucune ligne utilisable"):
        load(HEAD)


def test_a_list_without_any_date_is_dated_from_its_import(load: Load) -> None:
    text = SOUND.replace("12/02/2026", "")
    assert "daté de son import" in " ".join(load(text).report.remarks)
    assert load(text, millesime="2026").millesime == "2026"
