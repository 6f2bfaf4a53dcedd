"""/pilotage: each number is its list, for every role; nothing counts what its reader may not list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from fichetrack import clock
from fichetrack.models import Financement
from tests import factories as make
from tests.browser import Browser, Page
from tests.statements import counted

PEOPLE: dict[str, Callable[[Any], Any]] = {
    "chef": make.chef,
    "élu": make.elu,
    "région": lambda territoire: make.instructeur(territoire.region_instructrice),
    "autre région": lambda _territoire: make.instructeur(make.RegionFactory()),
    "opérateur": lambda _territoire: make.operateur(),
    "dti": lambda _territoire: make.dti(),
}


@pytest.fixture
def territoire(db: Any) -> Any:
    """A territoire with a fiche of nearly every situation."""
    territoire = make.TerritoireFactory()
    for diffusion in ({}, {"reseau": True}, {"nominative": True}):
        for etat in ("deposee", "en_instruction", "validee", "cloturee"):
            make.FicheFactory(territoire=territoire, **{etat: True}, **diffusion)
    make.FicheFactory(territoire=territoire)
    make.FicheFactory(territoire=territoire, amont=True, axe="attirer")
    make.FicheFactory(validee=True, axe="innover", meteo="orage", late=True, avancement="etude")
    make.FicheFactory(validee=True, confirmed_at=clock.now() - timedelta(days=200))
    make.FicheFactory(validee=True, filed_at=clock.now() - timedelta(days=40), financements=lines())
    return territoire


@pytest.mark.parametrize("role", PEOPLE)
def test_each_number_is_the_length_of_its_list(login_as: Any, territoire: Any, role: str) -> None:
    browser = login_as(PEOPLE[role](territoire))
    page = browser.get("/pilotage")
    told = numbers(page)
    assert len(told) > 12
    assert told == {href: listed(browser, href) for href in told}


def test_filters_narrow_every_number(login_as: Any, territoire: Any) -> None:
    browser = login_as(make.dti())
    page = browser.get("/pilotage").submit("pilotage-filtres", etat="validee")
    assert "6 sur 15 fiches" in page
    told = numbers(page)
    assert told == {href: listed(browser, href) for href in told}
    assert "15 fiches" in page.follow("Validée")  # the chip removes itself


def test_a_filter_of_the_address_without_a_control_is_kept(login_as: Any, territoire: Any) -> None:
    page = login_as(make.dti()).get("/pilotage?meteo=orage").submit("pilotage-filtres", axe="innover")
    assert "1 sur 15 fiches" in page


def test_the_lines_of_a_split_and_what_it_leaves_out_make_the_total(login_as: Any, territoire: Any) -> None:
    page = login_as(make.dti()).get("/pilotage")
    meteo = page.find("#pilotage-meteo")
    assert "14 fiches sans météo renseignée" in " ".join(meteo.text.split())


def test_hidden_fiches_are_told_from_five_on_and_only_on_coarse_views(login_as: Any, territoire: Any) -> None:
    browser = login_as(make.operateur())
    # 3 + 1 + 1 public or réseau that were published, of 16 that are not amont
    hidden = browser.get("/pilotage")
    assert "et 9 fiches non consultables" in hidden
    assert "et n fiches" not in browser.get("/pilotage?etat=deposee")
    assert "non consultables »" not in hidden
    assert not told_hidden(browser.get("/pilotage?etat=deposee"))


def test_amounts_are_told_by_nature_and_state_and_never_summed_across(login_as: Any, territoire: Any) -> None:
    page = login_as(make.dti()).get("/pilotage?axe=recruter&depot=" + f"{clock.now() - timedelta(days=40):%Y-%m}")
    table = page.find("#pilotage-financements")
    cells = [" ".join(cell.text.split()) for cell in table.select("tbody td a")]
    assert cells == ["30 000 €", "7 000 €", "400 €"]
    assert table.select("tfoot") == []


def test_amounts_of_one_nature_are_asked_for(login_as: Any, territoire: Any) -> None:
    page = login_as(make.dti()).get("/pilotage?nature=pret")
    assert "400 €" in page.words.replace("\u202f", " ")
    assert "1 sur 15 fiches" in page


def test_jobs_of_two_units_stand_apart(login_as: Any, db: Any) -> None:
    make.FicheFactory(validee=True, emplois_a_creer=7, emplois_unite="etp")
    make.FicheFactory(validee=True, emplois_a_creer=5, emplois_unite="personnes")
    make.FicheFactory(validee=True, emplois_a_creer=2)
    row = login_as(make.dti()).get("/pilotage").find("#pilotage-emplois-tableau tbody tr:first-child")
    assert [cell.text for cell in row.select("td")] == ["5", "7", "2", "3"]


@pytest.mark.parametrize("role", ["chef", "dti"])
def test_costs_jobs_and_private_investment_open_the_list_of_those_that_declare_them(
    login_as: Any, territoire: Any, role: str
) -> None:
    declared(territoire)
    browser = login_as(PEOPLE[role](territoire))
    told = said_beside(browser.get("/pilotage"))
    assert {"cout=oui", "prive=oui", "emplois=a_creer", "emplois=maintenus"} <= {
        part for href in told for part in href.partition("?")[2].split("&")
    }
    assert told == {href: listed(browser, href) for href in told}


def test_a_split_adds_up_declared_costs_beside_the_fiches(login_as: Any, territoire: Any) -> None:
    declared(territoire)
    page = login_as(make.dti()).get(f"/pilotage?axe=innover&territoire={territoire.code}")
    for split in ("axe", "region", "etat", "avancement", "fraicheur", "depot"):
        costs = [" ".join(link.text.split()) for link in page.html.select(f"#pilotage-{split} a[href*='cout=oui']")]
        assert costs == ["1 000,30 €"], split


def test_a_declared_zero_is_not_a_declaration(login_as: Any, db: Any) -> None:
    make.FicheFactory(validee=True, cout_total=0, investissement_prive=0, emplois_a_creer=0)
    page = login_as(make.dti()).get("/pilotage")
    assert page.html.select("a[href*='cout='], a[href*='prive='], a[href*='emplois=']") == []


def test_an_empty_register_has_a_page(login_as: Any) -> None:
    page = login_as(make.dti()).get("/pilotage")
    assert "Aucune fiche à compter pour le moment" in page
    assert "Définitions" in page


def test_pilotage_is_for_the_network(login_as: Any, browser: Browser) -> None:
    assert browser.get("/pilotage").path == "/connexion"
    login_as(make.PersonneFactory()).get("/pilotage", status=403)
    login_as(make.admin()).get("/pilotage", status=403)


def test_figures_cost_the_same_for_two_and_twenty(login_as: Any, db: Any) -> None:
    browser, costs = login_as(make.dti()), []
    for number in (2, 18):
        make.FicheFactory.create_batch(number, validee=True)
        with counted(db.engine) as statements:
            browser.get("/pilotage")
        costs.append(len(statements))
    assert costs[0] == costs[1]


def declared(territoire: Any) -> None:
    """Two fiches of one axe, only the first of which declares amounts and jobs."""
    common = {"validee": True, "axe": "innover", "avancement": "etude", "filed_at": clock.now()}
    money = {"cout_total": Decimal("1000.30"), "investissement_prive": Decimal("10.10")}
    make.FicheFactory(territoire=territoire, **common, **money, emplois_a_creer=3, emplois_maintenus=2)
    make.FicheFactory(territoire=territoire, **common, cout_total=None, emplois_a_creer=0)


def said_beside(page: Page) -> dict[str, int]:
    """The lists that make costs, private investment and jobs, with the number of fiches told beside each."""
    told = {}
    for link in page.html.select("#pilotage-repartitions a[href*='cout=oui']"):
        row = link.find_parent("tr")
        told[link] = link.parent.small or row.select("td.ft-number")[0]
    for link in page.html.select(".ft-figure__value a[href*='=oui']"):
        told[link] = link.find_parent(class_="ft-figure").select_one(".ft-figure__note")
    for link in page.html.select("#pilotage-emplois-tableau a"):
        told[link] = link
    told = {str(link["href"]): place.text.partition("fiche")[0] for link, place in told.items()}
    return {href: int("".join(c for c in text if c.isdigit())) for href, text in told.items() if "retard" not in href}


def lines() -> list[Financement]:
    rows = (("subvention", "demande", 10_000), ("subvention", "demande", 20_000), ("subvention", "verse", 7_000))
    return [line(*row) for row in (*rows, ("pret", "demande", 400))]


def line(nature: str, etat_montant: str, montant: int) -> Financement:
    return Financement(financeur="Région", nature=nature, etat_montant=etat_montant, montant=montant, base="ht")


def numbers(page: Page) -> dict[str, int]:
    """Each list the page links to, and the number of fiches told there; amounts tell theirs below them."""
    rollups = page.html.select("#pilotage-repartitions td a, .ft-figure__value a")
    told = {str(link["href"]): link.find(string=True) for link in rollups if "=oui" not in str(link["href"])}
    told |= {str(link["href"]): link.parent.small.text for link in page.html.select("#pilotage-financements td a")}
    return {href: int("".join(c for c in text if c.isdigit())) for href, text in told.items()}


def listed(browser: Browser, href: str) -> int:
    page = browser.get(href)
    return int(page.find(".ft-chips__count strong").text.split()[0])


def told_hidden(page: Page) -> bool:
    return any("non consultables" in note.text for note in page.html.select(".ft-figure__note"))
