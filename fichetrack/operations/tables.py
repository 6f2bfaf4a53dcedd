"""The tables of imported datasets, in an archive beside the backup of the database: `<backup>.indicateurs.zip`.

A table is named by the hash of what it holds and never changes: it is checked as it is taken out, and one that this host
already has is left alone.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from sqlalchemy import select

from fichetrack import store
from fichetrack.errors import Refusal
from fichetrack.extensions import db
from fichetrack.models import DatasetTable

ENTRY = re.compile(r"(?P<sha256>[0-9a-f]{64})\.parquet")


def beside(backup: Path) -> Path:
    """Where the tables of a backup are."""
    return backup.with_name(f"{backup.name}.indicateurs.zip")


def pack(archive: Path) -> tuple[int, int]:
    """Write the tables that releases name: (how many are there, how many this host lacks or has damaged).

    Without any, no archive is written.
    """
    named = _named()
    lacking = set(store.unsound(named))
    held = [sha256 for sha256 in named if sha256 not in lacking]
    if held:
        with archive.open("xb") as target, ZipFile(target, "w") as packed:
            archive.chmod(0o600)
            for sha256 in held:
                packed.write(store.path_of(sha256), f"{sha256}.parquet")
    return len(held), len(lacking)


def check(archive: Path) -> None:
    """Read an archive whole. Refusal when it is damaged or not one of ours: nothing is restored then."""
    try:
        with ZipFile(archive) as packed:
            names = packed.namelist()
            # Ours are stored as they are, once: nothing grows when it is taken out, nothing replaces anything.
            foreign = [
                one.filename for one in packed.infolist() if one.compress_type != ZIP_STORED or one.flag_bits & 1
            ]
            damaged = foreign[:1] or [name for name in names if names.count(name) > 1][:1] or packed.testzip()
    except (BadZipFile, OSError, NotImplementedError) as error:
        raise Refusal(
            f"{archive} est illisible : rien n’a été changé. Refaites-en une copie, ou écartez-le."
        ) from error
    if damaged:
        raise Refusal(f"{archive} est abîmé : rien n’a été changé. Refaites-en une copie, ou écartez-le.")


def unpack(archive: Path) -> None:
    """Put back the tables this host lacks, those only that hold what their name says. Refusal when it cannot write them."""
    try:
        with ZipFile(archive) as packed, store.workshop() as folder:
            for entry in packed.infolist():
                found = ENTRY.fullmatch(entry.filename)
                if found and store.missing([found["sha256"]]):
                    _put_back(packed, found["sha256"], folder / entry.filename)
    except OSError as error:
        raise Refusal(
            f"Les tables de {archive} n’ont pas pu être écrites sur ce serveur ({error.strerror}) : rien n’a été changé."
        ) from error


def _put_back(packed: ZipFile, sha256: str, written: Path) -> None:
    with packed.open(f"{sha256}.parquet") as source, written.open("xb") as target:
        shutil.copyfileobj(source, target)
    if store.sha256_of(written) == sha256:
        store.publish(written)


def missing() -> int:
    """How many tables that releases name this host lacks."""
    return len(store.missing(_named()))


def _named() -> list[str]:
    return list(db.session.scalars(select(DatasetTable.sha256).distinct().order_by(DatasetTable.sha256)))
