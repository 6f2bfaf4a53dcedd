"""Fiches read: the filtered list, one fiche with its journal, the instruction inbox, what waits for somebody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from fichetrack import clock, permissions
from fichetrack.extensions import db
from fichetrack.models import Event, Fiche, NamedVersion, Sollicitation, Territoire
from fichetrack.models.computed import fraicheur_where, late_where
from fichetrack.queries.filters import COARSE, Filters, filter_where
from fichetrack.queries.paging import page_of
from fichetrack.vocabulary import Action, Etat, Fraicheur, Role

# Where an answer still serves: not drafts, nor what is decided or over.
ALIVE = (Etat.DEPOSEE, Etat.EN_INSTRUCTION, Etat.A_COMPLETER, Etat.VALIDEE)
# A hidden count smaller than this would point at somebody's fiche.
HIDDEN_AT_LEAST = 5

SORTS: dict[str, Any] = {
    "maj": Fiche.updated_at,
    "intitule": Fiche.intitule,
    "territoire": Territoire.nom,
    "cout": Fiche.cout_total,
    "fin": Fiche.date_fin,
    "attente": Fiche.etat_since,
}
DEFAULT_SORT = "-maj"
WITHOUT_A_LIST = 100


@dataclass
class FichePage:
    """One page of a list, with what its chips say: `count` fiches among `total`, `hidden` more one may not read."""

    items: list[Fiche]
    page: int
    pages: int
    count: int
    total: int
    hidden: int | None = None


@dataclass
class ToDo:
    """What waits for somebody: headed lists, each with its whole count and the address arguments of the full list.

    `moment` names the column of the fiche that says how long it has been waiting.
    """

    title: str
    why: str
    fiches: list[Fiche]
    count: int
    moment: str
    filters: Filters = field(default_factory=dict)


def list_fiches(user: Any, filters: Filters, page: int = 1, sort: str = DEFAULT_SORT, size: int = 50) -> FichePage:
    """One page of the fiches somebody may read, in a constant number of queries."""
    visible, conditions = permissions.visible_where(user), filter_where(filters)
    count = _count(visible, *conditions)
    page, pages = page_of(count, page, size)
    listed = _ordered(select(Fiche).where(visible, *conditions), sort).limit(size).offset((page - 1) * size)
    items = list(db.session.scalars(_with_list_loads(listed)))
    total = _count(visible) if conditions else count
    return FichePage(items, page, pages, count, total, count_hidden(filters, count))


def iterate_fiches(user: Any, filters: Filters, sort: str = DEFAULT_SORT, batch: int = 500) -> Iterator[Fiche]:
    """Every fiche of a filtered list with all its rows, for exports; by batches, so that memory stays bounded."""
    ids = _ordered(select(Fiche.id).where(permissions.visible_where(user), *filter_where(filters)), sort)
    wanted = list(db.session.scalars(ids))
    for start in range(0, len(wanted), batch):
        part = wanted[start : start + batch]
        loaded = db.session.scalars(_with_all_rows(select(Fiche).where(Fiche.id.in_(part))))
        by_id = {fiche.id: fiche for fiche in loaded}
        yield from (by_id[key] for key in part if key in by_id)


def get_fiche(user: Any, address: str) -> Fiche | None:
    """The fiche at an address (its code, or its draft identifier), if this person may read it."""
    found = select(Fiche).where(permissions.visible_where(user), or_(Fiche.code == address, Fiche.draft_id == address))
    return db.session.scalars(_with_all_rows(found).options(selectinload(Fiche.readers))).one_or_none()


def list_events(fiche: Fiche, limit: int = 200) -> list[Event]:
    """The journal of a fiche, the newest first."""
    found = select(Event).where(Event.fiche_id == fiche.id).order_by(Event.id.desc()).limit(limit)
    return list(db.session.scalars(found.options(joinedload(Event.actor))))


def list_versions(fiche: Fiche) -> list[NamedVersion]:
    """The named versions of a fiche, the newest first."""
    found = select(NamedVersion).where(NamedVersion.fiche_id == fiche.id).order_by(NamedVersion.id.desc())
    return list(db.session.scalars(found))


def changes_since_request(fiche: Fiche, events: list[Event]) -> list[list[Any]]:
    """What the author changed since the last « demander un complément », for the instructeur's eyes."""
    since: dict[str, list[Any]] = {}
    for event in events:  # the newest first: the last value seen is the oldest « before »
        if event.kind == Action.ASK_MORE:
            return list(since.values())
        for name, before, after in event.changes:
            since[name] = [name, before, since[name][2] if name in since else after]
    return []


def list_inbox(user: Any, page: int = 1, size: int = 30) -> FichePage:
    """What waits for a région (or, for the delegation, for all): filed and in instruction, the oldest wait first."""
    waiting = Fiche.etat.in_([Etat.DEPOSEE, Etat.EN_INSTRUCTION])
    conditions = [permissions.visible_where(user), waiting, *_instructed_by(user)]
    count = _count(*conditions)
    page, pages = page_of(count, page, size)
    listed = select(Fiche).where(*conditions).order_by(Fiche.etat_since, Fiche.id).limit(size).offset((page - 1) * size)
    # Whether a fiche may be validated in one press depends on every one of its rows.
    items = list(db.session.scalars(_with_all_rows(listed).options(joinedload(Fiche.taken_by))))
    return FichePage(items, page, pages, count, count)


def list_waiting_for_authors(user: Any, limit: int = 30) -> list[Fiche]:
    """The fiches a région sent back, the closest deadline first."""
    conditions = [permissions.visible_where(user), Fiche.etat == Etat.A_COMPLETER, *_instructed_by(user)]
    listed = select(Fiche).where(*conditions).order_by(Fiche.due_on, Fiche.id).limit(limit)
    return list(db.session.scalars(_with_list_loads(listed)))


def list_todo(user: Any, limit: int = 8) -> list[ToDo]:
    """What is waited from somebody, the most pressing list first; empty lists are left out."""
    found = [_todo(user, limit, *row) for row in _todo_rows(user)]
    return [todo for todo in found if todo.count]


def list_my_drafts(user: Any, limit: int = 20) -> list[Fiche]:
    """The open drafts of a person, before they begin another."""
    drafts = select(Fiche).where(Fiche.created_by_id == user.id, Fiche.etat == Etat.BROUILLON)
    ordered = drafts.where(permissions.visible_where(user)).order_by(Fiche.updated_at.desc()).limit(limit)
    return list(db.session.scalars(_with_list_loads(ordered)))


def list_near_titles(user: Any, words: str, limit: int = 5) -> list[Fiche]:
    """Fiches whose words are near a title being typed, so that nobody files the same action twice."""
    filters = {"q": [words]}
    return list_fiches(user, filters, size=limit).items if words.strip() else []


def count_by_territoire(user: Any, filters: Filters | None = None) -> dict[int, int]:
    """How many fiches somebody may read, by id of the territoire chef de file."""
    counted = select(Fiche.territoire_id, func.count()).where(permissions.visible_where(user))
    rows = db.session.execute(counted.where(*filter_where(filters or {})).group_by(Fiche.territoire_id))
    return dict(rows.all())


def count_hidden(filters: Filters, visible: int) -> int | None:
    """How many more fiches a coarse view holds, when that tells nothing about any of them; amont never counted.

    One value of one coarse filter at most: two views of several values would tell a small number by subtraction.
    """
    if set(filters) - COARSE or sum(len(values) for values in filters.values()) > 1:
        return None
    everything = _count(permissions.countable_where(), *filter_where(filters))
    hidden = everything - visible
    return hidden if hidden >= HIDDEN_AT_LEAST else None


def _count(*conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(Fiche).where(*conditions)) or 0


def _ordered(statement: Select[Any], sort: str) -> Select[Any]:
    name = sort.removeprefix("-")
    column = SORTS.get(name, Fiche.updated_at)
    if name == "territoire":
        statement = statement.join(Territoire, Territoire.id == Fiche.territoire_id)
    ordered = column.desc() if sort.startswith("-") else column.asc()
    return statement.order_by(column.is_(None), ordered, Fiche.id)


def _with_list_loads(statement: Select[Fiche]) -> Select[Fiche]:
    territoire = joinedload(Fiche.territoire)
    return statement.options(
        territoire.joinedload(Territoire.region_instructrice),
        territoire.selectinload(Territoire.regions),
        selectinload(Fiche.jalons),
        selectinload(Fiche.thematique_rows),
        joinedload(Fiche.created_by),
    )


def _with_rights_loads(statement: Select[Fiche]) -> Select[Fiche]:
    """What permissions.can looks at, for lists whose rows offer acts."""
    related = (Fiche.readers, Fiche.sollicitations, Fiche.territoires_associes)
    return statement.options(*(selectinload(one) for one in related))


def _with_all_rows(statement: Select[Fiche]) -> Select[Fiche]:
    rows = (Fiche.partenaires, Fiche.indicateurs, Fiche.mesures, Fiche.financements, Fiche.notes)
    return _with_rights_loads(_with_list_loads(statement)).options(
        *(selectinload(one) for one in rows),
        selectinload(Fiche.documents),
    )


def _instructed_by(user: Any) -> list[ColumnElement[bool]]:
    return filter_where(_regions_instructed_by(user))


def _regions_instructed_by(user: Any) -> Filters:
    """The filter that keeps what somebody instructs; none for the delegation, which may act for every région."""
    if permissions.steers_programme(user, None):
        return {}
    mandats = permissions.valid_mandats(user)
    return {"region": [m.region_code for m in mandats if m.role == Role.INSTRUCTEUR_REGION and m.region_code]}


def _todo_rows(user: Any) -> list[tuple[str, str, list[ColumnElement[bool]], Any, Filters]]:
    mandats = permissions.valid_mandats(user)
    led = {m.territoire_id: m.territoire for m in mandats if m.role in permissions.EDITORS and m.territoire}
    operators = [m.organisation_id for m in mandats if m.role == Role.OPERATEUR]
    rows: list[tuple[str, str, list[ColumnElement[bool]], Any, Filters]] = []
    if led:
        rows += _author_rows(Fiche.territoire_id.in_(led), {"territoire": [one.code for one in led.values()]})
    if permissions.instructs_somewhere(user, None):
        waiting = [Fiche.etat.in_([Etat.DEPOSEE, Etat.EN_INSTRUCTION]), *_instructed_by(user)]
        filters = {**_regions_instructed_by(user), "etat": ["deposee", "en_instruction"]}
        rows.append(("À instruire", "Ces territoires attendent votre réponse.", waiting, Fiche.etat_since, filters))
    if operators:
        asked = Fiche.id.in_(
            select(Sollicitation.fiche_id).where(
                Sollicitation.organisation_id.in_(operators), Sollicitation.repondue_le.is_(None)
            )
        )
        rows.append(
            (
                "On vous sollicite",
                "Une réponse de votre part est attendue.",
                [asked, Fiche.etat.in_(ALIVE)],
                Fiche.updated_at,
                {},
            )
        )
    return rows


def _author_rows(
    mine: ColumnElement[bool], of_mine: Filters
) -> list[tuple[str, str, list[ColumnElement[bool]], Any, Filters]]:
    stale = [Fiche.etat == Etat.VALIDEE, ~fraicheur_where(Fraicheur.A_JOUR, clock.now())]
    late = [late_where(clock.today()), Fiche.etat == Etat.VALIDEE]
    return [
        ("À compléter", "La région attend votre réponse.", [mine, Fiche.etat == Etat.A_COMPLETER], Fiche.due_on,
         {**of_mine, "etat": ["a_completer"]}),
        ("À confirmer", "Personne n’a confirmé ces fiches depuis 90 jours : sont-elles toujours vraies ?", [mine, *stale],
         Fiche.confirmed_at, {**of_mine, "etat": ["validee"], "fraicheur": ["a_confirmer", "perimee"]}),
        ("En retard", "Une échéance ou un jalon est passé.", [mine, *late], Fiche.date_fin,
         {**of_mine, "etat": ["validee"], "retard": ["oui"]}),
        ("Brouillons", "À terminer, puis à déposer.", [mine, Fiche.etat == Etat.BROUILLON], Fiche.updated_at,
         {**of_mine, "etat": ["brouillon"]}),
    ]  # fmt: skip


def _todo(
    user: Any, limit: int, title: str, why: str, conditions: list[ColumnElement[bool]], order: Any, filters: Filters
) -> ToDo:
    visible = [permissions.visible_where(user), *conditions]
    listed = select(Fiche).where(*visible).order_by(order.is_(None), order, Fiche.id)
    # What no list of /fiches can show in full is shown here, whole as far as a page can hold it.
    listed = listed.limit(limit if filters else WITHOUT_A_LIST)
    found = list(db.session.scalars(_with_rights_loads(_with_list_loads(listed))))
    return ToDo(title, why, found, _count(*visible), order.key, filters)
