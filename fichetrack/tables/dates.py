"""Dates as French people and their spreadsheets write them."""

from __future__ import annotations

import re
from datetime import date, timedelta

from fichetrack.tables.french import quote
from fichetrack.tables.headings import normalise_heading
from fichetrack.tables.shapes import NumberCell

MONTHS = (
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
)
SHORT = ("janv", "fev", "fevr", "avr", "juil", "sept", "oct", "nov", "dec")
MONTH_OF = {month: number for number, month in enumerate(MONTHS, start=1)}
MONTH_OF |= {short: next(number for month, number in MONTH_OF.items() if month.startswith(short)) for short in SHORT}

ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
FRENCH = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})(?: \d{1,2}:\d{2}(?::\d{2})?)?")
SHORT_YEAR = re.compile(r"\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{2}")
WRITTEN = re.compile(r"(?:[a-z]+ )?(\d{1,2})(?:er)? ([a-z]+) (\d{4})")
SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
EPOCH = date(1899, 12, 30)  # day 0 of a workbook, as Excel counts after February 1900
EXAMPLE = "Écrivez par exemple 31/12/2026."


def parse_date(text: str) -> date:
    """A day. Raises ValueError, in French."""
    plain = " ".join(text.lstrip("'").split())
    if found := ISO.fullmatch(plain):
        return build(text, int(found[1]), int(found[2]), int(found[3]))
    if found := FRENCH.fullmatch(plain):
        return build(text, int(found[3]), int(found[2]), int(found[1]))
    if found := WRITTEN.fullmatch(normalise_heading(plain)):
        month = MONTH_OF.get(found[2])
        if month:
            return build(text, int(found[3]), month, int(found[1]))
    if SERIAL.fullmatch(plain) and 20_000 <= float(plain) < 80_000:
        return EPOCH + timedelta(days=int(float(plain)))
    raise ValueError(explain(text, plain))


def build(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        pass
    if month > 12 and day <= 12:
        raise ValueError(f"{text} n’est pas dans l’ordre jour/mois/année. {EXAMPLE}")
    raise ValueError(f"{text} n’existe pas. Corrigez le jour, le mois ou l’année.")


def explain(text: str, plain: str) -> str:
    if SHORT_YEAR.fullmatch(plain):
        return (
            f"{quote(text)} peut se lire de deux façons. Écrivez l’année sur quatre chiffres, par exemple 31/12/2026."
        )
    if isinstance(text, NumberCell):
        return f"{quote(text)} est un nombre, pas une date. {EXAMPLE}"
    return f"{quote(text)} n’est pas une date. {EXAMPLE}"
