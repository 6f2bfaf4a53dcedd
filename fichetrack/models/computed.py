"""What is computed and never typed: fraîcheur and lateness, each once for a fiche and once as SQL for lists."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, exists, or_

from fichetrack.models.fiche import Fiche, Jalon
from fichetrack.vocabulary import (
    ETATS_MONTANT_ACQUIS,
    FRAICHEUR_A_CONFIRMER_DAYS,
    FRAICHEUR_PERIMEE_DAYS,
    Avancement,
    Etat,
    Fraicheur,
)

# A fiche that is over, or was not kept, is not late.
_OVER = frozenset({Etat.NON_RETENUE, Etat.RETIREE, Etat.CLOTUREE, Etat.ARCHIVEE})


def fraicheur(fiche: Fiche, now: datetime) -> Fraicheur:
    age = now - fiche.confirmed_at
    if age >= timedelta(days=FRAICHEUR_PERIMEE_DAYS):
        return Fraicheur.PERIMEE
    return Fraicheur.A_JOUR if age < timedelta(days=FRAICHEUR_A_CONFIRMER_DAYS) else Fraicheur.A_CONFIRMER


def shown_fraicheur(fiche: Fiche, now: datetime) -> Fraicheur | None:
    """The fraîcheur worth showing: only a validated fiche, which lives, is fresh or stale."""
    return fraicheur(fiche, now) if fiche.etat == Etat.VALIDEE else None


def fraicheur_where(value: Fraicheur, now: datetime) -> ColumnElement[bool]:
    """The fiches whose shown fraîcheur is this one."""
    return and_(Fiche.etat == Etat.VALIDEE, _confirmed(value, now))


def _confirmed(value: Fraicheur, now: datetime) -> ColumnElement[bool]:
    stale = now - timedelta(days=FRAICHEUR_A_CONFIRMER_DAYS)
    dead = now - timedelta(days=FRAICHEUR_PERIMEE_DAYS)
    if value == Fraicheur.A_JOUR:
        return Fiche.confirmed_at > stale
    if value == Fraicheur.PERIMEE:
        return Fiche.confirmed_at <= dead
    return and_(Fiche.confirmed_at <= stale, Fiche.confirmed_at > dead)


def is_over(etat: str) -> bool:
    """Whether a fiche in this état waits for nobody any more."""
    return etat in _OVER


def is_late(fiche: Fiche, day: date) -> bool:
    """An end date or a jalon is past and unmet."""
    if fiche.etat in _OVER or fiche.avancement == Avancement.TERMINEE:
        return False
    overdue = fiche.date_fin is not None and fiche.date_fin < day
    return overdue or any(jalon.fait_le is None and jalon.date < day for jalon in fiche.jalons)


def late_where(day: date) -> ColumnElement[bool]:
    missed = exists().where(Jalon.fiche_id == Fiche.id, Jalon.fait_le.is_(None), Jalon.date < day)
    going_on = and_(Fiche.etat.not_in(_OVER), Fiche.avancement != Avancement.TERMINEE)
    return and_(going_on, or_(and_(Fiche.date_fin.is_not(None), Fiche.date_fin < day), missed))


def is_overdue(fiche: Fiche, day: date) -> bool:
    """The deadline of the present wait, the région's or the author's, is past."""
    return fiche.due_on is not None and fiche.due_on < day


def reste_a_financer(fiche: Fiche) -> Decimal | None:
    """What the total cost still lacks once decided money and private investment are counted; never negative."""
    if fiche.cout_total is None:
        return None
    decided = sum(
        (line.montant for line in fiche.financements if line.etat_montant in ETATS_MONTANT_ACQUIS), Decimal(0)
    )
    return max(fiche.cout_total - decided - (fiche.investissement_prive or 0), Decimal(0))
