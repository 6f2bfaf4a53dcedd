"""The panel « Spécificité économique »: jobs by sector of a place, against a reference, and what made them change."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from fichetrack.indicators import specificite
from fichetrack.indicators.quantities import Quantity
from fichetrack.queries.panels import jobs, references
from fichetrack.queries.panels.asked import Setting
from fichetrack.queries.panels.jobs import Reading
from fichetrack.queries.panels.shapes import Column, Figure, Grid, Panel, Reader, by_code, not_imported, source_line
from fichetrack.queries.panels.within import listed
from fichetrack.queries.places import FRANCE, Place
from fichetrack.queries.releases import Shelf
from fichetrack.tables.french import count

CODE = "specificite"
TITLE = "Spécificité économique"
INDICATORS = by_code(specificite.INDICATORS)
LEVELS = {"a17": "17 secteurs", "a38": "38 secteurs", "a88": "88 secteurs", "a732": "732 activités"}
FORMULAS = {
    "simple": "part ici / part dans la référence",
    "reste": "par rapport au « reste de » la référence (variante de l’Observatoire des territoires)",
}
SETTINGS = {
    "reference": Setting("Référence", offered="references"),
    "formule": Setting("Indice", FORMULAS),
    "niveau": Setting("Niveau", LEVELS),
    "annee": Setting("Année"),
    "seuil": Setting("Emplois au moins"),
    "interim": Setting("Intérim", {"avec": "compris", "sans": "exclu"}),
}
MAX_MINIMUM = 100_000
DRAWN = 16  # sectors of the chart; the table has them all


@dataclass(frozen=True)
class Options:
    """What the address asks. year 0 is the newest; minimum: jobs below which an index is not shown."""

    reference: str = FRANCE
    formula: str = "simple"
    level: str = "a17"
    year: int = 0
    minimum: int = 0
    interim: bool = True


def options(args: Mapping[str, str], place: Place, reader: Reader) -> Options:
    """Visitors get 17 sectors and the plain index; anything unknown is left at its default."""
    reference = args.get("reference", FRANCE)
    level, formula = args.get("niveau", "a17"), args.get("formule", "simple")
    return Options(
        reference=reference if references.is_reference(reference, place) else FRANCE,
        formula=formula if formula in FORMULAS else "simple",
        level=level if level in LEVELS and reader.detailed else "a17",
        year=_whole(args.get("annee"), 9999),
        minimum=_whole(args.get("seuil"), MAX_MINIMUM),
        interim=args.get("interim") != "sans",
    )


def in_force(panel: Panel) -> dict[str, str]:
    """The settings followed, as an address writes them."""
    asked = panel.options
    return {
        "reference": asked.reference,
        "formule": asked.formula,
        "niveau": asked.level,
        "annee": panel.extra["year"],
        "seuil": str(asked.minimum),
        "interim": "avec" if asked.interim else "sans",
    }


def _whole(text: str | None, most: int) -> int:
    return min(int(text), most) if text and text.isascii() and text.isdigit() and len(text) < 8 else 0


def build(place: Place, shelf: Shelf, options: Options) -> Panel:
    """The panel of a place."""
    shown = Panel(CODE, TITLE, place, options=options)
    table, years = jobs.visible(shelf), jobs.years(shelf)
    if table is None or not years:
        return shown.without(not_imported(jobs.SOURCE))
    reading = Reading(options.level, options.year if options.year in years else years[0], options.interim)
    here, reference = jobs.of_place(place, shelf, reading), references.read(options.reference, place, shelf, reading)
    if not here["effectifs"].sum():
        return shown.without("Aucun emploi salarié privé n’est connu ici dans le jeu de l’Urssaf.")
    alone = sorted(set(here.index) - set(reference.index))
    reference = reference.reindex([*reference.index, *alone])  # they count here, and have no index
    profile = specificite.profile(here, reference, options.minimum)
    has_rest = options.formula != "reste" or references.holds(options.reference, place)
    if not has_rest:
        profile["specificite_reste"] = math.nan
    elif options.formula == "reste":
        rest = specificite.rest_of(reference, here)
        profile[["part_reference", "evolution_reference"]] = specificite.describe_reference(rest)
    name = "specificite_reste" if options.formula == "reste" else "specificite"
    labels = jobs.labels(shelf, options.level)
    rows = _rows(profile, name, labels)
    choices = references.choices(place)
    return shown.holding(
        sentence=_sentence(place, reading, options, dict(choices)),
        figures=_figures(profile, name, [] if _own(place, options) else rows, reading),
        grids=[
            _sectors(rows, reading, options, has_rest, _absent(profile, reference, labels)),
            _effects(here, reference, reading, options, dict(choices)),
        ],
        sources=[source_line(table)],
        warnings=[*table.reservations, *_own(place, options), *_warnings(options, profile, len(alone), has_rest)],
        extra={
            "references": choices,
            "levels": LEVELS,
            "formulas": FORMULAS,
            "years": [(str(one), str(one)) for one in years],
            "year": str(reading.year),
            # Against itself every index is 1: there is nothing to draw.
            "lollipop": [] if place.code == options.reference else lollipop(rows[:DRAWN]),
        },
    )


def _sentence(place: Place, reading: Reading, options: Options, named: dict[str, str]) -> str:
    """Territory, year, reference and level, beside every index."""
    day = f" (périmètre du {place.as_of:%d/%m/%Y})" if place.as_of else ""
    against = f"le reste de : {named[options.reference]}" if options.formula == "reste" else named[options.reference]
    without = "" if options.interim else ", sans l’intérim"
    return (
        f"{place.nom}{day}, emplois salariés privés au 31 décembre {reading.year}, {LEVELS[options.level]}{without}. "
        f"Référence : {against}. Un indice de 2 : le secteur pèse deux fois plus ici que dans la référence."
    )


def _own(place: Place, options: Options) -> list[str]:
    if place.code != options.reference or options.formula == "reste":
        return []
    return ["Ce lieu est sa propre référence : tous les indices valent 1. Choisissez-en une autre pour comparer."]


def _warnings(options: Options, profile: pd.DataFrame, alone: int, has_rest: bool) -> list[str]:
    warnings = []
    if alone:
        word = "secteur présent ici n’existe pas" if alone == 1 else "secteurs présents ici n’existent pas"
        warnings.append(f"{alone} {word} dans la référence : sans indice.")
    if options.minimum and (hidden := int(profile["sous_seuil"].sum())):
        words = "secteur" if hidden == 1 else "secteurs"
        warnings.append(
            f"{hidden} {words} de moins de {options.minimum} emplois, votre seuil : « – » à la place de leur indice."
        )
    if not has_rest:
        warnings.append(
            "Cette référence n’a pas de « reste » ici : ce lieu n’en est pas une partie. Choisissez-en une autre, ou "
            "l’autre formule."
        )
    return warnings


def _figures(profile: pd.DataFrame, name: str, rows: list[dict[str, Any]], reading: Reading) -> list[Figure]:
    total = profile[["effectifs", "etablissements", "effectifs_avant"]].sum(min_count=1)
    change = (
        _known(100 * (total["effectifs"] / total["effectifs_avant"] - 1)) if total["effectifs_avant"] else Quantity()
    )
    year = str(reading.year)
    figures = [
        Figure(INDICATORS["effectifs"], _known(total["effectifs"]), year),
        Figure(INDICATORS["etablissements"], _known(total["etablissements"]), year),
        Figure(INDICATORS["evolution_5_ans"], change, f"{reading.before}-{year}"),
    ]
    if rows and rows[0]["indice"] and rows[0]["indice"].value is not None:
        label = f"Indice le plus élevé : {rows[0]['secteur']}"
        figures.append(Figure(INDICATORS[name], rows[0]["indice"], year, label, named=rows[0]["secteur"]))
    return figures


def _rows(profile: pd.DataFrame, name: str, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """One row per sector that has establishments here, the highest index first."""
    held = profile[_is_here(profile)]
    ordered = held.assign(rank=held[name].fillna(-1.0)).sort_values(
        ["rank", "effectifs"], ascending=False, kind="stable"
    )
    return [
        {
            "secteur": _name(str(code), labels),
            # Withheld by the reader's own threshold: known, and not shown; « n. d. » would say that nobody knows it.
            "indice": None if row["sous_seuil"] else _known(row[name]),
            "effectifs": _known(row["effectifs"]),
            "part": _known(100 * row["part"]),
            "part_reference": _known(100 * row["part_reference"]),
            "etablissements": _known(row["etablissements"]),
            "evolution": _known(row["evolution"]),
            "evolution_reference": _known(row["evolution_reference"]),
        }
        for code, row in ordered.iterrows()
    ]


def _sectors(rows: list[dict[str, Any]], reading: Reading, options: Options, has_rest: bool, note: str) -> Grid:
    rest = options.formula == "reste" and has_rest
    name = "specificite_reste" if options.formula == "reste" else "specificite"
    columns = (
        Column("secteur", "Secteur"),
        Column("indice", "Indice", "quantity", INDICATORS[name], digits=2),
        Column("effectifs", "Emplois", "quantity", INDICATORS["effectifs"]),
        Column("part", "Part ici", "quantity", INDICATORS["part_emploi"], digits=1),
        Column("part_reference", f"Part dans {'le reste de ' * rest}la référence", "quantity", unit="%", digits=1),
        Column("etablissements", "Établissements", "quantity", INDICATORS["etablissements"]),
        Column("evolution", f"Évolution depuis {reading.before}", "quantity", INDICATORS["evolution_5_ans"], digits=1),
        Column("evolution_reference", f"Évolution {'du reste ' * rest}de la référence", "quantity", unit="%", digits=1),
    )
    title = f"Secteurs en {reading.year}, du plus au moins spécifique"
    return Grid("secteurs", title, columns, rows, note, millesime=str(reading.year))


def _absent(profile: pd.DataFrame, reference: pd.DataFrame, labels: Mapping[str, str]) -> str:
    """The sectors of the reference nobody works in here: they have no row, and comparisons write 0."""
    there = reference["effectifs"].fillna(0) > 0
    gone = list(profile.index[there & ~_is_here(profile)])
    if not gone:
        return ""
    several = len(gone) > 1
    words = "secteurs de la référence n’ont" if several else "secteur de la référence n’a"
    names = listed([_name(code, labels) for code in gone])
    return f"{count(len(gone))} {words} aucun établissement ici, {'leur' if several else 'son'} indice est 0 : {names}."


def _is_here(profile: pd.DataFrame) -> pd.Series:
    here: pd.Series = profile["etablissements"].fillna(0) + profile["effectifs"].fillna(0) > 0
    return here


def _name(code: str, labels: Mapping[str, str]) -> str:
    return f"{labels.get(code, '')} ({code})".strip()


def _effects(
    here: pd.DataFrame, reference: pd.DataFrame, reading: Reading, options: Options, named: Mapping[str, str]
) -> Grid:
    """What the evolution owes to the reference, to the sectors of the place, and to the place itself."""
    sectors = here.reindex(reference.index)
    effects = specificite.shift_share(
        sectors[["effectifs_avant"]].T.set_axis(["ici"]), sectors[["effectifs"]].T.set_axis(["ici"]),
        reference["effectifs_avant"], reference["effectifs"],
    ).loc["ici"]  # fmt: skip
    lines = (
        ("variation", "Évolution de l’emploi", None),
        ("effet_reference", "dont évolution de la référence", None),
        ("effet_structurel", "dont effet structurel : les secteurs présents", INDICATORS["effet_structurel"]),
        ("effet_local", "dont effet local : ce que la structure n’explique pas", INDICATORS["effet_local"]),
    )
    rows = [
        {"ligne": label, "emplois": _known(effects[name]), "points": _known(effects[f"{name}_pct"])}
        for name, label, _indicator in lines
    ]
    columns = (
        Column("ligne", "Effet"),
        Column("emplois", "Emplois", "quantity"),
        Column("points", "En % de l’emploi de départ", "quantity", INDICATORS["effet_local"], digits=1),
    )
    note = "Les trois effets s’additionnent. La décomposition décrit, elle n’explique pas."
    if options.formula == "reste":
        note += f" La référence y est prise entière, ce lieu compris : {named[options.reference]}."
    title = f"Évolution de l’emploi de {reading.before} à {reading.year}, décomposée"
    return Grid("effets", title, columns, rows, note, millesime=f"{reading.before}-{reading.year}")


def lollipop(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Where each stick ends, from −1 to 1 around the index 1 on a scale that doubles: 2 is as far from 1 as 0.5."""
    known = [(row["secteur"], row["indice"].value) for row in rows if row["indice"] and row["indice"].value]
    reach = max([abs(math.log2(value)) for _label, value in known] + [1.0])
    return [
        {"label": label, "value": value, "x": round(math.log2(value) / reach, 4), "below": value < 1}
        for label, value in known
    ]


def _known(value: Any) -> Quantity:
    return Quantity(None if pd.isna(value) else float(value))
