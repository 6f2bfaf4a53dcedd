"""Sites « clés en main »: no published layout, so a declared table. A commune written in words is never guessed.

A name is taken when it is one commune of France, or one of the département that is said; otherwise the row is set aside,
with the communes it may have meant. Coordinates alone find the commune whose contour they are in.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import shapely

from fichetrack.errors import ImportRefused, Refusal
from fichetrack.geography.contours import read_contours
from fichetrack.search import folded
from fichetrack.sources import friches, land, points
from fichetrack.sources.codes import commune_codes
from fichetrack.sources.layouts import get_source
from fichetrack.sources.reading import Ground, Reading, Report, Say, write_table
from fichetrack.tables import normalise_heading
from fichetrack.tables.french import quote

AVAILABLE, CONDITIONAL, TAKEN = "disponible", "sous conditions", "indisponible"
DISPONIBILITES = {
    "disponible": AVAILABLE, "oui": AVAILABLE, "libre": AVAILABLE, "immédiate": AVAILABLE, "immédiatement": AVAILABLE,
    "disponible immédiatement": AVAILABLE, "à vendre": AVAILABLE, "commercialisable": AVAILABLE, "vrai": AVAILABLE,
    "sous conditions": CONDITIONAL, "en cours d'aménagement": CONDITIONAL, "à venir": CONDITIONAL, "à terme": CONDITIONAL,
    "partielle": CONDITIONAL, "partiellement disponible": CONDITIONAL, "en cours de préparation": CONDITIONAL,
    "indisponible": TAKEN, "non": TAKEN, "vendu": TAKEN, "réservé": TAKEN, "attribué": TAKEN, "occupé": TAKEN, "faux": TAKEN,
    "sous option": TAKEN, "sous compromis": TAKEN, "non disponible": TAKEN,
    "inconnu": land.UNKNOWN,
}  # fmt: skip
LARGEST_HA = 15_000
FRICHES = {normalise_heading(statut) for statut in friches.STATUTS} - {"inconnu", "autre", "sans objet"}
_NAMED = re.compile(
    r"^(?P<dep>\d{2,3}|2[AB])\s*-\s*(?P<nom>.+)$|^(?P<nom2>.+?)\s*\((?P<code>\w{2,5})\)$", re.IGNORECASE
)


def read(file: Path, ground: Ground, folder: Path, options: Mapping[str, str], say: Say) -> Reading:
    """Read a declared list of sites into the table `sites`, one row per site. Raises ImportRefused."""
    report = Report()
    say(f"Lecture de {file.name}…")
    opened = land.open_land(file, get_source("sites"), report)
    rows = opened.rows
    _refuse_friches(rows, file)
    rows = report.set_aside_where(rows, land.is_absent(rows["nom"]), "nom du site absent")
    pairs = _pairs(rows)
    rows = rows.assign(commune=find_communes(rows, pairs, ground, report))
    rows = rows[rows["commune"].notna()]
    rows = rows.assign(site_id=_identifiers(rows), actualise_le=land.read_days(rows, "actualise_le", report))
    rows = land.keep_newest(rows, "site_id", "actualise_le", report)
    land.refuse_if_empty(rows, file, report)
    table = _typed(rows, report).join(_located(rows, pairs.loc[rows.index], opened.epsg, report))
    report.kept += len(table)
    millesime = land.find_millesime(options, file, table["actualise_le"], report)
    path = write_table(land.as_text(table), folder, "sites", sort=["commune", "site_id"])
    return Reading(millesime, {"sites": path}, report, ground.cog_year, options.get("lot", ""))


def _refuse_friches(rows: pd.DataFrame, file: Path) -> None:
    """A list of friches has nearly the same columns, and its statuses say nothing of who may build there."""
    said = rows["disponibilite"].map(normalise_heading).isin(FRICHES)
    if said.any():
        raise ImportRefused(
            f"Fichier « {file.name} » : {quote(str(rows.loc[said, 'disponibilite'].iloc[0]))} est un statut de friche, pas une "
            "disponibilité. Est-ce une liste de friches ? Alors : « flask import friches »."
        )


def find_communes(rows: pd.DataFrame, pairs: pd.DataFrame, ground: Ground, report: Report) -> pd.Series:
    """Today's commune of each row: by its code, else by its name, else by its point; None, and set aside, when unsure."""
    codes = commune_codes(rows["insee"])
    current = ground.current_communes(codes)
    places = Places(ground)
    found: dict[Any, str | None] = {}
    named = 0
    for index, row in rows.iterrows():
        line, name = int(row["line"]), str(row["commune"]).strip()
        try:
            if not land.is_absent(pd.Series([row["insee"]])).item():
                found[index] = places.by_code(row["insee"], current[index], name, line, report)
            elif name:
                found[index] = places.by_name(name, str(row["departement"]))
                named += 1
            else:
                found[index] = places.by_point(pairs.loc[index], line, report)
        except LookupError as doubt:
            found[index] = None
            report.set_aside(line, "commune introuvable ou incertaine", str(doubt.args[0]))
    if named:
        report.remark(f"{named} site(s) placé(s) par le nom exact de leur commune, faute de code INSEE.")
    return pd.Series(found, index=rows.index, dtype="object")


class Places:
    """Finds the commune a row speaks of, or says, by a LookupError, why it cannot."""

    def __init__(self, ground: Ground) -> None:
        self.communes = ground.communes
        self.names: dict[str, list[str]] = {}
        for code, nom in self.communes["nom"].items():
            self.names.setdefault(_key(nom), []).append(str(code))

    def by_code(self, written: str, current: str | None, name: str, line: int, report: Report) -> str:
        """The code prevails; a name that says something else is reported."""
        if not isinstance(current, str):
            raise LookupError(f"code commune {quote(written)} inconnu du code officiel géographique")
        nom = str(self.communes.at[current, "nom"])
        if name and _key(_split(name)[0]) != _key(nom):
            report.remark(
                f"Ligne {line} : le code {current} est {nom}, le fichier écrit {quote(name)} ; le code prévaut."
            )
        return current

    def by_name(self, written: str, departement: str) -> str:
        """The only commune of this name, in France or in the département that is said."""
        name, place = _split(written)
        same = self.names.get(_key(name), [])
        wanted = [one for one in (place, departement.strip()) if one]
        kept = [code for code in same if all(self._is_in(code, one) for one in wanted)]
        if len(kept) == 1:
            return kept[0]
        if same:
            choices = ", ".join(f"{self.communes.at[code, 'nom']} ({code})" for code in same[:6])
            raise LookupError(f"commune {quote(written)} : à préciser entre {choices} ; ajoutez le code INSEE")
        near = difflib.get_close_matches(_key(name), self.names, n=1, cutoff=0.8)
        hint = [self.names[one][0] for one in near]
        said = f" (peut-être {self.communes.at[hint[0], 'nom']}, {hint[0]})" if hint else ""
        raise LookupError(f"commune {quote(written)} introuvable{said} ; ajoutez le code INSEE")

    def by_point(self, pair: pd.Series, line: int, report: Report) -> str:
        """The commune whose contour holds the point, in the one reading of it that is in métropole or overseas."""
        codes = _communes_around(float(pair["x"]), float(pair["y"]))
        if len(codes) != 1 or codes[0] not in self.communes.index:
            raise LookupError("ni code INSEE, ni commune, ni coordonnées qui désignent une seule commune")
        report.remark(
            f"Ligne {line} : commune trouvée par ses coordonnées, {self.communes.at[codes[0], 'nom']} ({codes[0]})."
        )
        return codes[0]

    def _is_in(self, code: str, place: str) -> bool:
        """A département by its number (« 1 » is « 01 »), a code or a postcode that begins with it."""
        departement = str(self.communes.at[code, "departement"])
        plain = place.upper().strip()
        if plain == code or plain.zfill(2) == departement:
            return True
        if len(plain) == 5 and plain.isdigit():
            return plain.startswith(departement[:2].replace("2A", "20").replace("2B", "20"))
        return not plain[:1].isdigit()  # A département in letters is not a number: the name must then be unique.


def _key(name: str) -> str:
    """« ST ETIENNE » and « Saint-Étienne » alike."""
    plain = re.sub(r"[^a-z0-9]+", " ", folded(str(name))).strip()
    return re.sub(r"\bste\b", "sainte", re.sub(r"\bst\b", "saint", plain))


def _split(written: str) -> tuple[str, str]:
    """« 26 - Valence », « Valence (26) », « Valence (26362) » → the name and the place that goes with it."""
    found = _NAMED.match(written.strip())
    if not found:
        return written, ""
    return (found["nom"], found["dep"]) if found["nom"] else (found["nom2"], found["code"])


@lru_cache
def _contours() -> tuple[list[str], shapely.STRtree]:
    contours = read_contours()
    return list(contours), shapely.STRtree(list(contours.values()))


def _communes_around(x: float, y: float) -> list[str]:
    """The communes in which a pair falls, read in every order and in Lambert-93."""
    if not (abs(x) < 1e8 and abs(y) < 1e8):
        return []
    try:
        codes, tree = _contours()
    except Refusal:
        return []
    readings = [(x, y), (y, x)] if max(abs(x), abs(y)) <= 180 else [points.to_degrees(x, y, points.LAMBERT_93)]
    held = [tree.query(shapely.Point(*one), predicate="within") for one in readings if all(map(_is_finite, one))]
    return sorted({codes[rank] for ranks in held for rank in ranks})


def _is_finite(value: float) -> bool:
    return abs(value) <= 180


def _pairs(rows: pd.DataFrame) -> pd.DataFrame:
    """The coordinates as written, or the point of a GeoJSON entity."""
    written = pd.DataFrame({"x": land.decimals(rows["longitude"]), "y": land.decimals(rows["latitude"])})
    if "geometry" not in rows.columns:
        return written
    drawn = points.read_pairs(rows["geometry"].where(rows["geometry"].str.contains('Point"'), ""))
    return drawn.where(drawn["x"].notna(), written)


def _identifiers(rows: pd.DataFrame) -> pd.Series:
    """The identifier of the file, or the commune and the name: two sites of one commune have two names."""
    own = rows["commune"].astype("str") + ":" + rows["nom"].map(_key).str.replace(" ", "-", regex=False)
    return rows["identifiant"].where(~land.is_absent(rows["identifiant"]), own)


def _typed(rows: pd.DataFrame, report: Report) -> pd.DataFrame:
    disponibilite = land.choose(rows, "disponibilite", DISPONIBILITES, report)
    frame = pd.DataFrame(
        {
            "site_id": rows["site_id"],
            "nom": land.blank_absent(rows["nom"]),
            "commune": rows["commune"],
            "disponibilite": disponibilite,
            "disponible_le": _future_days(rows, report),
            "vocation": land.blank_absent(rows["vocation"]),
            "contact": land.blank_absent(rows["contact"]),
            "url": land.first_url(rows["url"]),
            "parcelles": rows["parcelles"].map(land.parcels),
            "actualise_le": rows["actualise_le"],
        }
    )
    frame = frame.join(land.measure(rows, "surface_ha", "surface_ha", report, LARGEST_HA))
    frame = frame.join(land.measure(rows, "disponible_ha", "disponible_ha", report, LARGEST_HA))
    wrong = frame["disponible_ha"] > frame["surface_ha"]
    for line in rows.loc[wrong, "line"]:
        report.remark(f"Ligne {line} : plus de surface disponible que de surface ; la première n’est pas retenue.")
    frame.loc[wrong, "disponible_ha"] = float("nan")
    return frame


def _future_days(rows: pd.DataFrame, report: Report) -> pd.Series:
    """A day of availability may be to come."""
    return land.read_days(rows, "disponible_le", report, may_come=True)


def _located(rows: pd.DataFrame, pairs: pd.DataFrame, epsg: int | None, report: Report) -> pd.DataFrame:
    found = points.locate(pairs, rows["commune"], epsg)
    land.report_dropped(rows, found["problem"], "Point", report)
    geometry = rows["geometry"] if "geometry" in rows.columns else pd.Series("", index=rows.index)
    shapes = points.read_shapes(geometry.where(geometry.str.contains('Polygon"'), ""))
    contours, why = points.locate_shapes(shapes, rows["commune"], epsg)
    land.report_dropped(rows, why, "Contour", report)
    return points.beside(found[["lon", "lat"]], contours)
