"""The fiche as a row of a workbook: columns made from the fields table, and lists of rows written as text cells.

One jalon, partner or funding line per line of the cell, its values separated by « | » in the order of its columns:
« Étude de faisabilité | 31/12/2026 | | CA Alès Agglomération ». Forms parse what is typed with the same columns.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from fichetrack import tables
from fichetrack.config import ROOT
from fichetrack.fields import BY_NAME, FIELDS, ROWS, ROWS_BY_NAME, Field, Kind, Rows
from fichetrack.tables import Column
from fichetrack.tables.cells import french_date
from fichetrack.tables.french import count, quote
from fichetrack.tables.values import parse_cell
from fichetrack.versions import is_empty, plain
from fichetrack.vocabulary import Etat, Fraicheur

_KINDS: dict[Kind, Any] = {
    Kind.LONG: "long_text",
    Kind.CHOICE: "choice",
    Kind.CHOICES: "choices",
    Kind.FLAG: "boolean",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "amount",
    Kind.AMOUNT: "amount",
    Kind.DATE: "date",
    Kind.SIRET: "siret",
    Kind.EMAIL: "email",
    Kind.URL: "url",
}

# The sheet, its title and what the workbooks where fiches slept until now call each column.
SOURCE: dict[str, Any] = tomllib.loads((ROOT / "imports" / "fiches" / "source.toml").read_text("utf-8"))
SYNONYMS: dict[str, tuple[str, ...]] = {name: tuple(one["names"]) for name, one in SOURCE["columns"].items()}

CODE = Column("code", "Code", "code", SYNONYMS["code"], help="Laissez vide pour une nouvelle fiche.")
ETAT = Column("etat", "État", "choice", SYNONYMS["etat"], Etat.choices(),
              help="Lu seulement dans une reprise faite par la région ou la délégation.")  # fmt: skip
VALIDEE_LE = Column("validee_le", "Validée le", "date", SYNONYMS["validee_le"], help="Lue seulement dans une reprise.")

# Shown in exports, never read back: computed, or set by the workflow.
COMPUTED = (
    Column("fraicheur", "Fraîcheur", "choice", (), Fraicheur.choices()),
    Column("confirmee_le", "Confirmée le", "date"),
    Column("en_retard", "En retard", "boolean"),
    Column("reste_a_financer", "Reste à financer", "amount"),
    Column("region", "Région instructrice", "text"),
)

# A list of rows never holds more, whichever way it comes in.
MAX_ROWS = 200

NEVER_IMPORTED = frozenset({"motif_cloture", "meteo_region"})
# The kinds whose cell is a text of limited length.
MEASURED = frozenset({Kind.TEXT, Kind.LONG, Kind.EMAIL, Kind.PHONE, Kind.URL, Kind.POINT})
MINIMUM: dict[Kind, Decimal | int] = {Kind.INTEGER: 0, Kind.AMOUNT: Decimal(0)}
# What the columns hold; for amounts, so that cents added over every row of thousands of fiches still make a BigInteger.
MAXIMUM: dict[Kind, Decimal | int] = {Kind.INTEGER: 2_000_000_000, Kind.AMOUNT: Decimal(100_000_000_000)}


@dataclass(frozen=True)
class Most:
    """What a list written in one text holds at most: its items, the length of each, the text before it is cut."""

    noun: str
    items: int
    length: int
    text: int


LISTS: dict[Kind, Most] = {
    Kind.WORDS: Most("mots", 30, 60, 4_000),
    Kind.LIEUX: Most("lieux", 200, 150, 32_000),
    Kind.TERRITOIRES: Most("territoires", 50, 250, 13_000),
}
SEPARATOR = re.compile(r"[;\r\n]+")


def column_of(field: Field, required: bool = False) -> Column:
    """How a field is read from a cell or from what somebody typed."""
    synonyms = (*SYNONYMS.get(field.name, ()), field.name) if field.name not in {"date", "base"} else ()
    return Column(
        field.name, field.label, _KINDS.get(field.kind, "text"), synonyms, field.options or None, required,
        field.max_length if field.kind in MEASURED else None,
        minimum=MINIMUM.get(field.kind), maximum=MAXIMUM.get(field.kind), help=field.help,
    )  # fmt: skip


def columns() -> list[Column]:
    """Every column an import reads and an export writes, in the order of the fiche."""
    rows = [
        Column(rows.name, rows.label, "long_text", (rows.name, *SYNONYMS.get(rows.name, ())), help=_rows_help(rows))
        for rows in ROWS
    ]
    content = [*(column_of(field, field.name == "intitule") for field in FIELDS), *rows]
    return [CODE, ETAT, VALIDEE_LE, *(replace(column, marked=True) for column in content)]


_POINT = re.compile(r"(-?\d{1,3}(?:[.,]\d+)?)\s*[;, ]\s*(-?\d{1,3}(?:[.,]\d+)?)")


def parse(text: str, field: Field) -> Any:
    """What somebody typed in a field, as a plain value (None when blank). Raises ValueError, in French."""
    text = text.strip() if field.kind != Kind.LONG else text.replace("\r\n", "\n").strip()
    if not text:
        return None
    if field.kind in LISTS:
        return split(text, field)
    if field.kind == Kind.POINT:
        return point(text)
    value = parse_cell(text, column_of(field))
    return decimal_text(value) if field.kind == Kind.DECIMAL else plain(value)


def point(text: str) -> str:
    """« 44,128 ; 4,081 » as « 44.128, 4.081 ». Raises ValueError, in French."""
    found = _POINT.fullmatch(text)
    latitude, longitude = (Decimal(part.replace(",", ".")) for part in found.groups()) if found else (None, None)
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        raise ValueError("Donnez la latitude puis la longitude, en degrés : 44.128, 4.081.")
    return f"{latitude}, {longitude}"


def split(text: str, field: Field) -> list[str]:
    """The distinct words, lieux or territoires of a text. Raises ValueError, in French, beyond what a fiche holds."""
    most = LISTS[field.kind]
    if len(text) > most.text:
        raise ValueError(f"le texte fait {count(len(text))} caractères, pour {count(most.text)} au plus.")
    items = list(dict.fromkeys(item.strip() for item in SEPARATOR.split(text) if item.strip()))
    if len(items) > most.items:
        raise ValueError(f"{count(len(items))} {most.noun}, pour {most.items} au plus. Gardez les plus utiles.")
    for item in items:
        if len(item) > most.length:
            raise ValueError(f"{quote(item)} fait {count(len(item))} caractères, pour {most.length} au plus.")
    return items


def decimal_text(value: Decimal) -> str:
    """« 12,50 » as « 12.5 »: one spelling for a number."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def rows_to_cell(rows: Rows, values: list[dict[str, Any]]) -> str:
    """A list of rows as one cell, readable and read back to the same values."""
    return "\n".join(_line([_escape(_shown(row.get(c.name), c)) for c in rows.columns]) for row in values)


def cell_to_rows(rows: Rows, text: str) -> list[dict[str, Any]]:
    """The rows of a cell. Raises ValueError naming the line, the column and what is wrong."""
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    if len(lines) > MAX_ROWS:
        raise ValueError(f"{count(len(lines))} lignes, pour {MAX_ROWS} au plus. Regroupez-les.")
    return [_row_of(rows, number, line) for number, line in enumerate(lines, start=1)]


def record(values: dict[str, Any]) -> dict[str, Any]:
    """Plain values (versions.snapshot) as the typed cells an export writes and an import reads back."""
    typed = {field.name: _typed(values.get(field.name), field.kind) for field in FIELDS}
    lists = {name: rows_to_cell(rows, values.get(name) or []) or None for name, rows in ROWS_BY_NAME.items()}
    return typed | lists


def plain_values(typed: dict[str, Any]) -> dict[str, Any]:
    """The typed cells of a row read from a workbook, as plain values (versions.plain)."""
    return {
        name: bool(value) if name in BY_NAME and BY_NAME[name].kind == Kind.FLAG else plain(value)
        for name, value in typed.items()
    }


def same(name: str, one: Any, other: Any) -> bool:
    """Whether two plain values of a field say the same: blanks are equal, so are two spellings of a line break."""
    return bool(one == other) or _comparable(name, one) == _comparable(name, other)


def _comparable(name: str, value: Any) -> Any:
    if name in ROWS_BY_NAME:
        return [tuple(_of_row(row.get(c.name), c) for c in ROWS_BY_NAME[name].columns) for row in value or []]
    if isinstance(value, list):
        return frozenset(value) or None
    if BY_NAME[name].kind == Kind.FLAG:
        return bool(value)
    if is_empty(value):
        return None
    return value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value


def _of_row(value: Any, column: Field) -> Any:
    if column.kind == Kind.FLAG:
        return bool(value)
    if is_empty(value):
        return None
    if column.kind == Kind.DECIMAL:
        return Decimal(value)
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else value


def _line(cells: list[str]) -> str:
    """The cells of a row, those that end it empty left out."""
    while cells and not cells[-1]:
        cells.pop()
    return " | ".join(cells)


def _typed(value: Any, kind: Kind) -> Any:
    if value in (None, "", []):
        return None
    if kind == Kind.DATE:
        return date.fromisoformat(value)
    if kind in {Kind.AMOUNT, Kind.DECIMAL}:
        return Decimal(value)
    if kind in LISTS:
        return "; ".join(value)
    return value


def _row_of(rows: Rows, number: int, line: str) -> dict[str, Any]:
    cells = [_unescape(cell.strip()) for cell in re.split(r"(?<!\\)\|", line)]
    if len(cells) > len(rows.columns):
        raise ValueError(
            f"{rows.singular} {number} : {len(cells)} valeurs pour {len(rows.columns)} attendues ({_order(rows)})."
        )
    return {
        column.name: _cell(rows, number, column, text)
        for column, text in zip(rows.columns, _pad(cells, rows), strict=True)
    }


def _cell(rows: Rows, number: int, column: Field, text: str) -> Any:
    try:
        value = parse(text, column)
    except ValueError as error:
        raise ValueError(f"{rows.singular} {number}, « {column.label} » : {error}") from error
    if value is None and column.gate:
        raise ValueError(f"{rows.singular} {number} : « {column.label} » manque. L’ordre attendu est {_order(rows)}.")
    return False if value is None and column.kind == Kind.FLAG else value


def _pad(cells: list[str], rows: Rows) -> list[str]:
    return cells + [""] * (len(rows.columns) - len(cells))


def _order(rows: Rows) -> str:
    return " | ".join(column.label for column in rows.columns)


def _rows_help(rows: Rows) -> str:
    return f"Une ligne par {rows.singular} : {_order(rows)}."


def _shown(value: Any, column: Field) -> str:
    if value is None or value is False:
        return ""
    if column.kind == Kind.DATE:
        return french_date(date.fromisoformat(value))
    if column.kind in {Kind.AMOUNT, Kind.DECIMAL}:
        return decimal_text(Decimal(value)).replace(".", ",")
    if column.kind == Kind.FLAG:
        return "oui"
    return dict(column.options).get(value, str(value))


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", "\\n")


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text)


# What the columns are read with, once.
SCORE = tables.count_recognised(columns())
