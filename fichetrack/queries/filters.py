"""The filters of /fiches: one set of names for pages, exports, figures and subscriptions, and their SQL.

A filter is `name=value`; several values of one name widen, several names narrow. Unknown names and values are left aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from fichetrack import clock
from fichetrack.extensions import db
from fichetrack.models import Fiche, FicheThematique, Financement, Region, Territoire, search_index
from fichetrack.models.computed import fraicheur_where, late_where
from fichetrack.search import query_words
from fichetrack.vocabulary import (
    Avancement,
    Axe,
    Diffusion,
    Etat,
    EtatMontant,
    Fraicheur,
    Labelled,
    Meteo,
    Nature,
    Thematique,
)

Filters = dict[str, list[str]]

CHOICES: dict[str, tuple[str, type[Labelled]]] = {
    "axe": ("Axe", Axe),
    "thematiques": ("Thématique", Thematique),
    "etat": ("État", Etat),
    "avancement": ("Avancement", Avancement),
    "meteo": ("Météo", Meteo),
    "fraicheur": ("Fraîcheur", Fraicheur),
    "diffusion": ("Diffusion", Diffusion),
    "etat_montant": ("Financement", EtatMontant),
    "nature": ("Nature du financement", Nature),
}
# What the figures of /pilotage add up: `name=oui` keeps the fiches that declare such an amount, above zero.
AMOUNTS: dict[str, Any] = {"cout": Fiche.cout_total, "prive": Fiche.investissement_prive}
# The jobs a fiche announces, then those found at its closing: (label, column).
EMPLOIS: dict[str, tuple[str, Any]] = {
    "a_creer": ("à créer", Fiche.emplois_a_creer),
    "crees": ("créés", Fiche.emplois_crees),
    "a_maintenir": ("à maintenir", Fiche.emplois_a_maintenir),
    "maintenus": ("maintenus", Fiche.emplois_maintenus),
}
LABELS = {name: label for name, (label, _enum) in CHOICES.items()} | {
    "territoire": "Territoire",
    "region": "Région",
    "retard": "Retard",
    "depot": "Déposée en",
    "cout": "Coût total",
    "prive": "Investissement privé",
    "emplois": "Emplois",
    "q": "Recherche",
}
# They look into what only signed-in readers read.
INTERNAL = frozenset({"etat_montant", "nature"})
# Of no use to a visitor, who reads published fiches only.
MEMBERS = frozenset({"diffusion"})
# They describe a fiche without telling its content: the only ones beside which hidden fiches are counted.
COARSE = frozenset({"axe", "territoire", "region"})


def clean(arguments: Mapping[str, Iterable[str]], internal: bool) -> Filters:
    """The known filters of an address, values checked and doubles gone; `internal` keeps those signed-in readers have."""
    kept: Filters = {}
    for name in LABELS:
        if name in INTERNAL and not internal:
            continue
        values = [value.strip() for value in dict.fromkeys(arguments.get(name, [])) if _is_known(name, value.strip())]
        if values:
            kept[name] = values
    return kept


def filter_where(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions of cleaned filters, to be added to a select over Fiche."""
    lines = {name: filters[name] for name in ("nature", "etat_montant") if name in filters}
    conditions = [_condition(name, values) for name, values in filters.items() if name not in lines]
    return [*conditions, _financing_line(lines)] if lines else conditions


def chips(filters: Filters) -> list[tuple[str, str, str, str]]:
    """(name, value, label of the filter, label of the value) for each active filter."""
    return [
        (name, value, LABELS[name], value_label(name, value)) for name, values in filters.items() for value in values
    ]


def value_label(name: str, value: str) -> str:
    """How a filter's value reads in French."""
    if name in CHOICES:
        return CHOICES[name][1](value).label.split(" : ")[0]
    if name == "territoire":
        found = db.session.scalars(select(Territoire.nom).where(Territoire.slug == value.removeprefix("ti-"))).first()
        return found or value
    if name == "region":
        return db.session.scalars(select(Region.nom).where(Region.code == value)).first() or value
    if name == "retard":
        return "en retard"
    if name in AMOUNTS:
        return "déclaré"
    if name == "emplois":
        return EMPLOIS[value][0]
    return f"{value[5:]}/{value[:4]}" if name == "depot" else f"« {value} »"


def month_bounds(month: str) -> tuple[datetime, datetime]:
    """First moments of a « 2026-03 » month and of the next, in Paris. Raises ValueError."""
    first = date.fromisoformat(f"{month}-01")
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    start, end = (datetime.combine(day, time(), clock.PARIS) for day in (first, following))
    return start, end


def _is_known(name: str, value: str) -> bool:
    if name in CHOICES:
        return value in set(CHOICES[name][1])
    if name == "retard" or name in AMOUNTS:
        return value == "oui"
    if name == "emplois":
        return value in EMPLOIS
    if name == "depot":
        return _is_month(value)
    if name == "q":
        return 0 < len(value) <= 200
    return 0 < len(value) <= 80


def _is_month(value: str) -> bool:
    """« 2026-03 », in a century where the register may have lived: the ends of time have no moment in UTC."""
    return re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", value) is not None


def _condition(name: str, values: list[str]) -> ColumnElement[bool]:
    special: dict[str, Any] = {
        "thematiques": _thematiques,
        "territoire": _territoire,
        "region": _region,
        "fraicheur": lambda chosen: or_(*(fraicheur_where(Fraicheur(value), clock.now()) for value in chosen)),
        "retard": lambda _chosen: late_where(clock.today()),
        "depot": lambda chosen: or_(*(_filed_in(value) for value in chosen)),
        "cout": lambda _chosen: AMOUNTS["cout"] > 0,
        "prive": lambda _chosen: AMOUNTS["prive"] > 0,
        "emplois": lambda chosen: or_(*(EMPLOIS[value][1] > 0 for value in chosen)),
        "q": _words,
    }
    if name in special:
        return special[name](values)
    return getattr(Fiche, name).in_(values)


def _financing_line(chosen: Filters) -> ColumnElement[bool]:
    """One and the same line of the plan has that nature and that state."""
    columns = [getattr(Financement, name).in_(values) for name, values in chosen.items()]
    return exists().where(Financement.fiche_id == Fiche.id, *columns).correlate(Fiche)


def _thematiques(codes: list[str]) -> ColumnElement[bool]:
    return exists().where(FicheThematique.fiche_id == Fiche.id, FicheThematique.code.in_(codes)).correlate(Fiche)


def _territoire(codes: list[str]) -> ColumnElement[bool]:
    """The territoire chef de file alone, so that the territoires' totals add up and equal their lists."""
    slugs = [code.removeprefix("ti-") for code in codes]
    return Fiche.territoire_id.in_(select(Territoire.id).where(Territoire.slug.in_(slugs)))


def _region(codes: list[str]) -> ColumnElement[bool]:
    """The région that instructs: so that the régions' totals add up to the national one."""
    return Fiche.territoire_id.in_(select(Territoire.id).where(Territoire.region_instructrice_code.in_(codes)))


def _filed_in(month: str) -> ColumnElement[bool]:
    start, end = month_bounds(month)
    return and_(Fiche.filed_at >= start, Fiche.filed_at < end)


def _words(queries: list[str]) -> ColumnElement[bool]:
    words = query_words(" ".join(queries))
    return search_index.matches(words, db.engine.dialect.name) if words else false()
