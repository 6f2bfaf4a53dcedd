"""Backup and restoration of PostgreSQL, by its own tools (the package postgresql-client)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import inspect

from fichetrack.errors import Refusal
from fichetrack.extensions import db

LABEL = "PostgreSQL"
MAGIC = b"PGDMP"
LOCK_TIMEOUT = "SET lock_timeout = '20s'"
TOOLS = {"pg_dump": "la sauvegarde", "pg_restore": "la restauration", "psql": "la restauration"}


def dump(file: Path) -> None:
    """pg_dump reads one snapshot, whatever is written meanwhile."""
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}", f"--dbname={_address()}")
    check(file)


def check(file: Path) -> str:
    """The revision of a backup that is ours and readable to its end; Refusal otherwise."""
    with tempfile.TemporaryDirectory() as folder:
        script = _script(file, Path(folder) / "check.sql", "--data-only", "--table=alembic_version")
        found = re.search(r"^COPY public\.alembic_version .*\n(\S+)\n", script.read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise Refusal(f"{file} n’est pas une sauvegarde de FicheTrack : rien n’a été changé.")
    return found[1]


def load(file: Path) -> None:
    """Drop what is there and play the backup, in one transaction: an error anywhere leaves the database as it was.

    The script is whole on the disk before it is played: a reading that fails half way must not be half committed.
    """
    with tempfile.TemporaryDirectory() as folder:
        script = _script(file, Path(folder) / "restore.sql", "--no-owner", "--no-privileges")
        before = Path(folder) / "before.sql"
        before.write_text(f"{LOCK_TIMEOUT};\n{_drop_tables()}\n", "utf-8")
        _run(
            "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
            f"--file={before}", f"--file={script}", f"--dbname={_address()}",
        )  # fmt: skip


def _script(file: Path, target: Path, *options: str) -> Path:
    _run("pg_restore", *options, f"--file={target}", str(file))
    return target


def _drop_tables() -> str:
    """Every table, those of a later version included, so that nothing remains beside the backup."""
    quote = db.engine.dialect.identifier_preparer.quote_identifier
    names = ", ".join(quote(name) for name in inspect(db.engine).get_table_names())
    return f"DROP TABLE {names} CASCADE;" if names else ""


def _address() -> str:
    """libpq's address without the password, which the process list would show."""
    return db.engine.url.set(drivername="postgresql", password=None).render_as_string()


def _run(tool: str, *arguments: str) -> None:
    path = shutil.which(tool)
    if path is None:
        raise Refusal(
            f"L’outil {tool} manque sur cette machine : {TOOLS[tool]} d’une base PostgreSQL en a besoin. "
            "Installez-le (Debian : apt-get install postgresql-client), dans la version du serveur."
        )
    environment = {**os.environ, "PGCONNECT_TIMEOUT": "10"}
    if db.engine.url.password:
        environment["PGPASSWORD"] = str(db.engine.url.password)
    done = subprocess.run([path, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise Refusal(f"{tool} a échoué, et rien n’a été changé : {done.stderr.strip() or done.returncode}")
