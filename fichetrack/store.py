"""The Parquet files of imported datasets: in the instance folder, named by the SHA-256 of what they hold, never rewritten.

Several hosts share the folder, or import the same files each on its own: the names are the same. A file that no release
names is what an interrupted import left: nobody reads it, and the next import sweeps it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import current_app

from fichetrack import clock

LEFTOVER_SECONDS = 3600.0  # another import may be writing: only older leftovers are swept


def folder() -> Path:
    """Where the tables of this installation are; made at first use."""
    path: Path = current_app.config["INSTANCE"] / "indicateurs"
    path.mkdir(parents=True, exist_ok=True)
    return path


def path_of(sha256: str) -> Path:
    """The file of a table."""
    return folder() / f"{sha256}.parquet"


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder on the same disk to write tables in, removed whatever happens."""
    path = Path(tempfile.mkdtemp(prefix="en-cours-", dir=folder()))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def publish(written: Path) -> str:
    """Give a written table its final name, in one step; returns its SHA-256. Its hour of sweeping begins now."""
    sha256 = sha256_of(written)
    with written.open("rb+") as table:
        os.fsync(table.fileno())  # the release that names it is committed next: its bytes must not be lost without it
    os.utime(written)
    written.replace(path_of(sha256))
    return sha256


def missing(wanted: Iterable[str]) -> list[str]:
    """The SHA-256, among those, of the tables this host does not have."""
    return [sha256 for sha256 in wanted if not path_of(sha256).is_file()]


def unsound(wanted: Iterable[str]) -> list[str]:
    """The SHA-256, among those, of the tables this host does not have, or whose bytes are no longer theirs."""
    return [sha256 for sha256 in wanted if not path_of(sha256).is_file() or sha256_of(path_of(sha256)) != sha256]


def sweep(known: Collection[str]) -> int:
    """Remove what interrupted imports left; `known` are the SHA-256 of the tables of all releases."""
    removed = 0
    oldest = clock.now().timestamp() - LEFTOVER_SECONDS
    for path in folder().iterdir():
        if path.stem not in known and path.stat().st_mtime < oldest:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
            removed += 1
    return removed


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, read piece by piece."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
