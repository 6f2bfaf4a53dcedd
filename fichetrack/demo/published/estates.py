"""Zones d'activités in the three tables of the CNIG « Sites économiques », and turnkey sites; all of them invented."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from random import Random

import pandas as pd
from pyproj import Transformer

from fichetrack.demo.dice import dice
from fichetrack.demo.published.editions import Editions
from fichetrack.demo.published.ground import NO_EPCI, Place, largest
from fichetrack.demo.published.writing import write_csv

SITE_COLUMNS = (
    "site_id", "pole_id", "site_nom", "site_type", "site_vocadomi", "site_etat", "site_surf_brute", "site_surf_utile",
    "site_creation_date", "site_identif_date", "site_actu_date", "source_producteur", "site_description",
    "site_quali_territoire", "site_evol_urba", "site_url", "site_epci_nom", "site_epci_siren", "site_comm_nom",
    "site_comm_insee", "site_moa_type", "site_moa_nom", "site_moa_amngt", "site_moa_comm", "site_uf_nbre",
    "site_uf_vacant_nbre", "site_taux_vacance", "site_uf_bati_nbre", "site_nb_etab", "site_nb_emploi", "site_geomsurf",
    "site_geompoint", "site_media", "site_surf_comm_dispo", "site_surf_projet", "site_voca_industrielle",
    "site_voca_commerciale", "site_voca_tertiaire", "site_voca_artisanale", "site_voca_touristique",
    "site_voca_portuaire", "site_voca_aeroportuaire", "reseau_eau_pluviale", "reseau_eau_potable",
    "reseau_assainissement", "reseau_gaz", "reseau_electrique", "reseau_fibre_optique", "reseau_fret_ferroviaire",
    "reseau_fluvial", "desserte_tc", "desserte_route_nom", "autoroute_nom", "autoroute_echang_dist", "gare_nom",
    "gare_dist", "gare_fret_nom", "gare_fret_dist", "aeroport_nom", "aeroport_dist", "port_nom", "port_dist",
)  # fmt: skip
FLAGS = tuple(name for name in SITE_COLUMNS if name.startswith(("site_voca_", "reseau_")) or name == "desserte_tc")
ETAB_COLUMNS = (
    "SIRET", "SIREN", "terr_id", "ban-id", "bat-id", "etab_adresse", "etab_raison_sociale", "etab_nat_juridique",
    "etab_nom", "epci_nom", "epci_siren", "comm_nom", "comm_insee", "etab_siege", "etab_creation_date",
    "etab_identif_date", "etab_actu_date", "etab_actif", "etab_fermeture_date", "etab_description",
    "etab_activite_code", "etab_activite_libelle", "etab_effectif_code", "etab_effectif_libelle", "etab_effectif_annee",
    "etab_source_info", "geocodage_qualite", "etab_geompoint", "etab_contact_mail", "etab_contact_tel",
)  # fmt: skip
POLE_COLUMNS = (
    "pole_id", "pole_nom", "pole_vocadomi", "pole_identif_date", "pole_actu_date", "pole_nb_site", "pole_nb_etab",
    "pole_nb_emploi", "pole_surface", "pole_geompoint", "pole_rayonnement",
)  # fmt: skip
VOCATIONS = ("mixte", "entrepôts, logistique", "industrielle", "artisanale", "mixte, sans dominante")
NAMES = ("ZA du Moulin fictif", "ZI de la Plaine fictive", "Parc d'activités du Pré fictif", "ZAE du Viaduc fictif")
PER_EPCI = 4
TURNKEY_HEADER = (
    "Nom du site", "Identifiant", "Commune", "Code INSEE", "Département", "Longitude", "Latitude", "Surface (ha)",
    "Surface disponible (ha)", "Disponibilité", "Disponible le", "Vocation", "Contact", "Adresse web", "Parcelles",
    "Mis à jour le",
)  # fmt: skip


def write_zae(communes: pd.DataFrame, folder: Path, seed: int, out: Editions) -> list[Path]:
    """The poles, the sites, then the establishments of the sites, for each EPCI of the territoires."""
    held = communes.loc[communes["territoire"].notna() & (communes["epci"] != NO_EPCI)]
    sites = [
        _site(siren, rank, commune, out.zae, dice(seed, "zae", siren, rank))
        for siren, members in largest(held, "epci", PER_EPCI).items()
        for rank, commune in enumerate(members, start=1)
    ]
    place = folder / "zae"
    return [
        _write(place / f"pole-eco_{out.zae}.csv", POLE_COLUMNS, _poles(sites, out.zae)),
        _write(place / f"site-eco_{out.zae}.csv", SITE_COLUMNS, sites),
        _write(place / f"etablissement_{out.zae}.csv", ETAB_COLUMNS, _establishments(sites, seed, out.zae)),
    ]


def write_turnkey(communes: pd.DataFrame, folder: Path, seed: int, out: Editions) -> list[Path]:
    """One to four sites « clés en main » by territoire, in the columns of our own model, with decimal commas."""
    rows: list[list[object]] = []
    for slug, towns in largest(communes.loc[communes["territoire"].notna()], "territoire", 8).items():
        rng = dice(seed, "sites", slug)
        for commune in rng.sample(towns, min(rng.randint(1, 4), len(towns))):
            rows.append(_turnkey(commune, len(rows) + 1, out.sites, rng))
    return [write_csv(folder / "sites" / f"sites-cles-en-main_{out.sites}.csv", TURNKEY_HEADER, rows)]


def _turnkey(commune: Place, number: int, day: date, rng: Random) -> list[object]:
    surface = round(rng.lognormvariate(2.8, 0.6), 1)
    state = rng.choice(("disponible", "disponible", "sous conditions", "réservé"))
    later = f"01/{rng.randint(1, 12):02d}/{day.year + 2}" if state == "sous conditions" else ""
    point = (_comma(round(commune.lon, 4)), _comma(round(commune.lat, 4))) if commune.is_located else ("", "")
    return [
        f"Site fictif n° {number}", f"DEMO-{number:03d}", commune.nom, commune.code, commune.departement, *point,
        _comma(surface), _comma(round(surface * rng.uniform(0.4, 1), 1)), state, later,
        rng.choice(("industrie", "industrie", "logistique")), "Service économique (exemple fictif)", "", "", f"{day:%d/%m/%Y}",
    ]  # fmt: skip


def _comma(number: float) -> str:
    return str(number).replace(".", ",")


def _write(path: Path, columns: tuple[str, ...], rows: list[dict[str, object]]) -> Path:
    return write_csv(path, columns, ([row.get(name, "") for name in columns] for row in rows))


def _site(siren: str, rank: int, commune: Place, day: date, rng: Random) -> dict[str, object]:
    surface = round(rng.lognormvariate(2.6, 0.7), 1)
    plots = max(2, round(surface * rng.uniform(0.5, 1.5)))
    empty = min(plots, round(plots * rng.choice((0, 0, 0.05, 0.1, 0.2, 0.35))))
    free = round(surface * empty / plots * 0.9, 1)
    pole = f"{commune.code}_POLE-ECO_{siren[-3:]}01"
    row: dict[str, object] = {
        "site_id": f"{commune.code}_SITE-ECO_{rank:05d}",
        "pole_id": pole,
        "site_nom": f"{NAMES[rank - 1]} ({commune.nom})",
        "site_type": "zone d'activité économique",
        "site_vocadomi": rng.choice(VOCATIONS),
        "site_etat": rng.choice(("existant et actif", "existant et actif", "en projet")),
        "site_surf_brute": surface,
        "site_surf_utile": round(surface * 0.92, 1),
        "site_creation_date": str(rng.randint(1970, 2020)),
        "site_identif_date": f"{day.year - rng.randint(2, 4)}-03-15",
        "site_actu_date": str(day),
        "source_producteur": "Jeu de démonstration : valeurs fictives ",
        "site_quali_territoire": "Site clé en main" if rng.random() < 0.08 else "",
        "site_epci_nom": commune.epci_nom,
        "site_epci_siren": siren,
        "site_comm_nom": commune.nom,
        "site_comm_insee": commune.code,
        "site_moa_type": "EPCI",
        "site_moa_nom": commune.epci_nom,
        "site_uf_nbre": plots,
        "site_uf_vacant_nbre": empty,
        # One site in ten does not say its vacancy.
        "site_taux_vacance": "" if rng.random() < 0.1 else round(100 * empty / plots),
        "site_uf_bati_nbre": plots - empty,
        "site_nb_etab": plots - empty,
        "site_nb_emploi": round((plots - empty) * rng.uniform(4, 25)),
        "site_geomsurf": _square(commune, surface, rng.random() < 0.5, rng),
        "site_geompoint": f"{commune.lon:.4f}, {commune.lat:.4f}" if commune.is_located else "",
        "site_surf_comm_dispo": free,
        "autoroute_echang_dist": rng.randint(1, 40),
        "gare_dist": rng.randint(1, 30),
    }
    return row | {name: "oui" if rng.random() < 0.6 else "non" for name in FLAGS}


def _square(commune: Place, hectares: float, lambert: bool, rng: Random) -> str:
    """A square of that surface near the mairie: in WGS84 or, in métropole, in Lambert-93 metres as producers also do."""
    if not commune.is_located:
        return ""
    side = (hectares * 10_000) ** 0.5
    lon, lat = commune.lon + rng.uniform(-0.008, 0.008), commune.lat + rng.uniform(-0.008, 0.008)
    if lambert and not commune.departement.startswith("97"):
        x, y = _LAMBERT_93.transform(lon, lat)
        width, height, digits = side, side, 2
    else:
        x, y, digits = lon, lat, 6
        width, height = side / 78_000, side / 111_000
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    ring = [[round(a, digits), round(b, digits)] for a, b in corners]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


_LAMBERT_93 = Transformer.from_crs(4326, 2154, always_xy=True)


def _poles(sites: list[dict[str, object]], day: date) -> list[dict[str, object]]:
    """One pole for each first site; the others name a pole nobody published, as happens."""
    return [
        {
            "pole_id": site["pole_id"],
            "pole_nom": f"Pôle fictif de {site['site_comm_nom']}",
            "pole_vocadomi": site["site_vocadomi"],
            "pole_identif_date": f"{day.year - 2}-03-15",
            "pole_actu_date": str(day),
            "pole_nb_site": 1,
            "pole_nb_etab": site["site_nb_etab"],
            "pole_nb_emploi": site["site_nb_emploi"],
            "pole_surface": site["site_surf_brute"],
            "pole_geompoint": site["site_geompoint"],
            "pole_rayonnement": "local",
        }
        for site in sites
        if str(site["site_id"]).endswith("00001")
    ]


def _establishments(sites: list[dict[str, object]], seed: int, day: date) -> list[dict[str, object]]:
    """Two establishments by site; their SIREN begins with 000, which no company has."""
    rows = []
    for number, site in enumerate((site for site in sites for _ in range(2)), start=1):
        rng = dice(seed, "etablissement", number)
        siren = f"000{number:06d}"
        rows.append(
            {
                "SIRET": f"{siren}00019",
                "SIREN": siren,
                "terr_id": f"{site['site_comm_insee']}_TERRAIN-ECO_{number:05d}",
                "etab_adresse": f"{rng.randint(1, 60)} rue de la Démonstration; bâtiment {rng.choice('ABC')}",
                "etab_raison_sociale": f"Société fictive n° {number}",
                "etab_nom": f"Société fictive n° {number}",
                "epci_nom": site["site_epci_nom"],
                "epci_siren": site["site_epci_siren"],
                "comm_nom": site["site_comm_nom"],
                "comm_insee": site["site_comm_insee"],
                "etab_siege": "oui",
                "etab_identif_date": f"{day.year - 1}-05-15",
                "etab_actu_date": str(day),
                "etab_actif": "oui" if rng.random() < 0.9 else "non",
                "etab_activite_code": rng.choice(("2562B", "4520B", "4941B", "1071C")),
                "etab_effectif_code": "3",
                "etab_effectif_libelle": "6 à 9 salariés",
                "etab_effectif_annee": str(day.year - 1),
                "etab_source_info": "Jeu de démonstration",
                "etab_geompoint": site["site_geompoint"],
            }
        )
    return rows
