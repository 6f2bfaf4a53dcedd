"""Subscriptions: follow a filtered view, stop following it from the page or from a signed link."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from fichetrack import clock, permissions
from fichetrack.errors import EditRefused, NotVisible
from fichetrack.extensions import db
from fichetrack.links import SignedLink
from fichetrack.models import Subscription
from fichetrack.queries import journal
from fichetrack.queries.filters import Filters
from fichetrack.queries.messaging import followable_filters, list_subscriptions_of
from fichetrack.transactions import transaction
from fichetrack.vocabulary import Action, Frequency

SUBSCRIPTIONS_MAX = 50


@transaction
def subscribe(user: Any, filters: Filters, frequency: Frequency) -> int:
    """Follow a filtered view from now on; the same view followed twice only changes its frequency. Returns its id."""
    permissions.require(user, Action.FOLLOW)
    kept = followable_filters(user, filters)
    mine = list(db.session.scalars(_active(user.id)))
    for subscription in mine:
        if _same(subscription.filters, kept):
            subscription.frequency = frequency.value
            return subscription.id
    if len(mine) >= SUBSCRIPTIONS_MAX:
        raise EditRefused(f"Vous suivez déjà {SUBSCRIPTIONS_MAX} listes : arrêtez-en une avant d’en ajouter.")
    subscription = Subscription(
        personne_id=user.id,
        filters=kept,
        frequency=frequency.value,
        position=journal.last_position(),
        created_at=clock.now(),
    )
    db.session.add(subscription)
    db.session.flush()
    return subscription.id


@transaction
def stop(user: Any, subscription_id: int) -> int:
    """End one of one's own subscriptions; ending it twice changes nothing. NotVisible if it is not one's own."""
    permissions.require(user, Action.FOLLOW)
    found = list_subscriptions_of(user.id, (subscription_id,))
    if not found:
        raise NotVisible
    _end(found)
    return subscription_id


@transaction
def stop_by_link(_user: Any, link: SignedLink) -> int:
    """End what a signed link names, whoever clicks; returns how many are now ended."""
    found = list_subscriptions_of(link.personne_id, link.subject)
    _end(found)
    return len(found)


def _active(personne_id: int) -> Any:
    """The subscriptions in force, their rows locked: the same form sent twice at once waits for itself."""
    return (
        select(Subscription)
        .where(Subscription.personne_id == personne_id, Subscription.ended_at.is_(None))
        .order_by(Subscription.id)
        .with_for_update()
    )


def _same(left: Filters, right: Filters) -> bool:
    return {name: set(values) for name, values in left.items()} == {name: set(values) for name, values in right.items()}


def _end(subscriptions: list[Subscription]) -> None:
    for subscription in subscriptions:
        subscription.ended_at = subscription.ended_at or clock.now()
