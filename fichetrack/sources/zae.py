"""Zones d'activité and economic sites: the three tables of the CNIG standard v1.0.1, told apart by their headings.

Surfaces are hectares. A row shifted by an unprotected separator is set aside, with the line and column where it starts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

from fichetrack.errors import ImportRefused
from fichetrack.sources import land, points
from fichetrack.sources.codes import commune_codes, padded
from fichetrack.sources.layouts import get_source
from fichetrack.sources.reading import Ground, Reading, Report, Say, write_table
from fichetrack.tables import normalise_heading
from fichetrack.tables.french import quote

TYPES = (
    "zone d'activité économique", "site économique historique hors ZAE", "établissement économique isolé",
    "zone AU à vocation économique", "inconnu", "autre", "sans objet",
)  # fmt: skip
VOCATIONS = (
    "industrielle", "commerciale", "tertiaire", "artisanale", "touristique", "portuaire", "aéroportuaire, aéronautique",
    "entrepôts, logistique", "logistique agricole", "mixte", "mixte à dominante logistique", "mixte, sans dominante",
    "inconnu", "autre", "sans objet",
)  # fmt: skip
ETATS = (
    "en projet",
    "création",
    "existant et actif",
    "projet de déclassement",
    "déclassé",
    "inconnu",
    "autre",
    "sans objet",
)
LARGEST_HA = 15_000  # beyond, the file is in square metres or wrong
# What betrays a shifted row: each column and what its cells may hold, in the order of the standard.
SHAPES = {
    "site_surf_brute": r"[\d\s.,]*|n[ad]|s",
    "site_surf_utile": r"[\d\s.,]*|n[ad]|s",
    "site_actu_date": r"|n[ad]|[\d/ -]{4,}.*",
    "site_epci_siren": r"|n[ad]|\d{9}(\.0)?",
    "site_comm_insee": r"|n[ad]|\d{4,5}(\.0)?|2[ab]\d{3}",
    "site_uf_nbre": r"[\d\s.,]*|n[ad]|s",
    "site_taux_vacance": r"[\d\s.,]*%?|n[ad]|s",
    "site_geompoint": r"|n[ad]|[-\d.,;\s()a-z:\[\]{}\"]+",
    "site_surf_comm_dispo": r"[\d\s.,]*|n[ad]|s",
}  # fmt: skip


def read(file: Path, ground: Ground, folder: Path, options: Mapping[str, str], say: Say) -> Reading:
    """Read one of the three tables into `sites`, `etablissements` or `poles`. Raises ImportRefused."""
    report = Report()
    say(f"Lecture de {file.name}…")
    opened = land.open_land(file, get_source("zae"), report)
    table = TABLES[opened.layout](opened, ground, report)
    land.refuse_if_empty(table, file, report)
    report.kept += len(table)
    report.remark(f"Table reconnue : {opened.layout}.")
    millesime = land.find_millesime(options, file, table["actualise_le"], report)
    lot = options.get("lot") or _lot(table, ground, file)
    path = write_table(land.as_text(table.drop(columns="line")), folder, opened.layout)
    return Reading(millesime, {opened.layout: path}, report, ground.cog_year, lot)


def read_sites(opened: land.Opened, ground: Ground, report: Report) -> pd.DataFrame:
    """The table site-eco: one row per economic site."""
    rows = opened.rows
    rows = report.set_aside_where(rows, land.is_absent(rows["site_id"]), "identifiant du site absent")
    rows = _without_shifted(rows, report)
    rows = land.known_communes(rows, commune_codes(rows["site_comm_insee"]), ground, report)
    rows = rows.assign(actualise_le=land.read_days(rows, "site_actu_date", report))
    rows = land.keep_newest(rows, "site_id", "actualise_le", report).reset_index(drop=True)
    texts = {
        "nom": "site_nom",
        "pole_id": "pole_id",
        "qualification": "site_quali_territoire",
        "producteur": "source_producteur",
    }
    frame = pd.DataFrame(
        {
            "line": rows["line"],
            "site_id": rows["site_id"].str.strip(),
            "commune": rows["commune"],
            "epci": padded(rows["site_epci_siren"], 9, r"\d{9}"),
            "type": land.choose(rows, "site_type", TYPES, report),
            "vocation": land.choose(rows, "site_vocadomi", VOCATIONS, report),
            "etat": land.choose(rows, "site_etat", ETATS, report),
            "actualise_le": rows["actualise_le"],
            "url": land.first_url(rows["site_url"]),
            **{name: land.blank_absent(rows[column]) for name, column in texts.items()},
        }
    )
    numbers = {
        "surface_ha": ("site_surf_brute", LARGEST_HA), "surface_utile_ha": ("site_surf_utile", LARGEST_HA),
        "surface_disponible_ha": ("site_surf_comm_dispo", LARGEST_HA), "uf_nombre": ("site_uf_nbre", np.inf),
        "uf_vacantes": ("site_uf_vacant_nbre", np.inf), "taux_vacance": ("site_taux_vacance", 100),
        "etablissements": ("site_nb_etab", np.inf), "emplois": ("site_nb_emploi", np.inf),
    }  # fmt: skip
    rows = rows.assign(site_taux_vacance=rows["site_taux_vacance"].str.rstrip(" %"))
    for name, (column, largest) in numbers.items():
        frame = frame.join(land.measure(rows, column, name, report, largest))
    frame = frame.join(_located(rows, opened.epsg, report))
    return _checked_vacancy(_checked_surfaces(frame, report), report)


def read_etablissements(opened: land.Opened, ground: Ground, report: Report) -> pd.DataFrame:
    """The table etablissement. Contacts are not kept, nor the name of a business that is a person's own."""
    siret = padded(opened.rows["siret"], 14, r"\d{14}")
    rows = report.set_aside_where(opened.rows.assign(siret=siret), siret.isna(), "SIRET absent ou mal formé")
    rows = land.known_communes(rows, commune_codes(rows["comm_insee"]), ground, report)
    rows = rows.assign(actualise_le=land.read_days(rows, "etab_actu_date", report))
    rows = land.keep_newest(rows, "siret", "actualise_le", report).reset_index(drop=True)
    personal = rows["etab_nat_juridique"].str.startswith("1")
    names = land.blank_absent(rows["etab_nom"]).fillna(land.blank_absent(rows["etab_raison_sociale"]))
    frame = pd.DataFrame(
        {
            "line": rows["line"],
            "siret": rows["siret"],
            "commune": rows["commune"],
            "epci": padded(rows["epci_siren"], 9, r"\d{9}"),
            "nom": names.where(~personal, None),
            "site_id": rows["terr_id"].str.replace(r"\s+", "", regex=True),
            "ape": rows["etab_activite_code"].str.replace(".", "", regex=False).str.upper(),
            "activite": land.blank_absent(rows["etab_activite_libelle"]),
            "effectif": land.blank_absent(rows["etab_effectif_libelle"]),
            "actif": land.choose(rows, "etab_actif", ("oui", "non"), report),
            "actualise_le": rows["actualise_le"],
        }
    )
    pairs = points.read_pairs(_geometry(rows, "Point", "etab_geompoint"))
    found = points.locate(pairs, rows["commune"], opened.epsg)
    land.report_dropped(rows, found["problem"], "Point", report)
    return frame.join(found[["lon", "lat"]])


def read_poles(opened: land.Opened, ground: Ground, report: Report) -> pd.DataFrame:
    """The table pole-eco. The commune is the one its identifier begins with."""
    rows = opened.rows
    rows = report.set_aside_where(rows, land.is_absent(rows["pole_id"]), "identifiant du pôle absent")
    rows = land.known_communes(rows, commune_codes(rows["pole_id"].str[:5]), ground, report)
    rows = rows.assign(actualise_le=land.read_days(rows, "pole_actu_date", report))
    rows = land.keep_newest(rows, "pole_id", "actualise_le", report).reset_index(drop=True)
    frame = rows[["line", "pole_id", "commune", "actualise_le"]].assign(
        nom=land.blank_absent(rows["pole_nom"]),
        vocation=land.choose(rows, "pole_vocadomi", VOCATIONS, report),
        rayonnement=land.blank_absent(rows["pole_rayonnement"]),
    )
    for name, column in {"surface_ha": "pole_surface", "sites": "pole_nb_site", "emplois": "pole_nb_emploi"}.items():
        frame = frame.join(land.measure(rows, column, name, report, LARGEST_HA if name == "surface_ha" else np.inf))
    found = points.locate(points.read_pairs(_geometry(rows, "Point", "pole_geompoint")), rows["commune"], opened.epsg)
    land.report_dropped(rows, found["problem"], "Point", report)
    return frame.join(found[["lon", "lat"]])


TABLES: dict[str, Callable[[land.Opened, Ground, Report], pd.DataFrame]] = {
    "sites": read_sites,
    "etablissements": read_etablissements,
    "poles": read_poles,
}


def _without_shifted(rows: pd.DataFrame, report: Report) -> pd.DataFrame:
    """The rows whose cells are under their own headings; the others are set aside, naming where the shift starts."""
    kept = []
    for _, row in rows.iterrows():
        where = _shift(row)
        kept.append(where is None)
        if where:
            report.set_aside(
                int(row["line"]),
                "ligne décalée par un point-virgule sans guillemets",
                f"décalée à partir de la colonne {where} : un point-virgule n’est pas protégé par des guillemets",
            )
    return rows.loc[kept]


def _shift(row: pd.Series) -> str | None:
    """« column » and what betrays it, when a cell holds what belongs to another column; None for a sound row.

    The standard's own example cuts « entrepôts; logistique » in two: the second half then stands for the state of the site.
    """
    halves = normalise_heading(f"{row['site_vocadomi']} {row['site_etat']}")
    states, vocations = _names(ETATS), _names(VOCATIONS)
    if halves in vocations and normalise_heading(row["site_etat"]) not in states | {""}:
        return f"« site_vocadomi » ({quote(row['site_vocadomi'])}, puis {quote(row['site_etat'])} dans « site_etat »)"
    odd = [name for name, shape in SHAPES.items() if not re.fullmatch(shape, row[name].strip().casefold())]
    # One odd cell is an odd value, reported as such; several in a row are a shift.
    return f"« {odd[0]} » ({quote(row[odd[0]])})" if len(odd) > 2 else None


def _names(values: tuple[str, ...]) -> set[str]:
    return {normalise_heading(value) for value in values}


def _geometry(rows: pd.DataFrame, kind: str, column: str) -> pd.Series:
    """The geometry of a GeoJSON entity when it is of this kind, else the column of the standard."""
    if "geometry" not in rows.columns:
        return rows[column]
    return rows["geometry"].where(rows["geometry"].str.contains(f'{kind}"'), rows[column])


def _located(rows: pd.DataFrame, epsg: int | None, report: Report) -> pd.DataFrame:
    """lon, lat and contour, whatever the projection of each: the standard's example mixes two of them in one row."""
    cells, text = _geometry(rows, "Point", "site_geompoint"), _geometry(rows, "Polygon", "site_geomsurf")
    pairs, shapes = points.read_pairs(cells), points.read_shapes(text)
    found = points.locate(pairs, rows["commune"], epsg)
    contours, why = points.locate_shapes(shapes, rows["commune"], epsg)
    unread = pairs["x"].isna() & ~land.is_absent(cells)
    land.report_dropped(rows, found["problem"].where(~unread, points.UNREADABLE), "Point", report)
    unread = shapes.isna() & ~land.is_absent(text)
    land.report_dropped(rows, why.astype("object").where(~unread, points.UNREADABLE), "Contour", report)
    return points.beside(found[["lon", "lat"]], contours)


def _checked_surfaces(frame: pd.DataFrame, report: Report) -> pd.DataFrame:
    """A surface a hundred times that of its contour is in square metres: left out and said, never divided in silence."""
    drawn = _hectares(frame["contour"])
    wrong = frame["surface_ha"] > 100 * drawn
    for line, surface in frame.loc[wrong, ["line", "surface_ha"]].itertuples(index=False):
        report.remark(f"Ligne {line} : la surface {surface:g} n’est pas en hectares (voir le contour) ; non retenue.")
    names = ["surface_ha", "surface_utile_ha", "surface_disponible_ha"]
    frame.loc[wrong, names] = np.nan
    return frame


def _checked_vacancy(frame: pd.DataFrame, report: Report) -> pd.DataFrame:
    """More vacant units than units, or rates that are all below 1, contradict the standard (per cent): left out."""
    wrong = frame["uf_vacantes"] > frame["uf_nombre"]
    for line in frame.loc[wrong, "line"]:
        report.remark(f"Ligne {line} : plus d’unités foncières vacantes que d’unités foncières ; non retenues.")
    frame.loc[wrong, ["uf_nombre", "uf_vacantes"]] = np.nan
    rates = frame["taux_vacance"].dropna()
    if len(rates) > 1 and (rates > 0).any() and (rates <= 1).all():
        report.remark("Les taux de vacance semblent être des proportions (tous entre 0 et 1) : non retenus.")
        frame["taux_vacance"] = np.nan
    return frame


def _hectares(contours: pd.Series) -> pd.Series:
    """The surface of WGS84 contours, close enough to tell hectares from square metres; NaN without one."""
    shapes = [shapely.from_wkt(text) if isinstance(text, str) else None for text in contours]
    degrees = shapely.area(shapes)
    middle = np.radians(shapely.get_y(shapely.centroid(shapes)))
    return pd.Series(degrees * np.cos(middle) * 111_320**2 / 1e4, index=contours.index)


def _lot(table: pd.DataFrame, ground: Ground, file: Path) -> str:
    """The SIREN of the only EPCI of the file. Raises ImportRefused when there are several."""
    named = table["epci"] if "epci" in table.columns else pd.Series(None, index=table.index, dtype="object")
    sirens = set(named.fillna(table["commune"].map(ground.communes["epci"])).dropna())
    if len(sirens) == 1:
        return str(sirens.pop())
    raise ImportRefused(
        f"Fichier « {file.name} » : il couvre {len(sirens)} EPCI. Ajoutez « --lot » et le nom de ce qu’il couvre "
        "(une région, un département…) : le fichier suivant de même nom le remplacera."
    )
