"""Reading a table, whatever its container: look at the content, find the sheet and the heading row, number the rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fichetrack.errors import ImportRefused
from fichetrack.tables import csv_reading, xlsx_reading
from fichetrack.tables.french import count, quote
from fichetrack.tables.shapes import HEADER_SEARCH, Limits, Row, Table
from fichetrack.tables.xlsx_reading import RawSheet, refuse

Accepted = Callable[[list[str]], int]

DEFAULT_LIMITS = Limits()
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
FOREIGN = (
    (b"%PDF", "c’est un PDF, pas un tableau."),
    (b"\x89PNG", "c’est une image, pas un tableau."),
    (b"\xff\xd8\xff", "c’est une image, pas un tableau."),
    (b"{\\rtf", "c’est un document de texte, pas un tableau."),
    (b"{", "c’est du JSON, pas un tableau."),
    (b"[{", "c’est du JSON, pas un tableau."),
    (b"PAR1", "c’est un fichier Parquet, pas un tableau."),
    (b"\x1f\x8b", "c’est une archive compressée, pas un tableau. Décompressez-la."),
    (b"<", "c’est une page web ou du XML, pas un tableau."),
)


def read_table(
    data: bytes | Path,
    filename: str,
    *,
    sheet: str | None = None,
    accepted: Accepted | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Table:
    """Read a workbook or a CSV; `accepted` scores a candidate heading row. Raises ImportRefused, naming the file."""
    size = data.stat().st_size if isinstance(data, Path) else len(data)
    if size > limits.max_bytes:
        raise refuse(filename, f"il dépasse {count(limits.max_bytes >> 20)} Mo. Découpez-le en plusieurs fichiers.")
    start = first_bytes(data)
    if not start.strip():
        raise refuse(filename, "il est vide. Vérifiez que vous envoyez le bon fichier.")
    if start.startswith(OLE):
        raise refuse(filename, ole_reason(data))
    if start.startswith(b"PK"):
        return read_workbook(data, filename, sheet, accepted, limits)
    return read_csv(data, filename, accepted, limits)


def first_bytes(data: bytes | Path) -> bytes:
    if isinstance(data, Path):
        with data.open("rb") as source:
            return source.read(64)
    return data[:64]


def ole_reason(data: bytes | Path) -> str:
    """An old .xls and an encrypted .xlsx share one container."""
    content = data.read_bytes() if isinstance(data, Path) else data
    if "EncryptedPackage".encode("utf-16-le") in content:
        return xlsx_reading.REASONS["encrypted"]
    return (
        "c’est un ancien classeur Excel (.xls), quel que soit son nom. Ouvrez-le, choisissez « Enregistrer sous », "
        "puis "
        "« Classeur Excel (.xlsx) »."
    )


def read_workbook(
    data: bytes | Path, filename: str, sheet: str | None, accepted: Accepted | None, limits: Limits
) -> Table:
    sheets = xlsx_reading.read_sheets(data, filename, sheet, limits)
    candidates = list(xlsx_reading.readable(sheets, sheet))
    if sheet and not candidates:
        names = ", ".join(quote(raw.name) for raw in sheets)
        raise refuse(filename, f"il n’a pas de feuille {quote(sheet)}. Ses feuilles\u00a0: {names}.")
    if not candidates:
        raise refuse(filename, "il n’a aucune feuille visible. Affichez la feuille à importer, puis renvoyez-le.")
    chosen = max(candidates, key=lambda raw: sheet_score(raw, accepted))
    if chosen.problem or sheet_score(chosen, accepted)[0] == 0:
        refuse_problem(candidates, filename)
    others = [raw.name for raw in candidates if raw is not chosen]
    return build_table(chosen.rows, filename, accepted, limits, sheet=chosen.name, other_sheets=others)


def sheet_score(raw: RawSheet, accepted: Accepted | None) -> tuple[int, bool]:
    """Recognised headings first; then a sheet that holds something rather than an empty one; then their order."""
    return find_header(raw.rows, accepted)[0], bool(raw.rows)


def refuse_problem(candidates: list[RawSheet], filename: str) -> None:
    """No sheet was recognised: if one could not be read, that is what must be said."""
    for raw in candidates:
        if raw.problem:
            raise refuse(filename, raw.problem, raw.name)


def read_csv(data: bytes | Path, filename: str, accepted: Accepted | None, limits: Limits) -> Table:
    content = data.read_bytes() if isinstance(data, Path) else data
    for magic, why in FOREIGN:
        if content.lstrip().startswith(magic):
            raise refuse(filename, f"{why} Envoyez un fichier .xlsx ou .csv.")
    try:
        encoding = csv_reading.find_encoding(content)
        delimiter = csv_reading.find_delimiter(content, encoding, lambda rows: find_header(rows, accepted), limits)
        rows = []
        for row in csv_reading.read_rows(content, encoding, delimiter, limits):
            rows.append(row)
            if len(rows) > limits.max_rows + HEADER_SEARCH + 1:
                raise too_many_rows(filename, limits, None)
    except csv_reading.TextError as error:
        raise refuse(filename, str(error)) from error
    return build_table(rows, filename, accepted, limits, encoding=encoding, delimiter=delimiter)


def find_header(rows: list[Row], accepted: Accepted | None) -> tuple[int, int]:
    """(score, index) of the best heading row among the first ones; the first row when nothing is recognised."""
    best = (0, 0)
    for index, row in enumerate(rows[:HEADER_SEARCH] if accepted else ()):
        score = accepted(row.cells) if accepted else 0
        if score > best[0]:
            best = (score, index)
    return best


def build_table(
    rows: list[Row],
    filename: str,
    accepted: Accepted | None,
    limits: Limits,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    other_sheets: list[str] | None = None,
) -> Table:
    rows = [row for row in rows if any(cell.strip() for cell in row.cells)]
    if not rows:
        raise refuse(filename, "il ne contient aucune ligne remplie. Vérifiez que vous envoyez le bon fichier.", sheet)
    _, index = find_header(rows, accepted)
    header, body = rows[index], rows[index + 1 :]
    if len(body) > limits.max_rows:
        raise too_many_rows(filename, limits, sheet)
    columns = [str(cell) for cell in header.cells]
    body = [Row(row.line, row.cells + [""] * (len(columns) - len(row.cells))) for row in body]
    return Table(columns, body, header.line, sheet, encoding, delimiter, other_sheets or [])


def too_many_rows(filename: str, limits: Limits, sheet: str | None) -> ImportRefused:
    return refuse(filename, f"il a plus de {count(limits.max_rows)} lignes. Découpez-le en plusieurs fichiers.", sheet)
