"""What signing in needs: open sessions, attempts, single-use tokens; and the tokens of forms already posted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fichetrack.extensions import Model
from fichetrack.models.personne import Personne
from fichetrack.models.types import Moment


class LoginSession(Model):
    """An open session on the server's side: ending the row signs the browser out at its next request."""

    __tablename__ = "login_session"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256 of the random identifier in the cookie
    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    user_agent: Mapped[str] = mapped_column(String(200), default="")
    renew: Mapped[bool] = mapped_column(default=False)  # rights changed: a new identifier at the next request
    personne: Mapped[Personne] = relationship()


class LoginAttempt(Model):
    """One try of a password, kept a day: the throttle counts them by account and by address."""

    __tablename__ = "login_attempt"
    __table_args__ = (
        Index("ix_login_attempt_account_at", "account", "at"),
        Index("ix_login_attempt_address_at", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(String(64))  # digest of the e-mail typed, known or not
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment)
    succeeded: Mapped[bool] = mapped_column(default=False)


class AccountToken(Model):
    """An invitation or a password reset: single use, expiring, replaced by a newer one. Only its SHA-256 is kept."""

    __tablename__ = "account_token"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))  # invitation | reset
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    personne: Mapped[Personne] = relationship()


class Submission(Model):
    """A form token already posted, what it held and the answer it got (transactions.transaction)."""

    __tablename__ = "submission"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    personne_id: Mapped[int | None]
    verb: Mapped[str] = mapped_column(String(60))
    fingerprint: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    answer: Mapped[str | None] = mapped_column(String(200))
