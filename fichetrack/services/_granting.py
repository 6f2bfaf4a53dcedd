"""What inviting, granting and resetting share: a mandat checked and added, a single-use token, the e-mail that tells.

No verb of its own, no commit. `user` is None on the command line, whose operator already owns the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update

from fichetrack import clock, mailing, passwords, permissions
from fichetrack.errors import EditRefused, PermissionRefused
from fichetrack.extensions import db
from fichetrack.models import (
    AccountToken,
    Departement,
    LoginSession,
    Mandat,
    Organisation,
    Personne,
    Region,
    Territoire,
)
from fichetrack.search import folded, words
from fichetrack.transactions import insert_ignore
from fichetrack.vocabulary import Action, PerimeterKind, Role

INVITATION, RESET = "invitation", "reset"
LIFETIMES = {INVITATION: timedelta(days=14), RESET: timedelta(hours=1)}
PATHS = {INVITATION: "/invitation/", RESET: "/mot-de-passe/"}


@dataclass(frozen=True)
class Given:
    """A mandat as asked for: role, code of a perimeter (« ti-ales », « reg-75 », « org-3 », « france »), dates."""

    role: str
    perimetre: str
    starts_on: date
    ends_on: date | None = None
    organisation: str = ""  # instead of a perimeter: the name of an operator, created when nobody knows it


def add_mandat(user: Any, personne: Personne, given: Given) -> Mandat:
    """The mandat, flushed. EditRefused names what does not fit; PermissionRefused: not this user's to give."""
    role = Role(given.role) if given.role in list(Role) else None
    if role is None:
        raise EditRefused("Ce rôle n’existe pas.", {"role": ["Choisissez un rôle dans la liste."]})
    place = _named_operator(role, given) if given.organisation.strip() else _place(role, given.perimetre)
    require_grantable(user, personne.id, role, place.get("territoire"))
    if given.ends_on is not None and given.ends_on < given.starts_on:
        raise EditRefused("Les dates se contredisent.", {"ends_on": ["Le dernier jour précède le premier."]})
    _refuse_double(personne, given, place)
    mandat = Mandat(
        personne=personne,
        role=role.value,
        **place,
        starts_on=given.starts_on,
        ends_on=given.ends_on,
        granted_by_id=user.id if user else None,
        granted_at=clock.now(),
    )
    db.session.add(mandat)
    db.session.flush()
    renew_sessions(personne.id)
    return mandat


def require_grantable(user: Any, personne_id: int, role: Role, territoire: Territoire | None) -> None:
    """Whether this user may give, or end, such a mandat of such a person: never one's own."""
    if user is None:
        return
    permissions.require(user, Action.MANAGE_MANDATS, territoire)
    if personne_id == user.id:
        raise PermissionRefused(
            "Vous ne pouvez pas changer vos propres mandats : demandez à une autre personne de votre équipe."
        )
    if role not in permissions.grantable_roles(user, territoire):
        raise PermissionRefused(f"Le rôle « {role.label} » n’est pas de votre ressort : demandez à la délégation.")


def end_mandat(user: Any, mandat: Mandat, last_day: date | None = None) -> None:
    """Set a mandat's last day, or end it at once. EditRefused for a day gone by."""
    if last_day is None:
        # Both dates are included: « at once » is yesterday, even for a mandat that begins today or later, whose first
        # day moves with its last one (granted_at still says when it was given).
        yesterday = clock.today() - timedelta(days=1)
        mandat.starts_on, mandat.ends_on = min(mandat.starts_on, yesterday), yesterday
    elif last_day < max(clock.today(), mandat.starts_on):
        raise EditRefused(
            "Cette date est passée, ou précède le début du mandat.",
            {"last_day": ["Choisissez aujourd’hui ou un jour à venir, ou laissez vide pour mettre fin tout de suite."]},
        )
    else:
        mandat.ends_on = last_day
    mandat.ended_by_id = user.id
    renew_sessions(mandat.personne_id)


def end_all_mandats(user: Any, personne: Personne) -> list[Mandat]:
    """End at once every mandat not over yet, those to come included."""
    day = clock.today()
    running = [mandat for mandat in personne.mandats if mandat.ends_on is None or mandat.ends_on >= day]
    for mandat in running:
        end_mandat(user, mandat)
    return running


def renew_sessions(personne_id: int) -> None:
    """Rights changed: every open session of the person takes a new identifier at its next request."""
    db.session.execute(update(LoginSession).where(LoginSession.personne_id == personne_id).values(renew=True))


def issue_token(personne: Personne, purpose: str) -> str:
    """A new single-use address for this person; those sent before stop working."""
    now, secret = clock.now(), passwords.new_secret()
    retire_tokens(personne.id, purpose)
    db.session.add(
        AccountToken(
            digest=passwords.digest(secret),
            personne_id=personne.id,
            purpose=purpose,
            created_at=now,
            expires_at=now + LIFETIMES[purpose],
        )
    )
    return mailing.absolute(PATHS[purpose] + secret)


def retire_tokens(personne_id: int, *purposes: str) -> None:
    """The unused tokens of these purposes (all when none is named) open nothing any more."""
    live = update(AccountToken).where(AccountToken.personne_id == personne_id, AccountToken.used_at.is_(None))
    if purposes:
        live = live.where(AccountToken.purpose.in_(purposes))
    db.session.execute(live.values(used_at=clock.now()))


def tell(user: Any, personne: Personne, mandat: Mandat | None = None) -> str | None:
    """Prepare the e-mail of a grant. Somebody without a password is invited: the address is returned too."""
    by = user.nom if user else None
    if personne.password_hash is not None:
        db.session.add(mailing.render("mandat_granted", personne, mandat=mandat, by=by))
        return None
    link = issue_token(personne, INVITATION)
    days = LIFETIMES[INVITATION].days
    db.session.add(mailing.render("invitation", personne, mandat=mandat, by=by, link=link, days=days))
    return link


def _place(role: Role, code: str) -> dict[str, Any]:
    """The perimeter of a code as columns of Mandat. EditRefused unless it is of the kind the role asks for."""
    kind = permissions.ROLE_PERIMETER[role]
    prefix, _, rest = code.partition("-")
    found = _find(kind, prefix, rest)
    if found is None:
        wanted = _WANTED[kind]
        raise EditRefused(
            "Le périmètre ne convient pas à ce rôle.", {"perimetre": [f"« {role.label} » : choisissez {wanted}."]}
        )
    return {} if kind == PerimeterKind.NATIONAL else {kind.value: found}


def _named_operator(role: Role, given: Given) -> dict[str, Any]:
    """The organisation of a name, accents and case aside, or a new one. A later refusal takes it back with the rest."""
    nom = " ".join(given.organisation.split())
    if permissions.ROLE_PERIMETER[role] != PerimeterKind.ORGANISATION:
        raise EditRefused(
            "Le périmètre ne convient pas à ce rôle.",
            {"organisation": ["Une organisation se nomme pour un opérateur seulement : laissez ce champ vide."]},
        )
    if given.perimetre:
        raise EditRefused(
            "Deux périmètres sont donnés.",
            {"organisation": ["Choisissez une organisation connue, ou nommez-en une nouvelle : pas les deux."]},
        )
    if not words(nom):
        raise EditRefused("Ce nom est vide.", {"organisation": ["Saisissez le nom de l’organisation."]})
    found = _organisation_named(nom)
    if found is None:
        insert_ignore(Organisation, nom=nom, is_operateur=True)
        found = db.session.scalars(select(Organisation).where(Organisation.nom == nom)).one()
    found.is_operateur = True
    return {PerimeterKind.ORGANISATION.value: found}


def _organisation_named(nom: str) -> Organisation | None:
    known = db.session.scalars(select(Organisation).order_by(Organisation.id))
    return next((one for one in known if folded(one.nom) == folded(nom)), None)


def _find(kind: PerimeterKind, prefix: str, rest: str) -> Any:
    if kind == PerimeterKind.NATIONAL:
        return prefix == "france" or None
    if kind == PerimeterKind.TERRITOIRE and prefix == "ti":
        return db.session.scalars(select(Territoire).where(Territoire.slug == rest)).one_or_none()
    if kind == PerimeterKind.REGION and prefix == "reg":
        return db.session.get(Region, rest)
    if kind == PerimeterKind.DEPARTEMENT and prefix == "dep":
        return db.session.get(Departement, rest)
    if kind == PerimeterKind.ORGANISATION and prefix == "org" and rest.isascii() and rest.isdigit() and len(rest) < 10:
        return db.session.get(Organisation, int(rest))
    return None


_WANTED = {
    PerimeterKind.TERRITOIRE: "un territoire d’industrie",
    PerimeterKind.REGION: "une région",
    PerimeterKind.DEPARTEMENT: "un département",
    PerimeterKind.ORGANISATION: "une organisation",
    PerimeterKind.NATIONAL: "la France entière",
}


def _refuse_double(personne: Personne, given: Given, place: dict[str, Any]) -> None:
    """The same role on the same perimeter at the same time would say nothing more."""
    for held in db.session.scalars(select(Mandat).where(Mandat.personne_id == personne.id, Mandat.role == given.role)):
        same_place = all(getattr(held, name) is place.get(name) for name in _PLACES)
        overlaps = (held.ends_on is None or held.ends_on >= given.starts_on) and (
            given.ends_on is None or held.starts_on <= given.ends_on
        )
        if same_place and overlaps:
            raise EditRefused(
                "Cette personne a déjà ce mandat.",
                {"role": ["Cette personne a déjà ce rôle sur ce périmètre, à ces dates."]},
            )


_PLACES = ("territoire", "region", "departement", "organisation")
