"""A panel going out as csv, xlsx or json: its figures and grids, each with its unit, then where they come from.

In a spreadsheet a secret is written « secret » and what is not known « n. d. »: never a zero, never an empty cell, which is
for what makes no sense there. In json a value is a number or null, beside its state.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from fichetrack import clock
from fichetrack.indicators.catalogue import Indicator
from fichetrack.indicators.quantities import Quantity, State
from fichetrack.queries.panels import settings_of
from fichetrack.queries.panels.shapes import Column, Figure, Grid, Panel, SourceLine
from fichetrack.tables import Column as TableColumn
from fichetrack.tables import Sheet, write_csv, write_xlsx
from fichetrack.tables.dates import parse_date
from fichetrack.vocabulary import millesime_label

MIMETYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
FIGURES = (
    TableColumn("chiffre", "Chiffre", "long_text"),
    TableColumn("valeur", "Valeur", "amount"),
    TableColumn("unite", "Unité"),
    TableColumn("etat", "État de la valeur"),
    TableColumn("millesime", "Millésime"),
    TableColumn("precision", "Précision", "long_text"),
    TableColumn("source", "Source et licence", "long_text"),
)
TIDY = (
    TableColumn("lieu", "Lieu"),
    TableColumn("tableau", "Tableau"),
    TableColumn("ligne", "Ligne"),
    *FIGURES[:5],
    TableColumn("reglages", "Réglages"),
    *FIGURES[5:],
    TableColumn("adresse", "Adresse de la page", "long_text"),
)
ABOUT = (TableColumn("quoi", "Rubrique"), TableColumn("valeur", "Texte", "long_text"))
STATES = {State.VALUE: "valeur", State.AT_LEAST: "au moins", State.SECRET: "secret statistique", State.ABSENT: "absent"}
WORDS = {State.SECRET: "secret", State.ABSENT: "n. d."}
READING = (
    "« secret » : le producteur masque la valeur pour protéger ceux qu’elle décrirait ; « n. d. » : elle n’est pas connue ; "
    "« au moins » : des parts secrètes ou inconnues s’ajouteraient à la valeur écrite."
)
DAY = re.compile(r"\d{2}/\d{2}/\d{4}")
SHEET_NAME = 31  # characters of the name of a sheet, its number included


def export(panel: Panel, kind: str, url: str) -> bytes:
    """The bytes of a panel; `url` is where it is read, options included."""
    if kind == "json":
        return json.dumps(_as_json(panel, url), ensure_ascii=False, indent=1, default=str).encode()
    if kind == "csv":
        return export_csv([panel], url)
    stream = io.BytesIO()
    figures = Sheet("Chiffres", FIGURES, [_figure_row(panel, one) for one in panel.figures])
    grids = [_sheet(number, grid) for number, grid in enumerate(panel.grids, start=1)]
    write_xlsx(stream, [figures, *grids, Sheet("Sources", ABOUT, list(_about(panel, url, grids)))])
    return stream.getvalue()


def export_csv(panels: Iterable[Panel], url: str) -> bytes:
    """Panels one after the other in one table: each row says its place, its settings, its source and its page."""
    stream = io.BytesIO()
    write_csv(stream, TIDY, (_always(panel, url) | row for panel in panels for row in _tidy(panel)))
    return stream.getvalue()


def _always(panel: Panel, url: str) -> dict[str, str]:
    return {"lieu": f"{panel.place.nom} ({panel.place.code})", "reglages": _settings(panel), "adresse": url}


def _tidy(panel: Panel) -> Iterator[dict[str, Any]]:
    """One row per value, the same shape whatever the panel; then what must be known, once."""
    for figure in panel.figures:
        yield {"tableau": "Chiffres clés", "ligne": panel.title} | _figure_row(panel, figure)
    for grid in panel.grids:
        for row in grid.rows:
            name = " — ".join(str(row[one.key]) for one in grid.columns if one.kind == "text" and row.get(one.key))
            quantities = [one for one in grid.columns if one.kind == "quantity"]
            for column in quantities:
                if row.get(column.key) is not None:
                    held = {"tableau": grid.title, "ligne": name, "chiffre": column.label, "unite": _unit(column)}
                    yield held | _value(row[column.key], _digits(column)) | _sources(panel, column.indicator, grid)
            if not quantities:  # a list of things, without any figure
                yield {"tableau": grid.title, "ligne": name} | _sources(panel, grid=grid)
    for text in (*_known(panel), READING):
        yield {"tableau": "À savoir", "ligne": text} | _sources(panel)


def _figure_row(panel: Panel, figure: Figure) -> dict[str, Any]:
    named = {"chiffre": figure.shown_label, "unite": figure.indicator.unit, "precision": figure.note}
    sources = _sources(panel, figure.indicator) | {"millesime": millesime_label(figure.millesime)}
    return named | _value(figure.quantity, figure.indicator.digits) | sources


def _settings(panel: Panel) -> str:
    """What the reader chose: beside each value, even cut out of its file."""
    return " ; ".join(settings_of(panel))


def _known(panel: Panel) -> list[str]:
    return [
        text for text in (panel.missing, panel.sentence, *panel.warnings, *(grid.note for grid in panel.grids)) if text
    ]


def _value(quantity: Quantity, digits: int) -> dict[str, Any]:
    """The value or its word; shown with the decimals of its page, all of them kept."""
    value: Decimal | str | None = WORDS.get(quantity.state)
    if quantity.value is not None and value is None:
        value = Decimal(repr(round(quantity.value, 6)))
        if value == value.to_integral_value():
            value = value.to_integral_value() + 0  # never « -0 »; « 5709 », not « 5709,0 »
    return {"valeur": value, "valeur__digits": digits, "etat": STATES[quantity.state]}


def _sources(panel: Panel, indicator: Indicator | None = None, grid: Grid | None = None) -> dict[str, str]:
    """The source of an indicator, or those it mixes; without one, that of its table, else every source of the panel."""
    held = (one.indicator for one in grid.columns) if grid else ()
    lines = _lines(panel, indicator or next((one for one in held if one), None))
    millesimes = dict.fromkeys(millesime_label(one.millesime) for one in lines)
    told = millesime_label(grid.millesime) if grid and grid.millesime else ", ".join(millesimes)
    return {"millesime": told, "source": " ; ".join(one.sentence for one in lines)}


def _lines(panel: Panel, indicator: Indicator | None) -> Sequence[SourceLine]:
    names = (indicator.source, *indicator.mixes) if indicator else ()
    own = [line for line in panel.sources if line.source.name in names]
    return own or panel.sources


def _about(panel: Panel, url: str, grids: Sequence[Sheet]) -> Iterator[dict[str, str]]:
    yield {"quoi": "Panneau", "valeur": panel.title}
    yield {"quoi": "Lieu", "valeur": f"{panel.place.nom} ({panel.place.code})"}
    if settings := _settings(panel):
        yield {"quoi": "Réglages", "valeur": settings}
    yield {"quoi": "Adresse", "valeur": url}
    yield {"quoi": "Exporté le", "valeur": f"{clock.today():%d/%m/%Y}"}
    for line in panel.sources:
        yield {"quoi": "Source", "valeur": line.sentence}
    for text in (panel.sentence, *panel.warnings, READING):
        if text:
            yield {"quoi": "À savoir", "valeur": text}
    for sheet, grid in zip(grids, panel.grids, strict=True):
        first = f"Les {len(grid.rows)} premières lignes sur {grid.total}." if grid.total else ""
        told = " ".join(text for text in (f"{grid.title}.", first, grid.note) if text)
        yield {"quoi": f"Feuille « {sheet.name} »", "valeur": told}
    for one in panel.indicators:
        yield {"quoi": one.label, "valeur": f"{one.treatment} Formule : {one.formula} Limites : {one.limits}"}


def _sheet(number: int, grid: Grid) -> Sheet:
    """A grid as a sheet; a column of states stands only where a value is a minimum: the others say what they are."""
    rows = list(grid.rows)
    bounds = {
        one.key
        for one in grid.columns
        for row in rows
        if one.kind == "quantity" and (held := row.get(one.key)) is not None and held.state == State.AT_LEAST
    }
    return Sheet(_sheet_name(number, grid.title), _columns(grid, bounds), [_cells(grid, row, bounds) for row in rows])


def _sheet_name(number: int, title: str) -> str:
    """« 2 Principaux flux »: whole words of the title, after a number that keeps two sheets apart."""
    words, name = re.split(r"[\s\[\]:*?/\\,]+", title), str(number)
    for word in words:
        if len(name) + 1 + len(word) > SHEET_NAME:
            break
        name = f"{name} {word}".strip()
    return name


def _columns(grid: Grid, bounds: set[str]) -> list[TableColumn]:
    columns: list[TableColumn] = []
    for one in grid.columns:
        said = one.label.lower().replace("’", " ").split()
        unit = f" ({_unit(one)})" if _unit(one) and _unit(one).lower() not in said else ""
        kind = {"quantity": "amount", "date": "date"}.get(one.kind, "text")
        columns.append(TableColumn(one.key, one.label + unit, kind))  # type: ignore[arg-type] # one of its kinds
        if one.key in bounds:
            columns.append(TableColumn(f"{one.key}__etat", f"{one.label} : état"))
    return columns


def _cells(grid: Grid, row: Mapping[str, Any], bounds: set[str]) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for column in grid.columns:
        value = row.get(column.key)
        if column.kind == "quantity" and value is not None:
            held = _value(value, _digits(column))
            cells |= {column.key: held["valeur"], f"{column.key}__digits": held["valeur__digits"]}
            if column.key in bounds:
                cells[f"{column.key}__etat"] = held["etat"]
        else:
            cells[column.key] = _day(value) if isinstance(value, str) and DAY.fullmatch(value) else value
    return cells


def _day(text: str) -> date | str:
    """A day written alone is a date, that a spreadsheet sorts; « 2024 » or « 03/2024 » stay what they say."""
    try:
        return parse_date(text)
    except ValueError:
        return text


def _as_json(panel: Panel, url: str) -> dict[str, Any]:
    return {
        "panneau": panel.code,
        "titre": panel.title,
        "territoire": {"code": panel.place.code, "nom": panel.place.nom, "date_perimetre": panel.place.as_of},
        "reglages": _settings(panel),
        "adresse": url,
        "exporte_le": clock.today(),
        "a_savoir": [text for text in (panel.sentence, *panel.warnings) if text],
        "sources": [_json_source(one) for one in panel.sources],
        "chiffres": [
            {
                "code": one.indicator.code,
                "libelle": one.shown_label,
                "unite": one.indicator.unit,
                "millesime": one.millesime,
                "precision": one.note,
            }
            | _json_value(one.quantity)
            | {"sources": [_json_source(line) for line in _lines(panel, one.indicator)]}
            for one in panel.figures
        ],
        "tableaux": [
            {
                "code": grid.code,
                "titre": grid.title,
                "millesime": grid.millesime or None,
                "note": grid.note,
                "colonnes": [_json_column(panel, column) for column in grid.columns],
                "lignes": [_json_row(grid, row) for row in grid.rows],
            }
            for grid in panel.grids
        ],
    }


def _json_source(line: SourceLine) -> dict[str, Any]:
    return {
        "texte": line.sentence,
        "producteur": line.source.producer,
        "jeu": line.source.dataset,
        "licence": line.source.licence,
        "millesime": line.millesime,
        "fictif": line.is_fictitious,
    }


def _json_column(panel: Panel, column: Column) -> dict[str, Any]:
    told = {"cle": column.key, "libelle": column.label}
    if column.kind != "quantity":
        return told
    names = [line.source.name for line in _lines(panel, column.indicator)]
    return told | {
        "unite": _unit(column),
        "indicateur": column.indicator.code if column.indicator else None,
        "jeux": names,
    }


def _json_row(grid: Grid, row: Any) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for column in grid.columns:
        value = row.get(column.key)
        cells[column.key] = _json_value(value) if isinstance(value, Quantity) else value
    return cells


def _json_value(quantity: Quantity) -> dict[str, Any]:
    hidden = {"parts_secretes": quantity.secrets, "parts_inconnues": quantity.unknown}
    return {"valeur": quantity.value, "etat": quantity.state.value, **hidden}


def _unit(column: Column) -> str:
    return column.unit or (column.indicator.unit if column.indicator else "")


def _digits(column: Column) -> int:
    return column.indicator.digits if column.indicator else column.digits


def filename(panel: Panel, kind: str) -> str:
    """« specificite-ti-ales-2026-11-22.csv »."""
    day: date = clock.today()
    return f"{panel.code}-{panel.place.code}-{day:%Y-%m-%d}.{kind}"
