"""Digests prepared: one e-mail per person and slot from all their subscriptions, exactly once, never empty.

The journal's position says where each subscription stands, the ledger (Delivery) makes each event told once, and the
slot is claimed on the subscription's own row: run twice, or on two hosts at once, the second finds nothing due.
"""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from fichetrack import clock
from fichetrack.extensions import db
from fichetrack.models import Delivery, Personne, Subscription
from fichetrack.queries import journal
from fichetrack.queries.journal import News
from fichetrack.queries.messaging import slot_before
from fichetrack.services import _digest
from fichetrack.transactions import insert_ignore, transaction
from fichetrack.vocabulary import Frequency

logger = logging.getLogger(__name__)


@dataclass
class Prepared:
    """What one run did."""

    due: int = 0
    emails: int = 0
    errors: int = 0

    def __str__(self) -> str:
        words = f"Récapitulatifs : {self.due} personne(s) à servir, {self.emails} courriel(s) préparé(s)"
        return words + (f", {self.errors} erreur(s), voir le journal technique." if self.errors else ".")


def prepare_due(at: datetime | None = None) -> Prepared:
    """Prepare what is due now (or at `at`). One person's error never holds back the others."""
    report = Prepared()
    with clock.at(at) if at else nullcontext():
        for personne_id in _people_due():
            report.due += 1
            try:
                report.emails += bool(_prepare_for(None, personne_id))
            except Exception:
                logger.exception("digest of person %s", personne_id)
                report.errors += 1
    return report


def _people_due() -> list[int]:
    found = (
        select(Subscription.personne_id)
        .join(Subscription.personne)
        .where(_due(clock.now()), Personne.closed_at.is_(None), Personne.password_hash.is_not(None))
        .distinct()
        .order_by(Subscription.personne_id)
    )
    people = list(db.session.scalars(found))
    db.session.rollback()
    return people


def _due(now: datetime) -> ColumnElement[bool]:
    """Not prepared since the last slot of its frequency; a subscription is first due at the slot after its birth."""
    reference = func.coalesce(Subscription.last_prepared_at, Subscription.created_at)
    slots = [
        and_(Subscription.frequency == frequency, reference < slot_before(frequency, now)) for frequency in Frequency
    ]
    return and_(Subscription.ended_at.is_(None), or_(*slots))


@transaction
def _prepare_for(_user: Any, personne_id: int) -> bool:
    """One person in one transaction: slot claimed, ledger, e-mail, positions. True if there was something to tell."""
    now, upto = clock.now(), journal.last_position()
    personne = db.session.get_one(Personne, personne_id)
    subscriptions = [row for row in _subscriptions_of(personne_id) if _claim(row, now)]
    told: list[tuple[int, News]] = []
    for subscription in subscriptions:
        told += [(subscription.id, news) for news in _news(personne, subscription, upto) if _tell(subscription, news)]
        subscription.position = max(subscription.position, upto)
    for subscription in subscriptions:
        subscription.last_prepared_at = now
    if not told:
        return False
    email = _digest.write(personne, told, subscriptions, now)
    db.session.add(email)
    db.session.flush()
    events = [news.event.id for _subscription, news in told]
    db.session.execute(
        update(Delivery)
        .where(Delivery.personne_id == personne_id, Delivery.event_id.in_(events))
        .values(email_id=email.id)
    )
    return True


def _subscriptions_of(personne_id: int) -> list[Subscription]:
    """Always in the same order, so that two hosts wait for each other rather than cross."""
    return list(
        db.session.scalars(
            select(Subscription).where(Subscription.personne_id == personne_id).order_by(Subscription.id)
        )
    )


def _claim(subscription: Subscription, now: datetime) -> bool:
    """Take the slot on the row itself: the condition is judged again once another host has let the row go.

    The session keeps the former `last_prepared_at`, from which the margin is read again.
    """
    claimed = (
        update(Subscription)
        .where(Subscription.id == subscription.id, _due(now))
        .values(last_prepared_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(db.session.execute(claimed).rowcount)  # type: ignore[attr-defined]


def _news(personne: Personne, subscription: Subscription, upto: int) -> list[News]:
    return journal.new_for(
        personne,
        subscription.filters,
        after=subscription.position,
        upto=upto,
        since=subscription.last_prepared_at or subscription.created_at,
        not_before=subscription.created_at,
    )


def _tell(subscription: Subscription, news: News) -> bool:
    """Write the event in the ledger; False if this person has been told already."""
    return insert_ignore(
        Delivery,
        personne_id=subscription.personne_id,
        event_id=news.event.id,
        subscription_id=subscription.id,
        prepared_at=clock.now(),
    )
