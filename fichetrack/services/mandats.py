"""Giving and ending mandats: invite somebody, grant one more, end one, send an invitation again.

Every right comes from a dated mandat; a grant or an end is told to the person by e-mail, in the same transaction.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import current_app
from sqlalchemy import select

from fichetrack import clock, mailing, permissions
from fichetrack.config import DEMO_DOMAIN
from fichetrack.errors import EditRefused, NotVisible, PermissionRefused
from fichetrack.extensions import db
from fichetrack.models import Mandat, Personne
from fichetrack.queries import accounts as queries
from fichetrack.queries import personnes
from fichetrack.services import _granting
from fichetrack.services._granting import Given
from fichetrack.transactions import insert_ignore, transaction
from fichetrack.vocabulary import PerimeterKind, Role

__all__ = ["NATIONAL_ROLES", "Given", "end", "grant", "invite", "invite_again", "invite_national"]

# What the command line may give: a role on the whole of France asks for no perimeter.
NATIONAL_ROLES = [role for role, kind in permissions.ROLE_PERIMETER.items() if kind == PerimeterKind.NATIONAL]


@transaction
def invite(user: Any, courriel: str, nom: str, given: Given) -> int:
    """Give a mandat to the person of that e-mail, known or not yet; the id of the person."""
    personne = _personne(user, courriel, nom)
    mandat = _granting.add_mandat(user, personne, given)
    _granting.tell(user, personne, mandat)
    return personne.id


@transaction
def grant(user: Any, personne_id: int, given: Given) -> int:
    """Give one more mandat to somebody this user already sees. NotVisible otherwise."""
    personne = _visible(user, personne_id)
    _refuse_closed(personne)
    mandat = _granting.add_mandat(user, personne, given)
    _granting.tell(user, personne, mandat)
    return mandat.id


@transaction
def end(user: Any, mandat_id: int, last_day: date | None = None) -> int:
    """End a mandat after a day to come, or at once: no day, or today. The id of the person; twice is harmless."""
    if last_day == clock.today():
        last_day = None  # What is revoked today is revoked now, not tonight.
    mandat = db.session.get(Mandat, mandat_id, with_for_update=True)
    if mandat is None or not personnes.sees_mandat(user, mandat):
        raise NotVisible
    _granting.require_grantable(user, mandat.personne_id, Role(mandat.role), mandat.territoire)
    if mandat.ends_on is not None and mandat.ends_on < clock.today():
        return mandat.personne_id
    _granting.end_mandat(user, mandat, last_day)
    db.session.add(
        mailing.render(
            "mandat_ended", mandat.personne, mandats=[mandat], by=user.nom, closed=False, at_once=last_day is None
        )
    )
    return mandat.personne_id


@transaction
def invite_again(user: Any, personne_id: int) -> int:
    """Send a new invitation to somebody who never chose a password; the former one stops working."""
    personne = _visible(user, personne_id)
    _refuse_closed(personne)
    if personne.password_hash is not None:
        raise EditRefused("Cette personne a déjà choisi son mot de passe : elle peut se connecter.")
    _granting.tell(user, personne)
    return personne.id


@transaction
def invite_national(_user: None, courriel: str, role: str = Role.ADMINISTRATEUR, nom: str = "") -> str:
    """From the command line, for a national role: the person invited, and the address it must open.

    Somebody who already has this role gets a new invitation; somebody who has a password, none: the sign-in address.
    """
    personne = _personne(None, courriel, nom or courriel.partition("@")[0])
    given = Given(role, "france", clock.today())
    held = [mandat for mandat in personne.mandats if mandat.role == role and mandat.is_valid_on(clock.today())]
    mandat = held[0] if held else _granting.add_mandat(None, personne, given)
    return _granting.tell(None, personne, mandat) or mailing.absolute("/connexion")


def _personne(user: Any, courriel: str, nom: str) -> Personne:
    """The person of an e-mail, created when absent; a name already known is kept."""
    address = queries.normalised(courriel)
    if address.endswith(f"@{DEMO_DOMAIN}") and not current_app.config["DEMO"]:
        # Such an account would keep the service from starting (sessions.refuse_demo_accounts).
        raise EditRefused(
            "Cette adresse est celle de la démonstration.",
            {"courriel": ["Choisissez une adresse qui reçoit du courriel."]},
        )
    insert_ignore(Personne, courriel=address, nom=nom.strip(), created_at=clock.now())
    personne = db.session.scalars(select(Personne).where(Personne.courriel == address).with_for_update()).one()
    if personne.closed_at is not None:
        _reopen(user, personne)
    return personne


def _reopen(user: Any, personne: Personne) -> None:
    """A closed account comes back through those who may close one, and with a new password."""
    if user is not None and not personnes.closes_accounts(user, personne):
        raise PermissionRefused("Ce compte a été fermé : demandez à la délégation de le rouvrir.")
    personne.closed_at = personne.password_hash = None


def _visible(user: Any, personne_id: int) -> Personne:
    personne = personnes.get_personne(user, personne_id)
    if personne is None:
        raise NotVisible
    return personne


def _refuse_closed(personne: Personne) -> None:
    if personne.closed_at is not None:
        raise EditRefused("Ce compte est fermé. Invitez la personne à nouveau pour le rouvrir.")
