"""Codes as they were before a spreadsheet ate their zeros. Always text."""

from __future__ import annotations

import pandas as pd


def commune_codes(cells: pd.Series) -> pd.Series:
    """INSEE codes of communes: five characters, « 01001 », « 2A004 », « 97411 »; None for anything else."""
    return padded(cells, 5, r"(?:\d{5}|2[AB]\d{3})")


def padded(cells: pd.Series, width: int, pattern: str) -> pd.Series:
    """Text codes trimmed, « .0 » of a number dropped, left-padded with zeros to `width`; None unless `pattern` matches."""
    text = cells.fillna("").astype("str").str.strip().str.upper().str.replace(r"\.0+$", "", regex=True)
    text = text.where(text == "", text.str.zfill(width))
    return text.where(text.str.fullmatch(pattern), None)
