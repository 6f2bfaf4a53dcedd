"""The digest as an e-mail, written the same when it is prepared and when it is about to leave. No verb, no commit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import current_app

from fichetrack import clock, links, mailing
from fichetrack.models import OutgoingEmail, Personne, Subscription
from fichetrack.queries import messaging
from fichetrack.queries.journal import News
from fichetrack.vocabulary import Axe, Frequency

ITEMS_MAX = 10
SENTENCES_MAX = 6
STOP_LINK_LIFETIME = timedelta(days=400)


@dataclass
class Item:
    """One fiche, with what happened to it; without a title when it is nominative."""

    path: str
    title: str | None
    where: str
    news: list[tuple[datetime, str]] = field(default_factory=list)


@dataclass
class Section:
    """What one subscription brings."""

    name: str
    frequency: str
    list_path: str
    stop_path: str
    items: list[Item]
    more: int


def write(
    personne: Personne, told: Iterable[tuple[int, News]], subscriptions: list[Subscription], at: datetime
) -> OutgoingEmail:
    """The e-mail of these news, by subscription; the same arguments always write the same words."""
    news = list(told)
    subscriptions = [row for row in subscriptions if any(where == row.id for where, _one in news)]
    sections = [_section(row, [one for where, one in news if where == row.id], at) for row in subscriptions]
    stop_all = _stop_path(personne.id, tuple(subscription.id for subscription in subscriptions), at)
    return mailing.render(
        "digest",
        personne,
        headers={
            "List-Unsubscribe": f"<{mailing.absolute(stop_all)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
        sections=sections,
        count=len({one.fiche.id for _where, one in news}),
        day=at.astimezone(clock.PARIS).date(),
    )


def _section(subscription: Subscription, news: list[News], at: datetime) -> Section:
    items: dict[int, Item] = {}
    for one in news:
        item = items.setdefault(one.fiche.id, _item(one))
        if not one.secret and one.sentence not in {sentence for _at, sentence in item.news}:
            item.news.append((one.event.at, one.sentence))
    for item in items.values():
        item.news = item.news[-SENTENCES_MAX:]
    shown = list(items.values())[-ITEMS_MAX:]
    return Section(
        name=messaging.subscription_name(subscription.filters),
        frequency=Frequency(subscription.frequency).label.lower(),
        list_path=messaging.list_path(subscription.filters),
        stop_path=_stop_path(subscription.personne_id, (subscription.id,), at),
        items=shown,
        more=len(items) - len(shown),
    )


def _item(news: News) -> Item:
    fiche = news.fiche
    path = f"/fiches/{fiche.address}"
    if news.secret:
        return Item(path, None, "")
    axe = f" · {Axe(fiche.axe).label}" if fiche.axe else ""
    return Item(path, fiche.intitule, f"{fiche.territoire.nom}{axe}")


def _stop_path(personne_id: int, ids: tuple[int, ...], at: datetime) -> str:
    secret = current_app.config["SECRET_KEY"]
    token = links.sign(secret, links.Act.STOP, personne_id, ids, at + STOP_LINK_LIFETIME)
    return f"/abonnements/{token}/stop"
