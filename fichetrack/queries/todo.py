"""What « À faire » says about each fiche that waits: since or until when, and whether one press confirms it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from fichetrack import clock, permissions
from fichetrack.models import Fiche
from fichetrack.models.computed import is_late, shown_fraicheur
from fichetrack.queries.fiches import ToDo, list_todo
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
        is_overdue=fiche.due_on is not None and fiche.due_on < today,
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
