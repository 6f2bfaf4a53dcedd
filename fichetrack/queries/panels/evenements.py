"""Creations and losses of jobs that a territoire follows, within what their reader may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from fichetrack.geography.reference import typographic
from fichetrack.indicators import emploi
from fichetrack.indicators.quantities import Quantity, quantity
from fichetrack.queries.panels.diffusion import Readable, readable
from fichetrack.queries.panels.shapes import Column, Figure, Grid, SourceLine, by_code, source_line
from fichetrack.queries.panels.within import communes_of
from fichetrack.queries.places import Place
from fichetrack.queries.releases import Shelf, VisibleTable
from fichetrack.vocabulary import PlaceKind

SOURCE = "evenements-emploi"
INDICATORS = by_code(emploi.INDICATORS)
NATURES = {"creation": "Création", "suppression": "Suppression"}
CODES = {"creation": "emplois_crees_annonces", "suppression": "emplois_supprimes_annonces"}


@dataclass(frozen=True)
class Events:
    """What the panel shows of them; nothing at all when no list was imported."""

    figures: tuple[Figure, ...] = ()
    grids: tuple[Grid, ...] = ()
    sources: tuple[SourceLine, ...] = ()
    said: tuple[str, ...] = ()


def of_place(place: Place, shelf: Shelf, network: bool) -> Events:
    """The events of a place."""
    table = shelf.get(SOURCE, "evenements")
    if table is None:
        return Events()
    where = () if place.kind == PlaceKind.FRANCE else [("commune", communes_of(place).index)]
    seen = readable(table.read(where=where), network)
    said = tuple(seen.said("événements"))
    if seen.rows.empty:
        return Events(sources=(source_line(table),), said=("Aucun événement sur l’emploi à lire ici.", *said))
    return Events(_figures(seen, table), _grids(seen, place), (source_line(table),), said)


def _figures(seen: Readable, table: VisibleTable) -> tuple[Figure, ...]:
    rows, since = seen.rows, str(seen.rows["date"].min())[:4]
    sums = emploi.summarise_events(rows, rows["commune"])
    figures = []
    for nature, code in CODES.items():
        part = rows[rows["nature"] == nature]
        if len(part):
            unsaid = int(part["emplois"].isna().sum())
            label = f"{INDICATORS[code].label} depuis {since}"
            note = f"{len(part)} événements" if len(part) > 1 else "1 événement"
            note += "" if seen.network else " publics" if len(part) > 1 else " public"
            note += f", dont {unsaid} sans nombre publié" if unsaid else ""
            known = _at_least(sums[nature], unsaid + seen.is_minimum)
            figures.append(Figure(INDICATORS[code], known, table.millesime, label, note))
    return tuple(figures)


def _at_least(known: Quantity, unsaid: int) -> Quantity:
    """A number nobody said, or events nobody here may read, make a lower bound too; alone, it stays what it is."""
    return known if known.value is None else known + Quantity(unknown=max(unsaid - known.secrets, 0))


def _grids(seen: Readable, place: Place) -> tuple[Grid, ...]:
    return _by_year(seen), _one_by_one(seen.rows, place)


def _by_year(seen: Readable) -> Grid:
    sums, more = emploi.events_by_year(seen.rows, seen.rows["commune"]), int(seen.is_minimum)
    lines = []
    for year in sorted({annee for annee, _nature in sums.index}, reverse=True):
        line: dict[str, Any] = {"annee": year}
        for nature in CODES:
            held = sums.loc[(year, nature)] if (year, nature) in sums.index else None
            if held is None:
                line |= {nature: None, f"{nature}_nombre": None if more else Quantity(0.0)}
            else:
                line[nature] = _at_least(quantity(held, "emplois"), int(held["sans_nombre"]) + more)
                line[f"{nature}_nombre"] = Quantity(float(held["evenements"]), unknown=more)
        lines.append(line)
    columns = (
        Column("annee", "Année"),
        Column("creation", "Emplois créés", "quantity", INDICATORS[CODES["creation"]]),
        Column("creation_nombre", "Créations", "quantity", unit="événements"),
        Column("suppression", "Emplois supprimés", "quantity", INDICATORS[CODES["suppression"]]),
        Column("suppression_nombre", "Suppressions", "quantity", unit="événements"),
    )
    return Grid("evenements-annees", "Créations et suppressions d’emplois suivies, par année", columns, lines)


def _one_by_one(rows: pd.DataFrame, place: Place) -> Grid:
    names = communes_of(place)["nom"]
    ordered = rows.sort_values(["date", "libelle"], ascending=[False, True], kind="stable")
    lines = [
        {
            "libelle": typographic(one["libelle"]) or NATURES.get(one["nature"], one["nature"]),
            "nature": NATURES.get(one["nature"], one["nature"]),
            "emplois": quantity(one, "emplois"),
            "date": date.fromisoformat(one["date"]),
            "commune": names.get(one["commune"], one["commune"]),
            "entreprise": typographic(one["entreprise"]) or None,
            "secteur": typographic(one["secteur"]) or None,
            "source": typographic(one["source"]) or None,
        }
        for _index, one in ordered.iterrows()
    ]
    columns = (
        Column("libelle", "Événement"),
        Column("nature", "Nature"),
        Column("emplois", "Emplois", "quantity"),
        Column("date", "Date", "date"),
        Column("commune", "Commune"),
        Column("entreprise", "Entreprise"),
        Column("secteur", "Secteur"),
        Column("source", "Source"),
    )
    return Grid("evenements", "Événements, du plus récent au plus ancien", columns, lines)
