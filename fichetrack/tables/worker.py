"""Reads one untrusted workbook in a process of its own, with bounded memory and time; prints its cells as JSON lines.

Run by path (`python -I worker.py`), never imported by the application: it must start fast, so it knows nothing of ours.
Everything is checked before the parser sees it, because two far cells are enough to make a parser ask for 512 GiB. The
size a sheet declares is only a hint that real files often exaggerate: the cells themselves are what is measured.
"""

from __future__ import annotations

import datetime
import json
import math
import os
import posixpath
import resource
import sys
import zipfile
from decimal import Decimal
from typing import IO, Any
from xml.etree import ElementTree
from xml.parsers import expat

from python_calamine import CalamineWorkbook

CHUNK = 1 << 18
SMALL_PART = 4 << 20
FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
OVERLAP = max(map(len, FORBIDDEN))
DIGITS = "0123456789"


class WorkbookError(Exception):
    """A reason and its details; the application turns it into a French sentence."""

    def __init__(self, reason: str, **details: Any) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


def main() -> None:
    """Read the workbook on standard input; the limits are the first argument."""
    limits = json.loads(sys.argv[1])
    restrict_process(limits)
    source = os.fdopen(0, "rb")
    try:
        read_workbook(source, limits)
    except WorkbookError as refusal:
        emit({"refused": refusal.reason, **refusal.details})
    except zipfile.BadZipFile:
        emit({"refused": "damaged"})
    except MemoryError:
        os._exit(3)
    emit({"end": True})
    sys.stdout.flush()


def restrict_process(limits: dict[str, Any]) -> None:
    """Bound memory, processor time, what is written, and leave no core file."""
    seconds = math.ceil(limits["timeout"]) + 1
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (limits["memory"], limits["memory"]))


def read_workbook(source: IO[bytes], limits: dict[str, Any]) -> None:
    """Check the archive, then print each readable sheet, or why it cannot be read."""
    with zipfile.ZipFile(source) as archive:
        check_archive(archive, limits)
        check_kind(archive)
        check_parts(archive)
        parts = sheet_parts(archive)
        budget = {"cells": limits["max_cells"], "text": limits["max_text"]}
        scans = {name: scan_sheet(archive, part, limits, budget) for name, part in parts.items() if part}
    source.seek(0)
    try:
        workbook = CalamineWorkbook.from_filelike(source)
    except Exception as error:  # the parser's exceptions do not share a base class
        raise WorkbookError("damaged") from error
    for meta in workbook.sheets_metadata:
        if "WorkSheet" in str(meta.typ):
            wanted = limits["sheet"] in (None, meta.name)
            hidden = "Visible" not in str(meta.visible).split(".")[-1:]
            emit({"sheet": meta.name, "hidden": hidden})
            if wanted and not (hidden and limits["sheet"] is None):
                print_sheet(workbook, meta.name, scans.get(meta.name) or {"errors": {}}, budget)


def check_archive(archive: zipfile.ZipFile, limits: dict[str, Any]) -> None:
    """Refuse what would unpack too large, from the directory alone."""
    entries = archive.infolist()
    if len(entries) > limits["max_entries"]:
        raise WorkbookError("entries")
    if len({entry.filename for entry in entries}) != len(entries):
        raise WorkbookError("damaged")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise WorkbookError("encrypted")
    if sum(entry.file_size for entry in entries) > limits["max_unpacked"]:
        raise WorkbookError("unpacked")
    if any(entry.file_size > (20 << 20) and entry.file_size > 800 * entry.compress_size for entry in entries):
        raise WorkbookError("unpacked")


def check_kind(archive: zipfile.ZipFile) -> None:
    """Only an Office Open XML workbook goes further."""
    names = set(archive.namelist())
    if "xl/workbook.bin" in names:
        raise WorkbookError("xlsb")
    if "mimetype" in names or "content.xml" in names:
        raise WorkbookError("ods")
    if "xl/workbook.xml" not in names:
        raise WorkbookError("not_workbook")


def check_parts(archive: zipfile.ZipFile) -> None:
    """Unpack every part once, in small pieces: sizes and checksums must hold, and no XML may declare entities."""
    for entry in archive.infolist():
        is_xml = not entry.filename.lower().endswith((".png", ".jpg", ".jpeg", ".gif", ".bin", ".emf", ".wmf"))
        tail = b""
        with open_part(archive, entry.filename) as part:
            while chunk := read_chunk(part):
                # Dropping zero bytes makes a UTF-16 part readable by the same search.
                window = tail + chunk.replace(b"\0", b"").upper() if is_xml else b""
                if any(word in window for word in FORBIDDEN):
                    raise WorkbookError("entities")
                tail = window[-OVERLAP:]


def open_part(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Open one entry of the archive; an unknown compression is a damaged file."""
    try:
        return archive.open(name)
    except (KeyError, NotImplementedError, RuntimeError, zipfile.BadZipFile) as error:
        raise WorkbookError("damaged") from error


def read_chunk(part: IO[bytes]) -> bytes:
    """The next piece of a part; whatever unpacking raises means damaged."""
    try:
        return part.read(CHUNK)
    except MemoryError:
        raise
    except Exception as error:  # zlib.error, EOFError, BadZipFile, struct.error…
        raise WorkbookError("damaged") from error


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str | None]:
    """Sheet name → the part of the archive that holds it, as workbook.xml and its relations say."""
    try:
        relations = read_xml(archive, "xl/_rels/workbook.xml.rels")
        workbook = read_xml(archive, "xl/workbook.xml")
    except (KeyError, ElementTree.ParseError) as error:
        raise WorkbookError("damaged") from error
    targets = {
        node.get("Id"): posixpath.normpath(posixpath.join("/xl", node.get("Target") or "")) for node in relations
    }
    names = set(archive.namelist())
    found: dict[str, str | None] = {}
    for node in workbook.iter():
        if local_name(node.tag) == "sheet":
            relation = next((value for key, value in node.attrib.items() if key.endswith("}id")), None)
            part = targets.get(relation, "").lstrip("/")
            found[node.get("name") or ""] = part if part in names else None
    return found


def read_xml(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    """A small part, as a tree."""
    if archive.getinfo(name).file_size > SMALL_PART:
        raise WorkbookError("damaged")
    return ElementTree.fromstring(archive.read(name))  # noqa: S314 — check_parts has refused every entity declaration


def local_name(tag: str) -> str:
    """« {namespace}row » and « x:row » → « row »."""
    return tag.rpartition("}")[2].rpartition(":")[2]


def scan_sheet(archive: zipfile.ZipFile, part: str, limits: dict[str, Any], budget: dict[str, int]) -> dict[str, Any]:
    """Measure a sheet cell by cell, without building it: its error cells, and {"problem"} if it must not be parsed."""
    scanner = SheetScanner(limits)
    try:
        with open_part(archive, part) as source:
            while chunk := read_chunk(source):
                scanner.parser.Parse(chunk, False)
            scanner.parser.Parse(b"", True)
            scanner.settle()
    except WorkbookError as refusal:
        if refusal.reason == "damaged":
            raise
        return {"problem": refusal.reason, **refusal.details, "errors": {}}
    except expat.ExpatError:
        return {"problem": "damaged", "errors": {}}
    budget["cells"] -= scanner.cells
    if budget["cells"] < 0:
        return {"problem": "cells", "errors": {}}
    return {"errors": scanner.errors}


class SheetScanner:
    """Follows the cells that hold something: how far they go, how many they are, which are errors."""

    def __init__(self, limits: dict[str, Any]) -> None:
        self.max_row = limits["max_rows"] + limits["header_search"] + 1
        self.max_column = limits["max_columns"]
        self.max_cells = limits["max_cells"]
        self.cells = self.row = self.column = 0
        self.reference: str | None = None
        self.errors: dict[tuple[int, int], str] = {}
        self.is_error = False
        self.uncomputed: tuple[int, int] | None = None
        self.columns: dict[str, int] = {}
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.StartDoctypeDeclHandler = self.doctype

    def doctype(self, *_: object) -> None:
        raise WorkbookError("entities")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self.settle()
            self.reference = attributes.get("r")
            self.column += 1
            self.is_error = attributes.get("t") == "e"
        elif name in ("v", "is", "f"):
            self.hold()
            self.uncomputed = (self.row, self.column) if name == "f" else None
            if self.is_error and name == "v":
                self.read_error()
        elif name == "row":
            self.row = int(attributes["r"]) if attributes.get("r", "").isdigit() else self.row + 1
            self.column = 0

    def hold(self) -> None:
        """The current cell holds something: it must lie within the limits."""
        self.cells += 1
        reference = self.reference
        if reference:
            letters = reference.rstrip(DIGITS)
            self.row = int(reference[len(letters) :] or 0)
            column = self.columns.get(letters)
            if column is None:
                column = self.columns[letters] = column_number(letters)
            self.column = column
        if self.row > self.max_row or self.column > self.max_column:
            # As many cells as rows: a long table rather than one cell lost far away.
            long_table = self.column <= self.max_column and self.cells >= self.row
            raise WorkbookError("rows" if long_table else "far", cell=f"{column_letters(self.column)}{self.row}")
        if self.cells > self.max_cells:
            raise WorkbookError("cells")

    def settle(self) -> None:
        """A formula whose value was never computed reads as empty: that must be said, not lost."""
        if self.uncomputed:
            self.errors[self.uncomputed] = "formule jamais calculée"
            self.uncomputed = None

    def read_error(self) -> None:
        position, pieces = (self.row, self.column), []  # type: tuple[int, int], list[str]

        def end(_: str) -> None:
            self.errors[position] = "".join(pieces).strip()[:20] or "#ERREUR"
            self.parser.CharacterDataHandler = None
            self.parser.EndElementHandler = None

        self.parser.CharacterDataHandler = pieces.append
        self.parser.EndElementHandler = end


def column_number(letters: str) -> int:
    """A → 1, AB → 28."""
    number = 0
    for letter in letters.upper()[:6]:
        number = number * 26 + max(ord(letter) - 64, 0)
    return number


def column_letters(number: int) -> str:
    """1 → A, 28 → AB."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def print_sheet(workbook: Any, name: str, scan: dict[str, Any], budget: dict[str, int]) -> None:
    """One line of JSON per row that holds something."""
    if "problem" in scan:
        emit({key: value for key, value in scan.items() if key != "errors"})
        return
    try:
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except Exception:  # the parser's exceptions do not share a base class
        emit({"problem": "damaged"})
        return
    errors: dict[tuple[int, int], str] = scan["errors"]
    rows_with_errors = {row for row, _ in errors}
    # The parser stops at the last cell that holds a value: rows of formulas never computed come after it.
    rows += [[]] * (max(rows_with_errors, default=0) - len(rows))
    for line, values in enumerate(rows, start=1):
        cells = [value if type(value) is str else encode(value) for value in values]
        if line in rows_with_errors:
            cells += [""] * (max(column for row, column in errors if row == line) - len(cells))
            cells = [["e", errors[line, i]] if (line, i) in errors else cell for i, cell in enumerate(cells, start=1)]
        while cells and cells[-1] == "":
            cells.pop()
        if cells:
            budget["text"] -= sum(map(len, cells))
            if budget["text"] < 0:
                raise WorkbookError("text")
            emit([line, cells])


def encode(value: Any) -> Any:
    """A typed value as text, with a mark saying what it was."""
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, (int, float)):
        return ["n", exact_number(value)]
    if isinstance(value, datetime.datetime):
        return ["d", value.replace(microsecond=0).isoformat()]
    if isinstance(value, datetime.date):
        return ["d", value.isoformat()]
    if isinstance(value, datetime.timedelta):
        return ["d", str(value)]
    return ["d", value.replace(microsecond=0).isoformat()] if isinstance(value, datetime.time) else str(value)


def exact_number(value: float) -> str:
    """1500.0 → « 1500 », 0.1 → « 0.1 »; never scientific notation."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def emit(message: Any) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=True, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
