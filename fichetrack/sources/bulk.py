"""Large text tables read by DuckDB: only the columns asked for, in bounded memory, defective rows told by their line.

The header is read with a real CSV parser; the encoding and the delimiter come from it and from the first mebibyte. DuckDB
reads UTF-8 only: another encoding is transcoded into a temporary file first. No extension is ever downloaded.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa

from fichetrack.errors import ImportRefused
from fichetrack.sources.reading import Report
from fichetrack.tables.csv_reading import DELIMITERS, TextError, find_encoding
from fichetrack.tables.reading import FOREIGN

SAMPLE = 1 << 20
HEADER_SEARCH = 20  # the first lines a heading row is looked for in
MAX_LINE = 2_000_000  # characters of a row; the published ones hold 400
BATCH = 65_536  # rows in memory at once
MAX_REJECTS = 50_000  # beyond, the file is not what it says
PACKED = {b"PK": "une archive ou un classeur", b"\x1f\x8b": "une archive compressée", b"7z": "une archive compressée"}
REASONS = {
    "CAST": "valeur illisible dans une colonne de nombres",
    "MISSING COLUMNS": "ligne incomplète : moins de colonnes que l’en-tête",
    "TOO MANY COLUMNS": "ligne qui a plus de colonnes que l’en-tête",
    "UNQUOTED VALUE": "guillemet mal placé ou jamais refermé",
    "LINE SIZE OVER MAXIMUM": "ligne démesurée",
    "INVALID ENCODING": "caractères illisibles (ni UTF-8 ni l’encodage du reste du fichier)",
}

Piece = TypeVar("Piece")


@dataclass(frozen=True)
class Text:
    """A text table ready for DuckDB: UTF-8, its delimiter and headings known. `skip`: lines up to the headings included."""

    path: Path
    name: str
    delimiter: str
    headings: list[str]
    skip: int


@contextmanager
def open_text(file: Path, folder: Path, accepted: Callable[[list[str]], int]) -> Iterator[Text]:
    """Look at the first lines of a large text; `accepted` counts the headings it knows in a row. Raises ImportRefused.

    A transcoded copy, if one is needed, lives in `folder` while the text is open.
    """
    with file.open("rb") as source:
        sample = source.read(SAMPLE)
    refuse_foreign(sample, file.name)
    if len(sample) == SAMPLE and b"\n" in sample:
        sample = sample[: sample.rindex(b"\n") + 1]
    try:
        encoding = find_encoding(sample)
    except TextError as error:
        raise ImportRefused(f"Fichier « {file.name} » : {error}") from error
    delimiter, headings, skip = find_headings(sample.decode(encoding, errors="ignore"), accepted)
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        path = file if encoding.startswith("utf-8") else transcode(file, encoding, Path(temporary) / "utf-8.csv")
        yield Text(path, file.name, delimiter, headings, skip)


def refuse_foreign(start: bytes, name: str) -> None:
    """Raise ImportRefused for what is visibly not a text table."""
    if not start.strip(codecs.BOM_UTF8 + b" \r\n\t"):
        raise ImportRefused(f"Fichier « {name} » : il est vide. Téléchargez-le à nouveau.")
    for magic, what in PACKED.items():
        if start.startswith(magic):
            raise ImportRefused(f"Fichier « {name} » : c’est {what}. Donnez le fichier CSV lui-même, décompressé.")
    for magic, why in FOREIGN:
        if start.lstrip(codecs.BOM_UTF8 + b" \r\n\t").startswith(magic):
            raise ImportRefused(f"Fichier « {name} » : {why} Un fichier CSV est attendu.")


def find_headings(sample: str, accepted: Callable[[list[str]], int]) -> tuple[str, list[str], int]:
    """(delimiter, headings, lines up to them) of the row in which most headings are known, then the widest."""
    best: tuple[tuple[int, int], str, list[str], int] = ((-1, 0), DELIMITERS[0], [], 1)
    for delimiter in DELIMITERS:
        # The BOM is a character of the sample only when the encoding did not eat it.
        reader = csv.reader(io.StringIO(sample.lstrip("\ufeff"), newline=""), delimiter=delimiter)
        try:
            for _index, record in zip(range(HEADER_SEARCH), reader, strict=False):
                score = (accepted(record), len(record))
                if score[0] > best[0][0] or (score[0] == best[0][0] and reader.line_num == 1 and score > best[0]):
                    best = (score, delimiter, record, reader.line_num)
        except csv.Error:
            continue
    return best[1], best[2], best[3]


def transcode(file: Path, encoding: str, path: Path) -> Path:
    """Write the file again in UTF-8, piece by piece. Raises ImportRefused where its characters cannot be read."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with file.open("rb") as source, path.open("w", encoding="utf-8", newline="") as target:
            while piece := source.read(SAMPLE):
                target.write(decoder.decode(piece))
            target.write(decoder.decode(b"", final=True))
    except UnicodeError as error:
        raise ImportRefused(
            f"Fichier « {file.name} » : certains caractères ne sont pas du {encoding}. Enregistrez-le en « CSV UTF-8 »."
        ) from error
    return path


@contextmanager
def connect(
    folder: Path, text: Text | None = None, memory_mb: int = 600, threads: int = 2
) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB in bounded memory; it reaches `text` and what is in `folder`, and nothing else of this machine or outside."""
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory_mb}MB",
            "threads": threads,
            "temp_directory": temporary,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        engine = duckdb.connect(config=settings)
        engine.execute(f"SET allowed_directories = [{literal(folder)}]")
        if text:
            engine.execute(f"SET allowed_paths = [{literal(text.path)}, {only(text.path)}]")
        engine.execute("SET enable_external_access = false; SET lock_configuration = true")
        try:
            yield engine
        except (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.IOException) as error:
            raise unreadable(error) from error
        except duckdb.OutOfMemoryException as error:
            raise ImportRefused(
                f"Ce fichier demande plus de mémoire ou de place sur le disque que ce serveur n’en donne ({memory_mb} Mo). "
                "Libérez de la place, ou demandez un fichier moins large."
            ) from error
        finally:
            engine.close()


def unreadable(error: Exception) -> ImportRefused:
    """The refusal for what the defects above do not name; the technical sentence is all there is to say."""
    return ImportRefused(f"Ce fichier ne peut pas être lu : {str(error).splitlines()[0]}")


def scan(text: Text, numbers: Mapping[int, str], rejects: str = "rejects") -> str:
    """The SQL of the text as a table: columns c0, c1… all VARCHAR but `numbers` (place → SQL type).

    Defective rows go to the table `rejects`; see `report_rejects`. A blank cell is NULL.
    """
    columns = ", ".join(f"'c{place}': '{numbers.get(place, 'VARCHAR')}'" for place in range(len(text.headings)))
    return (
        f"read_csv({only(text.path)}, compression='none', hive_partitioning=false, auto_detect=false, header=false, "
        f"skip={text.skip}, delim={literal(text.delimiter)}, "
        f"""quote='"', escape='"', nullstr='', strict_mode=true, max_line_size={MAX_LINE}, columns={{{columns}}}, """
        f"store_rejects=true, rejects_table='{rejects}', rejects_scan='{rejects}_scan', rejects_limit={MAX_REJECTS + 1})"
    )


def batches(engine: duckdb.DuckDBPyConnection, query: str) -> Iterator[pa.RecordBatch]:
    """The rows of a query, in order, a piece at a time, so that they are never all in memory. Raises ImportRefused."""
    try:
        yield from engine.execute(query).to_arrow_reader(BATCH)
    except OSError as error:
        # An error met under way loses its class on the way here; a full disk must not pass for a bad file.
        # « INTERRUPT »: one thread met it, and another was stopped before it could say what.
        if str(error).startswith(("Conversion Error", "Invalid Input Error", "INTERRUPT Error")):
            raise unreadable(error) from error
        raise


def ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The same pieces; each is made by another thread while the one before it is used."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = thread.submit(next, pieces, None)
            yield piece


def only(path: Path) -> str:
    """The path of one file as a SQL literal: a name like « data[1].csv » is a name, never a pattern that finds others."""
    return literal(re.sub(r"([*?\[])", r"[\1]", str(path)))


def literal(value: object) -> str:
    """A text as a SQL literal."""
    return "'" + str(value).replace("'", "''") + "'"


def report_rejects(
    engine: duckdb.DuckDBPyConnection, text: Text, report: Report, rejects: str = "rejects"
) -> list[int]:
    """Set aside the rows DuckDB could not read, and give their lines, in order. Raises ImportRefused.

    Refused: a file whose last row stops before its end (it was cut), and one with more defects than rows to name.
    """
    rows = engine.execute(
        f"SELECT line, first(error_type ORDER BY column_idx), first(column_name ORDER BY column_idx), "  # noqa: S608 — our own names
        f"max(byte_position), first(right(csv_line, 60)) FROM {rejects} GROUP BY line ORDER BY line"
    ).fetchall()
    if len(rows) > MAX_REJECTS:
        raise ImportRefused(
            f"Fichier « {text.name} » : plus de {MAX_REJECTS} lignes sont illisibles, la première à la ligne {rows[0][0]}. "
            "Téléchargez-le à nouveau, sans l’ouvrir dans un tableur."
        )
    if rows and rows[-1][1] in {"MISSING COLUMNS", "UNQUOTED VALUE"} and is_cut(text, rows[-1][4]):
        raise ImportRefused(
            f"Fichier « {text.name} » : il est tronqué, sa dernière ligne ({rows[-1][0]}) s’arrête avant la fin. "
            "Téléchargez-le à nouveau."
        )
    for line, kind, column, _place, _text in rows:
        reason = REASONS.get(kind, "ligne illisible")
        heading = text.headings[int(column[1:])] if kind == "CAST" and column else ""
        report.set_aside(line, reason, f"{reason} : « {heading} »" if heading else None)
    return [row[0] for row in rows]


def is_cut(text: Text, end_of_row: str) -> bool:
    """Whether the file ends, without a line break, with the row that could not be read."""
    with text.path.open("rb") as source:
        size = source.seek(0, io.SEEK_END)
        source.seek(max(0, size - 1_000))
        end = source.read()
    return not end.endswith((b"\n", b"\r")) and end.endswith(end_of_row.strip("\r\n").encode())


def line_of(index: int, text: Text, rejected: list[int]) -> int:
    """The line of the kept row number `index` (from 0), given the lines of the rejected ones, in order.

    A row that spans several lines counts as one, as a spreadsheet shows it.
    """
    line = text.skip + 1 + index
    for other in rejected:
        if other > line:
            break
        line += 1
    return line
