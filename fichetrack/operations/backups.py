"""The whole database in one file, taken while people work; and such a file put back, whole or not at all.

What each database does is in sqlite.py and postgresql.py; here are the refusals they share. The tables of imported datasets
are not in the database: they travel in an archive beside the file (tables.py). Nothing is ever overwritten
silently: neither a file by a backup, nor fiches by a restoration.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import ModuleType

from sqlalchemy import inspect, text

from fichetrack.errors import Refusal
from fichetrack.extensions import db
from fichetrack.operations import postgresql, schema, sqlite, tables

DATABASES: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}
# A database that holds none of these is as good as new: the reference geography alone is loaded again by `flask init`.
PRECIOUS = ("fiche", "personne")
REASONS = {
    errno.EEXIST: "le fichier existe déjà",
    errno.ENOENT: "le dossier n’existe pas",
    errno.EACCES: "l’écriture y est interdite",
    errno.ENOSPC: "le disque est plein",
}


def backup(file: Path) -> str:
    """Write the database to a new file, its tables beside it, and say so. Refusal when one exists or cannot be written."""
    archive = tables.beside(file)
    for one in (file, archive):
        if one.exists():
            raise Refusal(f"Le fichier {one} existe déjà : rien n’est écrasé. Choisissez un autre nom.")
    if schema.current_revision() is None:
        raise Refusal("La base est vide : il n’y a rien à sauvegarder. Lancez d’abord « flask init ».")
    partial, packed = (one.with_name(f"{one.name}.{os.getpid()}.partial") for one in (file, archive))
    try:
        # Password hashes and addresses are in it: nobody else on this machine reads it.
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _here().dump(partial)
        # After the database: releases are only ever added, so every table the copy names is in the archive.
        count, lacking = tables.pack(packed)
        _publish_both([(packed, archive), (partial, file)] if count else [(partial, file)])
    except OSError as error:
        raise Refusal(f"La sauvegarde n’a pas pu être écrite dans {file} : {_reason(error)}.") from error
    finally:
        partial.unlink(missing_ok=True)
        packed.unlink(missing_ok=True)
    said = [f"Sauvegarde écrite et vérifiée : {file} ({_megabytes(file)})."]
    if count:
        said.append(f"Gardez à côté les tables des jeux de données : {archive} ({_megabytes(archive)}).")
    if lacking:
        said.append(
            f"Tables absentes ou abîmées sur ce serveur, et dans cette sauvegarde : {lacking}. « flask doctor » les nomme."
        )
    return " ".join(said)


def restore(file: Path, force: bool = False) -> str:
    """Replace the database by a backup, whole or not at all, and say what is there now. Refusal when it cannot be.

    The tables beside the backup are put back with it.
    """
    name = _kind_of(file)
    if name != db.engine.dialect.name:
        raise Refusal(
            f"Cette sauvegarde est celle d’une base {DATABASES[name].LABEL}, et la base configurée est "
            f"{_here().LABEL} : rien n’a été changé."
        )
    revision = _here().check(file)
    if revision not in schema.known_revisions():
        raise Refusal(f"Cette sauvegarde vient d’une version plus récente de FicheTrack (schéma {revision}).")
    present = _rows_present()
    if present and not force:
        raise Refusal(
            f"La base contient déjà {present} : rien n’a été changé. "
            "Pour la remplacer tout entière, relancez avec --force, après une sauvegarde."
        )
    archive = tables.beside(file)
    if archive.exists():
        # Before the database: tables that no release names harm nobody, a release without its tables does.
        tables.check(archive)
        tables.unpack(archive)
    _free()
    _here().load(file)
    _free()
    advice = "" if revision == schema.head() else " Elle est plus ancienne que l’application : lancez « flask init »."
    return f"Base restaurée : {_rows_present() or 'aucune fiche'}.{advice}{_absent()}"


def _absent() -> str:
    """What to do about the tables that neither this host nor the archive has."""
    if not inspect(db.engine).has_table("dataset_table") or not (number := tables.missing()):
        return ""
    return (
        f" Tables de jeux de données absentes de ce serveur : {number}. Réimportez leurs fichiers avec « flask import » ; "
        "« flask doctor » les nomme."
    )


def _here() -> ModuleType:
    return DATABASES[db.engine.dialect.name]


def _kind_of(file: Path) -> str:
    """Which database wrote the file, from its first bytes."""
    with file.open("rb") as stream:
        start = stream.read(16)
    found = [name for name, module in DATABASES.items() if start.startswith(module.MAGIC)]
    if not found:
        raise Refusal(f"{file} n’est pas une sauvegarde de FicheTrack : rien n’a été changé.")
    return found[0]


def _publish_both(written: list[tuple[Path, Path]]) -> None:
    """Give each its name, or none: what is half there would be in the way of the next backup."""
    done: list[Path] = []
    try:
        for partial, file in written:
            _publish(partial, file)
            done.append(file)
    except BaseException:
        for file in done:
            file.unlink()
        raise


def _publish(partial: Path, file: Path) -> None:
    """Give the finished file its name, unless somebody took that name meanwhile."""
    with partial.open("rb") as stream:
        os.fsync(stream.fileno())
    try:
        os.link(partial, file)
    except FileExistsError:
        raise
    except OSError:  # A file system without links.
        partial.rename(file)


def _rows_present() -> str:
    """« 12 fiches, 3 comptes », or nothing for a database as good as new."""
    if not set(PRECIOUS) <= set(inspect(db.engine).get_table_names()):
        return ""
    with db.engine.connect() as connection:
        fiches, people = (connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in PRECIOUS)  # noqa: S608
    words = [f"{fiches} fiche(s)" if fiches else "", f"{people} compte(s)" if people else ""]
    return ", ".join(word for word in words if word)


def _reason(error: OSError) -> str:
    return REASONS.get(error.errno or 0, str(error.strerror))


def _free() -> None:
    """Let go of every connection of ours: what they read is about to change."""
    db.session.remove()
    db.engine.dispose()


def _megabytes(file: Path) -> str:
    return f"{max(file.stat().st_size / 1_000_000, 0.1):.1f} Mo".replace(".", ",")
