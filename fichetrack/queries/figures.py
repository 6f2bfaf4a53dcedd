"""Counts and amounts that explain themselves: each row carries the filters of the list that makes it.

Everything is counted over the fiches its reader may list, so that a figure always equals its list. Amounts are never
summed across kinds: one row per kind of financing and state of the amount, private investment apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, select

from fichetrack import clock, permissions
from fichetrack.extensions import db
from fichetrack.models import Fiche, Financement, Region, Territoire
from fichetrack.models.computed import fraicheur_where, late_where
from fichetrack.queries.fiches import count_hidden
from fichetrack.queries.filters import Filters, filter_where, month_bounds
from fichetrack.search import words
from fichetrack.vocabulary import Avancement, Axe, EmploiUnite, Etat, EtatMontant, Fraicheur, Labelled, Meteo, Nature

MONTHS = 12


@dataclass(frozen=True)
class Row:
    """One line of a rollup: how many fiches, and the filters that list exactly those."""

    code: str
    label: str
    value: int
    filters: Filters


@dataclass(frozen=True)
class Rollup:
    """A named split of the same fiches; `left_out` of them have no value here, `why_left_out` says why."""

    name: str
    title: str
    rows: list[Row]
    left_out: int = 0
    why_left_out: str = ""


@dataclass(frozen=True)
class Amount:
    """The sum of one nature and one state of financing lines: lines, fiches, euros."""

    nature: Nature
    etat_montant: EtatMontant
    fiches: int
    montant: Decimal
    filters: Filters


@dataclass(frozen=True)
class Jobs:
    """One kind of jobs by unit: persons and full-time equivalents are never added together."""

    label: str
    by_unit: list[int]


@dataclass(frozen=True)
class Declared:
    """The sum of an amount declared on the fiches, and how many fiches declare one."""

    montant: Decimal
    fiches: int


@dataclass
class Pilotage:
    """Where the programme stands, over the fiches somebody may read: `total` of the `everything` they may list."""

    total: int
    everything: int
    hidden: int | None
    late: Row
    jobs: list[Jobs]
    rollups: list[Rollup]
    amounts: list[Amount]
    investissement_prive: Declared
    cout_total: Declared

    @property
    def amount_table(self) -> list[tuple[Nature, list[Amount | None]]]:
        """The amounts as a table: one row per nature, one column per état that has any, no total."""
        found = {(one.nature, one.etat_montant): one for one in self.amounts}
        natures = [nature for nature in Nature if any(one.nature == nature for one in self.amounts)]
        return [(nature, [found.get((nature, etat)) for etat in self.amount_states]) for nature in natures]

    @property
    def amount_states(self) -> list[EtatMontant]:
        return [etat for etat in EtatMontant if any(one.etat_montant == etat for one in self.amounts)]


def get_pilotage(user: Any, filters: Filters) -> Pilotage:
    """Every rollup of /pilotage, in a constant number of queries."""
    visible = permissions.visible_where(user)
    conditions = [visible, *filter_where(filters)]
    totals = _totals(conditions)
    return Pilotage(
        total=totals["total"],
        everything=_totals_of(visible) if filters else totals["total"],
        hidden=count_hidden(filters, totals["total"]),
        late=Row("oui", "En retard", totals["late"], _with(filters, "retard", "oui")),
        jobs=[Jobs(label, [totals[name, unit] for unit in UNITS]) for name, label in _JOBS],
        rollups=_with_left_out(totals["total"], [
            _by_enum(conditions, filters, "axe", "Par axe", Axe),
            _by_region(conditions, filters),
            _by_enum(conditions, filters, "etat", "Par état", Etat),
            _by_enum(conditions, filters, "avancement", "Par avancement", Avancement),
            _by_enum(conditions, filters, "meteo", "Par météo", Meteo),
            _by_fraicheur(totals, filters),
            _by_month(totals, filters),
        ]),
        amounts=_amounts(conditions, filters),
        investissement_prive=Declared(totals["prive"], totals["prive_fiches"]),
        cout_total=Declared(totals["cout"], totals["cout_fiches"]),
    )  # fmt: skip


def count_by_axe(user: Any, filters: Filters | None = None) -> list[Row]:
    """The split by axe, for the public home and the page of a territoire."""
    conditions = [permissions.visible_where(user), *filter_where(filters or {})]
    return _by_enum(conditions, filters or {}, "axe", "Par axe", Axe).rows


_JOBS = (
    ("emplois_a_creer", "emplois à créer"),
    ("emplois_crees", "emplois créés"),
    ("emplois_a_maintenir", "emplois à maintenir"),
    ("emplois_maintenus", "emplois maintenus"),
)
# Jobs are counted by unit; None stands for the fiches that do not say which.
UNITS: tuple[EmploiUnite | None, ...] = (*EmploiUnite, None)

_LEFT_OUT = {
    "axe": "sans axe encore choisi",
    "meteo": "sans météo renseignée",
    "depot": "déposées avant ces douze mois, ou pas encore déposées",
}


def _with_left_out(total: int, rollups: list[Rollup]) -> list[Rollup]:
    """Say how many fiches a split leaves out, so that its lines and the total are never in doubt."""
    return [
        replace(one, left_out=total - sum(row.value for row in one.rows), why_left_out=_LEFT_OUT.get(one.name, ""))
        for one in rollups
    ]


def _totals_of(condition: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(Fiche).where(condition)) or 0


def _totals(conditions: list[Any]) -> dict[Any, Any]:
    """Everything that is one number, in one query."""
    now = clock.now()
    sums: dict[Any, Any] = {
        "total": func.count(),
        "late": _count_if(late_where(clock.today())),
        "cout": func.coalesce(func.sum(Fiche.cout_total), 0),
        "cout_fiches": func.count(Fiche.cout_total),
        "prive": func.coalesce(func.sum(Fiche.investissement_prive), 0),
        "prive_fiches": func.count(Fiche.investissement_prive),
        **{(name, unit): _jobs(name, unit) for name, _label in _JOBS for unit in UNITS},
        **{value.value: _count_if(fraicheur_where(value, now)) for value in Fraicheur},
        **{month: _count_if(_filed_in(month)) for month in last_months(clock.today())},
    }
    row = db.session.execute(
        select(*(one.label(f"c_{i}") for i, one in enumerate(sums.values()))).where(*conditions)
    ).one()
    return {name: _number(name, value) for name, value in zip(sums, row, strict=True)}


def _jobs(name: str, unit: EmploiUnite | None) -> Any:
    """The jobs of the fiches that count in that unit."""
    counted = Fiche.emplois_unite.is_(None) if unit is None else Fiche.emplois_unite == unit.value
    return func.coalesce(func.sum(case((counted, getattr(Fiche, name)), else_=0)), 0)


def _number(name: Any, value: Any) -> Any:
    return Decimal(value or 0) if name in {"cout", "prive"} else int(value or 0)


def last_months(day: date) -> list[str]:
    """The last MONTHS months, the oldest first, as « 2026-03 »."""
    firsts = [day.year * 12 + day.month - 1 - back for back in reversed(range(MONTHS))]
    return [f"{index // 12:04d}-{index % 12 + 1:02d}" for index in firsts]


def _filed_in(month: str) -> Any:
    start, end = month_bounds(month)
    return (Fiche.filed_at >= start) & (Fiche.filed_at < end)


def _count_if(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _by_enum(conditions: list[Any], filters: Filters, name: str, title: str, enum: type[Labelled]) -> Rollup:
    column = getattr(Fiche, name)
    grouped = db.session.execute(select(column, func.count()).where(*conditions).group_by(column))
    counted: dict[Any, int] = dict(grouped.all())
    rows = [Row(m.value, m.label, counted.get(m.value, 0), _with(filters, name, m.value)) for m in enum]
    return Rollup(name, title, _relevant(rows, filters, name))


def _by_region(conditions: list[Any], filters: Filters) -> Rollup:
    counted = db.session.execute(
        select(Region.code, Region.nom, func.count())
        .select_from(Fiche)
        .join(Territoire, Territoire.id == Fiche.territoire_id)
        .join(Region, Region.code == Territoire.region_instructrice_code)
        .where(*conditions)
        .group_by(Region.code, Region.nom)
    )
    in_order = sorted(counted, key=lambda row: words(row.nom))  # « Île-de-France » stands at I
    rows = [Row(code, nom, number, _with(filters, "region", code)) for code, nom, number in in_order]
    return Rollup("region", "Par région instructrice", rows)


def _by_fraicheur(totals: dict[str, Any], filters: Filters) -> Rollup:
    rows = [Row(m.value, m.label, totals[m.value], _with(filters, "fraicheur", m.value)) for m in Fraicheur]
    return Rollup("fraicheur", "Par fraîcheur", _relevant(rows, filters, "fraicheur"))


def _by_month(totals: dict[str, Any], filters: Filters) -> Rollup:
    months = last_months(clock.today())
    rows = [Row(m, f"{m[5:]}/{m[:4]}", totals[m], _with(filters, "depot", m)) for m in months]
    return Rollup("depot", "Par mois de dépôt", _relevant(rows, filters, "depot"))


def _relevant(rows: list[Row], filters: Filters, name: str) -> list[Row]:
    """Inside a filter on the same name, only its own values: the others would widen the list, not split it."""
    return [row for row in rows if name not in filters or row.code in filters[name]]


def _amounts(conditions: list[Any], filters: Filters) -> list[Amount]:
    summed = db.session.execute(
        select(
            Financement.nature,
            Financement.etat_montant,
            func.count(func.distinct(Fiche.id)),
            func.sum(Financement.montant),
        )
        .join(Fiche, Fiche.id == Financement.fiche_id)
        .where(*conditions)
        .group_by(Financement.nature, Financement.etat_montant)
    )
    found = {(nature, etat): (number, Decimal(montant or 0)) for nature, etat, number, montant in summed}
    return [
        Amount(nature, etat, *found[nature, etat], _with(_with(filters, "nature", nature), "etat_montant", etat))
        for nature in Nature
        for etat in EtatMontant
        if (nature, etat) in found
    ]


def _with(filters: Filters, name: str, value: Iterable[str] | str) -> Filters:
    return {**filters, name: [str(value)]}
