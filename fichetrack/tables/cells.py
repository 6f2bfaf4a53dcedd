"""From a typed value to what an exported cell shows; `values.parse_cell` reads it back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fichetrack.errors import ImportRefused
from fichetrack.tables.french import NBSP, quote
from fichetrack.tables.headings import Column
from fichetrack.tables.marks import mark_of

Shown = str | int | Decimal | date | None


def show(value: Any, column: Column) -> Shown:
    """Labels instead of codes, oui or non, several values joined by a semicolon; numbers and dates stay typed."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, (list, tuple, set, frozenset)):
        return "; ".join(label_of(item, column) for item in value) or None
    if isinstance(value, (int, Decimal, date)):
        return value
    return label_of(value, column)


def label_of(value: Any, column: Column) -> str:
    text = str(value)
    return dict(column.choices or ()).get(text, text)


def french_date(day: date) -> str:
    """31/12/2026; four figures whatever the year."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def check_writable(text: str, column: Column, line: int, forbidden: set[str], limit: int, advice: str) -> str:
    """The text itself; when the format cannot hold it, a mark if the column is marked.

    Raises ImportRefused naming the cell otherwise.
    """
    where = f"Ligne {line}, colonne {quote(column.label)}{NBSP}: "
    # Excel counts in UTF-16 units: an emoji counts for two.
    too_long = len(text) > limit // 2 and len(text.encode("utf-16-le", "surrogatepass")) // 2 > limit
    odd = any("\ud800" <= char <= "\udfff" or char in forbidden for char in text)
    if column.marked and (too_long or odd):
        return mark_of(text, too_long)
    if odd:
        raise ImportRefused(
            f"{where}le texte contient un caractère que ce format ne peut pas tenir. Corrigez-le. {advice}".strip()
        )
    if too_long:
        raise ImportRefused(f"{where}le texte est trop long pour ce format. Raccourcissez-le. {advice}".strip())
    return text
