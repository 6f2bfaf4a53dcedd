"""The journal read as news: what is new for a person since a position, what may still be told, in French sentences.

What is told follows the rights and the class of each fiche *now*. Reading only: services.digests writes the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from fichetrack import permissions
from fichetrack.extensions import db
from fichetrack.fields import BY_NAME, label_of
from fichetrack.models import Delivery, Event, Fiche, Personne, Territoire
from fichetrack.queries.filters import INTERNAL, Filters, filter_where
from fichetrack.vocabulary import Action, Diffusion, Etat, EventKind

# A transaction may land with a lower number than one already told (PostgreSQL): this much is read again behind the
# position, by the moment of the event; the ledger drops what was told. Longer than any transaction of ours lasts.
MARGIN = timedelta(hours=6)

# What the journal holds and a digest tells; other kinds (readers named, diffusion restricted…) are nobody's news.
SENTENCES: Mapping[str, str] = {
    Action.SUBMIT: "Déposée",
    Action.TAKE_UP: "Prise en charge par la région",
    Action.ASK_MORE: "Complément demandé par la région",
    Action.ANSWER: "Réponse de l’auteur au complément demandé",
    Action.VALIDATE: "Validée",
    Action.REJECT: "Non retenue",
    Action.WITHDRAW: "Retirée par son auteur",
    Action.CONFIRM: "Confirmée : toujours vrai",
    Action.CLOSE: "Clôturée : action réalisée",
    Action.EXPEL: "Sortie du programme",
    Action.REOPEN: "Rouverte",
    Action.ARCHIVE: "Archivée",
    EventKind.EDIT: "Modifiée",
    EventKind.COMMENT: "Nouveau commentaire",
    EventKind.IMPORT: "Mise à jour par un classeur",
    EventKind.REPRISE: "Reprise dans FicheTrack",
}
# They say something only through the fields they changed.
BY_FIELDS = frozenset({EventKind.EDIT, EventKind.IMPORT})
FIELDS_TOLD = 4
RECENT_MAX = 200
# Whoever reads a fiche only because it is published is told what happened since.
BY_PUBLICATION = frozenset({"is_published", "reads_as_network"})


@dataclass(frozen=True)
class News:
    """One event as it may be told to one person: without title nor detail when the fiche is nominative."""

    event: Event
    sentence: str
    secret: bool

    @property
    def fiche(self) -> Fiche:
        return self.event.fiche


def last_position() -> int:
    """The journal's present end."""
    return db.session.scalar(select(func.max(Event.id))) or 0


def new_for(
    user: Personne, filters: Filters, *, after: int, upto: int, since: datetime, not_before: datetime
) -> list[News]:
    """What `user` has not been told yet about the fiches of a filtered view, oldest first.

    Events above position `after`, and those behind it that happened after `since` less a margin; never older than
    `not_before`, never one's own acts, never what the ledger holds.
    """
    if INTERNAL & set(filters) and not permissions.reads_internal(user):
        return []
    told = exists().where(Delivery.personne_id == user.id, Delivery.event_id == Event.id)
    beyond = or_(Event.id > after, Event.at > since - MARGIN)
    found = _of_others(user, filters).where(beyond, Event.id <= upto, Event.at >= not_before, ~told)
    events = db.session.scalars(found.order_by(Event.id)).unique()
    return as_news(user, events)


def list_recent(user: Personne, filters: Filters, since: datetime) -> list[News]:
    """What a filtered view would have told since a moment, told already or not, the newest first."""
    found = _of_others(user, filters).where(Event.at >= since).order_by(Event.id.desc()).limit(RECENT_MAX)
    return as_news(user, db.session.scalars(found).unique())


def told_by(email_id: int, user: Personne) -> list[tuple[int, News]]:
    """What a prepared e-mail tells, by subscription, and that `user` may still be told now."""
    rows = select(Delivery.event_id, Delivery.subscription_id).where(Delivery.email_id == email_id)
    ledger: dict[int, int] = {event_id: where for event_id, where in db.session.execute(rows)}  # noqa: C416
    events = db.session.scalars(_events(user).where(Event.id.in_(ledger)).order_by(Event.id)).unique()
    return [(ledger[news.event.id], news) for news in as_news(user, events)]


def as_news(user: Any, events: Iterable[Event]) -> list[News]:
    """The events of readable fiches as sentences, those that would tell this reader nothing left out."""
    readers: dict[int, _Reader] = {}
    news = []
    for event in events:
        reader = readers.setdefault(event.fiche_id, _Reader.of(user, event.fiche))
        sentence = reader.sentence(event)
        if sentence:
            news.append(News(event, sentence, event.fiche.diffusion == Diffusion.NOMINATIVE))
    return news


def _of_others(user: Personne, filters: Filters) -> Any:
    """Events of a filtered view that are news, one's own acts left out."""
    return _events(user).where(
        Event.kind.in_(SENTENCES),
        or_(Event.actor_id.is_(None), Event.actor_id != user.id),
        *filter_where(filters),
    )


def _events(user: Any) -> Any:
    """Events of filed fiches this person may read now. Drafts are not news, and may still be deleted."""
    return (
        select(Event)
        .join(Event.fiche)
        .where(permissions.visible_where(user), Fiche.etat != Etat.BROUILLON)
        .options(
            contains_eager(Event.fiche).options(
                joinedload(Fiche.territoire).selectinload(Territoire.regions),
                selectinload(Fiche.territoires_associes),
                selectinload(Fiche.readers),
                selectinload(Fiche.sollicitations),
            )
        )
    )


@dataclass(frozen=True)
class _Reader:
    """What one person may be told of one fiche: since when, which fields, the discussion or not."""

    since: datetime | None
    names: frozenset[str]
    discusses: bool

    @classmethod
    def of(cls, user: Any, fiche: Fiche) -> _Reader:
        reasons = {reason.predicate for reason in permissions.explain(user, Action.READ, fiche)}
        return cls(
            since=fiche.validated_at if reasons <= BY_PUBLICATION else fiche.filed_at,
            names=frozenset(permissions.readable_names(user, fiche)),
            discusses=permissions.can(user, Action.COMMENT, fiche),
        )

    def sentence(self, event: Event) -> str | None:
        if self.since is not None and event.at < self.since:
            return None
        if event.kind == EventKind.COMMENT and not self.discusses:
            return None
        if event.kind not in BY_FIELDS:
            return SENTENCES[event.kind]
        changes = [change for change in event.changes if change[0] in self.names]
        return f"{SENTENCES[event.kind]} : {_fields_in_words(changes)}" if changes else None


def _fields_in_words(changes: list[Any]) -> str:
    """« avancement (Étude → En cours), coût total et 3 autres champs »."""
    words = [_change_in_words(*change) for change in changes[:FIELDS_TOLD]]
    more = len(changes) - len(words)
    if more:
        return f"{', '.join(words)} et {more} autre{'s' if more > 1 else ''} champ{'s' if more > 1 else ''}"
    return ", ".join(words)


def _change_in_words(name: str, before: Any, after: Any) -> str:
    field = BY_NAME.get(name)
    label = label_of(name)
    choices = dict(field.options) if field and isinstance(after, str) else {}
    if not isinstance(after, str) or after not in choices:
        return label
    was = choices.get(before) if isinstance(before, str) else None
    return f"{label} ({was} → {choices[after]})" if was else f"{label} ({choices[after]})"
