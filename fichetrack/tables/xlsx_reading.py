"""Workbooks, from the application's side: hand the file to the child process, then believe only what it printed."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from fichetrack.errors import ImportRefused
from fichetrack.tables.french import count, quote
from fichetrack.tables.shapes import HEADER_SEARCH, DateCell, ErrorCell, Limits, NumberCell, Row

WORKER = Path(__file__).with_name("worker.py")
MARKS: dict[str, type[str]] = {"n": NumberCell, "d": DateCell, "e": ErrorCell}

REASONS = {
    "damaged": "le classeur est abîmé ou incomplet. Ouvrez-le dans votre tableur, enregistrez-le à nouveau en .xlsx, "
    "puis renvoyez-le.",
    "encrypted": "le classeur est protégé par un mot de passe. Enregistrez-le sans mot de passe, puis renvoyez-le.",
    "entries": "le classeur contient trop d’éléments pour être lu sans risque. Copiez le tableau seul ailleurs.",
    "unpacked": "le classeur est beaucoup trop volumineux une fois décompressé. Copiez le tableau seul ailleurs.",
    "entities": "le classeur contient des déclarations XML qu’aucun tableur n’écrit : il n’est pas lu, par sécurité. "
    "Copiez le tableau dans un classeur neuf.",
    "xlsb": "c’est un classeur binaire (.xlsb). Enregistrez-le au format « Classeur Excel (.xlsx) ».",
    "ods": "c’est un document LibreOffice. Enregistrez-le au format « Excel 2007-365 (.xlsx) ».",
    "not_workbook": "ce n’est pas un classeur Excel. Envoyez un fichier .xlsx ou .csv.",
    "cells": "le classeur contient trop de cellules remplies. Gardez seulement le tableau à importer, ou découpez-le.",
    "text": "le classeur contient trop de texte. Découpez-le en plusieurs fichiers.",
    "far": "la cellule {cell} est remplie, bien au-delà de ce qui peut être lu ({rows} lignes, {columns} colonnes). "
    "Effacez-la, ou copiez le tableau seul dans un classeur neuf.",
    "rows": "elle a plus de {rows} lignes. Découpez-la en plusieurs fichiers.",
    "time": "la lecture prend trop de temps. Copiez le tableau seul dans un classeur neuf, ou découpez-le.",
    "crash": "la lecture demande trop de mémoire, ou le classeur est abîmé. Copiez le tableau seul dans un classeur "
    "neuf, "
    "puis renvoyez-le.",
}


@dataclass
class RawSheet:
    """A sheet as the child printed it; `problem` says why it has no rows."""

    name: str
    hidden: bool = False
    rows: list[Row] = field(default_factory=list)
    problem: str | None = None


def read_sheets(data: bytes | Path, filename: str, sheet: str | None, limits: Limits) -> list[RawSheet]:
    """The sheets of a workbook, read in a child process. Raises ImportRefused, naming the file."""
    with tempfile.TemporaryFile() as output, open_source(data) as source:
        code = run_worker(source, output, filename, sheet, limits)
        output.seek(0)
        try:
            return collect(output, code, filename, limits)
        except ValueError as error:
            raise refuse(filename, REASONS["crash"]) from error


def open_source(data: bytes | Path) -> IO[bytes]:
    """The workbook as a real file the child can seek in."""
    if isinstance(data, Path):
        return data.open("rb")
    source = tempfile.TemporaryFile()  # noqa: SIM115 — the caller closes it
    source.write(data)
    source.seek(0)
    return source


def run_worker(source: IO[bytes], output: IO[bytes], filename: str, sheet: str | None, limits: Limits) -> int:
    arguments = json.dumps({**asdict(limits), "sheet": sheet, "header_search": HEADER_SEARCH})
    # -I: neither the environment nor the current folder may change what the child imports.
    command = [sys.executable, "-I", str(WORKER), arguments]
    try:
        done = subprocess.run(  # noqa: S603 — our own worker; the file is its standard input
            command, stdin=source, stdout=output, stderr=subprocess.DEVNULL, timeout=limits.timeout, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise refuse(filename, REASONS["time"]) from error
    return done.returncode


def collect(output: IO[bytes], code: int, filename: str, limits: Limits) -> list[RawSheet]:
    sheets: list[RawSheet] = []
    ended = False
    for message in map(json.loads, output):
        if isinstance(message, list):
            sheets[-1].rows.append(Row(message[0], [decode(cell) for cell in message[1]]))
        elif "refused" in message:
            raise refuse(filename, reason(message["refused"], message, limits))
        elif "problem" in message:
            sheets[-1].problem = reason(message["problem"], message, limits)
        elif "sheet" in message:
            sheets.append(RawSheet(message["sheet"], message["hidden"]))
        else:
            ended = True
    if code != 0 or not ended:
        raise refuse(filename, REASONS["crash"])
    return sheets


def decode(cell: Any) -> str:
    return cell if type(cell) is str else MARKS[cell[0]](cell[1])


def reason(code: str, details: dict[str, Any], limits: Limits) -> str:
    cell = details.get("cell", "")
    return REASONS[code].format(cell=cell, rows=count(limits.max_rows), columns=count(limits.max_columns))


def refuse(filename: str, why: str, sheet: str | None = None) -> ImportRefused:
    """An ImportRefused that names the file, and the sheet if there is one."""
    where = f"Fichier {quote(filename)}" + (f", feuille {quote(sheet)}" if sheet else "")
    return ImportRefused(f"{where}\u00a0: {why}")


def readable(sheets: list[RawSheet], sheet: str | None) -> Iterator[RawSheet]:
    """The sheets worth looking at: the one asked for, or all that are not hidden."""
    return (raw for raw in sheets if (raw.name == sheet if sheet else not raw.hidden))
