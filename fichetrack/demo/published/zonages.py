"""Lists of zonages in the layouts of their producers: ACV, PVD and CRTE of the ANCT, ORT, contours of QPV.

Who benefits from a programme is drawn, not looked up: the real lists are public and easily imported.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from random import Random

import pandas as pd

from fichetrack.demo.dice import dice
from fichetrack.demo.published.editions import Editions
from fichetrack.demo.published.ground import NO_EPCI, places
from fichetrack.demo.published.writing import write_csv

ORT_HEADER = (
    "Commune", "EPCI", "Département", "Région", "Code commune", "Statut de la commune", "Signée ?",
    "Si signée, date de signature", "Si non signée, date de signature envisagée", "Durée (en années)",
    "Date de fin estimée", "Remarques", "Avancement", "ACV", "PVD", "longitude", "latitude", "Dernière actualisation",
    "Actualisé par",
)  # fmt: skip
CRTE_HEADER = (
    "id_crte", "lib_crte", "siren_epci", "lib_groupement", "nature_juridique", "type_grp_crte", "date_signature",
)  # fmt: skip
TOWN, SMALL, VILLAGE = 15_000, 8_000, 2_000
UNSIGNED = 0.1  # share of conventions not signed yet


def write(communes: pd.DataFrame, folder: Path, seed: int, out: Editions) -> list[Path]:
    """One file by programme, for the whole country: a région is then compared with what it holds."""
    held = communes
    place, day = folder / "zonages", out.zonages
    towns = held.loc[held["population"] >= TOWN]
    # Action cœur de ville is for the town at the centre of its EPCI.
    centres = towns.sort_values("population", ascending=False, kind="stable").drop_duplicates("epci").sort_index()
    small = held.loc[held["population"].between(VILLAGE, SMALL, inclusive="left")]
    small = small.loc[[dice(seed, "pvd", code).random() < 0.4 for code in small.index]]
    return [
        _write_list(place / f"liste-acv-com{day.year}-{day:%Y%m%d}.csv", "acv", centres, seed),
        _write_list(place / f"liste-pvd-com{day.year}-{day:%Y%m%d}.csv", "pvd", small, seed),
        _write_crte(place / f"liste-crte-grpt{day.year}-{day:%Y%m%d}.csv", held, seed),
        _write_ort(place / f"suivi-ort_{day}.csv", centres, small, day, seed),
        _write_qpv(place / f"qpv-2024_{day}.json", towns, seed),
    ]


def _write_list(path: Path, programme: str, held: pd.DataFrame, seed: int) -> Path:
    """A list by commune; a date in five is not known."""
    named = ("lib_acv",) if programme == "acv" else ()
    rows = []
    for rank, one in enumerate(places(held), start=1):
        label = (one.nom,) if named else ()
        rows.append((one.code, one.nom, f"{programme}-9{rank:03d}", *label, _signed(seed, programme, one.code)))
    header = ("insee_com", "lib_com", f"id_{programme}", *named, "date_signature")
    return write_csv(path, header, rows, delimiter=",")


def _write_crte(path: Path, held: pd.DataFrame, seed: int) -> Path:
    """One row by groupement; the EPCI of a same territoire and département share a contract, others have their own."""
    groups = held.loc[held["epci"] != NO_EPCI].sort_values("territoire", kind="stable").drop_duplicates("epci")
    groups = groups.assign(shared=groups["territoire"].fillna(groups["epci"]))
    groups = groups.sort_values(["shared", "departement", "epci"])
    sizes = groups.groupby(["shared", "departement"])["epci"].transform("size")
    rows = []
    numbers = (groups["shared"] + groups["departement"]).factorize()[0] + 1
    for one, number, size in zip(places(groups), numbers, sizes, strict=True):
        contract = f"crte-{one.region}-{one.departement}-9{number:02d}"
        name = f"CRTE de démonstration n° {number} ({one.departement_nom})"
        nature, signed = one.epci_nom.split()[0], _signed(seed, "crte", contract)
        rows.append((contract, name, one.epci, one.epci_nom, nature, "pluri" if size > 1 else "mono", signed))
    return write_csv(path, CRTE_HEADER, rows, delimiter=",")


def _write_ort(path: Path, towns: pd.DataFrame, small: pd.DataFrame, updated: date, seed: int) -> Path:
    rows = []
    for status, held in (("1. Commune ACV", towns), ("2. Commune PVD", small)):
        for one in places(held):
            signed = dice(seed, "ort", one.code).random() >= UNSIGNED
            day = (_signed(seed, "ort", one.code) or "2021-06-30") if signed else ""
            planned = "" if signed else f"{updated.year + 1}-12-31"
            flags = ("true", "false") if held is towns else ("false", "true")
            rows.append(
                (
                    f"{one.departement} - {one.nom}", one.epci_nom, one.departement_nom, one.region_nom, one.code, status,
                    "Signée" if signed else "Non signée", day, planned, 5, "", "", "", *flags,
                    *((round(one.lon, 2), round(one.lat, 2)) if one.is_located else ("", "")),
                    f"{updated:%d-%m-%Y} 00:00", "Jeu de démonstration",
                )
            )  # fmt: skip
    return write_csv(path, ORT_HEADER, rows, delimiter=",")


def _write_qpv(path: Path, towns: pd.DataFrame, seed: int) -> Path:
    """One to three squares of a few hundred metres around the mairie of each town."""
    qpvs: list[dict[str, object]] = []
    for one in places(towns):
        rng = dice(seed, "qpv", one.code)
        for _ in range(min(3, 1 + int(one.population / 40_000))):
            number = len(qpvs) + 1
            contours = [[_square(one.lon, one.lat, rng)]] if one.is_located else []
            code = f"QN9{number:04d}M"
            qpvs.append({"code": code, "label": f"Quartier fictif n° {number}", "insee": [one.code], "g": contours})
    meta = {"source": "Démonstration : valeurs fictives", "row_count_qpv": len(qpvs), "crs": "WGS84 (CRS84, lon/lat)"}
    path.write_bytes(json.dumps({"meta": meta, "qpvs": qpvs}, ensure_ascii=False, separators=(",", ":")).encode())
    return path


def _square(lon: float, lat: float, rng: Random) -> list[list[float]]:
    west, south = lon + rng.uniform(-0.012, 0.012), lat + rng.uniform(-0.01, 0.01)
    corners = [(0, 0), (0.005, 0), (0.005, 0.004), (0, 0.004), (0, 0)]
    return [[round(west + x, 5), round(south + y, 5)] for x, y in corners]


def _signed(seed: int, programme: str, code: str) -> str:
    rng = dice(seed, "signature", programme, code)
    day = f"{rng.randint(2018, 2024)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
    return "" if rng.random() < 0.2 else day
