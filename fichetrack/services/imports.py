"""A workbook of fiches brought in: registered, applied whole or not at all, undone. Checking it: queries.imports."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import select

from fichetrack import clock, permissions
from fichetrack.errors import ImportRefused
from fichetrack.extensions import db
from fichetrack.models import ImportBatch, Territoire
from fichetrack.queries import accounts, import_report
from fichetrack.queries.import_rows import IGNORED, LABELS, Reading, read, read_headings
from fichetrack.queries.imports import SOURCE, Check, compare, get_batch
from fichetrack.services._importing import write_added, write_changed
from fichetrack.services._undoing import Undone, undo
from fichetrack.tables import safe_filename
from fichetrack.transactions import Token, transaction
from fichetrack.vocabulary import Action

MAX_FILENAME = 255


def register_upload(user: Any, filename: str, content: bytes, motif: str = "", submission: Token | None = None) -> int:
    """Keep the bytes of a workbook that can be read, to be checked; nothing else is written. Returns the batch's id.

    Raises ImportRefused when it cannot be read, PermissionRefused without the right to import anywhere.
    """
    permissions.require(user, Action.IMPORT)
    motif = motif.strip()
    if motif:
        permissions.require(user, Action.IMPORT_REPRISE)
    options = {"reprise": motif} if motif else {}
    # A name is kept as its owner knows it, unless it holds what no database or page can show.
    filename = filename if filename.isprintable() else safe_filename(filename)
    read_headings(content, filename, options)
    return int(_register(user, filename[-MAX_FILENAME:], content, options, submission=submission))


def choose_columns(user: Any, batch_id: int, columns: dict[str, str], sheet: str | None = None) -> int:
    """Map by hand the headings that were not recognised (« » ignores one), or read another sheet of the workbook."""
    return int(_choose(user, batch_id, columns, sheet))


def apply_batch(user: Any, batch_id: int, only_good: bool = False, submission: Token | None = None) -> int:
    """Check the same bytes again and write all they change with the events, in one transaction; once.

    `only_good` leaves aside the rows in error. Raises ImportRefused, with the errors, when one remains otherwise.
    """
    batch = get_batch(user, batch_id)
    # The bytes are read before the transaction: it holds the database for the writing only.
    reading = read(batch.content, batch.filename, batch.options)
    return int(_apply(user, batch_id, batch.options, reading, only_good, submission=submission))


@transaction
def undo_batch(user: Any, batch_id: int) -> int:
    """Write the opposite events of an applied batch; what others changed since is left, and reported."""
    batch = _locked(user, batch_id)
    if batch.applied_at is None:
        raise ImportRefused("Ce fichier n’a pas été appliqué : il n’y a rien à annuler.")
    if batch.undone_at is None:
        at = clock.now()
        result: Undone = undo(user, batch, at)
        batch.undone_at = at
        batch.report = {**(batch.report or {}), "before": {}, "undone": asdict(result)}
    return batch.id


def run_file(file: Path, courriel: str | None = None, motif: str | None = None, apply: bool = False) -> str:
    """Check a workbook for somebody and, with `apply`, write it; returns the report to print. Raises Refusal."""
    user = _actor(courriel)
    on_behalf = f"\nImport au nom de {user.nom} ({user.courriel})."
    content = file.read_bytes()
    options = {"reprise": motif.strip()} if motif and motif.strip() else {}
    permissions.require(user, Action.IMPORT_REPRISE if options else Action.IMPORT)
    if not apply:
        check = compare(user, read(content, file.name, options), options)
        return import_report.as_text(check, file.name, applied=False) + on_behalf
    batch_id = register_upload(user, file.name, content, motif or "")
    try:
        apply_batch(user, batch_id)
    except ImportRefused:
        check = compare(user, read(content, file.name, options), options)
        raise ImportRefused(import_report.as_text(check, file.name, applied=False) + on_behalf) from None
    return import_report.of_batch(get_batch(user, batch_id)) + on_behalf


def _actor(courriel: str | None) -> Any:
    """Whose rights and name a command imports with: the one asked for, or the delegation's first open account."""
    if not courriel:
        if (first := accounts.get_first_dti()) is None:
            raise ImportRefused(
                "Aucun compte de la délégation n’est ouvert : dites au nom de qui importer, avec --as COURRIEL."
            )
        return first
    user = accounts.get_personne_by_courriel(courriel)
    if user is None or not user.is_active:
        raise ImportRefused("Dites au nom de qui importer : --as COURRIEL, l’adresse d’un compte ouvert.")
    return user


@transaction
def _register(user: Any, filename: str, content: bytes, options: dict[str, Any]) -> int:
    batch = ImportBatch(
        source=SOURCE,
        personne_id=user.id,
        filename=filename,
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        options=options,
        created_at=clock.now(),
    )
    db.session.add(batch)
    db.session.flush()
    return batch.id


@transaction
def _choose(user: Any, batch_id: int, columns: dict[str, str], sheet: str | None) -> int:
    batch = _locked(user, batch_id)
    if batch.applied_at:
        raise ImportRefused("Ce fichier est déjà appliqué : ses colonnes ne changent plus.")
    known = {name for name in LABELS if name not in IGNORED} | {""}
    chosen = {heading: name for heading, name in columns.items() if name in known}
    options: dict[str, Any] = {**batch.options, "columns": {**batch.options.get("columns", {}), **chosen}}
    if sheet and sheet != batch.options.get("sheet"):
        options |= {"sheet": sheet, "columns": {}}
    batch.options = options
    return batch.id


@transaction
def _apply(user: Any, batch_id: int, options: dict[str, Any], reading: Reading, only_good: bool) -> int:
    batch = _locked(user, batch_id)
    if batch.applied_at is not None:
        return batch.id
    if batch.options != options:
        raise ImportRefused("Les colonnes viennent de changer dans une autre fenêtre. Rechargez la page.")
    _lock_territoires(reading)
    check = compare(user, reading, options)
    _refuse(check, only_good)
    at = clock.now()
    batch.applied_at = at
    write_added(user, batch, check.added, at)
    personal = write_changed(user, batch, check.changed, at)
    batch.report = import_report.counts(check) | {"only_good": only_good, "before": personal}
    return batch.id


def _refuse(check: Check, only_good: bool) -> None:
    if check.reading.problems:
        raise ImportRefused(" ".join(check.reading.problems))
    if check.errors and not only_good:
        number = len(check.errors)
        plural = "s" if number > 1 else ""
        raise ImportRefused(f"{number} erreur{plural} dans le fichier : rien n’a été écrit.", check.errors)


def _locked(user: Any, batch_id: int) -> ImportBatch:
    get_batch(user, batch_id)
    found = select(ImportBatch).where(ImportBatch.id == batch_id).with_for_update(of=ImportBatch)
    return db.session.scalars(found.execution_options(populate_existing=True)).one()


def _lock_territoires(reading: Reading) -> None:
    """Two imports of the same new fiches wait for each other, so that the second finds those of the first."""
    codes = {row.values.get("territoire") for row in reading.rows if not row.code}
    slugs = [code.removeprefix("ti-") for code in codes if code]
    if None in codes or not slugs:
        slugs += list(db.session.scalars(select(Territoire.slug))) if None in codes else []
    locked = select(Territoire.id).where(Territoire.slug.in_(slugs)).order_by(Territoire.id)
    db.session.execute(locked.with_for_update(of=Territoire)).all()
