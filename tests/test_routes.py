"""What every route owes, read from the URL map: a guard, a token for each POST, the same 404 for what may not be read.

A new route is tried without being named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.routing import Rule

from fichetrack.blueprints.guards import guard_of
from fichetrack.extensions import csrf
from fichetrack.models import Event
from tests import factories as f
from tests.browser import Browser, same
from tests.statements import counted


def rules(app: Flask, method: str) -> Iterator[Rule]:
    yield from (r for r in app.url_map.iter_rules() if method in (r.methods or set()) and r.endpoint != "static")


def address(rule: Rule, code: str) -> str:
    values = dict.fromkeys(rule.arguments, 1) | {
        "code": code,
        "section": "objectifs",
        "token": "jeton",
        "act": "transitions",
        "panneau": "specificite",
        "kind": "csv",
    }
    built = rule.build({name: values[name] for name in rule.arguments})
    assert built is not None
    return built[1]


@pytest.fixture
def territoire(db: Any) -> Any:
    return f.TerritoireFactory(slug="ales")


def test_every_route_carries_a_guard(app: Flask) -> None:
    naked = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"
             and guard_of(app.view_functions[rule.endpoint]) is None]  # fmt: skip
    assert naked == []


def test_only_signed_links_do_without_the_token(app: Flask) -> None:
    exempt = {name.rsplit(".", 1)[1] for name in csrf._exempt_views}
    known = {rule.endpoint.split(".")[1] for rule in rules(app, "POST")}
    signed = {rule.endpoint.split(".")[1] for rule in rules(app, "POST")
              if guard_of(app.view_functions[rule.endpoint]) == "signed link"}  # fmt: skip
    assert exempt & known <= signed


@pytest.mark.parametrize("forged", ["", "un-autre-jeton"])
def test_a_post_without_the_right_token_changes_nothing(
    app: Flask, db: Any, login_as: Any, territoire: Any, forged: str
) -> None:
    fiche = f.FicheFactory(territoire=territoire, complete_to_file=True)
    browsers = [login_as(f.chef(territoire)), login_as(f.admin()), login_as(f.dti())]
    before = db.session.query(Event).count()
    accepted = [
        rule.rule
        for rule in rules(app, "POST")
        if guard_of(app.view_functions[rule.endpoint]) != "signed link"
        for browser in browsers
        for headers in ({}, {"HX-Request": "true", "Origin": "https://ailleurs.example"})
        if browser.client.post(
            address(rule, fiche.draft_id), data={"csrf_token": forged, "action": "submit"}, headers=headers
        ).status_code < 400
    ]  # fmt: skip
    db.session.rollback()
    assert accepted == []
    assert db.session.query(Event).count() == before
    assert fiche.etat == "brouillon"


def test_a_get_changes_nothing(app: Flask, db: Any, login_as: Any, territoire: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire, complete_to_file=True)
    chef = login_as(f.chef(territoire))
    for rule in rules(app, "GET"):
        chef.client.get(address(rule, fiche.draft_id) + "?action=submit")
    db.session.rollback()
    assert fiche.etat == "brouillon" and db.session.query(Event).count() == 0


@pytest.mark.parametrize("who", ["visiteur", "compte", "chef ailleurs", "admin"])
def test_what_may_not_be_read_answers_as_if_it_did_not_exist(
    app: Flask, login_as: Any, territoire: Any, who: str
) -> None:
    hidden = f.FicheFactory(territoire=territoire, nominative=True, validee=True)
    browser = _browser(app, login_as, who)
    for method in ("GET", "POST"):
        for rule in rules(app, method):
            if "code" not in rule.arguments or rule.endpoint.startswith(("territoires", "panels")):
                continue
            answers = [_ask(browser, method, address(rule, code)) for code in (hidden.code, "TI-ales-2026-999")]
            assert answers[0].status_code == answers[1].status_code, rule.rule
            assert _words(answers[0], hidden.code) == _words(answers[1], "TI-ales-2026-999"), rule.rule


def test_every_html_answer_carries_the_policy(app: Flask, login_as: Any, territoire: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire, validee=True)
    for browser in (Browser(app.test_client()), login_as(f.chef(territoire))):
        for rule in rules(app, "GET"):
            response = browser.client.get(address(rule, fiche.code))
            policy = response.headers.get("Content-Security-Policy", "")
            assert response.status_code < 500, rule.rule
            assert "frame-ancestors" in policy and "unsafe-inline" not in policy, rule.rule
            assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_an_error_page_is_a_page_like_the_others(browser: Browser) -> None:
    pages = [browser.get("/rien-du-tout", status=404), browser.get("/fiches/rien", status=404)]
    assert same(pages[0].find("main"), pages[1].find("main"))


def _browser(app: Flask, login_as: Any, who: str) -> Browser:
    if who == "visiteur":
        return Browser(app.test_client())
    people = {"compte": f.PersonneFactory, "admin": f.admin, "chef ailleurs": lambda: f.chef(f.TerritoireFactory())}
    return login_as(people[who]())


def _ask(browser: Browser, method: str, path: str) -> Any:
    if method == "GET":
        return browser.client.get(path)
    valid = {"csrf_token": browser.csrf_token(), "action": "submit", "diffusion": "nominative", "body": "Bonjour"}
    return browser.client.post(path, data=valid)


def _words(response: Any, code: str) -> str:
    """What the answer says and where it sends, the address asked for put aside: it may be echoed."""
    text = BeautifulSoup(response.get_data(as_text=True), "html.parser").get_text(" ")
    return (" ".join(text.split()) + str(response.headers.get("Location", ""))).replace(code, "…")


def test_a_number_too_large_is_an_unknown_address(app: Flask, login_as: Any) -> None:
    admin = login_as(f.admin())
    numbered = [rule.rule for rule in rules(app, "GET") if "<int:" in rule.rule]
    paths = [re.sub("<[^>]+>", "x", re.sub("<int:[^>]+>", "9" * 30, rule)) for rule in numbered]
    assert {admin.client.get(path).status_code for path in paths} == {404}


def test_refusing_costs_as_much_as_not_finding(app: Flask, db: Any, territoire: Any) -> None:
    """Whether a fiche exists is not told by the work its address asks for."""
    hidden = f.FicheFactory(territoire=territoire, nominative=True, validee=True)
    client = app.test_client()
    costs = []
    for code in (hidden.code, "TI-ales-2026-999"):
        with counted(db.engine) as statements:
            client.get(f"/fiches/{code}")
        costs.append(len(statements))
    assert costs[0] == costs[1]
