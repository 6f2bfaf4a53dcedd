"""Plain values of a fiche as French text: what a page, the journal and a difference show."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from fichetrack.fields import BY_NAME, ROWS_BY_NAME, Field, Gate, Kind, Section, label_of, section_of
from fichetrack.templating import text

PERSONAL_DIGEST = "hmac:"

# What « (demandé …) » says beside the label of a field.
GATES = {Gate.FILE: "pour déposer", Gate.VALIDATE: "pour valider", Gate.CLOSE: "pour clôturer"}

# A visitor's journal names nobody.
PUBLIC_EVENTS = {
    "submit": "Fiche déposée",
    "validate": "Fiche validée",
    "confirm": "Fiche confirmée",
    "close": "Fiche clôturée",
    "expel": "Fiche sortie du programme",
    "archive": "Fiche archivée",
}


def event_public(kind: str) -> str:
    """An event as a visitor reads it."""
    return PUBLIC_EVENTS.get(kind, "Fiche mise à jour")


def field_section(name: str) -> str:
    """The code of the section where a field is edited."""
    return section_of(name).value


def section_label(section: str) -> str:
    return Section(section).label


def field_label(name: str) -> str:
    """The French label of a field or of a list of rows."""
    return label_of(name)


def field_value(value: Any, name: str) -> str:
    """A plain value as text; empty text when there is nothing."""
    if isinstance(value, str) and value.startswith(PERSONAL_DIGEST):
        return "(donnée personnelle, non gardée au journal)"
    if name in ROWS_BY_NAME:
        rows = ROWS_BY_NAME[name]
        return "\n".join(row_text(row, rows.columns) for row in value or [])
    return column_value(value, BY_NAME[name]) if name in BY_NAME else str(value or "")


def row_text(row: dict[str, Any], columns: tuple[Field, ...]) -> str:
    """One row on one line, blanks left out."""
    shown = (column_value(row.get(column.name), column) for column in columns)
    return " · ".join(one for one in shown if one)


def column_value(value: Any, field: Field) -> str:
    """One plain value of one column as text."""
    if value is None or value in ("", []):
        return ""
    if field.kind == Kind.FLAG:
        return "oui" if value else "non"
    if isinstance(value, list):
        options = dict(field.options)
        return ", ".join(str(options.get(item, item)) for item in value)
    if field.kind == Kind.DATE:
        return text.date_fr(date.fromisoformat(value))
    if field.kind == Kind.AMOUNT:
        return text.euros(Decimal(value))
    if field.kind == Kind.DECIMAL:
        return text.number_fr(Decimal(value))
    if field.kind == Kind.INTEGER:
        return text.number_fr(value)
    return dict(field.options).get(value, str(value))
