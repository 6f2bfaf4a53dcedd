"""People and mandats, as the delegation, régions and others see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from fichetrack import clock
from fichetrack.models import Mandat, Organisation, Personne
from fichetrack.services.fiches import edit_section
from fichetrack.vocabulary import Role
from tests.browser import Browser, give_password
from tests.factories import (
    FicheFactory,
    OrganisationFactory,
    PersonneFactory,
    TerritoireFactory,
    admin,
    chef,
    contributeur,
    dti,
    instructeur,
)

LoginAs = Callable[..., Browser]


@pytest.fixture
def territoire(app: Any) -> Any:
    return TerritoireFactory(slug="ales", nom="Bassin d’Alès")


@pytest.fixture
def region(territoire: Any, login_as: LoginAs) -> Browser:
    """The instructeur of Alès’s région."""
    return login_as(instructeur(territoire.region_instructrice, personne__nom="Inès Instruit"))


def invite(browser: Browser, status: int = 200, **values: str) -> Any:
    asked = {"courriel": "paul@ales.fr", "nom": "Paul Neuf", "role": "chef_de_projet", "perimetre": "ti-ales"}
    return browser.get("/personnes/inviter").submit("inviter", status, **{**asked, **values})


def test_a_region_invites_somebody_who_signs_in_by_the_link(region: Browser, outbox: Any, app: Any) -> None:
    page = invite(region)
    assert "Paul Neuf" in page
    assert "Chef de projet Bassin d’Alès" in page
    email = outbox()[0]
    assert (email.recipient, email.name) == ("paul@ales.fr", "invitation")
    link = next(line for line in email.body_text.splitlines() if "/invitation/" in line).removeprefix(
        "http://localhost"
    )
    secret = "une longue phrase secrète"
    page = Browser(app.test_client()).get(link)
    page = page.submit("nouveau-mot-de-passe", nouveau_mot_de_passe=secret, confirmation=secret)
    assert "Paul Neuf" in page


def test_inviting_a_known_person_says_the_same_and_keeps_their_name(region: Browser, outbox: Any, db: Any) -> None:
    PersonneFactory(courriel="paul@ales.fr", nom="Paul Connu")
    page = invite(region)
    assert "Le mandat est donné." in page
    assert db.session.scalars(select(Personne.nom).where(Personne.courriel == "paul@ales.fr")).one() == "Paul Connu"
    assert outbox()[0].name == "mandat_granted"


def test_the_same_invitation_sent_twice_is_one(region: Browser, outbox: Any, db: Any) -> None:
    page = region.get("/personnes/inviter")
    values = {"courriel": "paul@ales.fr", "nom": "Paul", "role": "chef_de_projet", "perimetre": "ti-ales"}
    paths = {page.submit("inviter", **values).path for _ in range(3)}
    assert len(paths) == 1
    assert len(outbox()) == 1
    assert db.session.scalar(select(func.count()).where(Mandat.role == Role.CHEF_DE_PROJET)) == 1


def test_a_mandat_already_held_is_refused(region: Browser) -> None:
    invite(region)
    assert "Cette personne a déjà ce rôle sur ce périmètre" in invite(region, 422)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"courriel": "pas une adresse"}, "adresse électronique n’est pas valable"),
        ({"courriel": "paul@demo.fichetrack.fr"}, "une adresse qui reçoit du courriel"),
        ({"nom": ""}, "Saisissez son nom"),
        ({"role": ""}, "Choisissez un rôle"),
        ({"role": "roi"}, "Choisissez un rôle"),
        ({"perimetre": "france"}, "choisissez un territoire d’industrie"),
        ({"perimetre": "ti-inconnu"}, "choisissez un territoire d’industrie"),
        ({"starts_on": "demain"}, "Saisissez une date"),
        ({"starts_on": "2026-03-02", "ends_on": "2026-03-01"}, "précède"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_written(
    region: Browser, db: Any, wrong: dict[str, str], said: str
) -> None:
    page = invite(region, 422, **wrong)
    assert said in page.find("#erreurs").get_text(" ")
    assert db.session.scalar(select(func.count()).where(Personne.courriel == "paul@ales.fr")) == 0


def test_a_region_gives_nothing_elsewhere_nor_above(region: Browser, db: Any) -> None:
    TerritoireFactory(slug="ailleurs")
    invite(region, 403, perimetre="ti-ailleurs")
    invite(region, 403, role="dti", perimetre="france")
    invite(region, 403, role="administrateur", perimetre="france")
    assert db.session.scalar(select(func.count()).where(Personne.courriel == "paul@ales.fr")) == 0


def test_the_delegation_gives_all_but_technical_administration(login_as: LoginAs, territoire: Any) -> None:
    browser = login_as(dti())
    page = invite(browser, role="instructeur_region", perimetre=f"reg-{territoire.region_instructrice_code}")
    assert "Instructeur région" in page
    invite(browser, 403, role="administrateur", perimetre="france")


def test_an_operator_of_a_new_organisation_reads_the_fiches_that_solicit_it(
    login_as: LoginAs, territoire: Any, db: Any
) -> None:
    fiche = FicheFactory(territoire=territoire, validee=True, nominative=True)
    invite(login_as(dti()), role="operateur", perimetre="", organisation=" Société  d’Équipement ")
    person = db.session.scalars(select(Personne).where(Personne.courriel == "paul@ales.fr")).one()
    organisation = person.mandats[0].organisation
    assert (organisation.nom, organisation.is_operateur) == ("Société d’Équipement", True)
    give_password(person)
    login_as(person).get(f"/fiches/{fiche.code}", status=404)
    asked = [{"operateur": "société d’équipement", "demandee_le": clock.today().isoformat()}]
    edit_section(chef(territoire), fiche.code, "suivi", fiche.version_of("suivi"), {"sollicitations": asked})
    assert fiche.intitule in login_as(person).get(f"/fiches/{fiche.code}")


def test_an_organisation_already_known_by_that_name_is_reused(login_as: LoginAs, territoire: Any, db: Any) -> None:
    known = OrganisationFactory(nom="Société d’Équipement", is_operateur=False)
    person = PersonneFactory()
    page = login_as(dti()).get(f"/personnes/{person.id}")
    page = page.submit("donner-mandat", role="operateur", perimetre="", organisation="SOCIETE D'EQUIPEMENT")
    assert "Opérateur" in page and "Société d’Équipement" in page
    db.session.refresh(known)
    assert (known.is_operateur, db.session.scalar(select(func.count()).select_from(Organisation))) == (True, 1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"role": "chef_de_projet", "perimetre": "", "organisation": "Neuve"}, "pour un opérateur seulement"),
        ({"role": "operateur", "perimetre": "france", "organisation": "Neuve"}, "pas les deux"),
        ({"role": "operateur", "perimetre": "", "organisation": "…"}, "Saisissez le nom"),
        ({"role": "operateur", "perimetre": "", "organisation": " "}, "Choisissez un périmètre"),
        ({"role": "operateur", "perimetre": "", "organisation": "n" * 201}, "Nom trop long"),
    ],
)
def test_an_organisation_that_does_not_fit_is_not_made(
    login_as: LoginAs, territoire: Any, db: Any, wrong: dict[str, str], said: str
) -> None:
    page = invite(login_as(dti()), 422, **wrong)
    assert said in page.find("#erreurs").get_text(" ")
    assert db.session.scalar(select(func.count()).select_from(Organisation)) == 0


def test_only_those_who_give_operators_name_organisations(region: Browser, login_as: LoginAs, db: Any) -> None:
    assert not region.get("/personnes/inviter").html.select("#organisation")
    posted = {"courriel": "paul@ales.fr", "nom": "Paul", "role": "operateur", "organisation": "Neuve"}
    region.post("/personnes/inviter", {**posted, "perimetre": "", "starts_on": "2026-03-02"}, status=422)
    me = dti()
    invite(login_as(me), 403, courriel=me.courriel, role="operateur", perimetre="", organisation="Neuve")
    assert db.session.scalar(select(func.count()).select_from(Organisation)) == 0


def test_a_region_sees_the_people_of_its_territoires_only(region: Browser, territoire: Any) -> None:
    chef(territoire, personne__nom="Claire Icile")
    far = chef(TerritoireFactory(), personne__nom="Zoé Ailleurs")
    page = region.get("/personnes")
    assert ("Claire Icile" in page, "Zoé Ailleurs" in page) == (True, False)
    region.get(f"/personnes/{far.id}", status=404)
    region.get("/personnes/999999999999", status=404)
    region.get(f"/mandats/{far.mandats[0].id}/fin", status=404)
    region.post(f"/mandats/{far.mandats[0].id}/fin", status=404)
    region.post(f"/personnes/{far.id}/invitation", status=404)
    region.post(f"/personnes/{far.id}/fermeture", status=404)


def test_a_region_is_not_told_a_persons_mandats_elsewhere(region: Browser, territoire: Any, db: Any) -> None:
    person = chef(territoire)
    other = TerritoireFactory(nom="Vallée secrète")
    db.session.add(
        Mandat(personne=person, role="contributeur", territoire=other, starts_on=clock.today(), granted_at=clock.now())
    )
    db.session.commit()
    assert "Vallée secrète" not in region.get(f"/personnes/{person.id}")
    assert "Vallée secrète" not in region.get("/personnes")


def test_the_list_is_searched_and_paged(login_as: LoginAs, territoire: Any) -> None:
    for number in range(55):
        PersonneFactory(nom=f"Nom {number:02d}")
    PersonneFactory(nom="Élise 100%", courriel="elise@ales.fr")
    browser = login_as(dti(personne__nom="Moi"))
    assert "Nom 54" not in browser.get("/personnes")
    assert "Nom 54" in browser.get("/personnes?page=2")
    assert "1 personne" in browser.get("/personnes", q="elise@")
    assert "Élise" in browser.get("/personnes", q="100%")
    assert "Personne ne correspond" in browser.get("/personnes", q="aucun_tel")


@pytest.mark.parametrize("q", ["Helene", "hélène", "MARCHAND hel", "deleguee", "l'œuvre", "l’oeuvre"])
def test_people_are_found_whatever_the_accents(login_as: LoginAs, q: str) -> None:
    PersonneFactory(nom="Hélène Marchand", fonction="Déléguée à l’Œuvre")
    page = login_as(dti(personne__nom="Moi")).get("/personnes", q=q)
    assert "Hélène Marchand" in page
    assert "Moi" not in page.find("main table").get_text()


def test_a_territoire_with_one_editor_is_shown_first(region: Browser, territoire: Any) -> None:
    chef(territoire)
    page = region.get("/personnes")
    assert "1 personne" in page.find("#territoires-fragiles").get_text(" ").replace("\N{NO-BREAK SPACE}", " ")
    assert page.follow("Inviter une personne pour").find("#perimetre option[selected]")["value"] == "ti-ales"
    contributeur(territoire)
    assert not region.get("/personnes").html.select("#territoires-fragiles")


def test_ending_at_once_takes_the_right_away_and_tells_the_person(
    region: Browser, territoire: Any, login_as: LoginAs, outbox: Any
) -> None:
    leaving = chef(territoire)
    theirs = login_as(leaving)
    assert "Chef de projet" in theirs.get("/mon-compte/droits").html.select_one("main h2").get_text()
    page = region.get(f"/personnes/{leaving.id}").follow("Mettre fin").submit("fin")
    assert "La fin du mandat est enregistrée" in page
    assert "Vous n’avez aucun mandat en cours" in theirs.get("/mon-compte/droits")
    assert [(email.recipient, email.name) for email in outbox()] == [(leaving.courriel, "mandat_ended")]


@pytest.mark.parametrize("given", ["granted_today", "granted_earlier"])
def test_ending_today_takes_the_right_away_at_the_next_request(
    region: Browser, territoire: Any, login_as: LoginAs, outbox: Any, given: str
) -> None:
    leaving = chef(territoire, **({"starts_on": clock.today()} if given == "granted_today" else {}))
    theirs, mandat = login_as(leaving), leaving.mandats[0].id
    assert "Vous n’avez aucun mandat en cours" not in theirs.get("/mon-compte/droits")
    region.get(f"/mandats/{mandat}/fin").submit("fin", last_day=clock.today().isoformat())
    assert "Vous n’avez aucun mandat en cours" in theirs.get("/mon-compte/droits")
    assert "dès maintenant" in outbox()[0].body_text


def test_a_mandat_to_come_is_ended_before_it_begins(region: Browser, territoire: Any, db: Any) -> None:
    mandat = chef(territoire, future=True).mandats[0]
    page = region.get(f"/mandats/{mandat.id}/fin").submit("fin", last_day=clock.today().isoformat())
    assert "La fin du mandat est enregistrée" in page
    db.session.refresh(mandat)
    assert mandat.starts_on <= mandat.ends_on < clock.today()


def test_ending_on_a_day_to_come_is_announced(region: Browser, territoire: Any, outbox: Any, frozen_time: Any) -> None:
    leaving = chef(territoire)
    mandat = leaving.mandats[0].id
    page = region.get(f"/mandats/{mandat}/fin")
    assert "Choisissez aujourd’hui" in page.submit("fin", 422, last_day="2026-03-01")
    page = page.submit("fin", last_day="2026-03-31")
    assert "31 mars 2026" in page
    assert "31 mars 2026" in outbox()[0].body_text.replace("\N{NO-BREAK SPACE}", " ")


def test_nobody_changes_their_own_mandats(login_as: LoginAs) -> None:
    me = dti()
    browser = login_as(me)
    page = browser.get(f"/personnes/{me.id}")
    assert "Donner un mandat" not in page
    assert "Mettre fin" not in page
    posted = {"role": "animateur_data", "perimetre": "france", "starts_on": "2026-03-02"}
    browser.post(f"/personnes/{me.id}/mandats", posted, status=403)
    invite(browser, 403, courriel=me.courriel, role="animateur_data", perimetre="france")
    browser.post(f"/mandats/{me.mandats[0].id}/fin", status=403)
    browser.post(f"/personnes/{me.id}/fermeture", status=403)


def test_one_more_mandat_is_granted_from_the_persons_page(region: Browser, territoire: Any, outbox: Any) -> None:
    person = chef(territoire)
    page = region.get(f"/personnes/{person.id}")
    page = page.submit("donner-mandat", role="contributeur", perimetre="ti-ales")
    assert "Contributeur" in page
    assert outbox()[0].name == "mandat_granted"
    page = page.submit("donner-mandat", 422, role="contributeur", perimetre="ti-ales")
    assert "déjà ce rôle" in page


def test_an_invitation_is_sent_again_and_replaces_the_former(region: Browser, outbox: Any) -> None:
    page = invite(region).submit("renvoyer")
    assert "Une nouvelle invitation est prête" in page
    links = [line.removeprefix("http://localhost") for e in outbox() for line in e.body_text.split() if "/invi" in line]
    assert [region.client.get(link).status_code for link in links] == [410, 200]


def test_an_account_is_closed_then_invited_back(login_as: LoginAs, territoire: Any, region: Browser) -> None:
    person = chef(territoire, personne__courriel="paul@ales.fr")
    theirs, delegation = login_as(person), login_as(dti())
    region.post(f"/personnes/{person.id}/fermeture", status=403)
    page = delegation.get(f"/personnes/{person.id}").submit("fermer-compte")
    assert "Le compte est fermé" in page
    assert theirs.client.get("/mon-compte").status_code == 303
    assert "demandez à la délégation de le rouvrir" in invite(region, 403)
    assert "n’a pas encore choisi son mot de passe" in invite(delegation)


def test_only_an_administrator_closes_an_administrators_account(login_as: LoginAs) -> None:
    technical = admin()
    login_as(dti()).post(f"/personnes/{technical.id}/fermeture", status=403)
    login_as(admin()).post(f"/personnes/{technical.id}/fermeture")


def test_others_do_not_enter(login_as: LoginAs, browser: Browser, territoire: Any) -> None:
    login_as(chef(territoire)).get("/personnes", status=403)
    assert browser.get("/personnes").path == "/connexion"


def test_a_long_list_of_short_territoires_is_folded(login_as: LoginAs) -> None:
    for number in range(12):
        TerritoireFactory(nom=f"Bassin {number:02d}")
    page = login_as(dti()).get("/personnes")
    assert "Voir les 4 autres" in page
    assert "Bassin 11" in page
