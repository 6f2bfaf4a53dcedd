"""Jobs by sector of a place or of a reference, read from the tables of the Urssaf dataset: what specificity computes on."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from fichetrack.indicators.nomenclature import without_interim
from fichetrack.queries.places import FRANCE, Place
from fichetrack.queries.releases import Shelf, VisibleTable, Where
from fichetrack.vocabulary import PlaceKind

SOURCE = "urssaf"
SPAN = 5  # years of the evolution
ZONES = {PlaceKind.DEPARTEMENT: "departement", PlaceKind.REGION: "region"}


@dataclass(frozen=True)
class Reading:
    """What is asked of the tables: a level of the nomenclature, a year, with or without temporary work."""

    level: str
    year: int
    interim: bool = True

    @property
    def before(self) -> int:
        return self.year - SPAN


def years(shelf: Shelf) -> list[int]:
    """The years of the visible dataset, newest first."""
    table = shelf.get(SOURCE, "zones_ape")
    return sorted({int(name[4:]) for name in table.columns() if name.startswith("eff_")}, reverse=True) if table else []


def of_place(place: Place, shelf: Shelf, reading: Reading) -> pd.DataFrame:
    """Jobs of a place by sector: see `_summed`."""
    if place.kind in ZONES or place.kind == PlaceKind.FRANCE:
        return of_zone(ZONES.get(place.kind, FRANCE), place.key or FRANCE, shelf, reading)
    parts = []
    if reading.level == "a732":
        parts.append(_read(shelf, "communes_ape", reading, [("commune", place.communes)]))
    else:
        if place.epcis:
            parts.append(_read(shelf, "epci_a88", reading, [("epci", place.epcis)]))
        if place.lone:
            parts.append(_read(shelf, "communes_ape", reading, [("commune", place.lone)]))
    return _summed(pd.concat(parts, ignore_index=True), reading) if parts else _summed(pd.DataFrame(), reading)


def of_zone(niveau: str, code: str, shelf: Shelf, reading: Reading) -> pd.DataFrame:
    """Jobs of a département, a région, the métropole or France by sector: see `_summed`."""
    return _summed(_read(shelf, "zones_ape", reading, [("niveau", [niveau]), ("code", [code])]), reading)


def by_epci(shelf: Shelf, reading: Reading) -> pd.DataFrame:
    """Jobs of every EPCI: columns epci, secteur, effectifs."""
    rows = _kept(_read(shelf, "epci_a88", reading, (), ["epci"]), reading)
    return rows.groupby(["epci", "secteur"])[["effectifs"]].sum(min_count=1).reset_index()


def by_commune(shelf: Shelf, reading: Reading, communes: list[str]) -> pd.DataFrame:
    """Jobs of these communes: columns commune, secteur, effectifs."""
    rows = _kept(_read(shelf, "communes_ape", reading, [("commune", communes)], ["commune"]), reading)
    return rows.groupby(["commune", "secteur"])[["effectifs"]].sum(min_count=1).reset_index()


def labels(shelf: Shelf, level: str) -> dict[str, str]:
    """The French label of each sector of a level, in the order of the nomenclature."""
    table = shelf.get("naf", "postes")
    if table is None:
        return {}
    postes = table.read(where=[("niveau", [level])]).sort_values("ordre")
    return dict(zip(postes["code"], postes["label"], strict=True))


def _read(shelf: Shelf, name: str, reading: Reading, where: Where, keys: list[str] | None = None) -> pd.DataFrame:
    """The columns needed and nothing more; a year the file lacks is blank."""
    table = shelf.get(SOURCE, name)
    if table is None:
        return pd.DataFrame()
    held = set(table.columns())
    measures = {
        "effectifs": f"eff_{reading.year}",
        "etablissements": f"etab_{reading.year}",
        "effectifs_avant": f"eff_{reading.before}",
    }
    sector = "ape" if reading.level == "a732" else reading.level
    columns = [*(keys or []), sector, "interim", *(one for one in measures.values() if one in held)]
    rows = table.read(columns=list(dict.fromkeys(columns)), where=where)
    for measure, column in measures.items():
        rows[measure] = rows[column].astype("float64") if column in held else float("nan")
    return rows.rename(columns={sector: "secteur"})


def _kept(rows: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    return rows if reading.interim else without_interim(rows)


def _summed(rows: pd.DataFrame, reading: Reading) -> pd.DataFrame:
    """Indexed by sector: effectifs, etablissements, effectifs_avant (float64; NaN where nothing is)."""
    measures = ["effectifs", "etablissements", "effectifs_avant"]
    if rows.empty:
        return pd.DataFrame(columns=measures, dtype="float64", index=pd.Index([], name="secteur", dtype="str"))
    return _kept(rows, reading).groupby("secteur")[measures].sum(min_count=1)


def visible(shelf: Shelf) -> VisibleTable | None:
    """The dataset, for its source line."""
    return shelf.get(SOURCE, "epci_a88")
