"""The panel « Financements »: financed projects of a place, how many, how much by kind of amount, and their sheets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from fichetrack.geography.reference import typographic
from fichetrack.indicators import financements
from fichetrack.indicators.quantities import Quantity, quantity
from fichetrack.queries.ground import get_communes
from fichetrack.queries.panels.asked import Setting
from fichetrack.queries.panels.diffusion import Readable, most_closed, readable
from fichetrack.queries.panels.shapes import Column, Figure, Grid, Panel, Reader, by_code, not_imported, source_line
from fichetrack.queries.panels.within import communes_of
from fichetrack.queries.places import Place
from fichetrack.queries.releases import Shelf, VisibleTable
from fichetrack.tables.french import count
from fichetrack.vocabulary import PlaceKind

CODE = "financements"
TITLE = "Financements"
INDICATORS = by_code(financements.INDICATORS)
TYPES = {"dispositifs": "Dispositif", "operateurs": "Opérateur", "theme": "Thème", "avancement": "Avancement"}
NAMED_IN_AMOUNTS = {"dispositifs": "dispositif", "operateurs": "operateur"}
SETTINGS = {
    "theme": Setting("Thème"),
    "repartition": Setting("Répartition par", TYPES),
    "annee_min": Setting("De l’année"),
    "annee_max": Setting("À l’année"),
}
UNSAID = "non précisé"
SHEETS = 50  # of a page; exports have them all
FIRST_YEAR, LAST_YEAR = 1990, 2100


@dataclass(frozen=True)
class Options:
    """What the address asks (year 0: no bound), and what the reader may see."""

    theme: str = ""
    first_year: int = 0
    last_year: int = 0
    by: str = "dispositifs"
    network: bool = False
    detailed: bool = False


def options(args: Mapping[str, str], place: Place, reader: Reader) -> Options:
    """Anything unreadable is no filter."""
    by = args.get("repartition", "dispositifs")
    return Options(
        theme=args.get("theme", "").strip()[:120],
        first_year=_year(args.get("annee_min", "")),
        last_year=_year(args.get("annee_max", "")),
        by=by if by in TYPES else "dispositifs",
        network=reader.network,
        detailed=reader.detailed,
    )


def in_force(panel: Panel) -> dict[str, str]:
    """The settings followed, as an address writes them."""
    asked = panel.options
    years = {"annee_min": str(asked.first_year or ""), "annee_max": str(asked.last_year or "")}
    return {"theme": asked.theme, "repartition": asked.by} | years


def _year(text: str) -> int:
    return (
        int(text)
        if len(text) == 4 and text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR
        else 0
    )


def build(place: Place, shelf: Shelf, options: Options) -> Panel:
    """The panel of a place."""
    shown = Panel(CODE, TITLE, place, options=options)
    table, amounts = shelf.get("financements", "projets"), shelf.get("financements", "montants")
    if table is None or amounts is None:
        return shown.without(not_imported("financements"))
    # A project told by several lists keeps the most closed of its classes.
    everything = most_closed(table.read(), "projet_id")
    zone = None if place.kind == PlaceKind.FRANCE else communes_of(place).index
    seen = readable(financements.select(everything, zone), options.network, "projet_id")
    kept = financements.select(seen.rows, zone, options.theme or None, *_period(options))
    montants = _amounts(amounts, kept)
    return shown.holding(
        sentence=_sentence(seen.rows, kept, options),
        figures=[replace(one, quantity=seen.least(one.quantity)) for one in _figures(kept, montants, table.millesime)],
        grids=[
            *(_least(grid, seen) for grid in _tables(kept, montants, options)),
            _sheets(kept, everything, montants, options),
        ],
        sources=[source_line(table)],
        warnings=[*seen.said("projets"), *_warnings(everything, seen.rows, options, place)],
        extra={
            "types": TYPES,
            "themes": _themes(seen.rows, options),
            "page": SHEETS,
            "detailed": options.detailed,
        },
    )


def _period(options: Options) -> tuple[str | None, str | None]:
    start = f"{options.first_year}-01-01" if options.first_year else None
    return start, f"{options.last_year}-12-31" if options.last_year else None


def _amounts(table: VisibleTable, projets: pd.DataFrame) -> pd.DataFrame:
    """The amounts of these projects; the same one told by two lists is one amount."""
    rows = table.read()
    mine = rows[rows["projet_id"].isin(projets["projet_id"])]
    return mine.drop_duplicates(["projet_id", "nature", "montant", "montant_secret", "date"], ignore_index=True)


def _themes(rows: pd.DataFrame, options: Options) -> list[tuple[str, str]]:
    """Those of the place, and the one asked for even when no project here has it."""
    held = {*rows["theme"].dropna(), options.theme} - {""}
    return [("", "tous"), *((one, typographic(one)) for one in sorted(held))]


def _sentence(seen: pd.DataFrame, kept: pd.DataFrame, options: Options) -> str:
    number, whole = kept["projet_id"].nunique(), seen["projet_id"].nunique()
    if not whole:
        return "Aucun projet financé à lire ici."
    said = f"{count(number)} projet{'s' if number > 1 else ''} sur {count(whole)}" if number < whole else ""
    told = [f"{said} avec ces filtres." if said else ""]
    told.append("Subventions, avances, prêts et fonds propres ne s’additionnent pas : chaque nature a son montant.")
    return " ".join(one for one in told if one)


def _warnings(everything: pd.DataFrame, seen: pd.DataFrame, options: Options, place: Place) -> list[str]:
    said = []
    if options.first_year or options.last_year:
        undated = seen.loc[seen["date"].isna(), "projet_id"].nunique()
        if undated:
            said.append(f"Projets sans date, hors de toute période : {count(undated)}.")
    if place.kind != PlaceKind.FRANCE:
        doubtful = everything[everything["commune_etat"] == "a_confirmer"]
        number = readable(doubtful, options.network).rows["projet_id"].nunique()
        if number:
            said.append(
                f"Projets dont une commune reste à confirmer, comptés pour la France seulement : {count(number)} en tout."
            )
    return said


def _figures(kept: pd.DataFrame, montants: pd.DataFrame, millesime: str) -> list[Figure]:
    number = Quantity(float(kept["projet_id"].nunique()))
    figures = [Figure(INDICATORS["financements.projets"], number, millesime)]
    for _index, row in financements.sum_montants(kept, montants).iterrows():
        label = financements.NATURES.get(row["nature"], row["nature"])
        note = f"{count(int(row['projets']))} projet{'s' if row['projets'] > 1 else ''}"
        held = quantity(row, "montant")
        note += f", dont {count(held.secrets)} confidentiel{'s' if held.secrets > 1 else ''}" if held.secrets else ""
        figures.append(Figure(INDICATORS["financements.montants"], held, millesime, label, note))
    return figures


def _least(grid: Grid, seen: Readable) -> Grid:
    rows = [
        {key: seen.least(cell) if isinstance(cell, Quantity) else cell for key, cell in row.items()}
        for row in grid.rows
    ]
    return replace(grid, rows=rows)


def _tables(kept: pd.DataFrame, montants: pd.DataFrame, options: Options) -> list[Grid]:
    word = TYPES[options.by].lower()
    counts = financements.count_projets(kept, options.by)
    first = Column("valeur", TYPES[options.by])
    projets = Column("projets", "Projets", "quantity", INDICATORS["financements.projets"])
    rows = [{"valeur": typographic(str(name)), "projets": Quantity(float(number))} for name, number in counts.items()]
    several = options.by in NAMED_IN_AMOUNTS
    note = f"Un projet à plusieurs {word}s compte dans chacun." if several else ""
    columns = (
        first,
        Column("nature", "Nature du montant"),
        projets,
        Column("montant", "Montant", "quantity", INDICATORS["financements.montants"]),
    )
    return [
        _natures(kept, montants),
        Grid("repartition", f"Projets par {word}", (first, projets), rows, note),
        Grid("montants", f"Montants par {word} et par nature", columns, _by(kept, montants, options.by)),
    ]


def _natures(kept: pd.DataFrame, montants: pd.DataFrame) -> Grid:
    """Kind by kind, without a last line: there is no total."""
    columns = (
        Column("nature", "Nature du montant"),
        Column("montant", "Montant", "quantity", INDICATORS["financements.montants"]),
        Column("projets", "Projets", "quantity", INDICATORS["financements.projets"]),
    )
    rows = [
        {
            "nature": financements.NATURES.get(row["nature"], row["nature"]),
            "montant": quantity(row, "montant"),
            "projets": Quantity(float(row["projets"])),
        }
        for _index, row in financements.sum_montants(kept, montants).iterrows()
    ]
    return Grid("natures", "Montants par nature", columns, rows)


def _by(kept: pd.DataFrame, montants: pd.DataFrame, by: str) -> list[dict[str, Any]]:
    """Amounts by a type: the measure and the operator are said by the amount itself, the rest by its project."""
    if by in NAMED_IN_AMOUNTS:
        sums = financements.sum_montants(kept, montants, [NAMED_IN_AMOUNTS[by]])
        sums = sums.rename(columns={NAMED_IN_AMOUNTS[by]: "valeur"})
    else:
        named = kept.assign(valeur=kept[by].where(kept[by].notna() & (kept[by] != ""), UNSAID))
        parts = [
            financements.sum_montants(part, montants).assign(valeur=name)
            for name, part in named.groupby("valeur", sort=True)
        ]
        sums = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["valeur"])
    return [
        {
            "valeur": typographic(str(row["valeur"])),
            "nature": financements.NATURES.get(row["nature"], row["nature"]),
            "projets": Quantity(float(row["projets"])),
            "montant": quantity(row, "montant"),
        }
        for _index, row in sums.sort_values("valeur", kind="stable").iterrows()
    ]


def _sheets(kept: pd.DataFrame, everything: pd.DataFrame, montants: pd.DataFrame, options: Options) -> Grid:
    """One row per project, the latest first; the contact is for signed-in readers, who are not harvested."""
    places, amounts = _places(everything, kept), _said_amounts(montants)
    once = kept.drop_duplicates("projet_id").assign(day=lambda one: one["date"].fillna(""))
    once = once.sort_values(["day", "projet_id"], ascending=[False, True], kind="stable")
    rows = [
        {
            "projet": _text(row.projet) or _text(row.entreprise) or "Projet sans intitulé",
            "entreprise": _text(row.entreprise),
            "communes": places.get(row.projet_id, ""),
            "date": _day(row.date),
            "dispositifs": _text(row.dispositifs),
            "operateurs": _text(row.operateurs),
            "montants": amounts.get(row.projet_id, ""),
            "theme": _text(row.theme),
            "avancement": _text(row.avancement),
            "description": _text(row.description),
            **({"contact": _text(row.contact)} if options.detailed else {}),
        }
        for row in once.itertuples()
    ]
    columns = [
        Column("projet", "Projet"),
        Column("entreprise", "Entreprise"),
        Column("communes", "Communes"),
        Column("date", "Date"),
        Column("dispositifs", "Dispositifs"),
        Column("operateurs", "Opérateurs"),
        Column("montants", "Montants"),
        Column("theme", "Thème"),
        Column("avancement", "Avancement"),
        Column("description", "Description"),
    ]
    columns += [Column("contact", "Contact")] if options.detailed else []
    return Grid("projets", "Projets, du plus récent au plus ancien", columns, rows)


def _places(everything: pd.DataFrame, kept: pd.DataFrame) -> dict[str, str]:
    """Every commune of these projects, inside the place or not."""
    names = get_communes()["nom"]
    rows = everything[everything["projet_id"].isin(kept["projet_id"])]
    told: dict[str, list[str]] = {}
    for row in rows.itertuples():
        doubt = f"{_text(row.commune_texte)} (à confirmer)" if _text(row.commune_texte) else "commune non précisée"
        name = str(names.get(row.commune, row.commune)) if isinstance(row.commune, str) else doubt
        held = told.setdefault(str(row.projet_id), [])
        held += [name] * (name not in held)
    return {key: ", ".join(held) for key, held in told.items()}


def _said_amounts(montants: pd.DataFrame) -> dict[str, str]:
    """« Subvention 1 234 567 € ; Prêt : confidentiel »."""
    told: dict[str, list[str]] = {}
    for row in montants.itertuples():
        nature = financements.NATURES.get(row.nature, row.nature)
        amount = "confidentiel" if row.montant_secret or pd.isna(row.montant) else f"{count(round(row.montant))}\u00a0€"
        told.setdefault(str(row.projet_id), []).append(f"{nature}\u00a0: {amount}")
    return {key: " ; ".join(held) for key, held in told.items()}


def _day(text: str | None) -> str:
    """« 15/03/2021 », or the year alone."""
    if not isinstance(text, str) or not text:
        return ""
    return text if len(text) == 4 else f"{date.fromisoformat(text):%d/%m/%Y}"


def _text(value: Any) -> str:
    return typographic(value) if isinstance(value, str) else ""
