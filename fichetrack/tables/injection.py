"""Text that a spreadsheet would run as a formula: made harmless in CSV, reversibly.

The escape, applied in CSV only: an apostrophe is put before a text that could start a formula, and before a text that
itself starts with one. Reading removes one apostrophe only where writing could have put one, so a hand-written
« 'bonjour » keeps its own. In a workbook a text is a text, and nothing is escaped.
"""

from __future__ import annotations

import unicodedata

ESCAPE = "'"
STARTERS = frozenset("=+-@")
BLANK_STARTERS = frozenset("\t\r\n")
MINUS_SIGN = "\u2212"


def starts_formula(text: str) -> bool:
    """Could a spreadsheet, perhaps after trimming or folding full-width signs, take this text for a formula?"""
    if text[:1] in BLANK_STARTERS:
        return True
    for char in text:
        if char.isspace() or unicodedata.category(char) in {"Cc", "Cf"}:
            continue
        return char == MINUS_SIGN or unicodedata.normalize("NFKC", char)[:1] in STARTERS
    return False


def neutralise(text: str) -> str:
    """The text as written in CSV."""
    return ESCAPE + text if text.startswith(ESCAPE) or starts_formula(text) else text


def restore(cell: str) -> str:
    """The text as it was before `neutralise`."""
    if cell.startswith(ESCAPE) and (cell[1:2] == ESCAPE or starts_formula(cell[1:])):
        return cell[1:]
    return cell
