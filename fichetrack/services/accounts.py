"""Signing in and out, passwords, one's own profile, closing an account. Mandats are in services.mandats.

Passwords are verified and hashed outside of any transaction (a tenth of a second each): sign_in and its like note the
try and commit, compute, then write in a second transaction that checks again what it relies on.
"""

from __future__ import annotations

import time
from typing import Any

from flask import current_app
from sqlalchemy import delete, update

from fichetrack import clock, mailing, passwords
from fichetrack.errors import EditRefused, NotVisible, PermissionRefused
from fichetrack.extensions import db
from fichetrack.models import AccountToken, LoginAttempt, LoginSession, Personne
from fichetrack.queries import accounts as queries
from fichetrack.queries import personnes
from fichetrack.services import _granting, _throttle
from fichetrack.transactions import transaction

WRONG = "L’adresse électronique ou le mot de passe ne convient pas."
WRONG_CURRENT = "Ce n’est pas votre mot de passe actuel."
DEAD_LINK = "Ce lien n’est plus valable."
RESETS_PER_WINDOW = 3
RESET_SECONDS = 0.15


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


@transaction
def sign_out_elsewhere(user: Any, digest: str) -> None:
    """End every session of this person but the one of that digest."""
    _end_sessions(user.id, digest)


def request_reset(courriel: str, address: str) -> None:
    """Send a link to choose a new password, when the account is open; whoever asks learns nothing.

    Raises TooManyAttempts for an address that asks too much; an account asked for too often is silently left alone.
    """
    began, courriel = time.monotonic(), queries.normalised(courriel)
    _throttle.claim(None, courriel, address, limit=_throttle.PER_ADDRESS, subject="reset:")
    if _throttle.count(courriel, subject="reset:") <= RESETS_PER_WINDOW:
        _send_reset(None, courriel)
    # Writing an e-mail takes a few milliseconds more than writing none: both answers wait for the same moment.
    time.sleep(max(0.0, RESET_SECONDS - (time.monotonic() - began)))


def choose_password(token: str, purpose: str, password: str, user_agent: str) -> str:
    """Use a token of an e-mail: the password is set, all sessions end, one is opened; its identifier.

    Raises EditRefused when the token is dead or the password too weak (then the token stays good).
    """
    found = queries.get_token(token, purpose)
    if found is None:
        raise EditRefused(DEAD_LINK)
    _refuse_weak(password, found.personne.courriel)
    db.session.rollback()
    return str(_use_token(None, passwords.digest(token), purpose, passwords.hash_password(password), user_agent))


def change_password(user: Any, current: str, new: str, address: str, user_agent: str) -> str:
    """From one's profile: every session ends, and a new one is opened; its identifier."""
    personne_id, courriel, stored = user.id, user.courriel, user.password_hash
    _refuse_weak(new, courriel)
    attempt_id = _throttle.claim(user, courriel, address)
    if not passwords.verify(stored, current):
        raise EditRefused(WRONG_CURRENT, {"mot_de_passe_actuel": [WRONG_CURRENT]})
    hashed = passwords.hash_password(new)
    return str(_replace_password(None, personne_id, attempt_id, (stored, hashed), user_agent))


@transaction
def update_profile(user: Any, nom: str, fonction: str, telephone: str) -> None:
    """One's own name, function and telephone."""
    personne = db.session.get_one(Personne, user.id)
    personne.nom, personne.fonction, personne.telephone = (
        nom.strip(),
        fonction.strip() or None,
        telephone.strip() or None,
    )


@transaction
def close(user: Any, personne_id: int) -> int:
    """Close an account: its sessions and mandats end at once, its links die. NotVisible, PermissionRefused."""
    personne = db.session.get(Personne, personne_id, with_for_update=True)
    if personne is None or personnes.get_personne(user, personne_id) is None:
        raise NotVisible
    if not personnes.closes_accounts(user, personne):
        raise PermissionRefused("Vous ne pouvez pas fermer ce compte : demandez à un administrateur.")
    if personne.closed_at is None:
        ended = _granting.end_all_mandats(user, personne)
        personne.closed_at = clock.now()
        _end_sessions(personne.id)
        _granting.retire_tokens(personne.id)
        db.session.add(mailing.render("mandat_ended", personne, mandats=ended, by=user.nom, closed=True, at_once=True))
    return personne.id


@transaction
def sweep(_user: None) -> None:
    """Forget the sessions nobody may use any more and the dead tokens: a nightly job (services.jobs forgets the tries)."""
    now = clock.now()
    db.session.execute(delete(LoginSession).where(LoginSession.seen_at < now - current_app.config["SESSION_IDLE"]))
    db.session.execute(delete(AccountToken).where(AccountToken.expires_at < now))


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
    personne = _still(personne_id, hashes[0])
    personne.password_hash = hashes[1]
    _succeed(attempt_id)
    db.session.execute(delete(LoginSession).where(LoginSession.digest == former))
    return _add_session(personne_id, user_agent)


@transaction
def _replace_password(_user: Any, personne_id: int, attempt_id: int, hashes: tuple[str, str], user_agent: str) -> str:
    personne = _still(personne_id, hashes[0])
    _succeed(attempt_id)
    return _set_password(personne, hashes[1], user_agent)


@transaction
def _use_token(_user: Any, digest: str, purpose: str, hashed: str, user_agent: str) -> str:
    """Of two uses at once, the second finds the token used."""
    token = db.session.get(AccountToken, digest, with_for_update=True)
    if token is None or not queries.is_live(token, purpose):
        raise EditRefused(DEAD_LINK)
    personne = db.session.get_one(Personne, token.personne_id, with_for_update=True)
    personne.activated_at = personne.activated_at or clock.now()
    return _set_password(personne, hashed, user_agent)


@transaction
def _send_reset(_user: Any, courriel: str) -> None:
    """Somebody invited who never chose a password gets the invitation again."""
    personne = queries.get_personne_by_courriel(courriel)
    if personne is None or personne.closed_at is not None:
        return
    if personne.password_hash is None:
        _granting.tell(None, personne)
        return
    link = _granting.issue_token(personne, _granting.RESET)
    db.session.add(mailing.render("reset", personne, link=link))


def _still(personne_id: int, stored: str) -> Personne:
    personne = db.session.get(Personne, personne_id, with_for_update=True)
    if personne is None or not personne.is_active or personne.password_hash != stored:
        raise EditRefused(WRONG)
    return personne


def _succeed(attempt_id: int) -> None:
    db.session.execute(update(LoginAttempt).where(LoginAttempt.id == attempt_id).values(succeeded=True))


def _set_password(personne: Personne, hashed: str, user_agent: str) -> str:
    """A new password ends every session and every link; this browser gets a new session."""
    personne.password_hash = hashed
    _granting.retire_tokens(personne.id)
    _end_sessions(personne.id)
    return _add_session(personne.id, user_agent)


def _end_sessions(personne_id: int, but: str = "") -> None:
    db.session.execute(delete(LoginSession).where(LoginSession.personne_id == personne_id, LoginSession.digest != but))


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


def _refuse_weak(password: str, courriel: str) -> None:
    if found := passwords.weaknesses(password, courriel):
        raise EditRefused("Choisissez un autre mot de passe.", {"nouveau_mot_de_passe": found})
