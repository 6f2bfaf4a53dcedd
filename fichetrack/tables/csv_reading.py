"""Text tables: find the encoding and the delimiter by looking at the content, then read with a real CSV parser."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Callable, Iterator

from fichetrack.tables.french import count
from fichetrack.tables.injection import restore
from fichetrack.tables.shapes import HEADER_SEARCH, Limits, Row

DELIMITERS = ";\t,|"
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")

UNREADABLE = "ses caractères ne peuvent pas être lus. Enregistrez-le en .xlsx, ou en « CSV UTF-8 »."


class TextError(Exception):
    """Why a text cannot be read, in French; the caller adds the name of the file."""


def find_encoding(data: bytes) -> str:
    """BOM, then strict UTF-8, then cp1252. Raises TextError for anything else, and for a mixture."""
    for bom, encoding in BOMS:
        if data.startswith(bom):
            if not data.startswith((b"\xff\xfe\0\0",)) and decodes(data, encoding):
                return encoding
            raise TextError(UNREADABLE)
    if b"\0" in data:
        raise TextError(
            "il contient des octets nuls : ce n’est pas un texte. Enregistrez-le à nouveau en .xlsx ou en CSV UTF-8."
        )
    if decodes(data, "utf-8"):
        return "utf-8"
    refuse_mixture(data)
    if decodes(data, "cp1252"):
        return "cp1252"
    raise TextError(UNREADABLE)


def decodes(data: bytes, encoding: str) -> bool:
    """Decoded piece by piece, so that checking costs no memory."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        for start in range(0, len(data), 1 << 18):
            if "\0" in decoder.decode(data[start : start + (1 << 18)]):
                return False
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def refuse_mixture(data: bytes) -> None:
    """Some lines in UTF-8, others not: guessing would garble one half in silence."""
    utf8_line = other_line = 0
    for number, line in enumerate(data.split(b"\n"), start=1):
        try:
            line.decode("utf-8")
            utf8_line = utf8_line or (number if MULTIBYTE.search(line) else 0)
        except UnicodeDecodeError:
            other_line = other_line or number
        if utf8_line and other_line:
            raise TextError(
                f"il mélange deux encodages (lignes {utf8_line} et {other_line}). Ouvrez-le dans votre tableur, "
                "corrigez les accents, puis enregistrez-le en .xlsx ou en CSV UTF-8."
            )


def find_delimiter(data: bytes, encoding: str, header: Callable[[list[Row]], tuple[int, int]], limits: Limits) -> str:
    """The delimiter under which the heading row is best recognised, then widest."""
    first = next(text_lines(data, encoding), "").strip()
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4]
    best, best_score = DELIMITERS[0], (0, 1)
    for delimiter in DELIMITERS:
        try:
            sample = list(itertools.islice(read_rows(data, encoding, delimiter, limits), HEADER_SEARCH))
        except TextError:
            continue
        score, index = header(sample)
        width = len(sample[index].cells) if sample else 0
        if (score, width) > best_score:
            best, best_score = delimiter, (score, width)
    return best


def text_lines(data: bytes, encoding: str) -> Iterator[str]:
    yield from io.TextIOWrapper(io.BytesIO(data), encoding=encoding, errors="strict", newline="")


def read_rows(data: bytes, encoding: str, delimiter: str, limits: Limits) -> Iterator[Row]:
    """The rows that hold something, numbered as a spreadsheet numbers them. Raises TextError."""
    reader = csv.reader(narrow_lines(data, encoding, delimiter, limits), delimiter=delimiter, strict=True)
    cells = text = 0
    for line in itertools.count(1):
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise TextError(explain(str(error), line)) from error
        if len(record) > limits.max_columns and any(record[limits.max_columns :]):
            raise TextError(
                f"la ligne {line} a plus de {count(limits.max_columns)} colonnes. Vérifiez le séparateur, ou gardez "
                "seulement les colonnes à importer."
            )
        if any(record) and not (line == 1 and is_separator_hint(record, delimiter)):
            cells, text = cells + len(record), text + sum(map(len, record))
            if cells > limits.max_cells or text > limits.max_text:
                raise TextError("il contient trop de données. Découpez-le en plusieurs fichiers.")
            yield Row(line, [restore(cell) for cell in record[: limits.max_columns]])


def narrow_lines(data: bytes, encoding: str, delimiter: str, limits: Limits) -> Iterator[str]:
    """Lines of text; one with a million separators is refused before it becomes a million cells."""
    for number, line in enumerate(text_lines(data, encoding), start=1):
        if line.count(delimiter) > 1000 * limits.max_columns:
            raise TextError(
                f"la ligne {number} du texte a beaucoup trop de séparateurs. Gardez seulement le tableau à importer."
            )
        yield line


def is_separator_hint(record: list[str], delimiter: str) -> bool:
    """Excel's « sep=; » first line."""
    return record[0].strip().lower() == "sep=" or record == [f"sep={delimiter}"]


def explain(error: str, line: int) -> str:
    if "field larger" in error:
        return (
            f"vers la ligne {line}, une cellule est démesurée, ou un guillemet n’est jamais refermé. Corrigez-la, ou "
            "enregistrez le tableau en .xlsx."
        )
    return (
        f"vers la ligne {line}, un guillemet double n’est pas refermé ou est mal placé. Corrigez cette ligne, ou "
        "enregistrez "
        "le tableau en .xlsx."
    )
