"""Counts and amounts that explain themselves: each row carries the filters of the list that makes it.

Everything is counted over the fiches its reader may list, so that a figure always equals its list. Amounts are never
summed across kinds: one row per kind of financing and state of the amount, private investment apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, case, func, select

from fichetrack import clock, permissions
from fichetrack.extensions import db
from fichetrack.models import Fiche, Financement, Region, Territoire
from fichetrack.models.computed import fraicheur_where, late_where
from fichetrack.models.types import Euros
from fichetrack.queries.fiches import count_hidden
from fichetrack.queries.filters import EMPLOIS, Filters, filter_where, month_bounds
from fichetrack.search import words
from fichetrack.vocabulary import Avancement, Axe, EmploiUnite, Etat, EtatMontant, Fraicheur, Labelled, Meteo, Nature

MONTHS = 12


@dataclass(frozen=True)
class Row:
    """One line of a rollup: how many fiches, and the filters that list exactly those.

    `cout` adds up the total costs that `cout_fiches` of them declare: one kind of amount, never money that finances.
    """

    code: str
    label: str
    value: int
    filters: Filters
    cout: Decimal = Decimal(0)
    cout_fiches: int = 0

    @property
    def cout_filters(self) -> Filters:
        return _with(self.filters, "cout", "oui")


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
    fiches: int
    filters: Filters


@dataclass(frozen=True)
class Declared:
    """The sum of an amount declared on the fiches, and how many fiches declare one."""

    montant: Decimal
    fiches: int
    filters: Filters


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
        jobs=[
            Jobs(f"emplois {label}", [totals[code, unit] for unit in UNITS], totals[code], _with(filters, "emplois", code))
            for code, (label, _column) in EMPLOIS.items()
        ],
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
        investissement_prive=Declared(totals["prive"], totals["prive_fiches"], _with(filters, "prive", "oui")),
        cout_total=Declared(totals["cout"], totals["cout_fiches"], _with(filters, "cout", "oui")),
    )  # fmt: skip


def count_by_axe(user: Any, filters: Filters | None = None) -> list[Row]:
    """The split by axe, for the public home and the page of a territoire."""
    conditions = [permissions.visible_where(user), *filter_where(filters or {})]
    return _by_enum(conditions, filters or {}, "axe", "Par axe", Axe).rows


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
        "cout": _sum(Fiche.cout_total),
        "cout_fiches": _count_if(Fiche.cout_total > 0),
        "prive": _sum(Fiche.investissement_prive),
        "prive_fiches": _count_if(Fiche.investissement_prive > 0),
        **{code: _count_if(column > 0) for code, (_label, column) in EMPLOIS.items()},
        **{(code, unit): _jobs(column, unit) for code, (_label, column) in EMPLOIS.items() for unit in UNITS},
    }
    for code, condition in _computed_splits(now).items():
        sums |= {
            code: _count_if(condition),
            (code, "cout"): _sum(Fiche.cout_total, condition),
            (code, "cout_fiches"): _count_if(and_(condition, Fiche.cout_total > 0)),
        }
    row = db.session.execute(
        select(*(one.label(f"c_{i}") for i, one in enumerate(sums.values()))).where(*conditions)
    ).one()
    return dict(zip(sums, row, strict=True))


def _computed_splits(now: datetime) -> dict[str, Any]:
    """What splits without a column of its own to group by: fraîcheur and the month of filing."""
    fresh = {value.value: fraicheur_where(value, now) for value in Fraicheur}
    return fresh | {month: _filed_in(month) for month in last_months(clock.today())}


def _jobs(column: Any, unit: EmploiUnite | None) -> Any:
    """The jobs of the fiches that count in that unit."""
    counted = Fiche.emplois_unite.is_(None) if unit is None else Fiche.emplois_unite == unit.value
    return func.coalesce(func.sum(case((counted, column), else_=0)), 0)


def _sum(column: Any, condition: Any = None) -> Any:
    """The exact sum of an amount, zero when nothing declares it."""
    added = column if condition is None else case((condition, column), else_=None)
    return func.coalesce(func.sum(added, type_=Euros), 0, type_=Euros)


def last_months(day: date) -> list[str]:
    """The last MONTHS months, the oldest first, as « 2026-03 »."""
    firsts = [day.year * 12 + day.month - 1 - back for back in reversed(range(MONTHS))]
    return [f"{index // 12:04d}-{index % 12 + 1:02d}" for index in firsts]


def _filed_in(month: str) -> Any:
    start, end = month_bounds(month)
    return (Fiche.filed_at >= start) & (Fiche.filed_at < end)


def _count_if(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


# One line of a split: fiches, their total costs, how many declare one.
_COUNTED = (func.count(), _sum(Fiche.cout_total), _count_if(Fiche.cout_total > 0))
_NOTHING = (0, Decimal(0), 0)


def _computed(totals: dict[Any, Any], code: str) -> tuple[int, Decimal, int]:
    return totals[code], totals[code, "cout"], totals[code, "cout_fiches"]


def _row(code: str, label: str, numbers: Sequence[Any], filters: Filters, name: str) -> Row:
    value, cout, cout_fiches = numbers
    return Row(code, label, value, _with(filters, name, code), cout, cout_fiches)


def _by_enum(conditions: list[Any], filters: Filters, name: str, title: str, enum: type[Labelled]) -> Rollup:
    column = getattr(Fiche, name)
    grouped = db.session.execute(select(column, *_COUNTED).where(*conditions).group_by(column))
    counted: dict[Any, Any] = {code: numbers for code, *numbers in grouped}
    rows = [_row(m.value, m.label, counted.get(m.value, _NOTHING), filters, name) for m in enum]
    return Rollup(name, title, _relevant(rows, filters, name))


def _by_region(conditions: list[Any], filters: Filters) -> Rollup:
    counted = db.session.execute(
        select(Region.code, Region.nom, *_COUNTED)
        .select_from(Fiche)
        .join(Territoire, Territoire.id == Fiche.territoire_id)
        .join(Region, Region.code == Territoire.region_instructrice_code)
        .where(*conditions)
        .group_by(Region.code, Region.nom)
    )
    in_order: list[Any] = sorted(counted, key=lambda row: words(row.nom))  # « Île-de-France » stands at I
    rows = [_row(code, nom, numbers, filters, "region") for code, nom, *numbers in in_order]
    return Rollup("region", "Par région instructrice", rows)


def _by_fraicheur(totals: dict[str, Any], filters: Filters) -> Rollup:
    rows = [_row(m.value, m.label, _computed(totals, m.value), filters, "fraicheur") for m in Fraicheur]
    return Rollup("fraicheur", "Par fraîcheur", _relevant(rows, filters, "fraicheur"))


def _by_month(totals: dict[str, Any], filters: Filters) -> Rollup:
    months = last_months(clock.today())
    rows = [_row(m, f"{m[5:]}/{m[:4]}", _computed(totals, m), filters, "depot") for m in months]
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
