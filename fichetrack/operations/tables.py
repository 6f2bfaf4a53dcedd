"""The tables of imported datasets, in an archive beside the backup of the database: `<backup>.indicateurs.zip`.

A table is named by the hash of what it holds and never changes: it is checked as it is taken out, and one that this host
already has is left alone.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from sqlalchemy import select

from fichetrack import store
from fichetrack.errors import Refusal
from fichetrack.extensions import db
from fichetrack.models import DatasetTable

ENTRY = re.compile(r"(?P<sha256>[0-9a-f]{64})\.parquet")


def beside(backup: Path) -> Path:
    """Where the tables of a backup are."""
    return backup.with_name(f"{backup.name}.indicateurs.zip")


def pack(archive: Path) -> int:
    """Write the tables that releases name and this host has; how many. Without any, no archive is written."""
    held = [sha256 for sha256 in _named() if store.path_of(sha256).is_file()]
    if held:
        with archive.open("xb") as target, ZipFile(target, "w") as packed:
            archive.chmod(0o600)
            for sha256 in held:
                packed.write(store.path_of(sha256), f"{sha256}.parquet")
    return len(held)


def check(archive: Path) -> None:
    """Read an archive whole. Refusal when it is damaged: nothing is restored then."""
    try:
        with ZipFile(archive) as packed:
            damaged = packed.testzip()
    except (BadZipFile, OSError) as error:
        raise Refusal(
            f"{archive} est illisible : rien n’a été changé. Refaites-en une copie, ou écartez-le."
        ) from error
    if damaged:
        raise Refusal(f"{archive} est abîmé ({damaged}) : rien n’a été changé. Refaites-en une copie, ou écartez-le.")


def unpack(archive: Path) -> None:
    """Put back the tables this host lacks, those only that hold what their name says."""
    with ZipFile(archive) as packed, store.workshop() as folder:
        for entry in packed.infolist():
            found = ENTRY.fullmatch(entry.filename)
            if not found or not store.missing([found["sha256"]]):
                continue
            written = folder / entry.filename
            with packed.open(entry) as source, written.open("xb") as target:
                shutil.copyfileobj(source, target)
            if store.sha256_of(written) == found["sha256"]:
                store.publish(written)


def missing() -> int:
    """How many tables that releases name this host lacks."""
    return len(store.missing(_named()))


def _named() -> list[str]:
    return list(db.session.scalars(select(DatasetTable.sha256).distinct().order_by(DatasetTable.sha256)))
