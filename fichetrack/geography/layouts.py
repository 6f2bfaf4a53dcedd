"""The published lists of territoires d'industrie, in any of their four layouts, read into one shape.

Two GeoJSON (phase 1: names and SIREN in two comma lists; phase 2: « Nom (SIREN); … ») and two tables (one row per
commune, one row per groupement), whose headings imports/territoires/source.toml declares. Geometries are not read:
contours are the union of the communes.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fichetrack.config import ROOT
from fichetrack.errors import ImportRefused
from fichetrack.geography.reference import typographic
from fichetrack.tables import Column, Limits, count_recognised, map_columns, map_rows, read_table

SOURCE = ROOT / "imports" / "territoires" / "source.toml"
LIMITS = Limits(max_rows=60_000, max_columns=60, timeout=60)

_LAST_PARENTHESES = re.compile(r"^(?P<nom>.*)\((?P<code>[0-9AB]{5,9})\)$", re.DOTALL)

EXPECTED = (
    "Formats attendus : GeoJSON de la phase 1 (propriétés id_ti, lib_ti, lib_groupement, siren_groupement), "
    "GeoJSON de la phase 2 (id_territoire, lib_territoire, liste_geo), table par commune (insee_com, lib_com, id_ti, "
    "lib_ti) ou table par groupement (id_ti, lib_ti, siren_groupement, lib_groupement)."
)


@dataclass
class Listed:
    """A territoire as a file lists it: members are (code, name) pairs."""

    id_ti: str
    nom: str
    members: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Listing:
    layout: str
    territoires: list[Listed]
    by_commune: bool = False


def read_listing(path: Path) -> Listing:
    """Read a published list. Raises ImportRefused, in French, naming what was expected and what was found."""
    if not path.is_file():
        raise ImportRefused(f"{path.name} : ce fichier n’existe pas. Vérifiez son chemin.")
    with path.open("rb") as source:
        start = source.read(64).lstrip(b"\xef\xbb\xbf \r\n\t")
    return _read_geojson(path) if start.startswith((b"{", b"[")) else _read_table(path)


def _read_geojson(path: Path) -> Listing:
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ImportRefused(f"{path.name} : ce JSON est tronqué ou mal formé. Téléchargez-le à nouveau.") from error
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not features or not all(isinstance(one, dict) for one in features):
        raise _refuse(path, "un JSON sans territoires (« features »)")
    rows = [one.get("properties") or {} for one in features]
    for layout, names, members_of in _GEOJSON_LAYOUTS:
        if all(set(names) <= set(row) for row in rows):
            return Listing(layout, _merge(path, [(row[names[0]], row[names[1]], members_of(row)) for row in rows]))
    raise _refuse(path, f"un GeoJSON dont les propriétés sont : {', '.join(map(str, rows[0])) or 'aucune'}")


def _phase_1_members(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Names hold commas too: they are told apart only when there are as many of them as SIREN."""
    codes = [code.strip() for code in str(row["siren_groupement"]).split(",") if code.strip()]
    names = [nom.strip() for nom in str(row["lib_groupement"]).split(", ")]
    return list(zip(codes, names if len(names) == len(codes) else [""] * len(codes), strict=True))


def _phase_2_members(row: dict[str, Any]) -> list[tuple[str, str]]:
    """« CA … (CIREST) (249740119) »: the code is in the last parentheses; a part without code keeps its name."""
    members = []
    for part in str(row["liste_geo"]).split(";"):
        found = _LAST_PARENTHESES.match(part.strip())
        if found:
            members.append((found["code"], found["nom"].strip()))
        elif part.strip():
            members.append(("", part.strip()))
    return members


_GEOJSON_LAYOUTS: tuple[tuple[str, tuple[str, ...], Callable[[dict[str, Any]], list[tuple[str, str]]]], ...] = (
    ("GeoJSON de la phase 1", ("id_ti", "lib_ti", "lib_groupement", "siren_groupement"), _phase_1_members),
    ("GeoJSON de la phase 2", ("id_territoire", "lib_territoire", "liste_geo"), _phase_2_members),
)


def _read_table(path: Path) -> Listing:
    columns = declared_columns()
    table = read_table(path, path.name, accepted=count_recognised(columns), limits=LIMITS)
    mapping = map_columns(table.columns, columns)
    found = set(mapping.columns.values())
    by_commune = "insee_com" in found and "siren_groupement" not in found
    code, nom = ("insee_com", "lib_com") if by_commune else ("siren_groupement", "lib_groupement")
    if mapping.missing or code not in found:
        raise _refuse(path, f"une table dont les colonnes sont : {', '.join(table.columns) or 'aucune'}")
    rows, errors = map_rows(table, mapping, columns)
    if errors:
        raise ImportRefused(f"{path.name} : {len(errors)} lignes illisibles. {errors[0]}", errors)
    values = [row.values for row in rows]
    entries = [(row["id_ti"], row["lib_ti"], [(row[code] or "", row.get(nom) or "")]) for row in values]
    layout = "table par commune" if by_commune else "table par groupement"
    return Listing(layout, _merge(path, entries, repeated=True), by_commune)


def declared_columns() -> list[Column]:
    """The columns of imports/territoires/source.toml."""
    declared = tomllib.loads(SOURCE.read_text("utf-8"))["columns"]
    return [
        Column(
            name,
            row["label"],
            "code" if "width" in row else "text",
            synonyms=tuple(row["names"]),
            required=row.get("required", False),
            width=row.get("width"),
        )
        for name, row in declared.items()
    ]


def _merge(path: Path, entries: list[tuple[Any, Any, list[tuple[str, str]]]], repeated: bool = False) -> list[Listed]:
    """One Listed per identifier. A GeoJSON names each once; a table repeats it on each row."""
    territoires: dict[str, Listed] = {}
    for id_ti, nom, members in entries:
        key, name = str(id_ti or "").strip(), typographic(str(nom or ""))
        if not key or not name:
            raise ImportRefused(
                f"{path.name} : un territoire est sans identifiant ou sans nom ({key or name or 'ligne vide'})."
            )
        if key in territoires and (not repeated or territoires[key].nom != name):
            raise ImportRefused(
                f"{path.name} : l’identifiant {key} désigne deux fois un territoire : {territoires[key].nom}, {name}."
            )
        territoires.setdefault(key, Listed(key, name)).members.extend(members)
    return list(territoires.values())


def _refuse(path: Path, found: str) -> ImportRefused:
    return ImportRefused(
        f"{path.name} : ce n’est pas une liste de territoires d’industrie. Trouvé : {found}. {EXPECTED}"
    )
