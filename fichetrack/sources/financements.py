"""Financed projects: no published layout, a declared mapping and our own model workbook.

Rows of one project (by measure, by kind of amount, by site) are brought together. Kinds of amounts are never added up; a
confidential amount is a secret, not a zero; a commune nobody can tell for sure is kept « à confirmer », never guessed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from fichetrack.errors import ImportRefused
from fichetrack.sources.financements_cells import WIDE, amounts_of, diffusion_of, own_words, read_day, siren_of
from fichetrack.sources.financements_places import PlaceFinder
from fichetrack.sources.layouts import get_source, read_frame
from fichetrack.sources.millesimes import find_millesime
from fichetrack.sources.reading import Ground, Reading, Report, Say, write_table
from fichetrack.tables import normalise_heading
from fichetrack.tables.french import count
from fichetrack.vocabulary import DIFFUSION_ORDER

SOURCE = "financements"
PROJETS = [
    "projet_id", "projet", "entreprise", "siren", "dispositifs", "operateurs", "date", "avancement", "description", "contact",
    "theme", "diffusion", "commune", "commune_texte", "commune_etat", "commune_doute",
]  # fmt: skip
MONTANTS = ["projet_id", "nature", "montant", "montant_secret", "date", "dispositif", "operateur"]
FIRST_SAID = ("projet", "entreprise", "siren", "avancement", "description", "contact", "theme")


def read(file: Path, ground: Ground, folder: Path, options: Mapping[str, str], say: Say) -> Reading:
    """Read a list of financed projects. Raises ImportRefused, in French. Option « lot »: whose list this is.

    Tables: `projets`, one row per project × commune (PROJETS; commune is None and commune_doute says why when it is to be
    confirmed or absent); `montants`, one row per project × kind of amount × decision (MONTANTS; euros, NaN and
    montant_secret = 1 when confidential).
    """
    report = Report()
    millesime = find_millesime(file, options, report)
    rows = _rows(file, report)
    say(f"{count(report.read)} lignes lues.")
    places = PlaceFinder(ground)
    read_rows = [one for row in rows if (one := _read_row(row, places, report))]
    report.kept = len(read_rows)
    if not read_rows:
        why = " ".join(sentence for _line, sentence in report.lines[:3])
        raise ImportRefused(f"Fichier « {file.name} » : aucune ligne utilisable. {why}".strip())
    projets, montants = _projets(read_rows), _montants(read_rows, report)
    _remark(projets, report)
    tables = {
        "projets": write_table(projets, folder, "projets", ["commune_texte", "projet_id"]),
        "montants": write_table(montants, folder, "montants", ["projet_id", "nature"]),
    }
    return Reading(millesime, tables, report, ground.cog_year, lot=options.get("lot", "").strip())


def _rows(file: Path, report: Report) -> list[dict[str, Any]]:
    """The rows of the file, each with every declared column, and what it says of the columns it does not know."""
    columns = get_source(SOURCE).layouts[SOURCE]
    frame, remarks = read_frame(file, columns)
    report.remarks += remarks
    report.read = len(frame)
    if not {"projet", "projet_id", "dispositif", "montant", *WIDE} & set(frame.columns):
        raise ImportRefused(
            f"Fichier « {file.name} » : ni projet, ni dispositif, ni montant, ce n’est pas une liste de projets financés. "
            f"Colonnes reconnues : {', '.join(column.label for column in columns if column.name in frame)}."
        )
    if "projet" not in frame and "projet_id" not in frame:
        report.remark(
            "Ni intitulé ni identifiant de projet : les lignes d’une même entreprise sous un même dispositif sont un projet."
        )
    blank = dict.fromkeys((column.name for column in columns), "")
    return [{**blank, **row} for row in frame.to_dict("records")]


def _read_row(row: dict[str, Any], places: PlaceFinder, report: Report) -> dict[str, Any] | None:
    """The row with its typed values; None, and set aside, when a cell that counts cannot be read."""
    line = int(row["line"])
    if not normalise_heading(row["entreprise"]) and not row["projet_id"]:
        report.set_aside(line, "ligne sans entreprise ni identifiant de projet")
        return None
    try:
        amounts = amounts_of(row)
        day = read_day(row["date"])
        siren = siren_of(row)
    except ValueError as error:
        report.set_aside(line, "une cellule ne peut pas être lue", str(error))
        return None
    found = places.find_all(row)
    for place in found:
        if place.state == "a_confirmer":
            report.remark(f"Ligne {line}, commune à confirmer : {place.doubt}")
    text = {name: own_words(row[name]) for name in ("dispositif", "operateur", *FIRST_SAID) if name != "siren"}
    diffusion, doubt = diffusion_of(row["diffusion"])
    if doubt:
        report.remark(f"Ligne {line} : {doubt}")
    known = {**text, "siren": siren, "date": day, "diffusion": diffusion, "amounts": amounts, "places": found}
    return {"projet_id": _identifier(row, siren), **known}


def _identifier(row: dict[str, Any], siren: str | None) -> str:
    """The same from one file to the next: the identifier of the operator, else the company and the title.

    Without a title, the measure stands for it: two measures of one company are then two projects.
    """
    given = normalise_heading(row["projet_id"])
    company = siren or normalise_heading(row["entreprise"])
    title = normalise_heading(row["projet"]) or f"dispositif {normalise_heading(row['dispositif'])}"
    key = f"id|{given}" if given else f"{company}|{title}"
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def _projets(rows: list[dict[str, Any]]) -> pd.DataFrame:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["projet_id"], []).append(row)
    lines = [line for key, group in groups.items() for line in _projet_lines(key, group)]
    frame = pd.DataFrame(lines, columns=PROJETS)
    return frame.astype("object").where(frame.notna(), None)


def _projet_lines(key: str, group: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One line per commune of a project. A first row that says something is believed; the most closed diffusion wins."""
    said = {name: next((row[name] for row in group if row[name]), None) for name in FIRST_SAID}
    several = {
        f"{name}s": " ; ".join(dict.fromkeys(row[name] for row in group if row[name])) or None
        for name in ("dispositif", "operateur")
    }
    days = [row["date"] for row in group if row["date"]]
    diffusion = max((row["diffusion"] for row in group), key=DIFFUSION_ORDER.index)
    common = {"projet_id": key, **said, **several, "date": min(days, default=None), "diffusion": str(diffusion.value)}
    places = {(place.commune, place.text): place for row in group for place in row["places"]}
    # A row that names no commune adds nothing when another row of the project names one.
    named = [place for place in places.values() if place.state != "absente"] or list(places.values())
    once = {place.commune or place.text: place for place in named}
    return [
        {
            **common,
            "commune": one.commune,
            "commune_texte": one.text,
            "commune_etat": one.state,
            "commune_doute": one.doubt,
        }
        for one in once.values()
    ]


def _montants(rows: list[dict[str, Any]], report: Report) -> pd.DataFrame:
    """The same amount of the same kind and day, repeated for another measure or site, is one amount."""
    once: dict[tuple[str, str, float | None, str | None], dict[str, list[str]]] = {}
    repeated = 0
    for row in rows:
        for amount in row["amounts"]:
            key = (row["projet_id"], amount.nature, amount.euros, row["date"])
            repeated += key in once
            names = once.setdefault(key, {"dispositif": [], "operateur": []})
            for name, kept in names.items():
                kept += [row[name]] * (bool(row[name]) and row[name] not in kept)
    if repeated:
        report.remark(
            f"Montants répétés à l’identique (même projet, même nature, même date) pour un autre dispositif ou un autre site, "
            f"et comptés une fois : {count(repeated)}."
        )
    lines = [
        (projet, nature, euros, int(euros is None), day, *(" ; ".join(names[one]) or None for one in names))
        for (projet, nature, euros, day), names in once.items()
    ]
    types = {"montant": "float64", "montant_secret": "int64"}
    return pd.DataFrame(lines, columns=MONTANTS).astype(types)


def _remark(projets: pd.DataFrame, report: Report) -> None:
    report.remark(f"Projets distincts, chacun compté une fois : {count(projets['projet_id'].nunique())}.")
    for state, said in (("a_confirmer", "à confirmer"), ("absente", "absente")):
        if number := projets.loc[projets["commune_etat"] == state, "projet_id"].nunique():
            report.remark(f"Projets dont une commune est {said}, hors des chiffres par territoire : {count(number)}.")
