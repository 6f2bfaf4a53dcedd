"""Undoing an import: untouched drafts go away, values nobody changed since come back, the rest is reported."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import delete, func, select

from fichetrack import permissions, versions, workbook, workflow
from fichetrack.errors import EditRefused
from fichetrack.extensions import db
from fichetrack.fields import BY_NAME, ROWS_BY_NAME, label_of, section_of
from fichetrack.models import Comment, Event, Fiche, ImportBatch, NamedVersion
from fichetrack.queries import import_rules
from fichetrack.services import _writing
from fichetrack.services._importing import chunks, event, load_locked, write_events
from fichetrack.vocabulary import Action, Etat, EventKind


@dataclass
class Undone:
    """What became of the batch: counts, and a French sentence for each thing left as it is."""

    deleted: int = 0
    withdrawn: int = 0
    restored: int = 0
    kept: list[str] = field(default_factory=list)


def undo(user: Any, batch: ImportBatch, at: datetime) -> Undone:
    """Undo in the open transaction; the journal keeps what was filed, drafts never filed go away with theirs."""
    result = Undone()
    events = _events_of(batch)
    last = _last_events([one.fiche_id for one in events])
    by_fiche: dict[int, list[Event]] = defaultdict(list)
    for one in events:
        by_fiche[one.fiche_id].append(one)
    for ids in chunks(sorted(by_fiche)):
        fiches = load_locked(ids)
        drafts: list[int] = []
        written: list[dict[str, Any]] = []
        for key in ids:
            fiche, mine = fiches[key], by_fiche[key]
            touched = last[key] != mine[-1].id
            if any(one.etat_after for one in mine):
                _undo_creation(user, batch, fiche, touched, at, result, drafts, written)
            else:
                _undo_changes(user, batch, fiche, mine, at, result, written)
        db.session.flush()
        write_events(written)
        _delete_drafts(drafts)
    return result


def _events_of(batch: ImportBatch) -> list[Event]:
    kinds = (EventKind.IMPORT.value, EventKind.REPRISE.value)
    made = select(Event).where(Event.kind.in_(kinds), Event.at == batch.applied_at).order_by(Event.id)
    return [one for one in db.session.scalars(made) if one.details.get("batch") == batch.id]


def _last_events(ids: list[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for part in chunks(sorted(set(ids))):
        rows = select(Event.fiche_id, func.max(Event.id)).where(Event.fiche_id.in_(part)).group_by(Event.fiche_id)
        found |= dict(db.session.execute(rows).all())
    return found


def _undo_creation(
    user: Any,
    batch: ImportBatch,
    fiche: Fiche,
    touched: bool,
    at: datetime,
    result: Undone,
    drafts: list[int],
    written: list[dict[str, Any]],
) -> None:
    """A draft nobody touched goes away. What was filed, or taken over, never does: it is withdrawn, or left."""
    if not permissions.can(user, Action.IMPORT, fiche.territoire):
        result.kept.append(f"{fiche.address} : vous n’avez plus le droit d’importer dans ce territoire, elle reste.")
    elif touched:
        result.kept.append(f"{fiche.address} : quelqu’un y a travaillé depuis, elle reste.")
    elif fiche.etat == Etat.BROUILLON and fiche.code is None:
        drafts.append(fiche.id)
        result.deleted += 1
    else:
        before, fiche.etat = fiche.etat, Etat.RETIREE.value
        fiche.etat_since = fiche.updated_at = at
        fiche.due_on = fiche.days_left = None
        details = {"batch": batch.id}
        written.append(
            event(user, fiche, EventKind.UNDO_IMPORT, at, etat_before=before, etat_after=fiche.etat, details=details)
        )
        result.withdrawn += 1


def _undo_changes(
    user: Any,
    batch: ImportBatch,
    fiche: Fiche,
    mine: list[Event],
    at: datetime,
    result: Undone,
    written: list[dict[str, Any]],
) -> None:
    """Put back the values this import changed and nobody changed since."""
    personal = (batch.report or {}).get("before", {}).get(str(fiche.id), {})
    secret = current_app.config["SECRET_KEY"]
    back: dict[str, Any] = {}
    for name, before, after in mine[0].changes:
        now = versions.journal_value(name, versions.value_of(fiche, name), secret)
        if not _same(name, now, after):
            result.kept.append(f"{fiche.address}, « {label_of(name)} » : modifié depuis, il reste comme il est.")
        else:
            back[name] = personal.get(name) if name in BY_NAME and BY_NAME[name].personal else before
    reason = _refusal(user, fiche, back)
    if back and reason:
        result.kept.append(f"{fiche.address} : {reason}")
    elif back:
        _put_back(user, batch, fiche, back, at, result, written)


def _put_back(
    user: Any, batch: ImportBatch, fiche: Fiche, back: dict[str, Any], at: datetime, result: Undone,
    written: list[dict[str, Any]],
) -> None:  # fmt: skip
    try:
        done = _writing.apply_changes(user, fiche, back)
    except EditRefused as refusal:
        db.session.refresh(fiche)
        result.kept.append(f"{fiche.address} : {refusal.message}")
        return
    for section in {section_of(name) for name in back}:
        fiche.bump(section)
    fiche.updated_at = at
    details = {"batch": batch.id}
    written.append(event(user, fiche, EventKind.UNDO_IMPORT, at, changes=_writing.journal(done), details=details))
    result.restored += 1


def _same(name: str, one: Any, other: Any) -> bool:
    if name in BY_NAME or name in ROWS_BY_NAME:
        return workbook.same(name, one, other)
    return bool(one == other)


def _refusal(user: Any, fiche: Fiche, back: dict[str, Any]) -> str | None:
    """Why the present rights or état forbid going back; None when they do not."""
    if not permissions.can(user, Action.EDIT, fiche):
        return "vous n’avez plus le droit de la modifier, elle reste comme elle est."
    if workflow.read_only_reason(fiche):
        return f"elle reste comme elle est. {workflow.read_only_reason(fiche)}"
    changes = [(name, versions.value_of(fiche, name), value) for name, value in back.items()]
    validated = fiche.etat == Etat.VALIDEE
    if validated and workflow.substantial_changes(changes, import_rules.validated_content(fiche)):
        return "elle a été validée depuis : revenir en arrière demande un avenant."
    return None


def _delete_drafts(ids: list[int]) -> None:
    """Drafts never filed are the only fiches that may go; their rows go with them by the database's own cascade."""
    if not ids:
        return
    unseen = {"synchronize_session": False, "of_drafts": True}  # of_drafts: the journal lets go of these events
    for model in (Event, NamedVersion, Comment):
        db.session.execute(delete(model).where(model.fiche_id.in_(ids)), execution_options=unseen)
    db.session.execute(delete(Fiche).where(Fiche.id.in_(ids)), execution_options=unseen)
