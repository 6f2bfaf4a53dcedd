"""How often a password may be tried, counted by account and by address. Shared by the verbs of services.accounts.

A try is written down before its password is verified, so that tries made at once count one another. Addresses from
which the account signed in during the last day have a budget of their own: strangers who use up the other one do not
lock its owner out. In all, at most 20 passwords are tested per account in ten minutes, from however many addresses.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, text

from fichetrack import clock, passwords
from fichetrack.addresses import network_of
from fichetrack.errors import TooManyAttempts
from fichetrack.extensions import db
from fichetrack.models import LoginAttempt
from fichetrack.transactions import transaction

WINDOW = timedelta(minutes=10)
PER_ACCOUNT = 10  # from strange addresses; as many again from known ones
PER_ADDRESS = 50
KNOWN_FOR = timedelta(days=1)
TOO_MANY = (
    "Trop de tentatives de connexion. Patientez dix minutes, ou demandez un nouveau mot de passe : "
    "le lien reçu par courriel vous connecte aussitôt."
)


@transaction
def claim(_user: Any, courriel: str, address: str, limit: int = PER_ACCOUNT, subject: str = "") -> int:
    """Write down one try and return its id; TooManyAttempts when the account or the address has used its share up."""
    account, address = passwords.digest(f"{subject}{courriel}"), network_of(address)
    _take_turns(account, address)
    if _failures(LoginAttempt.address == address) >= PER_ADDRESS or _is_used_up(account, address, limit):
        raise TooManyAttempts(TOO_MANY)
    attempt = LoginAttempt(account=account, address=address, at=clock.now(), succeeded=False)
    db.session.add(attempt)
    db.session.flush()
    return attempt.id


def count(courriel: str, subject: str = "") -> int:
    """The tries noted for this account in the window, from everywhere."""
    return _failures(LoginAttempt.account == passwords.digest(f"{subject}{courriel}"))


def _is_used_up(account: str, address: str, limit: int) -> bool:
    """Whether the lane this address is in, known or strange, has no try left for the account."""
    known = _known_addresses(account)
    same_lane = LoginAttempt.address.in_(known) if address in known else LoginAttempt.address.not_in(known)
    return _failures((LoginAttempt.account == account) & same_lane) >= limit


def _known_addresses(account: str) -> list[str]:
    known = select(LoginAttempt.address).where(
        LoginAttempt.account == account, LoginAttempt.succeeded, LoginAttempt.at > clock.now() - KNOWN_FOR
    )
    return list(db.session.scalars(known.distinct()))


def _failures(which: ColumnElement[bool]) -> int:
    since = clock.now() - WINDOW
    recent = select(func.count()).where(which, LoginAttempt.succeeded.is_(False), LoginAttempt.at > since)
    return db.session.scalar(recent) or 0


def _take_turns(*keys: str) -> None:
    """Two tries at once count one after the other. On SQLite the writing transaction already sees to it."""
    if db.engine.dialect.name == "postgresql":
        for key in keys:  # Always the account, then the address: no deadlock.
            number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)
            db.session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
