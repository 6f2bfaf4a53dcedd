"""The panel « Zonages »: what each programme of public policies covers of a place, and the zones themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from fichetrack.indicators import zonages
from fichetrack.indicators.quantities import Quantity
from fichetrack.queries.ground import get_communes
from fichetrack.queries.panels.asked import Setting
from fichetrack.queries.panels.shapes import Column, Figure, Grid, Panel, Reader, by_code, not_imported, source_line
from fichetrack.queries.panels.within import communes_of, listed
from fichetrack.queries.places import Place
from fichetrack.queries.releases import Shelf, VisibleTable
from fichetrack.tables.french import count
from fichetrack.vocabulary import PlaceKind, millesime_label

CODE = "zonages"
TITLE = "Zonages"
INDICATORS = by_code(zonages.INDICATORS)
PAGE = 200
SETTINGS = {"programme": Setting("Zones à lister", zonages.LABELS)}


@dataclass(frozen=True)
class Options:
    """One programme among the zones listed, or all."""

    programme: str = ""


def options(args: Mapping[str, str], place: Place, reader: Reader) -> Options:
    """An unknown programme is all of them."""
    asked = args.get("programme", "")
    return Options(asked if asked in zonages.LABELS else "")


def in_force(panel: Panel) -> dict[str, str]:
    """The settings followed, as an address writes them."""
    return {"programme": panel.options.programme}


def build(place: Place, shelf: Shelf, options: Options) -> Panel:
    """The panel of a place."""
    shown = Panel(CODE, TITLE, place, options=options)
    tables = {one: table for one in zonages.LABELS if (table := shelf.get("zonages", f"zonages_{one}"))}
    if not tables:
        return shown.without(not_imported("zonages"))
    zones = pd.concat([table.read() for table in tables.values()], ignore_index=True)
    communes = communes_of(place)
    if communes.empty:
        return shown.without("Aucune commune de ce lieu n’est connue du code officiel géographique.")
    covered = zonages.overlap(zones, communes).reindex([one for one in tables if one in set(zones["programme"])])
    lines = {source_line(table).sentence: source_line(table) for table in tables.values()}
    return shown.holding(
        sentence="Une commune compte en entier dès qu’une part d’elle est dans la zone : ni surfaces ni quartiers ne sont "
        "mesurés ici.",
        figures=_figures(covered, tables),
        grids=[_programmes(covered, tables), *_zones(zones, communes, place, options)],
        sources=list(lines.values()),
        warnings=_warnings(place, tables, covered),
        extra={"programmes": [("", "toutes"), *((one, zonages.LABELS[one]) for one in tables)], "page": PAGE},
    )


def _figures(covered: pd.DataFrame, tables: Mapping[str, VisibleTable]) -> list[Figure]:
    return [
        Figure(
            INDICATORS["zonages.zones"],
            Quantity(float(row["zones"])),
            tables[str(programme)].millesime,
            zonages.LABELS[str(programme)],
            _share(row),
        )
        for programme, row in covered.iterrows()
    ]


def _share(row: pd.Series) -> str:
    """« 3 communes sur 71 »."""
    number = int(row["communes"])
    return f"{count(number)} commune{'s' if number > 1 else ''} sur {count(int(row['communes_total']))}"


def _programmes(covered: pd.DataFrame, tables: Mapping[str, VisibleTable]) -> Grid:
    columns = (
        Column("programme", "Programme"),
        Column("part_population", "Part de la population", "quantity", INDICATORS["zonages.population"]),
        Column("habitants", "Habitants de ces communes", "quantity"),
        Column("part", "Part des communes", "quantity", INDICATORS["zonages.communes"]),
        Column("communes", "Communes", "quantity"),
        Column("zones", "Zones", "quantity", INDICATORS["zonages.zones"]),
        Column("millesime", "Millésime"),
    )
    rows = [
        {
            "programme": zonages.LABELS[str(programme)],
            "zones": Quantity(float(row["zones"])),
            "communes": Quantity(float(row["communes"])),
            "part": _known(row["part_communes"]),
            "habitants": _known(row["population"]),
            "part_population": _known(row["part_population"]),
            "millesime": millesime_label(tables[str(programme)].millesime),
        }
        for programme, row in covered.iterrows()
    ]
    return Grid("programmes", "Communes et population concernées, par programme", columns, rows)


def _zones(zones: pd.DataFrame, communes: pd.DataFrame, place: Place, options: Options) -> list[Grid]:
    """The zones one by one; France has thousands of them, and no reader."""
    if place.kind == PlaceKind.FRANCE:
        return []
    wanted = zones[zones["programme"] == options.programme] if options.programme else zones
    found = zonages.list_zones(wanted, communes)
    rank = {one: number for number, one in enumerate(zonages.LABELS)}
    found = found.sort_values("programme", key=lambda one: one.map(rank), kind="stable")
    names, people = communes["nom"], get_communes()["population"]
    rows = [
        {
            "zone": row.zone_nom,
            "programme": zonages.LABELS[row.programme],
            "communes": listed([names[code] for code in sorted(row.communes, key=lambda one: -_people(people, one))]),
            "hors": Quantity(float(row.hors)),
            "signe_le": date.fromisoformat(row.signe_le) if isinstance(row.signe_le, str) else None,
        }
        for row in found.itertuples()
    ]
    columns = (
        Column("zone", "Zone"),
        Column("programme", "Programme"),
        Column("communes", "Communes du lieu, la plus peuplée d’abord"),
        Column("hors", "Communes hors du lieu", "quantity"),
        Column("signe_le", "Convention signée", "date"),
    )
    note = "" if rows else "Aucune zone ne touche ce lieu."
    return [Grid("zones", "Zones qui touchent le lieu", columns, rows, note)]


def _people(people: pd.Series, code: str) -> float:
    value = people.get(code)
    return 0.0 if value is None or pd.isna(value) else float(value)


def _warnings(place: Place, tables: Mapping[str, VisibleTable], covered: pd.DataFrame) -> list[str]:
    said = [one for table in tables.values() for one in table.reservations]
    if absent := [label for one, label in zonages.LABELS.items() if one not in tables]:
        said.append(f"Aucune liste importée, ce qui n’est pas un zéro : {', '.join(absent)}.")
    if place.kind == PlaceKind.FRANCE:
        said.append(
            "Les zones une par une ne sont pas listées pour la France : choisissez un territoire ou une région."
        )
    unknown = int(covered["population_inconnue"].max()) if len(covered) else 0
    if unknown:
        said.append(f"Communes de population inconnue, hors des parts de population : {unknown}.")
    return list(dict.fromkeys(said))


def _known(value: Any) -> Quantity:
    return Quantity(None if pd.isna(value) else float(value))
