"""The official geographic code, read from the npm package @etalab/decoupage-administratif.

Each row is a dict of the columns of its table, so that the service inserts it as it is. Contours come from another
package (contours.py); names get a typographic apostrophe, as every French text of the site.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fichetrack.config import ROOT
from fichetrack.errors import Refusal
from fichetrack.search import words

PACKAGE = "@etalab/decoupage-administratif"
FOLDER = ROOT / "node_modules" / PACKAGE

# Each major version of the package is the official code (COG) of one year; the package does not say it in its data.
COG_YEARS = {"4": 2024, "5": 2025, "6": 2026}

Row = dict[str, Any]


@dataclass(frozen=True)
class Reference:
    """One edition of the official geographic code: rows by table, and the codes of the communes that are no more."""

    cog_year: int
    package: str
    regions: list[Row] = field(default_factory=list)
    departements: list[Row] = field(default_factory=list)
    epcis: list[Row] = field(default_factory=list)
    communes: list[Row] = field(default_factory=list)
    successors: dict[str, str] = field(default_factory=dict)  # old INSEE code → current one


def installed_package(folder: Path = FOLDER) -> str:
    """The name and version of the installed package. Raises Refusal when it is absent or of an unknown edition."""
    return f"{PACKAGE} {_version(folder)}"


def read_reference(folder: Path = FOLDER) -> Reference:
    """Read the installed package. Raises Refusal, in French, when it is absent or of an unknown edition."""
    version = _version(folder)
    communes = _load(folder, "communes")
    epcis, epts = _load(folder, "epci"), _load(folder, "ept")
    return Reference(
        cog_year=COG_YEARS[version.split(".")[0]],
        package=installed_package(folder),
        regions=[{"code": row["code"], "nom": typographic(row["nom"])} for row in _load(folder, "regions")],
        departements=[
            {"code": row["code"], "nom": typographic(row["nom"]), "region_code": row["region"]}
            for row in _load(folder, "departements")
        ],
        epcis=[_epci_row(row) for row in (*epcis, *epts)],
        communes=_commune_rows(communes, _membership(epcis), _membership(epts)),
        successors=_successors(communes),
    )


def read_successors(folder: Path = FOLDER) -> dict[str, str]:
    """Former codes of communes, and those of communes déléguées and arrondissements, to the current commune."""
    _version(folder)
    return _successors(_load(folder, "communes"))


def typographic(text: str) -> str:
    """« L'Abergement » as French typography writes it: « L’Abergement »; outer and doubled blanks go."""
    return " ".join(text.replace("'", "’").split())


def search_key(nom: str) -> str:
    """What a search by name is compared with: the words of the name, without accents nor case."""
    return " ".join(words(nom))


def slugify(nom: str) -> str:
    """The name as an address: « Vallée de l’Huisne » gives vallee-de-l-huisne."""
    plain = unicodedata.normalize("NFKD", nom.lower().replace("œ", "oe").replace("æ", "ae"))
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")[:80]


def _version(folder: Path) -> str:
    try:
        version = str(json.loads((folder / "package.json").read_text("utf-8"))["version"])
    except FileNotFoundError as error:
        raise Refusal(f"Le paquet npm {PACKAGE} n’est pas installé : lancez « make setup ».") from error
    if version.split(".")[0] not in COG_YEARS:
        raise Refusal(
            f"Le paquet {PACKAGE} {version} est d’un millésime inconnu : ajoutez son année à COG_YEARS "
            "(fichetrack/geography/reference.py) après l’avoir vérifiée."
        )
    return version


def _load(folder: Path, name: str) -> list[Row]:
    rows: list[Row] = json.loads((folder / "data" / f"{name}.json").read_text("utf-8"))
    return rows


def _epci_row(row: Row) -> Row:
    nom = typographic(row["nom"])
    return {"code": row["code"], "nom": nom, "kind": row["type"], "search_key": search_key(nom)}


def _membership(groups: Iterable[Row]) -> dict[str, str]:
    return {member["code"]: group["code"] for group in groups for member in group["membres"]}


def _commune_rows(communes: list[Row], epci_of: dict[str, str], ept_of: dict[str, str]) -> list[Row]:
    """Current communes only: déléguées, associées and municipal arrondissements share or reuse codes."""
    rows = []
    for commune in communes:
        if commune["type"] != "commune-actuelle":
            continue
        code, nom = commune["code"], typographic(commune["nom"])
        rows.append(
            {
                "code": code,
                "nom": nom,
                "siren": commune.get("siren"),
                "departement_code": commune["departement"],
                "epci_code": epci_of.get(code),
                "ept_code": ept_of.get(code),
                "population": commune.get("population"),
                "search_key": search_key(nom),
            }
        )
    return rows


def _successors(communes: list[Row]) -> dict[str, str]:
    """Which commune an old code is part of today: former codes, communes déléguées or associées, arrondissements."""
    successors: dict[str, str] = {}
    for commune in communes:
        today = commune.get("chefLieu") or commune.get("commune")
        if commune["type"] == "commune-actuelle":
            successors.update(dict.fromkeys(commune.get("anciensCodes", ()), commune["code"]))
        elif today:
            successors[commune["code"]] = today
    for commune in communes:
        if commune["type"] == "commune-actuelle":
            successors.pop(commune["code"], None)
    return successors
