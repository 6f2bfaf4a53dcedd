"""People and their mandats, as those who manage mandats see them: a région its territoires, the delegation everyone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.orm import selectinload

from fichetrack import clock, permissions
from fichetrack.extensions import db
from fichetrack.models import Departement, Mandat, Organisation, Personne, Region, Territoire
from fichetrack.queries.paging import page_of
from fichetrack.search import folded
from fichetrack.vocabulary import Action, PerimeterKind, Role

ENOUGH_EDITORS = 2
PER_PAGE = 50


@dataclass(frozen=True)
class Short:
    """A territoire where fewer than two people may edit."""

    territoire: Territoire
    editors: int


@dataclass(frozen=True)
class Choices:
    """What a user may give: roles, and perimeters grouped by kind, as (code, label)."""

    roles: list[tuple[str, str]]
    perimetres: dict[str, list[tuple[str, str]]]
    names_organisations: bool = False  # may bring in an operator nobody knows yet


@dataclass(frozen=True)
class PersonnePage:
    items: list[Personne]
    page: int
    pages: int
    total: int


def list_personnes(user: Any, q: str = "", page: int = 1, territoire: str = "") -> PersonnePage:
    """A page of the people this user sees, by name; `q` looks in names, e-mails and functions."""
    found = _visible_personnes(user).options(
        selectinload(Personne.mandats).selectinload(Mandat.territoire),
        selectinload(Personne.mandats).selectinload(Mandat.region),
        selectinload(Personne.mandats).selectinload(Mandat.departement),
        selectinload(Personne.mandats).selectinload(Mandat.organisation),
    )
    if q.strip():
        found = found.where(Personne.id.in_(_matching(user, q)))
    if territoire:
        of_it = select(Mandat.personne_id).join(Territoire).where(Territoire.slug == territoire.removeprefix("ti-"))
        found = found.where(Personne.id.in_(of_it))
    count = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page, pages = page_of(count, page, PER_PAGE)
    ordered = found.order_by(func.lower(Personne.nom), Personne.id).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    return PersonnePage(list(db.session.scalars(ordered)), page, pages, count)


def _matching(user: Any, q: str) -> list[int]:
    """The visible people whose name, e-mail or function hold every word, accents and case aside.

    Compared here, in one light query: neither database folds accents by itself, and accounts count in hundreds.
    """
    wanted = folded(q).split()[:8]
    columns = (Personne.id, Personne.nom, Personne.courriel, Personne.fonction)
    rows = db.session.execute(_visible_personnes(user).with_only_columns(*columns))
    people = [(row[0], [folded(text or "") for text in row[1:]]) for row in rows]
    return [one for one, texts in people if all(any(word in text for text in texts) for word in wanted)]


def get_personne(user: Any, personne_id: int) -> Personne | None:
    """One person, or None when this user does not see them."""
    return db.session.scalars(_visible_personnes(user).where(Personne.id == personne_id)).one_or_none()


def get_mandat(user: Any, mandat_id: int) -> Mandat | None:
    """One mandat, or None when this user does not see it."""
    mandat = db.session.get(Mandat, mandat_id)
    return mandat if mandat is not None and sees_mandat(user, mandat) else None


def visible_mandats(user: Any, personne: Personne) -> list[Mandat]:
    """The mandats of a person this user is told about, those in force first."""
    day = clock.today()
    seen = [mandat for mandat in personne.mandats if sees_mandat(user, mandat)]
    return sorted(seen, key=lambda mandat: (_is_over(mandat, day), mandat.role_label, mandat.perimeter_label))


def sees_mandat(user: Any, mandat: Mandat) -> bool:
    """The delegation and the administrator see all; a région those of the territoires it instructs."""
    if _sees_everyone(user):
        return True
    return mandat.territoire is not None and permissions.can(user, Action.MANAGE_MANDATS, mandat.territoire)


def manages_mandat(user: Any, mandat: Mandat) -> bool:
    """Whether this user may end that mandat: one they could give, to somebody else, not over yet."""
    if mandat.personne_id == user.id or _is_over(mandat, clock.today()) or not sees_mandat(user, mandat):
        return False
    return Role(mandat.role) in permissions.grantable_roles(user, mandat.territoire)


def closes_accounts(user: Any, personne: Personne) -> bool:
    """The administrator and the delegation close accounts; an administrator's, only another administrator does."""
    if personne.id == user.id or not _sees_everyone(user):
        return False
    technical = any(mandat.role == Role.ADMINISTRATEUR for mandat in permissions.valid_mandats(personne))
    return bool(permissions.administers(user, None)) or not technical


def list_short_territoires(user: Any) -> list[Short]:
    """The territoires this user manages where fewer than two active people may edit today, the emptiest first."""
    day = clock.today()
    editors = (
        select(Mandat.territoire_id, func.count(Mandat.personne_id.distinct()).label("editors"))
        .join(Personne, Personne.id == Mandat.personne_id)
        .where(Mandat.role.in_(permissions.EDITORS), Mandat.starts_on <= day)
        .where(or_(Mandat.ends_on.is_(None), Mandat.ends_on >= day))
        .where(Personne.closed_at.is_(None), Personne.password_hash.is_not(None))
        .group_by(Mandat.territoire_id)
        .subquery()
    )
    count = func.coalesce(editors.c.editors, 0)
    rows: Any = db.session.execute(
        select(Territoire, count)
        .outerjoin(editors, editors.c.territoire_id == Territoire.id)
        .where(_managed_territoires(user), count < ENOUGH_EDITORS)
        .order_by(count, Territoire.nom)
    )
    return [Short(row[0], row[1]) for row in rows]


def list_choices(user: Any) -> Choices:
    """The roles and perimeters this user may choose from when giving a mandat."""
    roles = permissions.grantable_roles(user)
    kinds = {permissions.ROLE_PERIMETER[role] for role in roles}
    perimetres = {kind.label: _perimetres(user, kind) for kind in PerimeterKind if kind in kinds}
    return Choices(
        [(role.value, role.label) for role in roles],
        {kind: rows for kind, rows in perimetres.items() if rows},
        names_organisations=Role.OPERATEUR in roles,
    )


def _perimetres(user: Any, kind: PerimeterKind) -> list[tuple[str, str]]:
    if kind == PerimeterKind.TERRITOIRE:
        managed = select(Territoire).where(_managed_territoires(user)).order_by(Territoire.nom)
        return [(territoire.code, territoire.nom) for territoire in db.session.scalars(managed)]
    if kind == PerimeterKind.NATIONAL:
        return [("france", kind.label)]
    places: dict[PerimeterKind, tuple[Any, str, str]] = {
        PerimeterKind.REGION: (Region, "reg", "code"),
        PerimeterKind.DEPARTEMENT: (Departement, "dep", "code"),
        PerimeterKind.ORGANISATION: (Organisation, "org", "id"),
    }
    model, prefix, key = places[kind]
    rows: Any = db.session.scalars(select(model).order_by(model.nom))
    return [(f"{prefix}-{getattr(row, key)}", row.nom) for row in rows]


def _sees_everyone(user: Any) -> bool:
    return bool(permissions.administers(user, None) or permissions.steers_programme(user, None))


def _visible_personnes(user: Any) -> Select[Personne]:
    if _sees_everyone(user):
        return select(Personne)
    managed = select(Mandat.personne_id).join(Territoire).where(_managed_territoires(user))
    return select(Personne).where(Personne.id.in_(managed))


def _managed_territoires(user: Any) -> ColumnElement[bool]:
    """The territoires whose mandats this user manages: the same rule as MANAGE_MANDATS in permissions.RULES."""
    if _sees_everyone(user):
        return true()
    codes = [m.region_code for m in permissions.valid_mandats(user) if m.role == Role.INSTRUCTEUR_REGION]
    return Territoire.region_instructrice_code.in_(codes) if codes else false()


def _is_over(mandat: Mandat, day: date) -> bool:
    return mandat.ends_on is not None and mandat.ends_on < day
