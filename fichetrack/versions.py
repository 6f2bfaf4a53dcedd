"""Values of a fiche as plain data, their differences, and the named versions made of them; pure.

A plain value is what JSON holds: text, integer, list, ISO date, decimal text, « ti-… » code of a territoire; rows are lists of
such dicts. Forms, the journal, exports and named versions all speak it, so that the same value is never written twice ways.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import date
from decimal import Decimal
from typing import Any

from fichetrack.fields import BY_NAME, FIELDS, ROWS, ROWS_BY_NAME, Rows, fields_of, rows_of

Change = tuple[str, Any, Any]

# The fields and rows that must agree with each other (incoherences).
COHERENT = frozenset({"date_debut", "date_fin", "indicateurs", "mesures"})


def plain(value: Any) -> Any:
    """A column's value as plain data; empty text, None and [] are told apart from 0 and False by callers of is_empty."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.quantize(Decimal("0.01")), "f")
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "slug"):
        return value.code
    return value


def is_empty(value: Any) -> bool:
    """Nothing was given: 0 and « non » are answers, blanks are not."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def value_of(fiche: Any, name: str) -> Any:
    """The plain value of a field or of a list of rows."""
    if name in ROWS_BY_NAME:
        return [row_values(row, ROWS_BY_NAME[name]) for row in getattr(fiche, name)]
    return plain(getattr(fiche, name))


def row_values(row: Any, rows: Rows) -> dict[str, Any]:
    return {column.name: plain(getattr(row, column.name)) for column in rows.columns}


def section_values(fiche: Any, section: str) -> dict[str, Any]:
    """Every field and list of rows of one section."""
    names = [field.name for field in fields_of(section)] + [rows.name for rows in rows_of(section)]
    return {name: value_of(fiche, name) for name in names}


def snapshot(fiche: Any) -> dict[str, Any]:
    """The whole content of a fiche, for a named version."""
    return {name: value_of(fiche, name) for name in [f.name for f in FIELDS] + [r.name for r in ROWS]}


def diff(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    """What changed, as (name, before, after), in the order of `after`; blanks of any kind are equal."""
    return [
        (name, before.get(name), value)
        for name, value in after.items()
        if value != before.get(name) and not (is_empty(value) and is_empty(before.get(name)))
    ]


def incoherences(values: dict[str, Any]) -> dict[str, str]:
    """What the values of one fiche contradict in each other, by field, in French."""
    errors: dict[str, str] = {}
    start, end = values.get("date_debut"), values.get("date_fin")
    if start and end and end < start:
        errors["date_fin"] = "la date de fin précède la date de début."
    known = {row["libelle"] for row in values.get("indicateurs") or []}
    strangers = sorted({row["indicateur"] for row in values.get("mesures") or []} - known)
    if strangers:
        errors["mesures"] = f"aucun indicateur ne s’appelle « {strangers[0]} ». Reprenez son nom exact."
    return errors


def journal_value(name: str, value: Any, secret: str) -> Any:
    """A value as the journal keeps it: personal data becomes a salted digest, so that a person may be erased."""
    if is_empty(value) or name not in BY_NAME or not BY_NAME[name].personal:
        return value
    return "hmac:" + hmac.new(secret.encode(), str(value).encode(), hashlib.sha256).hexdigest()[:16]
