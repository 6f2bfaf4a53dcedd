"""A panel going out as csv, xlsx or json: its figures and grids, each with its unit, then where they come from."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from fichetrack import clock
from fichetrack.indicators.quantities import Quantity, State
from fichetrack.queries.panels.shapes import Column, Figure, Grid, Panel
from fichetrack.tables import Column as TableColumn
from fichetrack.tables import Sheet, write_csv, write_xlsx

MIMETYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
TIDY = (
    TableColumn("lieu", "Lieu"),
    TableColumn("tableau", "Tableau"),
    TableColumn("ligne", "Ligne"),
    TableColumn("chiffre", "Chiffre"),
    TableColumn("valeur", "Valeur", "amount"),
    TableColumn("etat", "État de la valeur"),
    TableColumn("unite", "Unité"),
    TableColumn("millesime", "Millésime"),
    TableColumn("source", "Source et licence", "long_text"),
    TableColumn("precision", "Précision", "long_text"),
    TableColumn("adresse", "Adresse de la page", "long_text"),
)
ABOUT = (TableColumn("quoi", "Rubrique"), TableColumn("valeur", "Valeur", "long_text"))
STATES = {State.VALUE: "valeur", State.AT_LEAST: "au moins", State.SECRET: "secret statistique", State.ABSENT: "absent"}


def export(panel: Panel, kind: str, url: str) -> bytes:
    """The bytes of a panel; `url` is where it is read, options included."""
    if kind == "json":
        return json.dumps(_as_json(panel, url), ensure_ascii=False, indent=1, default=str).encode()
    stream = io.BytesIO()
    if kind == "csv":
        write_csv(stream, TIDY, (row | _read_at(panel, url) for row in _tidy(panel)))
    else:
        # Names of sheets are cut at 31 characters: their number keeps them apart.
        sheets = [
            Sheet(f"{n} {grid.title}", _columns(grid), _rows(grid)) for n, grid in enumerate(panel.grids, start=1)
        ]
        rows = [_figure_row(panel, one) | _read_at(panel, url) for one in panel.figures]
        figures = Sheet("Chiffres", TIDY, rows)
        write_xlsx(stream, [Sheet("Sources", ABOUT, list(_about(panel, url))), figures, *sheets])
    return stream.getvalue()


def _tidy(panel: Panel) -> Iterator[dict[str, Any]]:
    """One row per value: the same shape whatever the panel."""
    for figure in panel.figures:
        yield _figure_row(panel, figure)
    for grid in panel.grids:
        for row in grid.rows:
            name = " — ".join(str(row[one.key]) for one in grid.columns if one.kind == "text" and row.get(one.key))
            for column in grid.columns:
                if column.kind == "quantity" and row.get(column.key) is not None:
                    held = {"tableau": grid.title, "ligne": name, "chiffre": column.label, "unite": _unit(column)}
                    yield held | _value(row[column.key]) | _sources(panel)
            if not any(column.kind == "quantity" for column in grid.columns):  # a list of things, without any figure
                yield {"tableau": grid.title, "ligne": name} | _sources(panel)


def _figure_row(panel: Panel, figure: Figure) -> dict[str, Any]:
    named = {
        "tableau": panel.title,
        "ligne": panel.place.nom,
        "chiffre": figure.shown_label,
        "unite": figure.indicator.unit,
    }
    return named | _value(figure.quantity) | _sources(panel, figure) | {"millesime": figure.millesime}


def _read_at(panel: Panel, url: str) -> dict[str, str]:
    """What a row says even when it is cut out of its file: the place, the reference, the level, the page."""
    said = " ".join(text for text in (panel.sentence, *panel.warnings) if text)
    return {"lieu": f"{panel.place.nom} ({panel.place.code})", "precision": said, "adresse": url}


def _value(quantity: Quantity) -> dict[str, Any]:
    value = None if quantity.value is None else Decimal(repr(round(quantity.value, 6)))
    if value is not None and value == value.to_integral_value():
        value = value.to_integral_value() + 0  # never « -0 »; « 5709 », not « 5709,0 »
    return {"valeur": value, "etat": STATES[quantity.state]}


def _sources(panel: Panel, figure: Figure | None = None) -> dict[str, str]:
    """Every source of the panel; of a figure that has the millésime of its own source alone, that one."""
    own = panel.source_of(figure.indicator) if figure else None
    lines = [own] if own and figure and own.millesime == figure.millesime else panel.sources
    return {"millesime": ", ".join(one.millesime for one in lines), "source": " ; ".join(one.sentence for one in lines)}


def _about(panel: Panel, url: str) -> Iterator[dict[str, str]]:
    yield {"quoi": "Panneau", "valeur": f"{panel.title} : {panel.place.nom} ({panel.place.code})"}
    yield {"quoi": "Adresse", "valeur": url}
    yield {"quoi": "Exporté le", "valeur": f"{clock.today():%d/%m/%Y}"}
    for line in panel.sources:
        yield {"quoi": "Source", "valeur": line.sentence}
    for warning in (panel.sentence, *panel.warnings):
        if warning:
            yield {"quoi": "À savoir", "valeur": warning}
    for one in {figure.indicator.code: figure.indicator for figure in panel.figures}.values():
        yield {"quoi": one.label, "valeur": f"{one.treatment} Formule : {one.formula} Limites : {one.limits}"}


def _columns(grid: Grid) -> list[TableColumn]:
    """A quantity takes two columns: what is known, and what is to know about it."""
    columns: list[TableColumn] = []
    for one in grid.columns:
        said = one.label.lower().replace("’", " ").split()
        unit = f" ({_unit(one)})" if _unit(one) and _unit(one).lower() not in said else ""
        columns.append(TableColumn(one.key, one.label + unit, "amount" if one.kind == "quantity" else "text"))
        if one.kind == "quantity":
            columns.append(TableColumn(f"{one.key}__etat", f"{one.label} : état"))
    return columns


def _rows(grid: Grid) -> Iterator[dict[str, Any]]:
    for row in grid.rows:
        cells: dict[str, Any] = {}
        for column in grid.columns:
            value = row.get(column.key)
            if column.kind == "quantity" and value is not None:
                held = _value(value)
                cells |= {column.key: held["valeur"], f"{column.key}__etat": held["etat"]}
            else:
                cells[column.key] = value
        yield cells


def _as_json(panel: Panel, url: str) -> dict[str, Any]:
    return {
        "panneau": panel.code,
        "titre": panel.title,
        "territoire": {"code": panel.place.code, "nom": panel.place.nom, "date_perimetre": panel.place.as_of},
        "adresse": url,
        "exporte_le": clock.today(),
        "a_savoir": [text for text in (panel.sentence, *panel.warnings) if text],
        "sources": [
            {"texte": one.sentence, "licence": one.source.licence, "millesime": one.millesime, "fictif": one.is_fictitious}
            for one in panel.sources
        ],
        "chiffres": [
            {"code": one.indicator.code, "libelle": one.shown_label, "unite": one.indicator.unit, "millesime": one.millesime}
            | _json_value(one.quantity)
            for one in panel.figures
        ],
        "tableaux": [
            {"code": grid.code, "titre": grid.title, "lignes": [_json_row(grid, row) for row in grid.rows]}
            for grid in panel.grids
        ],
    }  # fmt: skip


def _json_row(grid: Grid, row: Any) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for column in grid.columns:
        value = row.get(column.key)
        cells[column.key] = _json_value(value) if isinstance(value, Quantity) else value
    return cells


def _json_value(quantity: Quantity) -> dict[str, Any]:
    return {"valeur": quantity.value, "etat": quantity.state.value, "parts_secretes": quantity.secrets}


def _unit(column: Column) -> str:
    return column.unit or (column.indicator.unit if column.indicator else "")


def filename(panel: Panel, kind: str) -> str:
    """« specificite-ti-ales-2026-11-22.csv »."""
    day: date = clock.today()
    return f"{panel.code}-{panel.place.code}-{day:%Y-%m-%d}.{kind}"
