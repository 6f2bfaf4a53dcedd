"""Fraîcheur and lateness: a fiche and a list say the same, on the days where it tips over."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from fichetrack import clock
from fichetrack.models import Fiche, Jalon
from fichetrack.models.computed import (
    fraicheur,
    fraicheur_where,
    is_late,
    late_where,
    reste_a_financer,
    shown_fraicheur,
)
from fichetrack.vocabulary import Avancement, Etat, Fraicheur
from tests.factories import FicheFactory, PersonneFactory, TerritoireFactory, a_financement


def shared() -> dict[str, Any]:
    return {"territoire": TerritoireFactory(), "created_by": PersonneFactory()}


def test_a_fiche_and_a_list_agree_on_fraicheur(db: Any, frozen_time: Any) -> None:
    now, common = clock.now(), shared()
    ages = [timedelta(days=days) for days in (0, 1, 45, 89, 90, 91, 179, 180, 181, 4000)]
    ages += [timedelta(days=days, seconds=shift) for days in (90, 180) for shift in (-1, 1)]
    fiches = [FicheFactory(confirmed_at=now - age, etat=Etat.VALIDEE.value, **common) for age in ages]
    FicheFactory(confirmed_at=now, **common)  # a draft is neither fresh nor stale
    by_list = {
        value: set(db.session.scalars(select(Fiche.id).where(fraicheur_where(value, now)))) for value in Fraicheur
    }
    assert sum(len(ids) for ids in by_list.values()) == len(fiches)
    assert [fiche.confirmed_at for fiche in fiches if fiche.id not in by_list[shown_fraicheur(fiche, now)]] == []


def test_fraicheur_is_that_of_the_product(db: Any, frozen_time: Any) -> None:
    now, common = clock.now(), shared()
    said = {
        days: fraicheur(FicheFactory(confirmed_at=now - timedelta(days=days), **common), now) for days in (89, 90, 181)
    }
    assert said == {89: Fraicheur.A_JOUR, 90: Fraicheur.A_CONFIRMER, 181: Fraicheur.PERIMEE}


def test_a_fiche_and_a_list_agree_on_lateness(db: Any, frozen_time: Any) -> None:
    day, common = clock.today(), shared()
    ends = (None, day - timedelta(days=1), day, day + timedelta(days=1))
    jalons = (None, (day - timedelta(days=1), None), (day, None), (day - timedelta(days=9), day))
    fiches = [
        FicheFactory(etat=etat, avancement=avancement, date_fin=end, jalons=a_jalon(jalon), **common)
        for etat in (Etat.BROUILLON, Etat.VALIDEE, Etat.NON_RETENUE, Etat.CLOTUREE)
        for avancement in (Avancement.EN_COURS, Avancement.TERMINEE)
        for end in ends
        for jalon in jalons
    ]
    late = set(db.session.scalars(select(Fiche.id).where(late_where(day))))
    assert late == {fiche.id for fiche in fiches if is_late(fiche, day)}
    assert 0 < len(late) < len(fiches)


def test_the_last_day_is_not_late(db: Any, frozen_time: Any) -> None:
    fiche = FicheFactory(date_fin=clock.today())
    assert not is_late(fiche, clock.today())
    assert is_late(fiche, clock.today() + timedelta(days=1))


def test_what_is_hoped_for_finances_nothing(db: Any) -> None:
    lines = [a_financement("300.00", "accorde"), a_financement("500.00", "demande"), a_financement("50.50", "verse")]
    fiche = FicheFactory(cout_total=Decimal("1000.00"), investissement_prive=Decimal("100.00"), financements=lines)
    assert reste_a_financer(fiche) == Decimal("549.50")


def test_what_remains_to_finance_is_never_negative(db: Any) -> None:
    assert reste_a_financer(FicheFactory(cout_total=Decimal("10.00"), financements=[a_financement("300.00")])) == 0
    assert reste_a_financer(FicheFactory()) is None


def a_jalon(dates: Any) -> list[Jalon]:
    return [Jalon(libelle="Ouvrir", date=dates[0], fait_le=dates[1])] if dates else []
