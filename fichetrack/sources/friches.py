"""Friches: the CNIG layout v1.0.5, the national Cartofriches file, a GeoJSON with the same columns, local variants.

A « friche potentielle » stays one, an unknown status stays « inconnu », and no owner's name is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from fichetrack.errors import ImportRefused
from fichetrack.sources import land, points
from fichetrack.sources.codes import commune_codes
from fichetrack.sources.layouts import get_source
from fichetrack.sources.reading import Ground, Reading, Report, Say, write_table
from fichetrack.tables.french import count

STATUTS = {
    "friche potentielle": "friche potentielle",
    "potentielle": "friche potentielle",
    "friche sans projet": "friche sans projet",
    "sans projet": "friche sans projet",
    "friche avec projet": "friche avec projet",
    "avec projet": "friche avec projet",
    "friche reconvertie": "friche reconvertie",
    "reconvertie": "friche reconvertie",
    "inconnu": "inconnu",
    "autre": "autre",
    "sans objet": "sans objet",
}
TYPES = (
    "friche industrielle", "friche commerciale", "friche hospitalière", "friche agro-industrielle",
    "friche carrière ou mine", "friche militaire", "friche d'habitat", "friche d'équipement public", "friche portuaire",
    "friche aéroportuaire", "friche ferroviaire", "friche logistique", "friche loisir tourisme hôtellerie",
    "friche enseignement", "friche cultuelle", "mixte", "inconnu", "autre", "sans objet",
    "friche touristique",  # The national file has it beside the value of the standard.
)  # fmt: skip
POLLUTIONS = (
    "pollution inexistante", "pollution traitée", "pollution peu probable", "pollution supposée", "pollution avérée",
    "inconnu", "autre", "sans objet",
)  # fmt: skip
LARGEST_M2 = 150e6  # 15,000 ha: beyond, a surface is a slip of the keyboard

ANONYMOUS = re.compile(r"(^|[|{,])\s*_X_")


def read(file: Path, ground: Ground, folder: Path, options: Mapping[str, str], say: Say) -> Reading:
    """Read a file of friches into the table `friches`, one row per site. Raises ImportRefused."""
    report = Report()
    say(f"Lecture de {file.name}…")
    opened = land.open_land(file, get_source("friches"), report)
    if not {"site_statut", "site_type"} & opened.given:
        raise ImportRefused(
            f"Fichier « {file.name} » : aucune colonne de statut ni de type de friche (site_statut, site_type), rien ne dit "
            "que ce sont des friches. Est-ce une liste de sites clés en main ? Alors : « flask import sites »."
        )
    rows = opened.rows
    rows = report.set_aside_where(rows, land.is_absent(rows["site_id"]), "identifiant du site absent")
    rows = land.known_communes(rows, commune_codes(rows["comm_insee"]), ground, report)
    rows = rows.assign(actualise_le=land.read_days(rows, "site_actu_date", report))
    rows = land.keep_newest(rows, "site_id", "actualise_le", report).reset_index(drop=True)
    land.refuse_if_empty(rows, file, report)
    say(f"{count(len(rows))} sites ; vérification des coordonnées…")
    table = _typed(rows, report).join(_located(rows, opened.epsg, report))
    report.kept += len(table)
    millesime = land.find_millesime(options, file, table["actualise_le"], report)
    path = write_table(land.as_text(table), folder, "friches", sort=["commune", "site_id"])
    return Reading(millesime, {"friches": path}, report, ground.cog_year, options.get("lot", ""))


def _typed(rows: pd.DataFrame, report: Report) -> pd.DataFrame:
    """What is kept of a site, beside its place."""
    statut = land.choose(rows, "site_statut", STATUTS, report)
    if unsaid := int(land.is_absent(rows["site_statut"]).sum()):
        report.remark(f"{count(unsaid)} site(s) sans statut : gardés comme « inconnu », jamais comptés disponibles.")
    texts = {
        "nom": "site_nom", "adresse": "site_adresse", "activite": "activite_libelle",
        "zone_urba": "urba_zone_type", "producteur": "source_producteur", "source_nom": "source_nom",
    }  # fmt: skip
    frame = pd.DataFrame(
        {
            "site_id": rows["site_id"].str.strip(),
            "commune": rows["commune"],
            "statut": statut,
            "potentielle": statut == "friche potentielle",
            "type": land.choose(rows, "site_type", TYPES, report),
            "pollution": land.choose(rows, "sol_pollution_existe", POLLUTIONS, report),
            "proprietaire_type": [
                _owner(*one) for one in zip(rows["proprio_personne"], rows["proprio_nom"], strict=True)
            ],
            "parcelles": rows["unite_fonciere_refcad"].map(land.parcels),
            "actualise_le": rows["actualise_le"],
            "url": land.first_url(rows["site_url"]),
            **{name: land.blank_absent(rows[column]) for name, column in texts.items()},
        }
    )
    return frame.join(_surfaces(rows, report))


def _surfaces(rows: pd.DataFrame, report: Report) -> pd.DataFrame:
    """Square metres; hectares of a local variant converted; zero is « not known », never a surface."""
    metres = land.measure(rows, "unite_fonciere_surface", "surface_m2", report, LARGEST_M2)
    hectares = land.measure(rows, "surface_ha", "surface_ha", report, LARGEST_M2 / 1e4)
    built = land.measure(rows, "bati_surface", "surface_bati_m2", report, LARGEST_M2)
    metres["surface_m2"] = metres["surface_m2"].fillna(hectares["surface_ha"] * 1e4)
    metres["surface_m2_secret"] = metres["surface_m2_secret"].where(metres["surface_m2"].isna(), 0)
    if zeros := int((metres["surface_m2"] == 0).sum()):
        report.remark(f"{count(zeros)} surface(s) nulle(s) : lues comme non renseignées.")
    metres["surface_m2"] = metres["surface_m2"].where(metres["surface_m2"] != 0)
    return metres.join(built)


def _located(rows: pd.DataFrame, epsg: int | None, report: Report) -> pd.DataFrame:
    """lon and lat, and the contour; what cannot be believed is dropped and reported."""
    geometry = rows["geometry"] if "geometry" in rows.columns else pd.Series("", index=rows.index)
    pairs = points.read_pairs(geometry.where(geometry.str.contains('Point"'), rows["geompoint"]))
    apart = pd.DataFrame({"x": land.decimals(rows["longitude"]), "y": land.decimals(rows["latitude"])})
    pairs = pairs.where(pairs["x"].notna(), apart)
    unread = pairs["x"].isna() & ~land.is_absent(rows["geompoint"])
    found = points.locate(pairs, rows["commune"], epsg)
    problems = found["problem"].where(~unread, points.UNREADABLE)
    land.report_dropped(rows, problems, "Point", report)
    text = geometry.where(geometry.str.contains('Polygon"'), rows["geomsurf"])
    shapes = points.read_shapes(text)
    contours, why = points.locate_shapes(shapes, rows["commune"], epsg)
    unread_shape = shapes.isna() & ~land.is_absent(text)
    land.report_dropped(rows, why.astype("object").where(~unread_shape, points.UNREADABLE), "Contour", report)
    return points.beside(found[["lon", "lat"]], contours)


def _owner(personne: str, nom: str) -> str:
    """The kind of owner: « _X_ » stands for a natural person whose name is hidden. Names are never kept."""
    kinds = {kind for kind in ("personne physique", "personne morale") if kind in personne.casefold()}
    if ANONYMOUS.search(nom):
        kinds.add("personne physique")
    return "mixte" if len(kinds) > 1 else next(iter(kinds), "inconnu")
