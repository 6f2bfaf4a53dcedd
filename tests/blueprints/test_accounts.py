"""Signing in and out, sessions, passwords and profile, as browsers see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from fichetrack import config, passwords, sessions
from fichetrack.errors import UnsafeStart
from fichetrack.models import LoginSession, Personne
from fichetrack.services import accounts, mandats
from tests.browser import PASSWORD, Browser, Page
from tests.conftest import MONDAY
from tests.factories import FicheFactory, PersonneFactory, TerritoireFactory, chef, dti, instructeur

NEW = "trois chevaux bleus au galop"
LoginAs = Callable[..., Browser]


@pytest.fixture
def personne(db: Any) -> Personne:
    return PersonneFactory(courriel="claire@ales.fr", nom="Claire Roux")


def fail(browser: Browser, courriel: str, password: str = "pas le bon mot de passe", status: int = 422) -> Page:
    return browser.get("/connexion").submit("connexion", status, courriel=courriel, mot_de_passe=password)


def is_signed_in(browser: Browser) -> bool:
    return browser.client.get("/mon-compte").status_code == 200


def identifier(browser: Browser) -> str:
    with browser.client.session_transaction() as session:
        return str(session.get(sessions.KEY))


def link_in(email: Any) -> str:
    return next(line for line in email.body_text.splitlines() if line.startswith("http://localhost/")).removeprefix(
        "http://localhost"
    )


# --- signing in ---------------------------------------------


def test_somebody_signs_in_and_out(browser: Browser, personne: Personne, db: Any) -> None:
    assert "Claire Roux" in browser.sign_in(personne)
    assert db.session.scalar(select(func.count()).select_from(LoginSession)) == 1
    assert "Vous êtes déconnecté" in browser.post("/deconnexion")
    assert db.session.scalar(select(func.count()).select_from(LoginSession)) == 0


def test_the_address_typed_may_have_capitals_and_spaces(browser: Browser, personne: Personne) -> None:
    browser.get("/connexion").submit("connexion", courriel=" Claire@Ales.FR ", mot_de_passe=PASSWORD)
    assert is_signed_in(browser)


def test_unknown_closed_invited_and_wrong_are_told_the_same(browser: Browser, personne: Personne) -> None:
    PersonneFactory(courriel="fermee@ales.fr", closed=True)
    PersonneFactory(courriel="invitee@ales.fr", invited=True)
    tries = {"claire@ales.fr": "faux", "fermee@ales.fr": PASSWORD, "invitee@ales.fr": PASSWORD, "x@ales.fr": PASSWORD}
    said = {
        without_tokens(fail(browser, courriel, password)).replace(courriel, "") for courriel, password in tries.items()
    }
    assert len(said) == 1


def without_tokens(page: Page) -> str:
    for field in page.html.select("input[name=csrf_token]"):
        field["value"] = ""
    page.html.body["hx-headers"] = ""
    return str(page.html)


ELSEWHERE = (
    *("//mal.example", "https://mal.example", "/\\mal.example", "\\\\mal.example", "javascript:alert(1)", "http:/x"),
    *("/\tx", "/\r\nSet-Cookie: a=b", "mal.example", "///mal.example", "/\x0b/mal.example", " /fiches", "@mal.example"),
)


@pytest.mark.parametrize("suite", ELSEWHERE)
def test_signing_in_never_leads_to_another_site(browser: Browser, personne: Personne, suite: str) -> None:
    posted = {"courriel": personne.courriel, "mot_de_passe": PASSWORD, "suite": suite}
    answer = browser.client.post("/connexion", data={"csrf_token": browser.csrf_token(), **posted})
    assert (answer.status_code, answer.location) == (303, "/")


def test_signing_in_leads_back_where_one_was_going(browser: Browser, personne: Personne) -> None:
    page = browser.get("/mon-compte/droits?fiche=")
    assert page.path == "/connexion"
    page = page.submit("connexion", courriel=personne.courriel, mot_de_passe=PASSWORD)
    assert page.path == "/mon-compte/droits"


def test_the_identifier_changes_at_sign_in_and_the_former_one_dies(browser: Browser, personne: Personne) -> None:
    browser.sign_in(personne)
    first, stolen = identifier(browser), browser.client.get_cookie("fichetrack")
    browser.post("/connexion", {"courriel": personne.courriel, "mot_de_passe": PASSWORD})
    assert identifier(browser) != first
    browser.client.set_cookie("fichetrack", stolen.value)
    assert not is_signed_in(browser)


def test_signing_out_ends_the_session_on_the_server(browser: Browser, personne: Personne) -> None:
    browser.sign_in(personne)
    kept = browser.client.get_cookie("fichetrack")
    browser.post("/deconnexion")
    browser.client.set_cookie("fichetrack", kept.value)
    assert not is_signed_in(browser)


def test_a_get_never_signs_out(login_as: LoginAs, personne: Personne) -> None:
    browser = login_as(personne)
    assert browser.client.get("/deconnexion").status_code == 405
    assert browser.client.post("/deconnexion").status_code == 400
    assert is_signed_in(browser)


def test_an_idle_session_is_closed(login_as: LoginAs, personne: Personne, frozen_time: Any) -> None:
    browser = login_as(personne)
    frozen_time(MONDAY + timedelta(hours=11))
    assert is_signed_in(browser)
    frozen_time(MONDAY + timedelta(hours=22))
    assert is_signed_in(browser)
    frozen_time(MONDAY + timedelta(hours=35))
    assert not is_signed_in(browser)


def test_a_session_is_noted_alive_every_five_minutes_only(
    login_as: LoginAs, personne: Personne, db: Any, frozen_time: Any
) -> None:
    browser = login_as(personne)
    for minutes, noted in ((4, 0), (6, 6), (10, 6)):
        frozen_time(MONDAY + timedelta(minutes=minutes))
        assert is_signed_in(browser)
        assert db.session.scalars(select(LoginSession.seen_at)).one() == MONDAY + timedelta(minutes=noted)


def test_reading_goes_on_while_somebody_writes(
    login_as: LoginAs, personne: Personne, db: Any, frozen_time: Any
) -> None:
    browser = login_as(personne)
    frozen_time(MONDAY + timedelta(minutes=6))
    with db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        connection.execute(select(LoginSession).with_for_update()).all()
        assert is_signed_in(browser)


# --- throttling ---------------------------------------------


def test_the_eleventh_try_is_refused_alike_for_known_and_unknown(
    browser: Browser, personne: Personne, frozen_time: Any
) -> None:
    said = []
    for courriel in (personne.courriel, "inconnu@ales.fr"):
        for _ in range(10):
            fail(browser, courriel)
        page = fail(browser, courriel, PASSWORD, 429)
        said.append(page.find("#erreurs").get_text(" "))
    assert said[0] == said[1]
    frozen_time(MONDAY + timedelta(minutes=10, seconds=1))
    assert "Claire Roux" in browser.sign_in(personne)


def test_strangers_do_not_lock_out_who_signed_in_from_there_before(
    app: Any, browser: Browser, personne: Personne, frozen_time: Any
) -> None:
    browser.sign_in(personne)
    browser.post("/deconnexion")
    for number in range(12):
        stranger = Browser(app.test_client())
        stranger.client.environ_base["REMOTE_ADDR"] = f"198.51.100.{number}"
        fail(stranger, personne.courriel, status=422 if number < 10 else 429)
    assert "Claire Roux" in browser.sign_in(personne)


def test_an_address_has_its_own_limit(browser: Browser, personne: Personne, frozen_time: Any) -> None:
    token = browser.csrf_token()
    codes = [
        browser.client.post(
            "/connexion", data={"csrf_token": token, "courriel": f"x{n}@ales.fr", "mot_de_passe": "faux"}
        ).status_code
        for n in range(52)
    ]
    assert codes == [422] * 50 + [429] * 2


# --- revoked means now ---------------------------------------------


def test_a_closed_account_is_out_at_its_next_request(login_as: LoginAs, personne: Personne) -> None:
    browser = login_as(personne)
    accounts.close(dti(), personne.id)
    assert not is_signed_in(browser)


def test_a_changed_password_closes_the_other_sessions(login_as: LoginAs, personne: Personne) -> None:
    here, elsewhere = login_as(personne), login_as(personne)
    before = identifier(here)
    page = here.get("/mon-compte").submit(
        "mon-mot-de-passe", mot_de_passe_actuel=PASSWORD, nouveau_mot_de_passe=NEW, confirmation=NEW
    )
    assert "Votre mot de passe est changé" in page
    assert (is_signed_in(here), is_signed_in(elsewhere)) == (True, False)
    assert identifier(here) != before


def test_a_role_removed_is_refused_at_once_and_the_identifier_changes(login_as: LoginAs) -> None:
    territoire = TerritoireFactory()
    leaving = instructeur(territoire.region_instructrice)
    browser = login_as(leaving)
    browser.get("/personnes")
    before = identifier(browser)
    mandats.end(dti(), leaving.mandats[0].id)
    browser.get("/personnes", status=403)
    assert identifier(browser) != before
    assert is_signed_in(browser)


def test_a_former_identifier_still_passes_for_a_minute_after_a_change_of_rights(
    login_as: LoginAs, frozen_time: Any
) -> None:
    person = chef(TerritoireFactory())
    browser = login_as(person)
    former = browser.client.get_cookie("fichetrack")
    mandats.end(dti(), person.mandats[0].id)
    assert is_signed_in(browser)
    late = Browser(browser.client.application.test_client())
    late.client.set_cookie("fichetrack", former.value)
    assert is_signed_in(late)
    late.client.set_cookie("fichetrack", former.value)
    frozen_time(MONDAY + timedelta(minutes=2))
    assert not is_signed_in(late)
    assert is_signed_in(browser)


def test_one_closes_ones_other_sessions(login_as: LoginAs, personne: Personne) -> None:
    here, elsewhere = login_as(personne), login_as(personne)
    page = here.get("/mon-compte")
    assert page.words.count("Un autre navigateur") == 1
    page = page.submit("autres-sessions")
    assert "Un autre navigateur" not in page
    assert (is_signed_in(here), is_signed_in(elsewhere)) == (True, False)


# --- forgotten password ---------------------------------------------


def test_somebody_chooses_a_new_password_by_email(
    browser: Browser, login_as: LoginAs, personne: Personne, outbox: Any
) -> None:
    elsewhere = login_as(personne)
    browser.get("/mot-de-passe-oublie").submit("oubli", courriel=personne.courriel)
    link = link_in(outbox()[0])
    page = browser.get(link)
    assert page.response.headers["Referrer-Policy"] == "no-referrer"
    page = page.submit("nouveau-mot-de-passe", nouveau_mot_de_passe=NEW, confirmation=NEW)
    assert "Vous êtes connecté" in page
    assert not is_signed_in(elsewhere)
    assert "Ce lien n’est plus valable" in Browser(browser.client.application.test_client()).get(link, status=410)


def test_asking_says_the_same_whoever_one_is(browser: Browser, personne: Personne, outbox: Any) -> None:
    PersonneFactory(courriel="fermee@ales.fr", closed=True)
    said = {
        browser.get("/mot-de-passe-oublie").submit("oubli", courriel=courriel).find("main").get_text(" ")
        for courriel in (personne.courriel, "fermee@ales.fr", "inconnu@ales.fr")
    }
    assert len(said) == 1
    assert [email.recipient for email in outbox()] == [personne.courriel]


def test_a_reset_link_dies_after_an_hour_or_a_newer_one(
    browser: Browser, personne: Personne, outbox: Any, frozen_time: Any
) -> None:
    for _ in range(2):
        browser.get("/mot-de-passe-oublie").submit("oubli", courriel=personne.courriel)
    older, newer = map(link_in, outbox())
    browser.get(older, status=410)
    browser.get(newer)
    frozen_time(MONDAY + timedelta(minutes=60))
    browser.get(newer, status=410)


def test_a_reset_link_dies_when_the_password_changes(browser: Browser, personne: Personne, outbox: Any) -> None:
    browser.get("/mot-de-passe-oublie").submit("oubli", courriel=personne.courriel)
    accounts.change_password(personne, PASSWORD, NEW, "127.0.0.1", "")
    browser.get(link_in(outbox()[0]), status=410)


def test_a_link_posted_without_the_form_is_refused(browser: Browser, personne: Personne, outbox: Any) -> None:
    browser.get("/mot-de-passe-oublie").submit("oubli", courriel=personne.courriel)
    link = link_in(outbox()[0])
    answer = browser.client.post(link, data={"nouveau_mot_de_passe": NEW, "confirmation": NEW})
    assert answer.status_code == 400
    browser.get(link)


@pytest.mark.parametrize("weak", ["court", "onze carac.", "bonjour claire, ça va"])
def test_a_weak_password_is_refused_and_the_link_stays_good(
    browser: Browser, personne: Personne, outbox: Any, weak: str
) -> None:
    browser.get("/mot-de-passe-oublie").submit("oubli", courriel=personne.courriel)
    page = browser.get(link_in(outbox()[0]))
    page = page.submit("nouveau-mot-de-passe", 422, nouveau_mot_de_passe=weak, confirmation=weak)
    assert "Nouveau mot de passe" in page.find("#erreurs").get_text()
    page.submit("nouveau-mot-de-passe", nouveau_mot_de_passe=NEW, confirmation=NEW)


def test_an_invitation_link_does_not_serve_as_a_reset_link(browser: Browser, outbox: Any) -> None:
    invited = PersonneFactory(invited=True)
    browser.get("/mot-de-passe-oublie").submit("oubli", courriel=invited.courriel)
    link = link_in(outbox()[0])
    assert link.startswith("/invitation/")
    browser.get(link.replace("/invitation/", "/mot-de-passe/"), status=410)
    browser.get(link)


# --- profile and rights ---------------------------------------------


def test_somebody_edits_their_profile(login_as: LoginAs, personne: Personne, db: Any) -> None:
    page = login_as(personne).get("/mon-compte").submit("mon-profil", nom="Claire Roux-Martin", telephone="0466000000")
    assert "Claire Roux-Martin" in page
    assert db.session.get(Personne, personne.id).telephone == "0466000000"


def test_a_profile_without_a_name_is_refused(login_as: LoginAs, personne: Personne) -> None:
    page = login_as(personne).get("/mon-compte").submit("mon-profil", 422, nom="")
    assert "Saisissez votre nom" in page


def test_the_current_password_must_be_right(login_as: LoginAs, personne: Personne) -> None:
    page = (
        login_as(personne)
        .get("/mon-compte")
        .submit("mon-mot-de-passe", 422, mot_de_passe_actuel="faux", nouveau_mot_de_passe=NEW, confirmation=NEW)
    )
    assert "Ce n’est pas votre mot de passe actuel" in page


def test_why_says_what_each_mandat_allows(login_as: LoginAs) -> None:
    territoire = TerritoireFactory(nom="Bassin d’Alès")
    page = login_as(chef(territoire)).get("/mon-compte/droits")
    assert "Chef de projet, Bassin d’Alès" in page
    assert "Déposer" in page
    assert "Valider" not in page


def test_why_explains_a_fiche_and_hides_those_one_may_not_read(login_as: LoginAs) -> None:
    fiche = FicheFactory(deposee=True)
    page = login_as(chef(fiche.territoire)).get("/mon-compte/droits", fiche=fiche.address)
    row = next(line for line in page.html.select("tbody tr") if "Déposer" in line.get_text())
    assert "vous êtes chef de projet du territoire" in row.get_text().lower()
    stranger = login_as(chef(TerritoireFactory()))
    stranger.get("/mon-compte/droits", fiche=fiche.address, status=404)
    stranger.get("/mon-compte/droits", fiche="TI-inconnu-2026-1", status=404)


# --- demonstration ---------------------------------------------


def test_the_demonstration_offers_its_accounts(app: Any, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    PersonneFactory(courriel="chef.ales@demo.fichetrack.fr")
    assert "chef.ales@demo.fichetrack.fr" not in browser.get("/connexion")
    monkeypatch.setitem(app.config, "DEMO", True)
    page = browser.get("/connexion").follow("chef.ales@demo.fichetrack.fr")
    assert page.find("#courriel")["value"] == "chef.ales@demo.fichetrack.fr"
    assert "fichetrack-demo" in page


def test_a_service_with_demonstration_accounts_does_not_start(app: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions.refuse_demo_accounts(app)
    PersonneFactory(courriel="chef.ales@demo.fichetrack.fr")
    with pytest.raises(UnsafeStart, match="comptes de démonstration"):
        sessions.refuse_demo_accounts(app)
    monkeypatch.setitem(app.config, "DEMO", True)
    sessions.refuse_demo_accounts(app)


def test_only_digests_are_stored(login_as: LoginAs, personne: Personne, db: Any) -> None:
    secret = identifier(login_as(personne))
    assert db.session.scalars(select(LoginSession.digest)).one() == passwords.digest(secret) != secret


@pytest.mark.parametrize(("public_url", "prefix"), [("https://fiches.exemple.fr", "__Host-"), ("http://localhost", "")])
def test_the_cookie_is_locked_to_the_host_whenever_the_address_is_https(
    monkeypatch: pytest.MonkeyPatch, public_url: str, prefix: str
) -> None:
    monkeypatch.setenv("FICHETRACK_PUBLIC_URL", public_url)
    flags = config.from_environ()
    assert flags["SESSION_COOKIE_NAME"] == f"{prefix}fichetrack"
    assert (flags["SESSION_COOKIE_SECURE"], flags["SESSION_COOKIE_PATH"]) == (bool(prefix), "/")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Browser, personne: Personne) -> None:
    posted = {"courriel": personne.courriel, "mot_de_passe": PASSWORD, "csrf_token": browser.csrf_token()}
    cookie = browser.client.post("/connexion", data=posted).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    "path", ["/personnes?q=%00", "/mon-compte/droits?fiche=a%00b", "/invitation/%00", "/fiches/%00"]
)
def test_a_nul_is_a_bad_request(login_as: LoginAs, path: str) -> None:
    assert login_as(dti()).client.get(path).status_code == 400
