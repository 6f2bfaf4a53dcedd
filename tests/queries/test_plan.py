"""The plan of a territoire: what its reader may list, said in words, with the few fiches to look at first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fichetrack import clock
from fichetrack.models import Territoire
from fichetrack.queries.plan import FIRST, WHOLE, list_plan
from fichetrack.vocabulary import Axe, Etat, Meteo
from tests.factories import FicheFactory, TerritoireFactory, chef
from tests.statements import counted

VISITOR = None


def recruter(here: Territoire, user: Any = VISITOR) -> Any:
    """The axe most fiches of these tests are of."""
    return next(part for part in list_plan(user, here) if part.axe == Axe.RECRUTER)


def changed(days_ago: int, here: Territoire, **values: Any) -> Any:
    return FicheFactory(territoire=here, validee=True, updated_at=clock.now() - timedelta(days=days_ago), **values)


def test_the_plan_holds_what_its_reader_may_list(db: Any) -> None:
    here = TerritoireFactory()
    FicheFactory(territoire=here, validee=True)
    FicheFactory(territoire=here, validee=True, nominative=True, axe=Axe.INNOVER.value)
    FicheFactory(validee=True)
    assert [(part.axe, part.count) for part in list_plan(VISITOR, here)] == [(Axe.RECRUTER, 1)]
    assert [(part.axe, part.count) for part in list_plan(chef(here), here)] == [(Axe.INNOVER, 1), (Axe.RECRUTER, 1)]


def test_a_draft_without_axe_stands_at_the_end_of_its_team_s_plan(db: Any) -> None:
    here = TerritoireFactory()
    draft = FicheFactory(territoire=here)
    FicheFactory(territoire=here, validee=True, late=True)
    plan = list_plan(chef(here), here)
    assert [part.axe for part in plan] == [Axe.RECRUTER, None]
    assert plan[0].rows[0].is_late
    assert plan[1].rows[0].address == draft.draft_id


def test_the_states_are_said_in_words_within_what_the_reader_may_read(db: Any) -> None:
    here = TerritoireFactory()
    FicheFactory.create_batch(2, territoire=here, validee=True)
    FicheFactory(territoire=here, validee=True, late=True)
    FicheFactory(territoire=here, validee=True, confirmed_at=clock.now() - timedelta(days=300))
    FicheFactory.create_batch(2, territoire=here, axe=Axe.RECRUTER.value)
    among = "4 validées, dont 1 en retard et 1 périmée"
    assert recruter(here).sentence.replace("\u00a0", " ") == among
    assert recruter(here, chef(here)).sentence.replace("\u00a0", " ") == f"{among} ; 2 brouillons"


def test_a_small_axe_is_shown_whole_and_a_large_one_by_its_first_fiches(db: Any) -> None:
    here = TerritoireFactory()
    FicheFactory.create_batch(WHOLE, territoire=here, validee=True)
    assert (len(recruter(here).rows), recruter(here).is_short) == (WHOLE, False)
    FicheFactory(territoire=here, validee=True)
    assert (len(recruter(here).rows), recruter(here).is_short, recruter(here).count) == (FIRST, True, WHOLE + 1)


def test_what_is_late_blocked_stale_or_sent_back_comes_first_then_the_last_changed(db: Any) -> None:
    here = TerritoireFactory()
    old, new = changed(50, here), changed(2, here)
    late, blocked = changed(30, here, late=True), changed(20, here, meteo=Meteo.ORAGE.value)
    both = changed(90, here, late=True, meteo=Meteo.NUAGE.value)
    stale = changed(60, here, confirmed_at=clock.now() - timedelta(days=300))
    over = changed(1, here, etat=Etat.CLOTUREE.value, meteo=Meteo.ORAGE.value)
    in_order = [one.code for one in (both, blocked, late, stale, over, new, old)][:FIRST]
    assert [row.address for row in recruter(here).rows] == in_order


def test_a_plan_of_many_fiches_takes_one_query(db: Any) -> None:
    here = TerritoireFactory()
    FicheFactory.create_batch(12, territoire=here, validee=True)
    with counted(db.engine) as seen:
        list_plan(VISITOR, here)
    assert len([one for one in seen if "FROM fiche" in one]) == 1
