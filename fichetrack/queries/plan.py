"""The plan of a territoire, axe by axe: how many fiches in which états, and the few to look at first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from fichetrack import clock, permissions
from fichetrack.extensions import db
from fichetrack.models import Fiche, Territoire
from fichetrack.models.computed import is_over, late_where, shown_fraicheur
from fichetrack.vocabulary import METEO_NEEDS_HELP, Axe, Etat, Fraicheur

FIRST = 5  # fiches of an axe that are shown, the rest is one link away…
WHOLE = 6  # … unless the axe has so few of them that a link would be longer

# In the order they are asked about, and how each is said of several fiches; of one, its label says it.
ETATS: dict[Etat, str] = {
    Etat.VALIDEE: "validées",
    Etat.AVENANT_EN_INSTRUCTION: "avenants en instruction",
    Etat.A_COMPLETER: "à compléter",
    Etat.EN_INSTRUCTION: "en instruction",
    Etat.DEPOSEE: "déposées",
    Etat.BROUILLON: "brouillons",
    Etat.CLOTUREE: "clôturées",
    Etat.NON_RETENUE: "non retenues",
    Etat.RETIREE: "retirées",
    Etat.ARCHIVEE: "archivées",
}


@dataclass(frozen=True)
class PlanRow:
    """A fiche of the plan: what its line shows, and nothing more."""

    address: str
    intitule: str
    etat: Etat
    meteo: str | None
    fraicheur: Fraicheur | None
    is_late: bool

    @property
    def reasons(self) -> int:
        """How many reasons there are to look at it: it is late, blocked (nuage, orage), périmée, waits for its author."""
        blocked = self.meteo in METEO_NEEDS_HELP and not is_over(self.etat)
        return sum((self.is_late, blocked, self.fraicheur == Fraicheur.PERIMEE, self.etat == Etat.A_COMPLETER))


@dataclass(frozen=True)
class PlanAxe:
    """The fiches of one axe somebody may read: all of them in words, the first ones one by one.

    `axe` is None for those that have none yet. The first are those with the most reasons to be looked at; among them, and
    after them, the most recently changed.
    """

    axe: Axe | None
    count: int
    sentence: str
    rows: list[PlanRow]

    @property
    def is_short(self) -> bool:
        """Only the first of its fiches are shown."""
        return len(self.rows) < self.count


def list_plan(user: Any, territoire: Territoire) -> list[PlanAxe]:
    """The plan of a territoire as somebody may read it, in one query of the columns it shows."""
    late = late_where(clock.today()).label("late")
    columns = (Fiche.code, Fiche.draft_id, Fiche.intitule, Fiche.axe, Fiche.etat, Fiche.meteo, Fiche.confirmed_at, late)
    mine = (permissions.visible_where(user), Fiche.territoire_id == territoire.id)
    found = db.session.execute(select(*columns).where(*mine).order_by(Fiche.updated_at.desc(), Fiche.id)).all()
    by_axe: dict[str | None, list[PlanRow]] = {}
    for one in found:
        by_axe.setdefault(one.axe or None, []).append(_row(one))
    return [_axe(axe, by_axe[axe]) for axe in (*Axe, None) if axe in by_axe]


def _axe(axe: Axe | None, rows: list[PlanRow]) -> PlanAxe:
    ordered = sorted(rows, key=lambda row: -row.reasons)  # stable: the most recently changed stay first
    return PlanAxe(axe, len(rows), say_etats(rows), ordered[: FIRST if len(rows) > WHOLE else WHOLE])


def say_etats(rows: list[PlanRow]) -> str:
    """« 7 validées, dont 2 en retard et 1 périmée ; 3 brouillons »."""
    said = []
    for etat, several in ETATS.items():
        of_etat = [row for row in rows if row.etat == etat]
        if of_etat:
            said.append(_number(len(of_etat), etat.label.lower(), several) + _among(of_etat))
    return "\u00a0; ".join(said)


def _among(rows: list[PlanRow]) -> str:
    late = sum(row.is_late for row in rows)
    stale = sum(row.fraicheur == Fraicheur.PERIMEE for row in rows)
    told = [_number(late, "en retard", "en retard")] * bool(late)
    told += [_number(stale, "périmée", "périmées")] * bool(stale)
    return f", dont {' et '.join(told)}" if told else ""


def _number(number: int, one: str, several: str) -> str:
    return f"{number}\u00a0{one if number < 2 else several}"


def _row(one: Any) -> PlanRow:
    fraicheur = shown_fraicheur(one, clock.now())
    return PlanRow(one.code or one.draft_id, one.intitule, Etat(one.etat), one.meteo, fraicheur, bool(one.late))
