"""Subscriptions, the ledger of what was told to whom, the outbox, and the slots jobs have claimed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fichetrack.extensions import Model
from fichetrack.models.personne import Personne
from fichetrack.models.types import Moment


class Subscription(Model):
    """A filtered view somebody follows. `position` is the journal event up to which it has been told."""

    __tablename__ = "subscription"

    id: Mapped[int] = mapped_column(primary_key=True)
    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id"), index=True)
    filters: Mapped[dict[str, list[str]]] = mapped_column(JSON)  # the arguments of /fiches: {"axe": ["innover"], …}
    frequency: Mapped[str] = mapped_column(String(20))
    position: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    last_prepared_at: Mapped[datetime | None] = mapped_column(Moment)
    personne: Mapped[Personne] = relationship()


class OutgoingEmail(Model):
    """An e-mail is a row before it is a message; the outbox job alone speaks SMTP."""

    __tablename__ = "outgoing_email"
    __table_args__ = (Index("ix_outgoing_email_pending", "sent_at", "failed_at", "next_try_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    recipient: Mapped[str] = mapped_column(String(254))
    personne_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))  # the folder of templates/email it was rendered from
    subject: Mapped[str] = mapped_column(String(400))
    body_text: Mapped[str] = mapped_column(Text)
    body_html: Mapped[str] = mapped_column(Text)
    headers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment)
    next_try_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    failed_at: Mapped[datetime | None] = mapped_column(Moment)
    error: Mapped[str | None] = mapped_column(Text)


class Delivery(Model):
    """The ledger: an event is told to a person once, however many subscriptions match and however often the job runs."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("personne_id", "event_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscription.id"), index=True)
    email_id: Mapped[int | None] = mapped_column(ForeignKey("outgoing_email.id"), index=True)
    prepared_at: Mapped[datetime] = mapped_column(Moment)


class JobRun(Model):
    """One row per (job, slot): whoever inserts it runs the slot, the others pass."""

    __tablename__ = "job_run"
    __table_args__ = (UniqueConstraint("job", "slot"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(40))
    slot: Mapped[datetime] = mapped_column(Moment)
    claimed_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    error: Mapped[str | None] = mapped_column(Text)
