"""Numbers as French people write them: « 1 234 567,50 € », « 1,2 M€ ». What reads two ways is refused, not guessed."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from fichetrack.tables.french import NARROW, NBSP, quote
from fichetrack.tables.shapes import NumberCell

UNITS = {"": 1, "k": 10**3, "m": 10**6, "md": 10**9}
UNITS |= {
    "millier": 10**3,
    "milliers": 10**3,
    "million": 10**6,
    "millions": 10**6,
    "milliard": 10**9,
    "milliards": 10**9,
}
SHAPE = re.compile(
    r"([+-]?)\s*([\d.,\s]*\d)\s*(k|m|md|milliers?|millions?|milliards?)?\s*(?:d[’'])?\s*(?:€|eur|euros?)?",
    re.IGNORECASE,
)
SPACED = re.compile(r"\d{1,3}(?: \d{3})+|\d+")
DOTTED = re.compile(r"\d{1,3}(?:\.\d{3})+")
COMMAED = re.compile(r"\d{1,3}(?:,\d{3})+")
CENT = Decimal("0.01")
LARGEST = Decimal(10) ** 13  # beyond, a spreadsheet no longer holds the cents exactly


def parse_amount(text: str) -> Decimal:
    """Euros, to the cent. Raises ValueError, in French."""
    example = f"Écrivez par exemple 1{NARROW}234{NARROW}567,50."
    value = parse_number(text, "un montant", example)
    if abs(value) >= LARGEST:
        raise ValueError(f"{quote(text)} est trop grand pour un montant. {example}")
    rounded = value.quantize(CENT, ROUND_HALF_UP)
    if rounded != value and not isinstance(text, NumberCell):
        raise ValueError(f"{quote(text)} a plus de deux décimales. {example}")
    return rounded


def parse_integer(text: str) -> int:
    """A whole number. Raises ValueError, in French."""
    example = f"Écrivez par exemple 1{NARROW}250."
    value = parse_number(text, "un nombre entier", example)
    if value != value.to_integral_value():
        raise ValueError(f"{quote(text)} n’est pas un nombre entier. {example}")
    if abs(value) >= LARGEST:
        raise ValueError(f"{quote(text)} est trop grand. {example}")
    return int(value)


def parse_number(text: str, what: str, example: str) -> Decimal:
    plain = " ".join(text.replace(NBSP, " ").replace(NARROW, " ").replace("\u2212", "-").lstrip("'").split())
    if isinstance(text, NumberCell):
        return exact(plain, text, what, example)
    shape = SHAPE.fullmatch(plain)
    if not shape:
        raise ValueError(f"{quote(text)} n’est pas {what}. {example}")
    sign, digits, unit = shape[1], shape[2], (shape[3] or "").lower()
    value = read_digits(digits, bool(unit))
    if value is None:
        raise ValueError(f"{quote(text)} peut se lire de deux façons, ou ses chiffres sont mal groupés. {example}")
    return (-value if sign == "-" else value) * UNITS[unit]


def exact(plain: str, text: str, what: str, example: str) -> Decimal:
    try:
        value = Decimal(plain)
    except ArithmeticError:
        value = Decimal("NaN")
    if not value.is_finite():
        raise ValueError(f"{quote(text)} n’est pas {what}. {example}")
    return value


def read_digits(digits: str, has_unit: bool) -> Decimal | None:
    """The value of digits, spaces, dots and commas, if certain. « 1,234 M€ » is certain, « 1,234 » is not."""
    for thousands, decimal in ((DOTTED, ","), (COMMAED, ".")):
        whole, found, cents = digits.partition(decimal)
        if found and thousands.fullmatch(whole) and cents.isdigit():
            return Decimal("".join(filter(str.isdigit, whole)) + "." + cents)
        if thousands.fullmatch(digits) and len(digits) > 7:
            return Decimal("".join(filter(str.isdigit, digits)))
    parts = re.split(r"[.,]", digits)
    if len(parts) > 2 or not SPACED.fullmatch(parts[0]) or not all(part.isdigit() for part in parts[1:]):
        return None
    whole = parts[0].replace(" ", "")
    if len(parts) == 2 and len(parts[1]) == 3 and len(whole) <= 3 and whole != "0" and not has_unit:
        return None
    return Decimal(".".join([whole, *parts[1:]]))
