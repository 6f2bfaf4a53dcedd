"""A workbook of fiches read: which column is what, each row as plain values, and every fault of a cell.

Nothing here looks at the fiches that exist (queries.imports does); territoires and lieux are known by code or by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from fichetrack import workbook
from fichetrack.fields import BY_NAME, FIELDS, ITEMS, ROWS, Field, Kind
from fichetrack.queries import territoires
from fichetrack.queries.lieux import KnownLieux
from fichetrack.search import words
from fichetrack.tables import Column, Limits, Mapping, RowError, Table, map_columns, read_table
from fichetrack.tables.mapping import map_row, overflow

Resolver = Callable[[str], Any]

# Beyond this many unknown names of lieux, the nearest ones are no longer looked for: each costs a scan.
LIEUX_SUGGESTED = 100

CONTENT = frozenset({item.name for item in ITEMS})


@dataclass(frozen=True)
class Fault:
    """What is wrong in a row: the field (None for the whole row), the cell as it was, the error to show."""

    name: str | None
    cell: str
    error: RowError


@dataclass(frozen=True)
class ReadRow:
    """A row of the file: plain values by field, and what it says beside them."""

    line: int
    values: dict[str, Any]
    code: str | None = None
    etat: str | None = None
    validee_le: str | None = None
    motif_cloture: str | None = None
    faults: tuple[Fault, ...] = ()

    def error(self, name: str | None, message: str, value: Any = "") -> RowError:
        return RowError(self.line, LABELS.get(name or ""), str(value or ""), message)


@dataclass
class Reading:
    """A file read: where the table was found, its columns, what forbids reading on, its rows."""

    table: Table
    mapping: Mapping
    problems: list[str]
    rows: list[ReadRow] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """The fields the file brings, in the order of the fiche."""
        given = set(self.mapping.columns.values()) - workbook.NEVER_IMPORTED
        return [item.name for item in ITEMS if item.name in given]


def read(content: bytes, filename: str, options: dict[str, Any]) -> Reading:
    """The workbook as the register understands it, columns chosen by hand included. Raises ImportRefused."""
    reading = read_headings(content, filename, options)
    if not reading.problems:
        reading.rows = list(_rows(reading.table, reading.mapping))
    return reading


def read_headings(content: bytes, filename: str, options: dict[str, Any]) -> Reading:
    """The same without judging the rows: enough to know that the file is a table. Raises ImportRefused."""
    table = read_table(
        content, filename, sheet=options.get("sheet"), accepted=workbook.SCORE, limits=_limits(len(content))
    )
    mapping = map_columns(table.columns, COLUMNS, options.get("columns"))
    reading = Reading(table, mapping, mapping.problems())
    if not {"intitule", "code"} & set(mapping.columns.values()):
        reading.problems.insert(
            0, "Aucune colonne ne porte l’intitulé ni le code des fiches. Désignez celle qui contient l’intitulé."
        )
    return reading


def _limits(size: int) -> Limits:
    """A large file is given the time it needs; a small one that takes long is not an honest one."""
    return Limits(timeout=min(60.0, 8.0 + 8.0 * size / 1_000_000))


def title_key(territoire: str, intitule: str) -> str:
    """What two rows, or a row and a fiche, share when they bear the same title in the same territoire."""
    return f"{territoire}/{' '.join(words(intitule))}"


def _rows(table: Table, mapping: Mapping) -> Iterable[ReadRow]:
    declared = {column.name: column for column in COLUMNS}
    placed = [(index, declared[name]) for index, name in mapping.columns.items() if name not in IGNORED]
    resolvers = _resolvers(table, {name: index for index, name in mapping.columns.items()})
    for row in table.rows:
        typed, errors = map_row(row, placed, resolvers)
        cells = {column.label: (column.name, str(row.cells[index])) for index, column in placed}
        faults = [Fault(*cells[error.column or ""], error) for error in errors]
        faults += [Fault(None, "", error) for error in overflow(row, table)]
        yield _row(row.line, typed, tuple(faults))


def _row(line: int, typed: dict[str, Any], faults: tuple[Fault, ...]) -> ReadRow:
    values = workbook.plain_values(typed)
    return ReadRow(
        line,
        {name: value for name, value in values.items() if name in CONTENT and name not in workbook.NEVER_IMPORTED},
        code=values.get("code"),
        etat=values.get("etat"),
        validee_le=values.get("validee_le"),
        motif_cloture=values.get("motif_cloture"),
        faults=faults,
    )


def _resolvers(table: Table, places: dict[str, int]) -> dict[str, Resolver]:
    named = _territoire_resolver()
    found: dict[str, Resolver] = {rows.name: partial(workbook.cell_to_rows, rows) for rows in ROWS}
    found |= {item.name: partial(workbook.split, field=item) for item in FIELDS if item.kind == Kind.WORDS}
    associes, lieux = BY_NAME["territoires_associes"], BY_NAME["lieux"]
    found |= {"territoire": named, "territoires_associes": partial(_each, field=associes, resolver=named)}
    if "lieux" in places:
        lieu = _lieu_resolver([row.cells[places["lieux"]] for row in table.rows], lieux)
        found["lieux"] = partial(_each, field=lieux, resolver=lieu)
    return found


def _each(cell: str, field: Field, resolver: Resolver) -> list[str]:
    return list(dict.fromkeys(resolver(part) for part in workbook.split(cell, field)))


def _territoire_resolver() -> Resolver:
    """territoires.find_territoire over a list read once: a file may hold thousands of names."""
    everyone = territoires.list_territoires()
    by_code = {one.code: one.code for one in everyone} | {one.slug: one.code for one in everyone}
    by_name: dict[str, set[str]] = {}
    for one in everyone:
        by_name.setdefault(" ".join(words(one.nom)), set()).add(one.code)

    def resolve(text: str) -> str:
        named = by_name.get(" ".join(words(text)), set())
        code = by_code.get(text.strip()) or (next(iter(named)) if len(named) == 1 else None)
        if code is None:
            many = f"« {text} » désigne plusieurs territoires. Donnez le code." if named else None
            raise ValueError(many or f"« {text} » n’est pas un territoire connu. Donnez son nom exact ou son code.")
        return code

    return resolve


def _lieu_resolver(cells: list[str], field: Field) -> Resolver:
    """resolve_lieux over what the file names, looked up together, each text once."""
    known = KnownLieux({text for cell in cells for text in _split_or_none(cell, field)}, LIEUX_SUGGESTED)
    resolved: dict[str, str | ValueError] = {}

    def resolve(text: str) -> str:
        if text not in resolved:
            try:
                resolved[text] = known.code_of(text)
            except ValueError as error:
                resolved[text] = error
        found = resolved[text]
        if isinstance(found, ValueError):
            raise found
        return found

    return resolve


def _split_or_none(cell: str, field: Field) -> list[str]:
    """A cell that holds too much is an error of its row, told when the row is read."""
    try:
        return workbook.split(cell, field)
    except ValueError:
        return []


def field_choices() -> list[tuple[str, str]]:
    """The columns somebody may choose by hand for one that was not recognised."""
    return [(column.name, column.label) for column in COLUMNS if column.name not in IGNORED]


# An update may bring the code and a few columns only: a title is asked of new fiches alone.
COLUMNS: list[Column] = [replace(column, required=False) for column in workbook.columns()] + list(workbook.COMPUTED)
# Written by exports, never read back, and nothing to complain about.
IGNORED = frozenset({column.name for column in workbook.COMPUTED} | {"meteo_region"})
LABELS: dict[str, str] = {column.name: column.label for column in COLUMNS}
