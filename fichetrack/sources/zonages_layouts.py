"""The published layouts of the lists of zonages, each read into the same rows: a zone, a code, a date, all as text.

GeoJSON of the ANCT (« Commune (INSEE); … »), JSON by commune (three programmes at once), JSON of the QPV, and tables whose
headings imports/zonages/source.toml declares. A code is an INSEE code or a SIREN: zonages.py tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from fichetrack.errors import ImportRefused
from fichetrack.sources.json_files import RANKS, is_json, load_json
from fichetrack.sources.layouts import LIMITS, get_source, read_frame
from fichetrack.sources.reading import Report
from fichetrack.tables import count_recognised, map_columns, normalise_heading, read_table

PROGRAMMES = ("acv", "pvd", "ort", "crte", "qpv")
SIGNED, UNSIGNED = {"signee", "oui", "true", "vrai", "1"}, {"non signee", "non", "false", "faux", "0", ""}

EXPECTED = (
    "Formats attendus : liste ACV (insee_com, id_acv), liste PVD (insee_com, id_pvd), suivi des ORT (Code commune, "
    "Signée ?), liste CRTE par commune (insee_com, id_crte) ou par groupement (id_crte, siren_epci), GeoJSON ACV ou PVD "
    "(id_territoire, lib_territoire, liste_geo), JSON des programmes par commune (communes), JSON des QPV (qpvs)."
)

_LAST_PARENTHESES = re.compile(r"^(?P<nom>.*)\((?P<code>[0-9AB]{5}|\d{9})\)$", re.DOTALL)
_PROGRAMME_OF_ID = re.compile(r"(?P<programme>[a-z]+)[-_ ]?\d", re.IGNORECASE)

Entry = tuple[int, str, str, str, str, str, str]  # line, programme, zone_id, zone_nom, code, commune_nom, signe_le
FIELDS = ("line", "programme", "zone_id", "zone_nom", "code", "commune_nom", "signe_le")


@dataclass(frozen=True)
class Listing:
    """The rows of a list (FIELDS, all text but `line`), the programmes it speaks of, and the name of its layout."""

    layout: str
    programmes: tuple[str, ...]
    rows: pd.DataFrame


def read_listing(file: Path, report: Report) -> Listing:
    """Read a published list; rows that hold no zone are set aside. Raises ImportRefused, naming what was found."""
    if not file.is_file():
        raise ImportRefused(f"Fichier « {file.name} » : il n’existe pas. Vérifiez son chemin.")
    if is_json(file):
        report.remark(RANKS)
        return _read_json(file, report)
    return _read_table(file, report)


def _listing(file: Path, layout: str, programmes: tuple[str, ...], entries: list[Entry]) -> Listing:
    if not entries:
        raise ImportRefused(
            f"Fichier « {file.name} » : {layout}, mais aucune ligne n’y désigne une commune d’une zone."
        )
    return Listing(layout, programmes, pd.DataFrame(entries, columns=list(FIELDS)))


def _read_json(file: Path, report: Report) -> Listing:
    content = load_json(file)
    keys = set(content) if isinstance(content, dict) else set()
    for key, kind, reader in _JSON_LAYOUTS:
        if key in keys and isinstance(content[key], kind) and content[key]:
            return reader(file, content[key], report)
    found = ", ".join(sorted(map(str, keys))[:20]) or "une liste"
    raise ImportRefused(f"Fichier « {file.name} » : ce JSON n’est pas un zonage. Trouvé : {found}. {EXPECTED}")


def _read_features(file: Path, features: list[Any], report: Report) -> Listing:
    rows = [one.get("properties") if isinstance(one, dict) else None for one in features]
    wanted = {"id_territoire", "lib_territoire", "liste_geo"}
    missing = [row for row in rows if not isinstance(row, dict) or not wanted <= set(row)]
    if missing:
        found = ", ".join(list(missing[0])[:20] if isinstance(missing[0], dict) else ()) or "aucune"
        raise ImportRefused(f"Fichier « {file.name} » : propriétés trouvées : {found}. {EXPECTED}")
    entries: list[Entry] = []
    for line, row in enumerate(rows, start=1):
        entries += _feature_entries(file, line, row, report)
    programmes = tuple(one for one in PROGRAMMES if one in {entry[1] for entry in entries})
    return _listing(file, "GeoJSON de l’ANCT", programmes, entries)


def _feature_entries(file: Path, line: int, row: Any, report: Report) -> list[Entry]:
    """« Arpajon-sur-Cère (15012); Aurillac (15014) »: the code is in the last parentheses of each part."""
    report.read += 1
    zone = _text(row["id_territoire"])
    programme = _programme(file, zone)
    parts = [_LAST_PARENTHESES.match(part.strip()) for part in _text(row["liste_geo"]).split(";") if part.strip()]
    if not zone or not parts or not all(parts):
        report.set_aside(line, "zone sans identifiant, ou commune sans code entre parenthèses")
        return []
    signed = _text(row.get("date_signature"))
    return [
        (line, programme, zone, _text(row["lib_territoire"]), part["code"], part["nom"].strip(), signed)
        for part in parts
        if part
    ]


def _programme(file: Path, zone: str) -> str:
    """The programme an identifier begins with: « acv-001 », « acv001 ». A zone without identifier has none."""
    found = _PROGRAMME_OF_ID.match(zone)
    programme = found["programme"].lower() if found else ""
    if zone and programme not in PROGRAMMES:
        advice = " C’est une liste de territoires d’industrie : « flask import territoires »." * (programme == "ti")
        raise ImportRefused(
            f"Fichier « {file.name} » : l’identifiant « {zone} » n’est d’aucun programme connu (acv, pvd, crte).{advice}"
        )
    return programme


def _read_communes(file: Path, communes: dict[str, Any], report: Report) -> Listing:
    """One entry per commune, with a flag and a date for each programme; the zone is the commune itself."""
    if not all(isinstance(one, dict) for one in communes.values()):
        raise ImportRefused(f"Fichier « {file.name} » : « communes » ne décrit pas des communes. {EXPECTED}")
    flags = ("acv", "pvd", "ort")
    entries: list[Entry] = []
    for line, (code, row) in enumerate(communes.items(), start=1):
        report.read += 1
        held = [one for one in flags if row.get(one) is True]
        if not held:
            report.set_aside(line, "commune sans programme")
        name = _text(row.get("label"))
        entries += [(line, one, code, name, code, name, _text(row.get(f"{one}_signed_at"))) for one in held]
    return _listing(file, "JSON des programmes par commune", flags, entries)


def _read_qpvs(file: Path, qpvs: list[Any], report: Report) -> Listing:
    entries: list[Entry] = []
    for line, row in enumerate(qpvs, start=1):
        report.read += 1
        code = _text(row.get("code")) if isinstance(row, dict) else ""
        communes = row.get("insee") if isinstance(row, dict) else None
        if not re.fullmatch(r"Q[NP]\w{6}", code) or not isinstance(communes, list) or not communes:
            report.set_aside(line, "quartier sans code QN ou QP, ou sans commune")
            continue
        entries += [(line, "qpv", code, _text(row.get("label")), _text(one), "", "") for one in communes]
    return _listing(file, "JSON des quartiers prioritaires", ("qpv",), entries)


_JSON_LAYOUTS: tuple[tuple[str, type, Callable[[Path, Any, Report], Listing]], ...] = (
    ("features", list, _read_features),
    ("communes", dict, _read_communes),
    ("qpvs", list, _read_qpvs),
)


def _read_table(file: Path, report: Report) -> Listing:
    name = _table_layout(file)
    frame, remarks = read_frame(file, get_source("zonages").layouts[name])
    for remark in remarks:
        report.remark(remark)
    report.read = len(frame)
    rows = frame.to_dict("records")
    entries = [entry for row in rows for entry in _TABLE_LAYOUTS[name](row, report)]
    return _listing(file, f"table {name.replace('_', ' par ').upper()}", (name.split("_")[0],), entries)


def _table_layout(file: Path) -> str:
    """The only declared layout whose required columns the file has. Raises ImportRefused otherwise."""
    layouts = get_source("zonages").layouts
    everything = tuple(column for columns in layouts.values() for column in columns)
    table = read_table(file, file.name, accepted=count_recognised(everything), limits=LIMITS)
    found = [name for name, columns in layouts.items() if not map_columns(table.columns, columns).missing]
    if "crte_groupement" in found and "crte_commune" in found:
        found.remove("crte_commune")  # a list by groupement that also names a commune, the seat
    if len(found) == 1:
        return found[0]
    headings = ", ".join(f"« {one} »" for one in table.columns[:40] if one.strip()) or "aucune"
    why = "ses colonnes sont celles de plusieurs listes à la fois" if found else "ce n’est pas une liste de zonages"
    raise ImportRefused(f"Fichier « {file.name} » : {why}. Colonnes trouvées : {headings}. {EXPECTED}")


def _programme_entries(programme: str) -> Callable[[dict[str, Any], Report], Iterator[Entry]]:
    """Rows of a list by commune or by groupement. A cell may hold several zones: « a ; b »."""

    def entries(row: dict[str, Any], report: Report) -> Iterator[Entry]:
        zones = [one.strip() for one in row["zone_id"].split(";") if one.strip()]
        code = _code(row)
        if not zones or not code:
            report.set_aside(row["line"], "ligne sans identifiant de zone, ou sans code de commune ou de groupement")
            return
        given = row.get("zone_nom") or ("" if "siren" in row else row.get("commune_nom") or "")
        names = [one.strip() for one in given.split(";")]
        if len(names) != len(zones):
            names = [given if len(zones) == 1 else ""] * len(zones)
        for zone, name in zip(zones, names, strict=True):
            yield row["line"], programme, zone, name, code, row.get("commune_nom", ""), row.get("signe_le", "")

    return entries


def _ort_entries(row: dict[str, Any], report: Report) -> Iterator[Entry]:
    """A commune of a signed convention. The file has no identifier of conventions: the zone is the commune."""
    state = normalise_heading(row["signee"])
    code = _code(row)
    if not code:
        report.set_aside(row["line"], "ligne sans code de commune")
    elif state in UNSIGNED:
        report.set_aside(row["line"], "convention ORT non signée")
    elif state not in SIGNED:
        report.set_aside(row["line"], "état de la convention illisible", f"« {row['signee']} » : signée ou non ?")
    else:
        name = re.sub(r"^(?:\d{2,3}|2[AB]) - ", "", row.get("commune_nom", ""))  # « 26 - Valence »
        yield row["line"], "ort", code, name, code, name, row.get("signe_le", "")


def _code(row: dict[str, Any]) -> str:
    """The code of the row as text, with the zeros and without the « .0 » that a spreadsheet took and gave."""
    width = 9 if "siren" in row else 5
    code = re.sub(r"\.0+$|\s", "", row["siren"] if "siren" in row else row["commune"]).upper()
    return code.zfill(width) if code else ""


_TABLE_LAYOUTS: dict[str, Callable[[dict[str, Any], Report], Iterator[Entry]]] = {
    "acv": _programme_entries("acv"),
    "pvd": _programme_entries("pvd"),
    "ort": _ort_entries,
    "crte_groupement": _programme_entries("crte"),
    "crte_commune": _programme_entries("crte"),
}


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
