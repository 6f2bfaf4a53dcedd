"""The panel « Métiers en tension »: recruitment projects of the BMO survey for a place, by métier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from fichetrack.indicators import metiers
from fichetrack.indicators.allocation import Allocation
from fichetrack.indicators.metiers import Mode
from fichetrack.indicators.quantities import Quantity
from fichetrack.queries.ground import get_communes
from fichetrack.queries.panels.asked import Setting
from fichetrack.queries.panels.shapes import (
    Column,
    Figure,
    Grid,
    Panel,
    Reader,
    by_code,
    millesime_choices,
    not_imported,
    percent,
    source_line,
)
from fichetrack.queries.places import Place
from fichetrack.queries.releases import Shelf
from fichetrack.tables.french import share_of
from fichetrack.vocabulary import PlaceKind, millesime_label

CODE = "metiers"
TITLE = "Métiers en tension"
INDICATORS = by_code(metiers.INDICATORS)
RANK = (
    "part des projets jugés difficiles × nombre de projets, c’est-à-dire le nombre de projets jugés difficiles ; le rang 1 en "
    "a le plus."
)
SETTINGS = {
    "bassins": Setting("Bassins d’emploi", {mode.value: label for mode, label in metiers.LABELS.items()}),
    "millesime_bmo": Setting("Enquête"),
}
LEVELS = {PlaceKind.DEPARTEMENT: "departement", PlaceKind.REGION: "region", PlaceKind.FRANCE: "france"}


@dataclass(frozen=True)
class Options:
    """Which survey, and how bassins larger than the place are counted."""

    bassins: Mode = Mode.ENTIERS
    millesime: str = ""


def options(args: Mapping[str, str], place: Place, reader: Reader) -> Options:
    """What the address asks; anything unknown is left at its default."""
    asked = args.get("bassins", "")
    return Options(Mode(asked) if asked in set(Mode) else Mode.ENTIERS, args.get("millesime_bmo", "")[:20])


def in_force(panel: Panel) -> dict[str, str]:
    """The settings followed, as an address writes them."""
    known = panel.options.millesime in dict(panel.extra["choices"])
    return {"bassins": panel.options.bassins.value, "millesime_bmo": panel.options.millesime if known else ""}


def build(place: Place, shelf: Shelf, options: Options) -> Panel:
    """The panel of a place."""
    table = shelf.get("bmo", "projets", options.millesime or None) or shelf.get("bmo", "projets")
    zones = shelf.get("bmo", "bassins")
    shown = Panel(CODE, TITLE, place, options=options)
    if table is None:
        return shown.without(not_imported("bmo"))
    if place.kind in LEVELS:
        rows = metiers.rows_of(table.read(), LEVELS[place.kind], place.key)
        sentence, grids = f"Projets déclarés par les employeurs, enquête {millesime_label(table.millesime)}.", []
    elif zones is None:
        return shown.without("La table des bassins d’emploi par commune n’est pas encore importée (source « bmo »).")
    else:
        allocation = metiers.allocate_bassins(place.communes, get_communes(), zones.read())
        if not len(allocation.parts):
            return shown.without("Aucun bassin d’emploi connu ne couvre ce lieu : l’enquête n’en dit rien.")
        projets = table.read(where=[("bassin", allocation.parts.index)])
        rows = metiers.rows_for(projets, allocation, options.bassins)
        sentence, grids = _sentence(allocation, options), [_bassins(allocation)]
    return shown.holding(
        sentence=sentence,
        figures=_figures(rows, table.millesime),
        grids=[_by_metier(rows), *grids],
        sources=[source_line(table)],
        extra={
            "modes": metiers.LABELS,
            "choices": millesime_choices(shelf.millesimes("bmo", "projets")),
            "rank": RANK,
        },
    )


def _figures(rows: pd.DataFrame, millesime: str) -> list[Figure]:
    totals = metiers.totals(rows)
    figures = [Figure(INDICATORS["projets_recrutement"], totals["met"], millesime)]
    for part, code in (("xmet", "part_difficile"), ("smet", "part_saisonniere")):
        share = metiers.share(rows, part)
        figures.append(Figure(INDICATORS[code], percent(share.exact), millesime, note=_range(share)))
    return figures


def _range(share: metiers.Share) -> str:
    """What is known of a share that secrecy hides."""
    if share.exact.value is not None or share.published is None:
        return ""
    low, high = (f"{100 * bound:.1f}".replace(".", ",") for bound in (share.low or 0.0, share.high or 0.0))
    known = f"{100 * share.published:.1f}".replace(".", ",")
    return f"{known} % sur les seules valeurs publiées ; en tout, entre {low} et {high} %"


def _sentence(allocation: Allocation, options: Options) -> str:
    names = ", ".join(
        f"{_typed(row.nom)} ({share_of(row.part_territoire)} des habitants)" for row in allocation.parts.itertuples()
    )
    covered = f" En tout, {share_of(allocation.covered)} des habitants sont couverts." if allocation.covered else ""
    word = "Bassins d’emploi" if allocation.is_split else "Bassin d’emploi"
    return f"{word} : {names}.{covered} {metiers.explain(allocation, options.bassins)}"


def _typed(name: str) -> str:
    """A published name within a sentence of ours."""
    return str(name).replace("'", "’")


def _by_metier(rows: pd.DataFrame) -> Grid:
    columns = (
        Column("metier", "Métier"),
        Column("rang", "Rang", "quantity", INDICATORS["tension"]),
        Column("met", "Projets", "quantity", INDICATORS["projets_recrutement"]),
        Column("xmet", "Jugés difficiles", "quantity", unit="projets"),
        Column("part", "Part difficile", "quantity", INDICATORS["part_difficile"]),
        Column("saison", "Part saisonnière", "quantity", INDICATORS["part_saisonniere"]),
    )
    return Grid(
        "metiers",
        "Métiers, du plus au moins tendu",
        columns,
        [_row(one) for _fap, one in metiers.by_metier(rows).iterrows()],
    )


def _row(one: pd.Series) -> dict[str, Any]:
    hidden = int(one["met_secret"] + one["xmet_secret"])
    return {
        "metier": one["metier"],
        "rang": Quantity(
            None if pd.isna(one["rang"]) else float(one["rang"]), 0 if not pd.isna(one["rang"]) else hidden
        ),
        "met": _quantity(one, "met"),
        "xmet": _quantity(one, "xmet"),
        "part": percent(_part(one, "part_difficile", "xmet")),
        "saison": percent(_part(one, "part_saisonniere", "smet")),
    }


def _quantity(one: pd.Series, name: str) -> Quantity:
    return Quantity(None if pd.isna(one[name]) else float(one[name]), int(one[f"{name}_secret"]))


def _part(one: pd.Series, name: str, part: str) -> Quantity:
    if not pd.isna(one[name]):
        return Quantity(float(one[name]))
    return Quantity(None, int(one["met_secret"] + one[f"{part}_secret"]))


def _bassins(allocation: Allocation) -> Grid:
    columns = (
        Column("nom", "Bassin d’emploi"),
        Column("habitants", "Habitants du lieu", "quantity"),
        Column("part", "Part des habitants du lieu", "quantity", unit="%"),
        Column("dedans", "Part du bassin dans le lieu", "quantity", unit="%"),
    )
    rows = [
        {
            "nom": row.nom,
            "habitants": Quantity(row.population),
            "part": percent(_known(row.part_territoire)),
            "dedans": percent(_known(row.part_zone)),
        }
        for row in allocation.parts.itertuples()
    ]
    return Grid("bassins", "Bassins d’emploi du lieu", columns, rows)


def _known(value: float) -> Quantity:
    return Quantity(None if pd.isna(value) else float(value))
