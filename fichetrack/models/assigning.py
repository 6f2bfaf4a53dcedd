"""Writing plain values (versions.plain) into a fiche's columns: the one way in, for pages, workbooks and e-mails."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect

from fichetrack.fields import BY_NAME, ROWS_BY_NAME, Field, Kind, Rows
from fichetrack.models.fiche import Fiche
from fichetrack.versions import is_empty, row_values


def assign(fiche: Fiche, name: str, value: Any) -> None:
    """Set a field or a list of rows from its plain value. Territoires are given as objects, already resolved."""
    if name in ROWS_BY_NAME:
        _assign_rows(fiche, ROWS_BY_NAME[name], value or [])
    else:
        setattr(fiche, name, typed(value, BY_NAME[name]))


def typed(value: Any, field: Field) -> Any:
    """The column's value for a plain one. Raises ValueError for a code that is no choice of the field."""
    if field.kind in {Kind.CHOICES, Kind.WORDS, Kind.LIEUX, Kind.TERRITOIRES}:
        return [_checked(item, field) for item in value or []]
    if field.kind == Kind.FLAG:
        return bool(value)
    if is_empty(value):
        return None
    if field.kind == Kind.DATE:
        return date.fromisoformat(value)
    if field.kind == Kind.AMOUNT:
        return Decimal(value)
    return _checked(value, field)


def _checked(value: Any, field: Field) -> Any:
    if field.options and value not in dict(field.options):
        raise ValueError(f"{field.name}: {value!r} is not one of its choices")
    return value


def _assign_rows(fiche: Fiche, rows: Rows, values: list[dict[str, Any]]) -> None:
    """Keep the rows that did not change (their identity and links), replace the others."""
    kept = {_key(row_values(row, rows)): row for row in reversed(getattr(fiche, rows.name))}
    row_class = inspect(Fiche).relationships[rows.name].mapper.class_
    made = []
    for place, value in enumerate(values):
        row = kept.pop(_key(value), None)
        if row is None:
            row = row_class(**{column.name: typed(value.get(column.name), column) for column in rows.columns})
        row.place = place
        made.append(row)
    setattr(fiche, rows.name, made)


def _key(values: dict[str, Any]) -> str:
    return repr([(name, value or None) for name, value in values.items()])
