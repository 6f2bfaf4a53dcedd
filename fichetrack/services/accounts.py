"""Signing in and out, passwords, one's own profile, closing an account. Mandats are in services.mandats.

Passwords are verified and hashed outside of any transaction: sign_in and its like read, compute, then write.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, update

from fichetrack import clock, passwords
from fichetrack.errors import EditRefused
from fichetrack.extensions import db
from fichetrack.models import LoginAttempt, LoginSession, Personne
from fichetrack.queries import accounts as queries
from fichetrack.services import _throttle
from fichetrack.transactions import transaction

WRONG = "L’adresse électronique ou le mot de passe ne convient pas."


def sign_in(courriel: str, password: str, address: str, user_agent: str, former: str = "") -> str:
    """Open a session, ending the `former` one of this browser, and return its identifier.

    Raises TooManyAttempts, or EditRefused in the same words for a wrong password and an unknown or closed account.
    """
    attempt_id = _throttle.claim(None, queries.normalised(courriel), address)
    personne_id, stored = _credentials(courriel)
    if not passwords.verify(stored, password):
        raise EditRefused(WRONG)
    rehashed = passwords.hash_password(password) if stored and passwords.needs_rehash(stored) else stored
    return str(_open_session(None, personne_id, attempt_id, (stored, rehashed), user_agent, former))


@transaction
def sign_out(_user: Any, digest: str) -> None:
    """End one session on the server's side."""
    db.session.execute(delete(LoginSession).where(LoginSession.digest == digest))


def _credentials(courriel: str) -> tuple[int | None, str | None]:
    """The person and its hash, when it may sign in; the reading ends here, before the hash is computed."""
    personne = queries.get_personne_by_courriel(courriel)
    found = (personne.id, personne.password_hash) if personne is not None and personne.is_active else (None, None)
    db.session.rollback()
    return found


@transaction
def _open_session(
    _user: Any, personne_id: int, attempt_id: int, hashes: tuple[str, str], user_agent: str, former: str
) -> str:
    """The password verified must still be the one of an open account when the session is written."""
    stored, rehashed = hashes
    personne = db.session.get(Personne, personne_id, with_for_update=True)
    if personne is None or not personne.is_active or personne.password_hash != stored:
        raise EditRefused(WRONG)
    personne.password_hash = rehashed
    db.session.execute(update(LoginAttempt).where(LoginAttempt.id == attempt_id).values(succeeded=True))
    db.session.execute(delete(LoginSession).where(LoginSession.digest == former))
    return _add_session(personne_id, user_agent)


def _add_session(personne_id: int, user_agent: str) -> str:
    identifier, now = passwords.new_secret(), clock.now()
    db.session.add(
        LoginSession(
            digest=passwords.digest(identifier),
            personne_id=personne_id,
            created_at=now,
            seen_at=now,
            user_agent=user_agent[:200],
            renew=False,
        )
    )
    return identifier
