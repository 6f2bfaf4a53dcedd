"""Zonages of public policies, by commune: Action cœur de ville, Petites villes de demain, ORT, CRTE, QPV.

The layout is recognised by the file itself (zonages_layouts.py). Each programme is a table of its own, so that a new list of
one does not replace the others. Geometries are not read: what overlaps is told by commune.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from fichetrack.geography.reference import read_reference, typographic
from fichetrack.sources.codes import commune_codes
from fichetrack.sources.millesimes import find_millesime
from fichetrack.sources.reading import Ground, Reading, Report, Say, write_table
from fichetrack.sources.zonages_layouts import read_listing
from fichetrack.tables.dates import parse_date
from fichetrack.tables.french import count

COLUMNS = ["programme", "zone_id", "zone_nom", "commune", "signe_le"]


def read(file: Path, ground: Ground, folder: Path, options: Mapping[str, str], say: Say) -> Reading:
    """Read one list. Raises ImportRefused, in French, when it is none of the published layouts.

    Tables: `zonages_<programme>`, one row per zone × current commune: programme, zone_id, zone_nom, commune, signe_le (ISO
    date, None when the file gives none).
    """
    report = Report()
    millesime = find_millesime(file, options, report)
    listing = read_listing(file, report)
    say(f"{count(report.read)} lignes lues ({listing.layout}).")
    rows = _with_current_communes(_one_row_per_code(listing.rows, ground, report), ground, report)
    rows = rows.assign(
        signe_le=_dates(rows, report),
        zone_nom=[typographic(nom) or zone for nom, zone in zip(rows["zone_nom"], rows["zone_id"], strict=True)],
    )
    report.kept = int(rows["line"].nunique())
    zones = rows.drop_duplicates(["programme", "zone_id", "commune"])
    if repeated := len(rows) - len(zones):
        report.remark(f"{count(repeated)} couples zone et commune étaient répétés : ils sont comptés une fois.")
    tables = {
        f"zonages_{programme}": write_table(
            zones.loc[zones["programme"] == programme, COLUMNS], folder, f"zonages_{programme}", ["commune", "zone_id"]
        )
        for programme in listing.programmes
    }
    return Reading(millesime, tables, report, ground.cog_year)


def _one_row_per_code(rows: pd.DataFrame, ground: Ground, report: Report) -> pd.DataFrame:
    """Groupements (SIREN) become their communes; a commune named by its SIREN becomes its INSEE code."""
    grouped = rows["code"].str.fullmatch(r"\d{9}")
    if not grouped.any():
        return rows
    members = _members_by_siren(ground)
    found = rows.loc[grouped].assign(code=lambda part: part["code"].map(members))
    known = _set_aside_unknown(found, rows, report, "groupement (SIREN) inconnu du code officiel géographique")
    return pd.concat([rows.loc[~grouped], known.explode("code")], ignore_index=True)


def _members_by_siren(ground: Ground) -> dict[str, list[str]]:
    """The communes of each EPCI and EPT, and the commune of each SIREN of commune.

    A commune's SIREN often holds its INSEE code, but not always (5,600 of them do not): it is looked up, never decoded.
    """
    members = {row["siren"]: [row["code"]] for row in read_reference().communes if row["siren"]}
    for column in ("ept", "epci"):
        groups = ground.communes[column].dropna()
        members |= {siren: list(part.index) for siren, part in groups.groupby(groups)}
    return members


def _with_current_communes(rows: pd.DataFrame, ground: Ground, report: Report) -> pd.DataFrame:
    """Codes brought to today's communes; unknown ones are reported with the line."""
    found = rows.assign(code=ground.current_communes(commune_codes(rows["code"])))
    known = _set_aside_unknown(found, rows, report, "commune inconnue du code officiel géographique")
    return known.rename(columns={"code": "commune"})


def _set_aside_unknown(found: pd.DataFrame, given: pd.DataFrame, report: Report, reason: str) -> pd.DataFrame:
    unknown = found["code"].isna()
    partly, told = set(found.loc[~unknown, "line"]), set()
    for index, line in found.loc[unknown, "line"].items():
        name = given.at[index, "commune_nom"] or "sans nom"
        sentence = f"« {name} » ({given.at[index, 'code'] or 'sans code'}) : {reason}."
        # A joint site stays when another of its communes is known: the line is then kept, not set aside.
        if line in partly:
            report.remark(f"Ligne {line} : {sentence}")
        elif line not in told:  # several zones, or several communes, may stand on one line
            report.set_aside(int(line), reason, sentence)
        told.add(line)
    return found.loc[~unknown]


def _dates(rows: pd.DataFrame, report: Report) -> list[str | None]:
    """ISO dates. A date nobody can read is left out and told: the commune is in the zone all the same."""
    dates: list[str | None] = []
    for line, text in zip(rows["line"], rows["signe_le"], strict=True):
        try:
            dates.append(parse_date(text).isoformat() if text else None)
        except ValueError as error:
            report.remark(f"Ligne {line}, date de signature ignorée : {error}")
            dates.append(None)
    return dates
