"""What a file's columns are: the columns a caller declares, and the matching of headings to them, never by position."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from fichetrack.tables.french import NBSP, closest, quote

Kind = Literal[
    "text", "long_text", "choice", "choices", "boolean", "integer", "amount", "date", "code", "siret", "email", "url"
]

# A heading as « Montant (€) * » is its label with a remark after it.
REMARK = re.compile(r"[(\[].*$", re.DOTALL)


@dataclass(frozen=True)
class Column:
    """A column the caller understands: its field name, its French label, and what its cells hold.

    `choices` are (code, label) pairs; `width` is the length a numeric code is padded to, when Excel ate its zeros;
    `help` is a sentence for the model workbook; a `marked` column gives way to a mark (tables.marks) where it cannot be held.
    """

    name: str
    label: str
    kind: Kind = "text"
    synonyms: tuple[str, ...] = ()
    choices: Sequence[tuple[str, str]] | None = None
    required: bool = False
    max_length: int | None = None
    width: int | None = None
    minimum: Decimal | int | date | None = None
    maximum: Decimal | int | date | None = None
    help: str = ""
    marked: bool = False


@dataclass(frozen=True)
class Mapping:
    """Which column of the file is which field, and everything that could not be placed."""

    columns: dict[int, str] = field(default_factory=dict)
    matched: dict[str, str] = field(default_factory=dict)
    unknown: list[tuple[str, str | None]] = field(default_factory=list)
    missing: list[Column] = field(default_factory=list)
    duplicates: list[tuple[str, list[str]]] = field(default_factory=list)

    def problems(self) -> list[str]:
        """What forbids reading the rows, in French; empty when all is well."""
        found = [
            f"La colonne {quote(column.label)} manque. Ajoutez-la, ou renommez celle qui la contient."
            for column in self.missing
        ]
        for label, headings in self.duplicates:
            named = ", ".join(quote(heading) for heading in headings)
            found.append(f"Plusieurs colonnes valent {quote(label)}{NBSP}: {named}. Gardez-en une seule.")
        return found

    def remarks(self) -> list[str]:
        """Columns that will be ignored, with a suggestion where one is near."""
        return [
            f"La colonne {quote(heading)} n’est pas reconnue, elle sera ignorée."
            + (f" Vouliez-vous dire {quote(near)}{NBSP}?" if near else "")
            for heading, near in self.unknown
        ]


@functools.lru_cache(maxsize=8192)
def normalise_heading(text: str) -> str:
    """« Maître d’ouvrage * » → « maitre d ouvrage »: case, accents, punctuation, BOM and all spaces forgiven."""
    text = text.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae").replace("Æ", "ae")
    plain = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(char if char.isalnum() else " " for char in plain if not ignorable(char)).split())


def ignorable(char: str) -> bool:
    return bool(unicodedata.combining(char)) or unicodedata.category(char) == "Cf"


def names_of(columns: Iterable[Column]) -> dict[str, str]:
    """Every normalised way to name each column → its field name; labels win over synonyms."""
    columns = list(columns)
    names: dict[str, str] = {}
    for attempt in ("label", "name"):
        for column in columns:
            names.setdefault(normalise_heading(getattr(column, attempt)), column.name)
    for column in columns:
        for synonym in column.synonyms:
            names.setdefault(normalise_heading(synonym), column.name)
    return names


def count_recognised(columns: Iterable[Column]) -> HeadingScore:
    """The `accepted` of `read_table` for these columns."""
    return HeadingScore(names_of(columns))


@dataclass(frozen=True)
class HeadingScore:
    """How many distinct columns a candidate heading row names."""

    names: dict[str, str]

    def __call__(self, cells: list[str]) -> int:
        return len({name for cell in cells if cell and (name := find_name(cell, self.names))})


def find_name(heading: str, names: dict[str, str]) -> str | None:
    """The field a heading names, with or without the remark that follows it."""
    return names.get(normalise_heading(heading)) or names.get(normalise_heading(REMARK.sub("", heading)))


def map_columns(headings: Sequence[str], columns: Sequence[Column], manual: Dict[str, str] | None = None) -> Mapping:
    """Match headings to columns. `manual` maps a heading to a field name, or to « » to ignore it."""
    names = names_of(columns)
    forced = {normalise_heading(heading): name for heading, name in (manual or {}).items()}
    mapping = Mapping()
    placed: dict[str, list[str]] = {}
    for index, heading in enumerate(headings):
        if not normalise_heading(heading):
            continue
        name = forced.get(normalise_heading(heading), find_name(heading, names))
        if name:
            placed.setdefault(name, []).append(heading)
            if len(placed[name]) == 1:
                mapping.columns[index] = name
                mapping.matched[heading] = name
        elif normalise_heading(heading) not in forced:
            mapping.unknown.append((heading, suggestion(heading, columns, names)))
    report_gaps(mapping, placed, columns)
    return mapping


def suggestion(heading: str, columns: Sequence[Column], names: dict[str, str]) -> str | None:
    """The label of the column a heading resembles."""
    near = closest(normalise_heading(heading), names)
    return next((column.label for column in columns if near and column.name == names[near]), None)


def report_gaps(mapping: Mapping, placed: dict[str, list[str]], columns: Sequence[Column]) -> None:
    for column in columns:
        headings = placed.get(column.name, [])
        if column.required and not headings:
            mapping.missing.append(column)
        if len(headings) > 1:
            mapping.duplicates.append((column.label, headings))
