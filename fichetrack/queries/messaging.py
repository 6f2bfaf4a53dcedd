"""Subscriptions as their owner reads them, the moments of digests, and the outbox as it may be looked at."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import func, or_, select

from fichetrack import clock, permissions
from fichetrack.extensions import db
from fichetrack.models import Delivery, OutgoingEmail, Personne, Subscription, Territoire
from fichetrack.queries import filters as fiche_filters
from fichetrack.queries.filters import Filters
from fichetrack.queries.paging import page_of
from fichetrack.vocabulary import Action, Frequency

SLOT_TIME = time(7, 0)  # It exists once in Paris every day of the year, whatever the clocks do at night.
MONDAY = 0
DEMO_PAGE = 25


# --- when digests leave ----------------------------------------------------------------------------------------------


def slot_before(frequency: str, moment: datetime) -> datetime:
    """The last slot at or before a moment: 7 o'clock in Paris, every day or on Mondays."""
    local = moment.astimezone(clock.PARIS)
    day = local.date() if local.time() >= SLOT_TIME else local.date() - timedelta(days=1)
    if frequency == Frequency.WEEKLY:
        day -= timedelta(days=(day.weekday() - MONDAY) % 7)
    return _slot(day)


def slot_after(frequency: str, moment: datetime) -> datetime:
    """The first slot after a moment."""
    day = slot_before(frequency, moment).astimezone(clock.PARIS).date()
    return _slot(day + timedelta(days=7 if frequency == Frequency.WEEKLY else 1))


def _slot(day: date) -> datetime:
    return datetime.combine(day, SLOT_TIME, clock.PARIS)


# --- subscriptions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Followed:
    """A subscription with its French name, the list it follows, and when it last spoke and will next."""

    subscription: Subscription
    name: str
    list_path: str
    frequency_label: str
    last_sent_at: datetime | None
    next_at: datetime


def list_followed(user: Personne) -> list[Followed]:
    """The subscriptions in force of a person, the newest first."""
    found = (
        select(Subscription)
        .where(Subscription.personne_id == user.id, Subscription.ended_at.is_(None))
        .order_by(Subscription.id.desc())
    )
    sends, places = _last_sends(user.id), dict(territoire_choices())
    return [_followed(row, sends.get(row.id), places) for row in db.session.scalars(found)]


def list_subscriptions_of(personne_id: int, ids: tuple[int, ...]) -> list[Subscription]:
    """Those of a person among `ids`, ended ones included."""
    found = select(Subscription).where(Subscription.personne_id == personne_id, Subscription.id.in_(ids))
    return list(db.session.scalars(found.order_by(Subscription.id)))


def subscription_name(filters: Filters, places: Mapping[str, str] | None = None) -> str:
    """« Axe : Innover · Territoire : Bassin d’Alès », or « Toutes les fiches ».

    `places` gives the names of territoires already read, by code, when many subscriptions are named at once.
    """
    known = places or {}
    parts = {
        fiche_filters.LABELS[name]: ", ".join(
            known.get(value) or fiche_filters.value_label(name, value) for value in values
        )
        for name, values in filters.items()
    }
    return " · ".join(f"{label} : {values}" for label, values in parts.items()) or "Toutes les fiches"


def list_path(filters: Mapping[str, list[str]]) -> str:
    """The address of the list a subscription follows."""
    return f"/fiches?{urlencode(filters, doseq=True)}" if filters else "/fiches"


def followable_filters(user: Any, arguments: Mapping[str, list[str]]) -> Filters:
    """The filters of an address, cleaned, that this person may follow."""
    return fiche_filters.clean(arguments, internal=permissions.reads_internal(user))


def territoire_choices() -> list[tuple[str, str]]:
    """Every territoire as (code, name), for the form."""
    return [(row.code, row.nom) for row in db.session.scalars(select(Territoire).order_by(Territoire.nom))]


def _followed(subscription: Subscription, last_sent_at: datetime | None, places: Mapping[str, str]) -> Followed:
    return Followed(
        subscription=subscription,
        name=subscription_name(subscription.filters, places),
        list_path=list_path(subscription.filters),
        frequency_label=Frequency(subscription.frequency).label,
        last_sent_at=last_sent_at,
        next_at=slot_after(subscription.frequency, clock.now()),
    )


def _last_sends(personne_id: int) -> dict[int, datetime]:
    """When each subscription of a person last brought something, through the ledger."""
    rows = (
        select(Delivery.subscription_id, func.max(OutgoingEmail.sent_at))
        .join(OutgoingEmail, OutgoingEmail.id == Delivery.email_id)
        .where(Delivery.personne_id == personne_id, OutgoingEmail.sent_at.is_not(None))
        .group_by(Delivery.subscription_id)
    )
    return {subscription_id: at for subscription_id, at in db.session.execute(rows) if at}


# --- the outbox ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EmailPage:
    items: list[OutgoingEmail]
    page: int
    pages: int
    count: int


def list_emails(page: int = 1, size: int = DEMO_PAGE) -> EmailPage:
    """The outbox, the newest first: for the demonstration alone (its route is demo_only)."""
    count = db.session.scalar(select(func.count()).select_from(OutgoingEmail)) or 0
    page, pages = page_of(count, page, size)
    found = select(OutgoingEmail).order_by(OutgoingEmail.id.desc()).limit(size).offset((page - 1) * size)
    return EmailPage(list(db.session.scalars(found)), page, pages, count)


def get_email(email_id: int) -> OutgoingEmail | None:
    return db.session.get(OutgoingEmail, email_id)


def preview(email: OutgoingEmail) -> tuple[str, str]:
    """The HTML of an e-mail as a page of its own, and the policy to serve it with: nothing runs in it."""
    nonce = secrets.token_urlsafe(16)
    policy = (
        f"sandbox allow-top-navigation; default-src 'none'; style-src 'nonce-{nonce}'; form-action 'none'; "
        "frame-ancestors 'none'; object-src 'none'; base-uri 'none'"
    )
    return email.body_html.replace("<style>", f'<style nonce="{nonce}">', 1), policy


def list_undelivered(user: Any) -> list[OutgoingEmail]:
    """What an administrator must know of: failed for good, interrupted by a crash, or refused and being tried again."""
    permissions.require(user, Action.ADMINISTER)
    troubled = or_(OutgoingEmail.failed_at.is_not(None), OutgoingEmail.error.is_not(None))
    found = select(OutgoingEmail).where(troubled).order_by(OutgoingEmail.id.desc()).limit(200)
    return list(db.session.scalars(found))
