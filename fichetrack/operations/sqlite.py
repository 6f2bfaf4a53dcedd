"""Backup and restoration of SQLite: a backup is itself a SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from fichetrack.errors import Refusal
from fichetrack.extensions import db

LABEL = "SQLite"
MAGIC = b"SQLite format 3\x00"


def dump(file: Path) -> None:
    """VACUUM INTO reads one snapshot: those who write meanwhile neither wait nor appear by halves."""
    with closing(db.engine.raw_connection()) as connection:
        try:
            connection.cursor().execute("VACUUM INTO ?", (str(file),))
        except sqlite3.Error as error:
            raise Refusal(f"La sauvegarde n’a pas pu être écrite : {error}.") from error
    check(file)


def check(file: Path) -> str:
    """The revision of a backup that is ours and sound; Refusal otherwise."""
    try:
        with closing(_read_only(file)) as connection:
            faults = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            ours = {"alembic_version", "fiche"} <= tables
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone() if ours else None
    except sqlite3.Error as error:
        raise Refusal(f"La sauvegarde {file} est abîmée : {error}. Rien n’a été changé.") from error
    if faults != ["ok"]:
        raise Refusal(f"La sauvegarde {file} est abîmée : {faults[0]}. Rien n’a été changé.")
    if found is None:
        raise Refusal(f"{file} n’est pas une sauvegarde de FicheTrack : rien n’a été changé.")
    return str(found[0])


def load(file: Path) -> None:
    """Copy every page in one transaction, through SQLite's own backup: other processes may stay open."""
    with closing(_read_only(file)) as source, closing(db.engine.raw_connection()) as connection:
        target: Any = connection.driver_connection
        try:
            target.execute("BEGIN IMMEDIATE")  # Waits for whoever writes, then says so if they do not end.
            target.execute("ROLLBACK")
            source.backup(target)
        except sqlite3.Error as error:
            raise Refusal(f"La restauration a échoué, et rien n’a été changé : {error}.") from error


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
