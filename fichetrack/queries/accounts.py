"""Reading accounts: who an e-mail is, which sessions are open, what a token of an e-mail stands for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from fichetrack import clock, passwords
from fichetrack.config import DEMO_DOMAIN, DEMO_LOGINS
from fichetrack.extensions import db
from fichetrack.models import AccountToken, LoginSession, Mandat, Personne
from fichetrack.vocabulary import Role


def normalised(courriel: str) -> str:
    """An e-mail as it is stored."""
    return courriel.strip().lower()


def get_personne_by_courriel(courriel: str) -> Personne | None:
    return db.session.scalars(select(Personne).where(Personne.courriel == normalised(courriel))).one_or_none()


def get_first_dti() -> Personne | None:
    """The first open account of the delegation whose mandat is in force today."""
    day = clock.today()
    in_force = (Mandat.starts_on <= day, or_(Mandat.ends_on.is_(None), Mandat.ends_on >= day))
    steering = select(Mandat.personne_id).where(Mandat.role == Role.DTI, *in_force)
    open_accounts = select(Personne).where(Personne.closed_at.is_(None), Personne.password_hash.is_not(None))
    return db.session.scalars(open_accounts.where(Personne.id.in_(steering)).order_by(Personne.id).limit(1)).first()


def get_token(secret: str, purpose: str) -> AccountToken | None:
    """The token of an address received by e-mail, while it still opens something."""
    with_person = joinedload(AccountToken.personne)
    token = db.session.get(AccountToken, passwords.digest(secret), options=[with_person])
    return token if token is not None and is_live(token, purpose) else None


def is_live(token: AccountToken, purpose: str) -> bool:
    """Not used, not expired, of that purpose, and its account open."""
    unused = token.purpose == purpose and token.used_at is None
    return unused and clock.now() < token.expires_at and token.personne.closed_at is None


def list_sessions(user: Any, idle: timedelta) -> list[LoginSession]:
    """The open sessions of a person, the last used first."""
    alive = select(LoginSession).where(LoginSession.personne_id == user.id, LoginSession.seen_at > clock.now() - idle)
    return list(db.session.scalars(alive.order_by(LoginSession.seen_at.desc())))


def count_demo_accounts() -> int:
    """The people of the demonstration's domain who could sign in: their password is public."""
    demo = Personne.courriel.like(f"%@{DEMO_DOMAIN}"), Personne.password_hash.is_not(None), Personne.closed_at.is_(None)
    return db.session.scalar(select(func.count(Personne.id)).where(*demo)) or 0


def list_demo_accounts() -> list[Personne]:
    """The announced accounts of the demonstration, in their order, with their mandats."""
    announced = [f"{login}@{DEMO_DOMAIN}" for login in DEMO_LOGINS]
    open_ones = Personne.password_hash.is_not(None), Personne.closed_at.is_(None)
    found = select(Personne).where(Personne.courriel.in_(announced), *open_ones)
    people = db.session.scalars(found.options(selectinload(Personne.mandats)))
    return sorted(people, key=lambda personne: announced.index(personne.courriel))
