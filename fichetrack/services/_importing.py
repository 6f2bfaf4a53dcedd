"""What applying a workbook writes: new fiches by hundreds, changed ones under lock, an event for each. No commit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert, select

from fichetrack import clock, versions, workbook
from fichetrack.errors import EditRefused, ImportRefused
from fichetrack.extensions import db
from fichetrack.fields import BY_NAME, section_of
from fichetrack.models import Event, Fiche, ImportBatch, NamedVersion, Territoire
from fichetrack.models.assigning import assign
from fichetrack.queries.imports import Added, Changed
from fichetrack.services import _writing, transitions
from fichetrack.vocabulary import PUBLISHED, Etat, EventKind, MotifCloture, Source

CHUNK = 400
VERSION = "reprise 1"


def write_added(user: Any, batch: ImportBatch, rows: list[Added], at: datetime) -> None:
    """The new fiches and their events; the états of a reprise, each by one dated event more."""
    numbers = Numbers()
    territoires = {one.code: one for one in db.session.scalars(select(Territoire))}
    for part in chunks(rows):
        with db.session.no_autoflush:
            fiches = [_new_fiche(user, row, territoires, at) for row in part]
            for row, fiche in zip(part, fiches, strict=True):
                if row.etat != Etat.BROUILLON:
                    _take_over(user, fiche, row, numbers, at)
        # Taken before the flush: afterwards each list left empty would be looked for in the database.
        contents = [versions.snapshot(fiche) for fiche in fiches]
        db.session.add_all(fiches)
        db.session.flush()
        written = list(zip(part, fiches, contents, strict=True))
        write_events([_creation(user, batch, row, fiche, content, at) for row, fiche, content in written])
        _write_reprises(user, batch, [one for one in written if one[0].etat != Etat.BROUILLON], at)


def write_changed(user: Any, batch: ImportBatch, rows: list[Changed], at: datetime) -> dict[str, dict[str, Any]]:
    """The changed fiches and their events; returns what the personal fields held before, for the undoing.

    Raises ImportRefused when a fiche changed since the file was compared: nothing typed meanwhile is overwritten.
    """
    personal: dict[str, dict[str, Any]] = {}
    for part in chunks(rows):
        fiches = load_locked([row.fiche_id for row in part])
        events = []
        for row in part:
            fiche = fiches[row.fiche_id]
            if not all(workbook.same(name, versions.value_of(fiche, name), before) for name, before, _ in row.changes):
                raise ImportRefused(f"La fiche {row.address} vient d’être modifiée. Rien n’a été écrit : relisez.")
            done = _apply(user, fiche, row.changes, row.row.line)
            mine = {name: before for name, before, _after in done if name in BY_NAME and BY_NAME[name].personal}
            personal |= {str(fiche.id): mine} if mine else {}
            details = {"batch": batch.id, "line": row.row.line}
            events.append(event(user, fiche, EventKind.IMPORT, at, changes=_writing.journal(done), details=details))
        db.session.flush()
        write_events(events)
    return personal


def load_locked(ids: list[int]) -> dict[int, Fiche]:
    """Fiches by id, as they are now, locked until the commit."""
    found = select(Fiche).where(Fiche.id.in_(ids)).with_for_update(of=Fiche).execution_options(populate_existing=True)
    return {fiche.id: fiche for fiche in db.session.scalars(found)}


def write_events(values: list[dict[str, Any]]) -> None:
    if values:
        db.session.execute(insert(Event), values)


def event(user: Any, fiche: Fiche, kind: EventKind, at: datetime, **values: Any) -> dict[str, Any]:
    """An event as a row; what is not said is blank."""
    blank: dict[str, Any] = {"etat_before": None, "etat_after": None, "motif": None, "section": None, "changes": []}
    row = {"fiche_id": fiche.id, "actor_id": user.id, "kind": kind.value, "at": at, "source": Source.IMPORT.value}
    return blank | row | values


def chunks(items: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]


class Numbers:
    """The next codes of many fiches: the first of a territoire is asked under its lock, the others follow."""

    def __init__(self) -> None:
        self.last: dict[int, tuple[str, int]] = {}

    def next_code(self, fiche: Fiche) -> str:
        key = fiche.territoire.id
        if key in self.last:
            prefix, number = self.last[key]
        else:
            fiche.territoire_id = key
            prefix, _dash, first = transitions.next_code(fiche).rpartition("-")
            number = int(first) - 1
        self.last[key] = (prefix, number + 1)
        return f"{prefix}-{number + 1:03d}"


def _new_fiche(user: Any, row: Added, territoires: dict[str, Territoire], at: datetime) -> Fiche:
    """A brouillon not yet in the session. Its values were resolved and judged by the check."""
    fiche = _writing.blank_draft(user, row.territoire, at)
    for name, value in row.row.values.items():
        if name == "territoires_associes":
            fiche.territoires_associes = [territoires[code] for code in value or []]
        elif name == "lieux":
            fiche.lieux = value or []
        elif name != "territoire" and not versions.is_empty(value):
            assign(fiche, name, value)
    _writing.link_operators(fiche)
    return fiche


def _take_over(user: Any, fiche: Fiche, row: Added, numbers: Numbers, at: datetime) -> None:
    """The état a reprise gives, the code that goes with it, and the moments they imply."""
    decided = row.row.validee_le
    day = datetime.combine(date.fromisoformat(decided), time(12), clock.PARIS) if decided else at
    region = fiche.territoire.region_instructrice
    fiche.etat = row.etat.value
    fiche.code = numbers.next_code(fiche)
    fiche.filed_at = min(day, at)
    if row.etat in PUBLISHED:
        fiche.validated_at = fiche.confirmed_at = min(day, at)
    if row.etat in {Etat.CLOTUREE, Etat.ARCHIVEE}:
        fiche.closed_at = at
        fiche.motif_cloture = row.row.motif_cloture or MotifCloture.REALISEE.value
    if row.etat == Etat.EN_INSTRUCTION:
        fiche.taken_by_id = user.id
        fiche.due_on = clock.today() + timedelta(days=region.instruction_days)
    if row.etat == Etat.A_COMPLETER:
        fiche.due_on = clock.today() + timedelta(days=region.completion_days)
        fiche.days_left = region.instruction_days


def _creation(
    user: Any, batch: ImportBatch, row: Added, fiche: Fiche, content: dict[str, Any], at: datetime
) -> dict[str, Any]:
    changes = _writing.journal(versions.diff({}, content))
    details = {"batch": batch.id, "line": row.row.line, "key": row.key}
    return event(user, fiche, EventKind.IMPORT, at, etat_after=Etat.BROUILLON.value, changes=changes, details=details)


def _write_reprises(
    user: Any, batch: ImportBatch, written: list[tuple[Added, Fiche, dict[str, Any]]], at: datetime
) -> None:
    """The dated event that gives each its état, what it lacked, and the version later changes are measured against."""
    write_events([_reprise(user, batch, row, fiche, at) for row, fiche, _content in written])
    named = [{"fiche_id": fiche.id, "label": VERSION, "at": at, "content": content} for _row, fiche, content in written]
    if named:
        db.session.execute(insert(NamedVersion), named)


def _reprise(user: Any, batch: ImportBatch, row: Added, fiche: Fiche, at: datetime) -> dict[str, Any]:
    details = {"batch": batch.id, "line": row.row.line, "validee_le": row.row.validee_le, "manque": list(row.missing)}
    return event(
        user, fiche, EventKind.REPRISE, at, etat_before=Etat.BROUILLON.value, etat_after=row.etat.value,
        motif=batch.options["reprise"], details=details,
    )  # fmt: skip


def _apply(user: Any, fiche: Fiche, changes: list[versions.Change], line: int) -> list[versions.Change]:
    """Set the changed values as a form would, and let whoever edits a section know that it moved."""
    try:
        done = _writing.apply_changes(user, fiche, {name: after for name, _before, after in changes})
    except EditRefused as refusal:
        sentences = " ".join(sentence for messages in refusal.errors.values() for sentence in messages)
        raise ImportRefused(f"Ligne {line} : {sentences or refusal.message} Rien n’a été écrit.") from refusal
    for section in {section_of(name) for name, _before, _after in done}:
        fiche.bump(section)
    _writing.touch(fiche)
    return done
