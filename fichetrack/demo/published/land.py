"""Friches in the national layout of Cartofriches, with the defects of the real file; names and surfaces are invented."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, pi, radians, sin
from pathlib import Path
from random import Random
from typing import TypeAlias

import pandas as pd

from fichetrack.demo.dice import dice
from fichetrack.demo.published.editions import Editions
from fichetrack.demo.published.ground import Place, places

COLUMNS = (
    "site_id", "site_nom", "site_type", "site_adresse", "site_identif_date", "site_actu_date", "site_url",
    "site_ademe_url", "site_securite", "site_occupation", "site_statut", "site_projet_url", "site_reconv_annee",
    "site_reconv_type", "activite_libelle", "activite_code", "activite_fin_annee", "comm_nom", "comm_insee", "bati_type",
    "bati_nombre", "bati_surface", "bati_pollution", "bati_vacance", "bati_patrimoine", "bati_etat", "local_ancien_annee",
    "local_recent_annee", "proprio_type", "proprio_personne", "proprio_nom", "sol_pollution_annee",
    "sol_pollution_existe", "sol_pollution_origine", "sol_pollution_commentaire", "sol_depollution_fiche",
    "unite_fonciere_surface", "unite_fonciere_refcad", "urba_zone_type", "urba_zone_lib", "urba_zone_formdomi",
    "urba_doc_type", "desserte_distance", "desserte_commentaire", "source_nom", "source_url", "source_producteur",
    "source_contact", "geompoint", "geomsurf",
)  # fmt: skip
SITES = (
    ("friche industrielle", "Ancienne filature"), ("friche industrielle", "Ancienne fonderie"),
    ("friche industrielle", "Ancien atelier de mécanique"), ("friche industrielle", "Ancienne tannerie"),
    ("friche commerciale", "Ancien magasin de meubles"), ("friche ferroviaire", "Ancienne gare de marchandises"),
    ("friche logistique", "Ancien entrepôt"), ("friche d'habitat", "Ancien ensemble de logements"),
    ("friche agro-industrielle", "Ancienne laiterie"), ("friche carrière ou mine", "Ancienne carrière"),
    ("friche d'équipement public", "Ancien centre technique"), ("mixte", "Ancien faubourg d'ateliers"),
)  # fmt: skip
STATUTS = {
    "friche potentielle": 46, "friche sans projet": 28, "friche avec projet": 16, "friche reconvertie": 8, "inconnu": 2
}  # fmt: skip
POLLUTIONS = ("inconnu", "pollution supposée", "pollution avérée", "pollution peu probable", "pollution traitée")
SURFACES = (5_000, 250_000)  # square metres
USUAL = (10.0, 0.95)  # of the logarithm of the surface: some two hectares
DRAWN = 0.6  # share of the sites with a contour
OVERLAPPING = 0.2
METRES = 111_200  # in a degree
Point: TypeAlias = tuple[float, float]
# Rows no reader may keep: without commune, of no known commune, and a site written twice.
PLANTED = 3


def write(communes: pd.DataFrame, folder: Path, seed: int, out: Editions) -> list[Path]:
    """Quoted cells, quotes escaped by a backslash, bare NA, owners « _X_ »: not quite a CSV, as the national file."""
    told = communes.loc[communes["told"]]
    sites = [
        site
        for commune in places(told)
        for site in _sites(commune, out.friches.year, dice(seed, "friches", commune.code))
    ]
    sites += [
        {**sites[0], "site_id": "demo-sans-commune", "comm_insee": None},
        {**sites[0], "site_id": "demo-commune-inconnue", "comm_insee": "99999"},
        {**sites[0], "site_actu_date": "2001-01-01"},
    ]
    lines = [";".join(f'"{name}"' for name in COLUMNS)]
    lines += [";".join(_cell(site.get(name)) for name in COLUMNS) for site in sites]
    path = folder / "friches" / f"friches-standard-{out.friches}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(("\n".join(lines) + "\n").encode())
    return [path]


def _cell(value: object) -> str:
    if value is None:
        return "NA"
    if isinstance(value, int):
        return str(value)
    return '"' + str(value).replace('"', '\\"') + '"'


def _sites(commune: Place, year: int, rng: Random) -> Iterator[dict[str, object]]:
    """The sites of a commune: many where it is large, and none in most villages."""
    expected = min(commune.population / 6_000, 12)
    if not commune.territoire:
        expected = min(expected, 2)
    point = None
    for rank in range(1, int(expected) + (rng.random() < expected % 1) + 1):
        # Two inventories sometimes tell the same ground: neighbouring sites then overlap.
        point = point if point and rng.random() < OVERLAPPING else _point(commune, rng)
        yield _site(commune, rank, point, year, rng)


def _site(commune: Place, rank: int, point: Point | None, year: int, rng: Random) -> dict[str, object]:
    kind, name = rng.choice(SITES)
    statut = rng.choices(list(STATUTS), list(STATUTS.values()))[0]
    private = rng.random() < 0.35
    section, parcel = f"{rng.choice('ABCDE')}{rng.choice('ABCDEFGH')}", rng.randint(1, 900)
    surface = round(min(max(rng.lognormvariate(*USUAL), SURFACES[0]), SURFACES[1]))
    return {
        "site_id": f"{commune.code}_demo_{rank:03d}",
        # The published names hold quotes, which the file escapes with a backslash.
        "site_nom": f'{name} "site fictif n° {rank}"' if rng.random() < 0.1 else f"{name} (site fictif n° {rank})",
        "site_type": kind,
        "site_adresse": f"{rng.randint(1, 90)} rue de la Démonstration" if rng.random() < 0.7 else None,
        "site_identif_date": f"{year - rng.randint(4, 11)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}",
        "site_actu_date": f"{year - rng.randint(1, 3)}-0{rng.randint(1, 9)}-2{rng.randint(0, 8)}",
        "site_occupation": rng.choice(("totalement inoccupé", "partiellement inoccupé", "inconnu")),
        "site_statut": statut,
        "site_reconv_annee": str(year - rng.randint(1, 8)) if statut == "friche reconvertie" else None,
        "site_reconv_type": "industrie" if statut == "friche reconvertie" else None,
        "activite_libelle": name,
        "activite_fin_annee": str(rng.randint(1970, 2015)),
        "comm_nom": commune.nom,
        "comm_insee": commune.code,
        "bati_type": "industriel",
        "bati_nombre": rng.randint(1, 6),
        "bati_surface": round(surface * rng.uniform(0.05, 0.3)) if rng.random() < 0.8 else None,
        "bati_pollution": rng.choice(("inconnu", "amiante", "autre")),
        "bati_vacance": rng.choice(("vacant", "partiellement occupé", "inconnu")),
        "proprio_personne": "personne physique" if private else rng.choice(("personne morale", "inconnu")),
        "proprio_nom": "_X_" if private else f"Propriétaire fictif n° {rng.randint(1, 60)}",
        "sol_pollution_existe": rng.choices(POLLUTIONS, (50, 25, 10, 10, 5))[0],
        "unite_fonciere_surface": surface if rng.random() < 0.93 else None,
        "unite_fonciere_refcad": _parcels(commune.code, section, parcel, rng),
        "urba_zone_type": rng.choice(("U", "AUc", "AUs", "N")),
        "urba_doc_type": rng.choice(("PLU", "PLUI")),
        "source_nom": "Jeu de démonstration",
        "source_producteur": "FicheTrack : valeurs fictives",
        "geompoint": f"POINT ({point[0]:.6f} {point[1]:.6f})" if point else None,
        "geomsurf": _contour(point, surface * rng.uniform(0.9, 1), rng) if point and rng.random() < DRAWN else None,
    }


def _parcels(code: str, section: str, number: int, rng: Random) -> str:
    """Two spellings live in the national file: « a|b » and PostgreSQL's « {a,b} »."""
    parcels = [f"{code}000{section}{number + i:04d}" for i in range(rng.randint(1, 3))]
    return "{" + ",".join(parcels) + "}" if rng.random() < 0.3 else "|".join(parcels)


def _point(commune: Place, rng: Random) -> Point | None:
    """Longitude then latitude, as real files have it, within a kilometre of the mairie."""
    if not commune.is_located:
        return None
    return commune.lon + rng.uniform(-0.01, 0.01), commune.lat + rng.uniform(-0.008, 0.008)


def _contour(point: Point, surface: float, rng: Random) -> str:
    """A rectangle of that many square metres around a point, turned as streets are."""
    ratio, angle = rng.uniform(1, 2.2), rng.uniform(0, pi)
    width, depth = (surface * ratio) ** 0.5 / 2, (surface / ratio) ** 0.5 / 2
    corners = []
    for x, y in ((-width, -depth), (width, -depth), (width, depth), (-width, depth), (-width, -depth)):
        east, north = x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle)
        corners.append((point[0] + east / (METRES * cos(radians(point[1]))), point[1] + north / METRES))
    return f"POLYGON (({', '.join(f'{lon:.6f} {lat:.6f}' for lon, lat in corners)}))"
