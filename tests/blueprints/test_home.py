"""The public home, « À faire » for each kind of account, the State-service pages, and the page of a failure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from fichetrack import clock
from fichetrack.models import Fiche
from fichetrack.queries import fiches
from tests import factories as make
from tests.browser import Browser
from tests.statements import counted

STATIC = ("/aide", "/contact", "/accessibilite", "/mentions-legales", "/donnees-personnelles")


def test_the_home_of_an_empty_register_says_so(browser: Browser) -> None:
    page = browser.get("/")
    assert "Le registre est encore vide" in page
    assert "Se connecter" in page


def test_a_visitor_searches_from_the_home(browser: Browser) -> None:
    make.FicheFactory(validee=True, intitule="Une halle pour les apprentis")
    assert "Une halle pour les apprentis" in browser.get("/").submit(q="halle")


def test_the_home_counts_what_a_visitor_may_list(browser: Browser) -> None:
    territoire = make.TerritoireFactory(nom="Bassin d’Alès")
    make.FicheFactory.create_batch(2, validee=True, territoire=territoire)
    make.FicheFactory(validee=True, reseau=True, territoire=territoire)
    make.FicheFactory(territoire=territoire)
    page = browser.get("/")
    assert "2 fiches à lire" in page
    assert page.find(f'tr[data-code="{territoire.code}"]')["data-value"] == "2"
    assert "non consultables" not in page  # two hidden fiches would point at somebody’s


def test_hidden_fiches_are_told_from_five_on_amont_never(browser: Browser) -> None:
    make.FicheFactory(validee=True)
    make.FicheFactory.create_batch(3, amont=True)
    make.FicheFactory.create_batch(4, validee=True, reseau=True)
    assert "non consultables" not in browser.get("/")
    make.FicheFactory(deposee=True)
    assert "et 5 fiches non consultables" in browser.get("/")


def test_each_axe_of_the_home_is_its_list(browser: Browser) -> None:
    make.FicheFactory.create_batch(2, validee=True)
    make.FicheFactory(validee=True, axe="innover")
    page = browser.get("/")
    for link in page.html.select(".ft-split__table a"):
        assert browser.get(str(link["href"])).find(".ft-chips__count strong").text == link.text


@pytest.mark.parametrize("path", STATIC)
def test_the_pages_of_a_public_service_are_there(browser: Browser, path: str) -> None:
    browser.get(path)


NEXT: dict[str, tuple[Callable[[], Any], str]] = {
    "chef": (lambda: make.chef(make.TerritoireFactory()), "Commencer une fiche"),
    "région": (lambda: make.instructeur(make.RegionFactory()), "Aucune fiche n’attend la région"),
    "dti": (make.dti, "Ouvrir le pilotage"),
    "opérateur": (make.operateur, "Ouvrir le pilotage"),
    "administrateur": (make.admin, "Ouvrir les personnes"),
    "compte connecté": (make.PersonneFactory, "Suivre un sujet"),
}


@pytest.mark.parametrize("kind", NEXT)
def test_nothing_to_do_says_what_to_do_next(login_as: Any, kind: str) -> None:
    person, words = NEXT[kind]
    assert words in login_as(person()).get("/")


def test_a_stale_fiche_is_confirmed_in_one_press(login_as: Any, db: Any) -> None:
    fiche = stale(make.TerritoireFactory())
    browser = login_as(make.chef(fiche.territoire))
    page = press(browser, "#home-attentes form", ("action", "confirm"))
    assert "Merci : la fiche est à jour." in page
    assert "Rien n’attend de réponse de votre part" in page
    db.session.expire_all()
    assert clock.now() - db.session.get(Fiche, fiche.id).confirmed_at < timedelta(minutes=1)


def test_the_chef_sees_what_waits_with_its_deadline(login_as: Any) -> None:
    territoire = make.TerritoireFactory()
    overdue = clock.today() - timedelta(days=2)
    make.FicheFactory(a_completer=True, territoire=territoire, due_on=overdue)
    make.FicheFactory(validee=True, late=True, territoire=territoire)
    make.FicheFactory(territoire=territoire)
    page = login_as(make.chef(territoire)).get("/")
    for words in ("À compléter 1", "Délai dépassé", "En retard 1", "Jalon attendu le", "Brouillons 1"):
        assert words in page


def test_each_list_of_what_waits_is_as_long_as_its_link(login_as: Any) -> None:
    territoire, other = make.TerritoireFactory(), make.TerritoireFactory()
    for one in (territoire, territoire, other):
        stale(one)
    make.FicheFactory(territoire=territoire)
    assert_lists_agree(login_as(make.chef(territoire)), lists=2)
    region = territoire.region_instructrice
    make.FicheFactory(deposee=True, territoire=territoire)
    associee = make.TerritoireFactory(associees=[region])
    make.FicheFactory(deposee=True, territoire=associee)  # read by the région, instructed by another
    assert_lists_agree(login_as(make.instructeur(region)), lists=1)


def assert_lists_agree(browser: Browser, lists: int) -> None:
    page = browser.get("/")
    sections = page.html.select("#home-attentes > section")
    assert len(sections) == lists
    for section in sections:
        told = section.select_one(".ft-count").find(string=True, recursive=False)
        listed = browser.get(str(section.select_one(".ft-panel__head a")["href"]))
        assert listed.find(".ft-chips__count strong").text.split()[0] == told.strip()


def test_the_solicited_operator_is_told(login_as: Any, db: Any) -> None:
    person = make.operateur()
    fiche = make.FicheFactory(deposee=True)
    solicit(db, fiche, person.mandats[0].organisation)
    assert "On vous sollicite 1" in login_as(person).get("/")


def test_thin_territoires_are_shown_to_their_region(login_as: Any) -> None:
    territoire = make.TerritoireFactory(nom="Bassin mince")
    make.chef(territoire)
    assert "Bassin mince : 1 personne" in login_as(make.instructeur(territoire.region_instructrice)).get("/")
    assert "Territoires à consolider" not in login_as(make.chef(territoire)).get("/")


def test_a_draft_of_somebody_else_shows_nowhere_on_the_homes(browser: Browser, login_as: Any) -> None:
    fiche = make.FicheFactory(intitule="Un secret de fabrique")
    for one in (browser, login_as(make.dti()), login_as(make.instructeur(fiche.territoire.region_instructrice))):
        assert "Un secret de fabrique" not in one.get("/")


def test_a_chef_reads_the_public_home_too(login_as: Any) -> None:
    assert "Vous êtes connecté" in login_as(make.chef(make.TerritoireFactory())).get("/accueil")


def test_what_waits_costs_the_same_for_two_and_twenty(login_as: Any, db: Any) -> None:
    territoire = make.TerritoireFactory()
    browser = login_as(make.chef(territoire))
    counts = []
    for number in (2, 18):
        for _ in range(number):
            stale(territoire)
            make.FicheFactory(territoire=territoire, late=True)
        with counted(db.engine) as statements:
            browser.get("/")
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_failure_is_told_without_the_database(browser: Browser, app: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)

    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise OperationalError("SELECT 1", {}, Exception("the database is gone"))

    monkeypatch.setattr(fiches, "count_by_territoire", fail)
    monkeypatch.setattr("fichetrack.sessions.load", fail)
    page = browser.get("/", status=500)
    assert "Une erreur est survenue" in page
    assert "the database is gone" not in page.text


def test_every_solicitation_is_shown_where_no_list_can_show_the_rest(login_as: Any, db: Any) -> None:
    person = make.operateur()
    for _one in range(9):
        solicit(db, make.FicheFactory(deposee=True), person.mandats[0].organisation)
    assert len(login_as(person).get("/").html.select("#home-attentes .ft-item")) == 9


def test_only_the_page_one_reads_is_marked_in_the_menu(login_as: Any, db: Any) -> None:
    browser = login_as(make.dti())
    assert [one.text.strip() for one in browser.get("/").html.select("nav [aria-current=page]")][:1] == ["À faire"]
    assert browser.get("/accueil").html.select(".ft-nav [aria-current=page]") == []


def stale(territoire: Any) -> Any:
    return make.FicheFactory(validee=True, territoire=territoire, confirmed_at=clock.now() - timedelta(days=100))


def solicit(db: Any, fiche: Any, organisation: Any) -> None:
    request = make.filled_row(make.versions.ROWS_BY_NAME["sollicitations"], "Appui")
    request.organisation_id, request.repondue_le = organisation.id, None
    fiche.sollicitations.append(request)
    db.session.commit()


def press(browser: Browser, selector: str, button: tuple[str, str], path: str = "/") -> Any:
    """Press a button of the only form a selector finds; forms of lists have no id of their own."""
    page = browser.get(path)
    page.find(selector)["id"] = "pressed"
    return page.submit("pressed", button=button)
