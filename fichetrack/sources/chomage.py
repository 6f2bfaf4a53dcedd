"""Quarterly unemployment rates of INSEE: by zone d'emploi, département or région; and the communes of each zone.

INSEE's workbooks and CSV have title rows, one column per quarter, and notes below; a JSON holds rates and communes
together. Tables: `taux` (niveau, code, nom, trimestre, taux, taux_secret, provisoire) and `zones` (commune, ze, ze_nom).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from fichetrack.errors import ImportRefused
from fichetrack.geography.reference import typographic
from fichetrack.sources.codes import commune_codes, padded
from fichetrack.sources.json_files import is_json, load_json
from fichetrack.sources.layouts import LIMITS, frame_of, get_source
from fichetrack.sources.millesimes import check_millesime, find_millesime
from fichetrack.sources.quarters import quarter_of
from fichetrack.sources.rate_sheets import (
    COLUMNS,
    EXPECTED,
    ZE,
    holds_rates,
    quarters_of,
    read_sheet,
    score_rates,
    without_repeats_across,
)
from fichetrack.sources.reading import Ground, Reading, Report, Say, write_table
from fichetrack.tables import Table, count_recognised, read_table
from fichetrack.tables.mapping import overflow


def read(file: Path, ground: Ground, folder: Path, options: Mapping[str, str], say: Say) -> Reading:
    """Rates, communes of the zones, or both, whichever the file holds. Raises ImportRefused when it is neither."""
    say("Lecture du fichier…")
    if is_json(file):
        return _read_json(file, ground, folder)
    layouts = get_source("chomage").layouts
    table = read_table(file, file.name, accepted=score_rates, limits=LIMITS)
    if quarters_of(table):
        return _read_rates(file, table, ground, folder, options)
    communes = [column for column in layouts["zones"] if column.name == "commune"]
    if count_recognised(communes)(table.columns):
        return _read_zones(file, table, ground, folder, options)
    found = ", ".join(f"« {heading} »" for heading in table.columns[:60] if heading.strip()) or "aucune"
    raise ImportRefused(
        f"Fichier « {file.name} » : aucun taux de chômage trouvé. {EXPECTED} Colonnes trouvées : {found}."
    )


def _read_rates(file: Path, table: Table, ground: Ground, folder: Path, options: Mapping[str, str]) -> Reading:
    """Every sheet that holds rates, each of its level."""
    report = Report()
    frames = [read_sheet(file, table, ground, options, report)]
    for name in table.other_sheets:
        other = read_table(file, file.name, sheet=name, accepted=score_rates, limits=LIMITS)
        if holds_rates(other):
            frames.append(read_sheet(file, other, ground, options, report))
    rates = without_repeats_across(pd.concat(frames, ignore_index=True), file.name)
    if rates.empty:
        reasons = " ; ".join(report.reasons) or "aucune ligne"
        raise ImportRefused(f"Fichier « {file.name} » : aucune ligne de taux utilisable ({reasons}). {EXPECTED}")
    return _reading(rates, {}, folder, report, None)


def _read_json(file: Path, ground: Ground, folder: Path) -> Reading:
    """Rates by zone d'emploi and of France, and the communes of each zone."""
    content = _load(file)
    quarters = [quarter_of(str(one)) for one in content["quarters"]]
    if None in quarters or len(set(quarters)) != len(quarters) or not quarters:
        raise ImportRefused(
            f"Fichier « {file.name} » : « quarters » doit être une suite de trimestres distincts (2025-T4)."
        )
    report = Report(read=len(content["zes"]) + len(content["communes"]))
    rows: list[dict[str, Any]] = []
    for number, (code, zone) in enumerate(content["zes"].items(), start=1):
        series = zone.get("rate_pct") if isinstance(zone, dict) else None
        rates = _series(series, len(quarters))
        if not re.fullmatch(ZE, code) or rates is None:
            reason = "zone d’emploi dont le code ou la série de taux est illisible"
            report.set_aside(number, reason, f"{reason} : « {code[:20]} »")
            continue
        report.kept += 1
        rows += _series_rows("ze", code, typographic(str(zone.get("label", ""))), quarters, rates)
    national = _series(content.get("national_rate_pct_series"), len(quarters))
    if national:
        rows += _series_rows("france", "france", "France", quarters, national)
    if not rows:
        raise ImportRefused(f"Fichier « {file.name} » : aucune série de taux utilisable. {EXPECTED}")
    labels = {row["code"]: row["nom"] for row in rows}
    given = pd.DataFrame({"commune": list(content["communes"]), "ze": list(map(str, content["communes"].values()))})
    given = given.assign(ze_nom=given["ze"].map(labels).fillna(""), line=range(1, len(given) + 1))
    zones = _zones(given, ground, report)
    if without := sorted(set(zones["ze"]) - set(labels)):
        report.remark(f"Zones d’emploi sans taux publié : {', '.join(without)}.")
    return _reading(pd.DataFrame(rows), {"zones": zones}, folder, report, ground.cog_year)


def _load(file: Path) -> dict[str, Any]:
    content = load_json(file)
    shapes = {"quarters": list, "zes": dict, "communes": dict}
    keys = content if isinstance(content, dict) else {}
    if any(not isinstance(keys.get(key), shape) for key, shape in shapes.items()):
        found = ", ".join(f"« {key} »" for key in list(keys)[:20]) or "aucune"
        raise ImportRefused(
            f"Fichier « {file.name} » : ce JSON n’a pas les clés quarters, zes et communes attendues. Clés trouvées : {found}."
        )
    return keys


def _series(given: Any, length: int) -> list[float | None] | None:
    """As many rates as quarters, each a number from 0 to 100 or nothing; None otherwise."""
    if not isinstance(given, list) or len(given) != length:
        return None
    for one in given:
        if one is not None and (isinstance(one, bool) or not isinstance(one, int | float) or not 0 <= one <= 100):
            return None
    return [None if one is None else float(one) for one in given]


def _series_rows(
    niveau: str, code: str, nom: str, quarters: list[Any], rates: list[float | None]
) -> list[dict[str, Any]]:
    same = {"niveau": niveau, "code": code, "nom": nom, "taux_secret": 0, "provisoire": False}
    return [{**same, "trimestre": quarter, "taux": rate} for quarter, rate in zip(quarters, rates, strict=True)]


def _read_zones(file: Path, table: Table, ground: Ground, folder: Path, options: Mapping[str, str]) -> Reading:
    """The table of the communes of each zone d'emploi alone."""
    frame, remarks = frame_of(table, get_source("chomage").layouts["zones"], file.name)
    report = Report(read=len(frame), remarks=remarks)
    slipped = frame["line"].isin([row.line for row in table.rows if any(overflow(row, table))])
    frame = report.set_aside_where(frame, slipped, "plus de cellules que de titres : un séparateur est dans un texte")
    frame = frame.assign(ze_nom=frame["ze_nom"].map(typographic) if "ze_nom" in frame.columns else "")
    zones = _zones(frame, ground, report)
    tables = {"zones": write_table(zones, folder, "zones", ["commune"])}
    return Reading(find_millesime(file, options, report), tables, report, ground.cog_year, lot="zones")


def _zones(frame: pd.DataFrame, ground: Ground, report: Report) -> pd.DataFrame:
    """One zone per current commune. frame: line, commune, ze, ze_nom."""
    frame = frame.assign(given=commune_codes(frame["commune"]), ze=padded(frame["ze"], 4, ZE))
    frame = report.set_aside_where(frame, frame["given"].isna(), "code de commune illisible")
    frame = report.set_aside_where(frame, frame["ze"].isna(), "code de zone d’emploi illisible")
    frame = frame.assign(commune=ground.current_communes(frame["given"]))
    frame = report.set_aside_where(
        frame, frame["commune"].isna(), f"commune inconnue du code officiel géographique {ground.cog_year}"
    )
    own = frame["given"] == frame["commune"]
    several = frame.groupby("commune")["ze"].transform("nunique") > 1
    followed = own.groupby(frame["commune"]).transform("any")
    frame = report.set_aside_where(
        frame, several & followed & ~own, "ancienne commune : la commune actuelle suit la zone de son chef-lieu"
    )
    several = frame.groupby("commune")["ze"].transform("nunique") > 1
    frame = report.set_aside_where(
        frame, several, "la commune est dans plusieurs zones d’emploi : aucune n’est retenue"
    )
    report.kept += len(frame)
    return frame.drop_duplicates("commune")[["commune", "ze", "ze_nom"]]


def _reading(
    rates: pd.DataFrame, tables: dict[str, pd.DataFrame], folder: Path, report: Report, cog_year: int | None
) -> Reading:
    """The last quarter is always provisional, whatever the file says: INSEE revises it with the next one."""
    last = check_millesime(str(rates["trimestre"].max()))
    rates = rates.assign(provisoire=rates["provisoire"].astype(bool) | (rates["trimestre"] == last))
    rates = rates.assign(taux=rates["taux"].astype("float64"), taux_secret=rates["taux_secret"].astype("int64"))[
        COLUMNS
    ]
    counts = rates.drop_duplicates(["niveau", "code"])["niveau"].value_counts()
    said = ", ".join(f"{niveau} : {number}" for niveau, number in counts.items())
    report.remark(f"Taux par niveau ({said}), de {rates['trimestre'].min()} à {last}.")
    files = {"taux": write_table(rates, folder, "taux", ["niveau", "code", "trimestre"])}
    files |= {name: write_table(frame, folder, name, [frame.columns[0]]) for name, frame in tables.items()}
    lot = next((niveau for niveau in ("ze", "departement", "region") if niveau in counts), "france")
    return Reading(last, files, report, cog_year, lot=lot)
