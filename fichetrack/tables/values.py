"""From a cell to a typed value, one small parser per kind of column; each raises ValueError with a French sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from fichetrack.tables.cells import french_date
from fichetrack.tables.dates import parse_date
from fichetrack.tables.french import NARROW, NBSP, closest, count, quote
from fichetrack.tables.headings import Column, normalise_heading
from fichetrack.tables.numbers import parse_amount, parse_integer
from fichetrack.tables.shapes import ErrorCell, NumberCell

Resolver = Callable[[str], Any]

TRUE = {"oui", "vrai", "true", "yes", "x", "o", "1"}
FALSE = {"non", "faux", "false", "no", "n", "0"}
SEPARATORS = re.compile(r"[;|\r\n]+")
SCIENTIFIC = re.compile(r"\d[.,]?\d*\s*E\s*\+?\s*\d+", re.IGNORECASE)
EMAIL = re.compile(r"[^\s@,;<>()\[\]\"]+@[^\s@,;<>()\[\]\"]+\.[^\s@.,;<>()\[\]\"]{2,}")
URL = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)
LA_POSTE = "356000000"


def parse_cell(cell: str, column: Column, resolver: Resolver | None = None) -> Any:
    """The typed value of a cell, None when it is empty. Raises ValueError, in French."""
    if isinstance(cell, ErrorCell):
        raise ValueError(
            f"la cellule contient une erreur du tableur ({cell}). Corrigez sa formule, ou saisissez la valeur."
        )
    if not cell.strip():
        return None
    if column.kind == "choices":
        return parse_several(cell, column, resolver)
    value = resolver(cell.strip()) if resolver else PARSERS[column.kind](cell, column)
    check_bounds(value, column, cell)
    return value


def check_bounds(value: Any, column: Column, cell: str) -> None:
    if isinstance(value, str) and column.max_length and len(value) > column.max_length:
        raise ValueError(
            f"le texte fait {count(len(value))} caractères, pour {count(column.max_length)} au plus. Raccourcissez-le."
        )
    if isinstance(value, (int, Decimal, date)) and not isinstance(value, bool):
        if column.minimum is not None and value < column.minimum:  # type: ignore[operator] # the caller's bound is of its kind
            raise ValueError(
                f"{quote(cell)} est trop petit. La plus petite valeur admise est {show_bound(column.minimum)}."
            )
        if column.maximum is not None and value > column.maximum:  # type: ignore[operator] # the caller's bound is of its kind
            raise ValueError(
                f"{quote(cell)} est trop grand. La plus grande valeur admise est {show_bound(column.maximum)}."
            )


def show_bound(bound: Any) -> str:
    if isinstance(bound, date):
        return french_date(bound)
    return f"{bound:,}".replace(",", NARROW).replace(".", ",")


def parse_text(cell: str, column: Column) -> str:
    """Exactly the text of the cell: spaces and line breaks are the author's."""
    return str(cell)


def parse_choice(cell: str, column: Column) -> str:
    """The code of a choice given by code or by label, whatever its case and accents."""
    pairs = list(column.choices or ())
    known = {normalise_heading(code): code for code, _ in reversed(pairs)}
    known |= {normalise_heading(label): code for code, label in reversed(pairs)}
    wanted = normalise_heading(cell)
    if wanted in known:
        return known[wanted]
    near = closest(wanted, known)
    labels = dict(pairs)
    if near:
        advice = f"Vouliez-vous dire {quote(labels[known[near]])}{NBSP}?"
    else:
        advice = f"Choisissez parmi{NBSP}: {', '.join(labels.values())}."
    raise ValueError(f"{quote(cell)} n’est pas dans la liste. {advice}")


def parse_several(cell: str, column: Column, resolver: Resolver | None) -> list[Any]:
    """The distinct values of a cell that holds several, in the order of the cell."""
    parts = [part.strip() for part in SEPARATORS.split(cell) if part.strip()]
    values = [resolver(part) if resolver else parse_choice(part, column) if column.choices else part for part in parts]
    return [value for index, value in enumerate(values) if value not in values[:index]]


def parse_boolean(cell: str, column: Column) -> bool:
    word = normalise_heading(cell)
    if word in TRUE | FALSE:
        return word in TRUE
    raise ValueError(f"{quote(cell)} n’est ni oui ni non. Écrivez {quote('oui')} ou {quote('non')}.")


def parse_code(cell: str, column: Column) -> str:
    """A code is text; only the zeros a spreadsheet ate are given back, when the column says how long its codes are."""
    code = "".join(cell.split())
    if SCIENTIFIC.fullmatch(code) and not isinstance(cell, NumberCell) and not code.isalnum():
        raise ValueError(lost_digits(cell))
    return code.zfill(column.width) if column.width and code.isdigit() else code


def parse_siret(cell: str, column: Column) -> str:
    digits = re.sub(r"[\s.-]", "", cell.lstrip("'"))
    if SCIENTIFIC.fullmatch(cell.strip()):
        raise ValueError(lost_digits(cell))
    if isinstance(cell, NumberCell):
        digits = digits.zfill(14)
    if not (digits.isascii() and digits.isdigit()) or len(digits) != 14:
        raise ValueError(f"{quote(cell)} n’est pas un SIRET. Écrivez ses 14 chiffres.")
    if not has_valid_key(digits):
        raise ValueError(
            f"{quote(cell)} n’est pas un SIRET valide{NBSP}: un chiffre est faux. Vérifiez-le sur "
            "annuaire-entreprises.data.gouv.fr."
        )
    return digits


def lost_digits(cell: str) -> str:
    return (
        f"le tableur a remplacé les chiffres par {quote(cell)}, ils sont perdus. Mettez la colonne au format Texte, "
        "puis saisissez le numéro à nouveau."
    )


def has_valid_key(digits: str) -> bool:
    """Luhn, but for the establishments of La Poste, whose digits add up to a multiple of 5."""
    doubled = [int(digit) * (2 if index % 2 else 1) for index, digit in enumerate(reversed(digits))]
    luhn = sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
    return luhn or (digits.startswith(LA_POSTE) and sum(map(int, digits)) % 5 == 0)


def parse_email(cell: str, column: Column) -> str:
    address = cell.strip().removeprefix("mailto:")
    if not EMAIL.fullmatch(address) or len(address) > 254:
        raise ValueError(f"{quote(cell)} n’est pas une adresse de courriel. Écrivez par exemple prenom.nom@exemple.fr.")
    return address


def parse_url(cell: str, column: Column) -> str:
    address = cell.strip()
    if address.lower().startswith("www."):
        address = f"https://{address}"
    if not URL.fullmatch(address):
        raise ValueError(f"{quote(cell)} n’est pas une adresse web. Elle commence par https://.")
    return address


PARSERS: dict[str, Callable[[str, Column], Any]] = {
    "text": parse_text,
    "long_text": parse_text,
    "choice": parse_choice,
    "boolean": parse_boolean,
    "integer": lambda cell, column: parse_integer(cell),
    "amount": lambda cell, column: parse_amount(cell),
    "date": lambda cell, column: parse_date(cell),
    "code": parse_code,
    "siret": parse_siret,
    "email": parse_email,
    "url": parse_url,
}
