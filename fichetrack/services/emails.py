"""The outbox emptied: each row is claimed, handed to SMTP outside any transaction, then marked; every step may die.

A row claimed and never marked is one whose process died: after STALE it is sent again, once, with the same Message-ID.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from fichetrack import clock, permissions
from fichetrack.errors import EditRefused, NotVisible
from fichetrack.extensions import db
from fichetrack.mailing import DeliveryFailed, Mailer, smtp_settings
from fichetrack.models import Delivery, OutgoingEmail, Personne
from fichetrack.queries import journal, messaging
from fichetrack.services import _digest
from fichetrack.transactions import transaction
from fichetrack.vocabulary import Action

STALE = timedelta(minutes=10)
RETRY_MINUTES = (1, 5, 15, 30, 60)
TRIES_MIN = 48
AGE_MIN = timedelta(hours=4)
BATCH = 1_000
# One failure may be this message's; two in a row are the server's, and the batch stops asking it.
FAILURES_IN_A_ROW = 2
# They hold a single-use link: once sent, only the recipient keeps it.
SECRET = frozenset({"invitation", "reset"})
INTERRUPTED = "Envoi interrompu puis repris : une copie a pu partir deux fois, avec le même Message-ID."
INTERRUPTED_AGAIN = "Envoi interrompu deux fois : il n’est plus tenté tout seul, une copie a pu partir."
RESENT = "Renvoyé à la demande d’un administrateur."


@dataclass
class Sent:
    """What one run did with the outbox."""

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    kept: int = 0  # waiting while no server is given
    last_error: str | None = None

    def __str__(self) -> str:
        if self.kept:
            return (
                f"Aucun serveur de courriel (FICHETRACK_MAIL_URL) : {self.kept} courriel(s) gardé(s) "
                "dans la boîte d’envoi."
            )
        words = f"Courriels : {self.sent} envoyé(s), {self.deferred} à réessayer, {self.failed} non remis."
        return f"{words} {self.last_error}" if self.last_error else words


def send_pending(at: datetime | None = None, limit: int = BATCH) -> Sent:
    """Send what is due, one connection for the batch. One recipient's refusal never blocks the others."""
    with clock.at(at) if at else nullcontext():
        settings = smtp_settings()
        if settings is None:
            return Sent(kept=count_pending())
        report = Sent()
        with Mailer(settings) as mailer:
            _send_batch(mailer.send, report, limit)
        return report


def count_pending() -> int:
    """E-mails neither sent nor given up."""
    waiting = select(func.count()).select_from(OutgoingEmail).where(_waiting())
    return db.session.scalar(waiting) or 0


@transaction
def resend(user: Any, email_id: int) -> None:
    """An administrator asks once more for what was not delivered."""
    permissions.require(user, Action.ADMINISTER)
    email = db.session.get(OutgoingEmail, email_id, with_for_update=True)
    if email is None:
        raise NotVisible
    if email.failed_at is None or (email.error or "").startswith(RESENT):
        raise EditRefused("Ce courriel n’est pas en échec, ou il a déjà été renvoyé une fois.")
    email.error = RESENT
    email.failed_at, email.claimed_at, email.attempts, email.next_try_at = None, None, 0, clock.now()


def _send_batch(send: Callable[[OutgoingEmail], None], report: Sent, limit: int) -> None:
    down: DeliveryFailed | None = None
    in_a_row = 0
    for _ in range(limit):
        email_id = _claim_next(None)
        if email_id is None:
            return
        failure = down or _try(send, email_id)
        _mark(None, email_id, failure, report)
        in_a_row = in_a_row + 1 if failure and failure.connection_lost else 0
        if failure and in_a_row >= FAILURES_IN_A_ROW:
            down = failure


def _try(send: Callable[[OutgoingEmail], None], email_id: int) -> DeliveryFailed | None:
    """Speak SMTP with a row taken out of the session, no transaction open."""
    email = db.session.get(OutgoingEmail, email_id)
    if email is None:
        return None
    db.session.expunge(email)
    db.session.rollback()
    try:
        send(email)
    except DeliveryFailed as failure:
        return failure
    return None


def _waiting() -> ColumnElement[bool]:
    return and_(OutgoingEmail.sent_at.is_(None), OutgoingEmail.failed_at.is_(None))


@transaction
def _claim_next(_user: Any) -> int | None:
    """Claim the next row that is due and still has something to say; None when there is none."""
    now = clock.now()
    # A claim in the future was made before the clock was set back.
    free = or_(
        OutgoingEmail.claimed_at.is_(None),
        OutgoingEmail.claimed_at <= now - STALE,
        OutgoingEmail.claimed_at > now + STALE,
    )
    due = (
        select(OutgoingEmail)
        .where(_waiting(), OutgoingEmail.next_try_at <= now, free)
        .order_by(OutgoingEmail.next_try_at, OutgoingEmail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    while (email := db.session.scalars(due).first()) is not None:
        if _take(email, now) and _is_still_true(email):
            return email.id
        db.session.flush()
    return None


def _take(email: OutgoingEmail, now: datetime) -> bool:
    """Claim it; False when it must not be tried again by itself."""
    if email.claimed_at is not None:
        if email.error == INTERRUPTED:
            email.failed_at, email.error = now, INTERRUPTED_AGAIN
            return False
        email.error = INTERRUPTED
    email.claimed_at = now
    email.attempts += 1
    return True


def _is_still_true(email: OutgoingEmail) -> bool:
    """A digest is written again from its ledger as it leaves: what its reader may no longer see is gone from it.

    False when nothing remains: the e-mail goes away, the ledger stays.
    """
    if email.name != "digest":
        return True
    personne = db.session.get_one(Personne, email.personne_id)
    told = journal.told_by(email.id, personne) if personne.is_active else []
    ids = tuple(subscription_id for subscription_id, _news in told)
    subscriptions = [row for row in messaging.list_subscriptions_of(personne.id, ids) if row.ended_at is None]
    told = [(where, news) for where, news in told if where in {row.id for row in subscriptions}]
    if not told:
        db.session.execute(update(Delivery).where(Delivery.email_id == email.id).values(email_id=None))
        db.session.delete(email)
        return False
    fresh = _digest.write(personne, told, subscriptions, email.created_at)
    email.recipient, email.headers = fresh.recipient, fresh.headers
    email.subject, email.body_text, email.body_html = fresh.subject, fresh.body_text, fresh.body_html
    return True


@transaction
def _mark(_user: Any, email_id: int, failure: DeliveryFailed | None, report: Sent) -> None:
    """Write what became of a claimed row."""
    email = db.session.get(OutgoingEmail, email_id, with_for_update=True, populate_existing=True)
    if email is None:
        return
    now = clock.now()
    email.claimed_at = None
    if failure is None:
        email.sent_at = now
        if email.name in SECRET:
            email.body_text = email.body_html = ""
        email.error = email.error if email.error in {INTERRUPTED, RESENT} else None
        report.sent += 1
        return
    resent = (email.error or "").startswith(RESENT)
    email.error = f"{RESENT} {failure.reason}" if resent else failure.reason
    report.last_error = failure.reason
    exhausted = email.attempts >= TRIES_MIN and now - email.created_at >= AGE_MIN
    if failure.permanent or exhausted:
        email.failed_at = now
        report.failed += 1
    else:
        email.next_try_at = now + timedelta(minutes=RETRY_MINUTES[min(email.attempts, len(RETRY_MINUTES)) - 1])
        report.deferred += 1
