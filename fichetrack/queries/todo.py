"""What « À faire » and /instruction say about each fiche that waits: since or until when, and what may be done there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from fichetrack import clock, permissions
from fichetrack.extensions import db
from fichetrack.models import Event, Fiche
from fichetrack.models.computed import is_late, is_overdue, shown_fraicheur
from fichetrack.queries.fiche_page import visible_changes
from fichetrack.queries.fiches import ToDo, changes_since_request, list_todo, list_waiting_for_authors
from fichetrack.vocabulary import Action, Etat, Fraicheur
from fichetrack.workflow import BY_ACTION

# The moment a list is ordered by, as a sentence begins it.
WORDS = {
    "due_on": "Réponse attendue au plus tard le",
    "confirmed_at": "Dernière confirmation le",
    "date_fin": "Fin prévue le",
    "updated_at": "Dernière modification le",
    "etat_since": "En attente depuis le",
}


@dataclass(frozen=True)
class Pending:
    """One fiche of a list of « À faire »: what it waits for begins with `words`, then the moment."""

    fiche: Fiche
    fraicheur: Fraicheur | None
    is_late: bool
    words: str
    moment: date | datetime | None
    is_overdue: bool
    may_confirm: bool


@dataclass(frozen=True)
class PendingList:
    """A headed list with its first rows; `filters` make the whole list."""

    todo: ToDo
    rows: list[Pending]


# What a région decides from its inbox; all but the motives and the fields pointed at takes one press.
DECISIONS = frozenset({Action.TAKE_UP, Action.ASK_MORE, Action.VALIDATE, Action.REJECT})
ONE_PRESS = frozenset({Action.TAKE_UP, Action.VALIDATE})


@dataclass(frozen=True)
class Wait:
    """One row of the inbox: how long the fiche has waited, whether its deadline is past, what may be decided there.

    `quick` takes one press, `decisions` asks something first or still lacks something; `changes` is what the author
    changed since the last request.
    """

    fiche: Fiche
    days: int
    is_overdue: bool
    quick: list[permissions.Available] = field(default_factory=list)
    decisions: list[permissions.Available] = field(default_factory=list)
    changes: list[tuple[str, Any, Any]] = field(default_factory=list)


def list_waits(user: Any, fiches: list[Fiche]) -> list[Wait]:
    """The rows of fiches loaded by queries.fiches.list_inbox, in one more query."""
    events = _events_since_request([fiche.id for fiche in fiches if fiche.requested_fields])
    return [_to_decide(user, fiche, events.get(fiche.id, [])) for fiche in fiches]


def list_sent_back(user: Any) -> list[Wait]:
    """What waits for its authors: nothing to decide, a deadline to watch."""
    return [_wait(fiche) for fiche in list_waiting_for_authors(user)]


def _wait(fiche: Fiche) -> Wait:
    today = clock.today()
    return Wait(fiche, (today - fiche.etat_since.astimezone(clock.PARIS).date()).days, is_overdue(fiche, today))


def _to_decide(user: Any, fiche: Fiche, events: list[Event]) -> Wait:
    offered = [one for one in permissions.available_transitions(user, fiche) if one.row.action in DECISIONS]
    quick = [one for one in offered if one.row.action in ONE_PRESS and not one.missing and not one.needs_motif]
    return replace(
        _wait(fiche),
        quick=quick,
        decisions=[one for one in offered if one.asks or one not in quick],
        changes=_changes(user, fiche, events) if events else [],
    )


def _changes(user: Any, fiche: Fiche, events: list[Event]) -> list[tuple[str, Any, Any]]:
    return visible_changes(changes_since_request(fiche, events), permissions.readable_names(user, fiche))


def _events_since_request(fiche_ids: list[int]) -> dict[int, list[Event]]:
    """By fiche, the newest first, the journal back to the last « demander un complément »."""
    found: dict[int, list[Event]] = {}
    if fiche_ids:
        request = aliased(Event)
        asked = select(func.max(request.id)).where(
            request.fiche_id == Event.fiche_id, request.kind == Action.ASK_MORE.value
        )
        since = select(Event).where(Event.fiche_id.in_(fiche_ids), Event.id >= asked.scalar_subquery())
        for event in db.session.scalars(since.order_by(Event.id.desc())):
            found.setdefault(event.fiche_id, []).append(event)
    return found


def list_pending(user: Any) -> list[PendingList]:
    """What is waited from somebody, the most pressing first, ready to be shown."""
    return [
        PendingList(todo, [_pending(user, fiche, todo.moment) for fiche in todo.fiches]) for todo in list_todo(user)
    ]


def _pending(user: Any, fiche: Fiche, moment_name: str) -> Pending:
    today = clock.today()
    words, moment = _moment(fiche, moment_name, today)
    return Pending(
        fiche=fiche,
        fraicheur=shown_fraicheur(fiche, clock.now()),
        is_late=is_late(fiche, today),
        words=words,
        moment=moment,
        is_overdue=is_overdue(fiche, today),
        may_confirm=moment_name == "confirmed_at" and _may_confirm(user, fiche),
    )


def _moment(fiche: Fiche, name: str, today: date) -> tuple[str, date | datetime | None]:
    """A missed jalon speaks before an end date that is not reached."""
    missed = min((one.date for one in fiche.jalons if one.fait_le is None and one.date < today), default=None)
    if name == "date_fin" and missed and (fiche.date_fin is None or fiche.date_fin >= today):
        return "Jalon attendu le", missed
    return WORDS[name], getattr(fiche, name)


def _may_confirm(user: Any, fiche: Fiche) -> bool:
    return Etat(fiche.etat) in BY_ACTION[Action.CONFIRM].froms and permissions.can(user, Action.CONFIRM, fiche)
