"""The inbox of a région: who waits, since when, what one press decides, and what others do not see."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fichetrack import clock
from fichetrack.models import Fiche
from tests import factories as make
from tests.browser import Browser
from tests.statements import counted

ROWS = "#instruction-attente tbody tr:has(th)"


@pytest.fixture
def territoire(db: Any) -> Any:
    return make.TerritoireFactory(nom="Bassin d’Alès")


@pytest.fixture
def region(territoire: Any, login_as: Any) -> Browser:
    return login_as(make.instructeur(territoire.region_instructrice))


def test_an_empty_inbox_says_so(region: Browser) -> None:
    assert "Rien n’attend de décision" in region.get("/instruction")


def test_the_oldest_wait_comes_first_with_its_days(region: Browser, territoire: Any) -> None:
    waiting(territoire, 3, intitule="Récente")
    waiting(territoire, 40, intitule="Ancienne", en_instruction=True, due_on=clock.today() - timedelta(days=10))
    rows = region.get("/instruction").html.select(ROWS)
    assert [row.th.a.text for row in rows] == ["Ancienne", "Récente"]
    assert "40\u00a0jours" in rows[0].text
    assert "Délai dépassé" in rows[0].text
    assert "Délai dépassé" not in rows[1].text


def test_a_fiche_is_taken_up_in_one_press(region: Browser, territoire: Any, db: Any) -> None:
    fiche = waiting(territoire, 3)
    page = press(region, "take_up")
    assert page.path == "/instruction"
    db.session.expire_all()
    assert db.session.get(Fiche, fiche.id).etat == "en_instruction"


def test_a_complete_fiche_is_validated_in_one_press_an_incomplete_one_is_not(
    region: Browser, territoire: Any, db: Any
) -> None:
    complete = waiting(territoire, 3, en_instruction=True, complete_to_validate=True)
    waiting(territoire, 2, en_instruction=True)
    press(region, "validate")
    db.session.expire_all()
    assert db.session.get(Fiche, complete.id).etat == "validee"
    assert region.get("/instruction").html.select(".ft-table__act button[value=validate]") == []


def test_pressing_twice_decides_once(region: Browser, territoire: Any, db: Any) -> None:
    fiche = waiting(territoire, 3)
    before = region.get("/instruction")
    before.find("#instruction-attente form")["id"] = "pressed"
    for _ in range(2):
        before.submit("pressed", button=("action", "take_up"))
    db.session.expire_all()
    assert [one.kind for one in db.session.get(Fiche, fiche.id).events] == ["take_up"]


def test_what_was_sent_back_is_below_with_its_deadline(region: Browser, territoire: Any) -> None:
    make.FicheFactory(a_completer=True, territoire=territoire, due_on=clock.today() - timedelta(days=1))
    page = region.get("/instruction")
    assert "Délai dépassé" in page.find("#instruction-renvoyees").text
    assert "Rien n’attend de décision" in page


def test_another_region_s_fiches_are_not_in_the_inbox(region: Browser, territoire: Any) -> None:
    other = make.TerritoireFactory(associees=[territoire.region_instructrice])
    waiting(other, 3, intitule="À une autre région")
    make.FicheFactory(a_completer=True, territoire=other, intitule="À une autre région aussi")
    assert "À une autre région" not in region.get("/instruction")


def test_the_delegation_sees_every_wait_and_says_why_it_decides(login_as: Any, territoire: Any, db: Any) -> None:
    fiche = waiting(territoire, 3)
    page = login_as(make.dti()).get("/instruction")
    assert "Décider à sa place demande un motif" in page
    assert territoire.region_instructrice.nom in page
    assert page.html.select(".ft-table__act form") == []
    refused = decide(page, fiche, "take_up", status=409)
    assert refused.path == f"/fiches/{fiche.address}/transitions"
    assert "motif" in refused.find("#fiches-decider [role=alert]").text
    assert decide(page, fiche, "take_up", motif="La région n’a plus d’instructeur.").path == "/instruction"
    assert etat_of(db, fiche) == "en_instruction"


def test_more_is_asked_from_the_inbox(region: Browser, territoire: Any, db: Any) -> None:
    fiche = waiting(territoire, 3, en_instruction=True)
    page = region.get("/instruction")
    page = decide(page, fiche, "ask_more", motif="Précisez le coût.", champs=["cout_total"])
    assert page.path == "/instruction"
    assert fiche.intitule in page.find("#renvoyees").text
    assert db.session.get(Fiche, fiche.id).requested_fields == ["cout_total"]


@pytest.mark.parametrize(("action", "etat"), [("reject", "non_retenue"), ("validate", "validee")])
def test_a_fiche_is_decided_with_a_motive(region: Browser, territoire: Any, db: Any, action: str, etat: str) -> None:
    fiche = waiting(territoire, 3, en_instruction=True, complete_to_validate=True)
    decide(region.get("/instruction"), fiche, action, motif="Vu en comité régional.")
    assert etat_of(db, fiche) == etat
    assert db.session.get(Fiche, fiche.id).events[-1].motif == "Vu en comité régional."


def test_a_refusal_shows_the_fiche_with_its_reason_and_what_was_typed(region: Browser, territoire: Any) -> None:
    fiche = waiting(territoire, 3, en_instruction=True)
    page = decide(region.get("/instruction"), fiche, "ask_more", status=409, motif="Précisez.")
    assert page.find("#ask_more-motif").text.strip() == "Précisez."
    assert page.find("#fiches-decider [role=alert]").text


def test_what_a_fiche_lacks_links_to_its_section(region: Browser, territoire: Any) -> None:
    fiche = waiting(territoire, 3, en_instruction=True)
    links = region.get("/instruction").html.select(f"#f{fiche.id}-transition-validate .ft-missing-list a")
    assert f"/fiches/{fiche.address}#section-moyens" in {str(link["href"]) for link in links}
    page = region.get(f"/fiches/{fiche.address}")
    assert page.find("#section-moyens")
    assert page.html.select("#transition-validate a[href='#section-moyens']")


def test_what_changed_since_the_request_is_shown_when_the_fiche_came_back(region: Browser, territoire: Any) -> None:
    fiche = came_back(territoire)
    waiting(territoire, 3, en_instruction=True)
    page = region.get("/instruction")
    assert "1 point modifié depuis la demande" in " ".join(page.find(f"#decider-{fiche.id} > summary").text.split())
    assert "halle rénovée." in page.find(".ft-table__changes ins").text


@pytest.mark.parametrize("role", ["chef", "opérateur", "administrateur"])
def test_the_inbox_is_closed_to_others(login_as: Any, territoire: Any, role: str) -> None:
    person = {"chef": lambda: make.chef(territoire), "opérateur": make.operateur, "administrateur": make.admin}[role]()
    login_as(person).get("/instruction", status=403)


def test_a_visitor_is_asked_to_sign_in(browser: Browser) -> None:
    assert browser.get("/instruction").path == "/connexion"


def test_a_long_inbox_has_pages(region: Browser, territoire: Any) -> None:
    for _ in range(31):
        waiting(territoire, 1)
    page = region.get("/instruction")
    assert "31 fiches en attente" in page
    assert len(page.follow("Suivante").html.select(ROWS)) == 1


def test_an_inbox_costs_the_same_for_two_and_twenty(region: Browser, territoire: Any, db: Any) -> None:
    costs = []
    for number in (2, 18):
        for _ in range(number):
            waiting(territoire, 3, en_instruction=True, complete_to_validate=True)
            make.FicheFactory(a_completer=True, territoire=territoire)
            came_back(territoire)
        with counted(db.engine) as statements:
            region.get("/instruction")
        costs.append(len(statements))
    assert costs[0] == costs[1]


def waiting(territoire: Any, days: int, **traits: Any) -> Fiche:
    """A fiche of the territoire that has been waiting for that long; filed, unless a trait says more."""
    traits = traits if "en_instruction" in traits else {"deposee": True, **traits}
    return make.FicheFactory(territoire=territoire, etat_since=clock.now() - timedelta(days=days), **traits)


def came_back(territoire: Any) -> Fiche:
    """A fiche sent back, whose author has since rewritten the summary."""
    fiche = waiting(territoire, 5, en_instruction=True, requested_fields=["resume"])
    make.EventFactory(fiche=fiche, kind="ask_more", motif="Précisez.")
    make.EventFactory(fiche=fiche, kind="edit", changes=[["resume", "Une halle.", "Une halle rénovée."]])
    return fiche


def decide(page: Any, fiche: Fiche, action: str, status: int = 200, **answers: Any) -> Any:
    """Fill in the form of the inbox that does this to that fiche, and press its button."""
    return page.submit(f"f{fiche.id}-transition-{action}", status=status, button=("action", action), **answers)


def etat_of(db: Any, fiche: Fiche) -> str:
    db.session.expire_all()
    return db.session.get(Fiche, fiche.id).etat


def press(browser: Browser, action: str) -> Any:
    """Press the only button of the inbox that does this at once."""
    page = browser.get("/instruction")
    page.find(f".ft-table__act form:has(button[value={action}])")["id"] = "pressed"
    return page.submit("pressed", button=("action", action))
