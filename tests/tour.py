"""The tour: the pages a person meets by following links on the demonstration, a few of each kind.

It feeds the checks that hold for every page: valid HTML, accessibility, policy of the browser.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from sqlalchemy import select

from fichetrack import clock
from fichetrack.config import DEMO_PASSWORD
from fichetrack.extensions import db
from fichetrack.models import Mandat, Personne
from fichetrack.vocabulary import Role
from tests.browser import Browser, Page

VISITOR = "visiteur"
ROLES = (VISITOR, Role.CHEF_DE_PROJET, Role.INSTRUCTEUR_REGION, Role.DTI, Role.ANIMATEUR_DATA, Role.ADMINISTRATEUR)
PER_KIND = 3  # Pages of one kind (same route, same filters) tell the same story after a few.
MOST = 150
# Places no page links to, and two of them side by side.
STARTS = (
    "/",
    "/territoires/france",
    "/territoires/dep-30",
    "/territoires/epci-200066918",
    "/comparer?t=ti-ales&t=france",
)


def find_person(app: Flask, role: str) -> Personne | None:
    """The first person of the demonstration who may sign in and holds that role today."""
    with app.app_context():
        held = select(Personne).join(Mandat, Mandat.personne_id == Personne.id).where(Mandat.role == role)
        people = db.session.scalars(held.where(Personne.password_hash.is_not(None)).order_by(Personne.id))
        return next(
            (one for one in people if any(m.role == role and m.is_valid_on(clock.today()) for m in one.mandats)), None
        )


def browser_of(app: Flask, role: str) -> Browser:
    """A browser signed in as somebody of that role, or a visitor's."""
    browser = Browser(app.test_client())
    if role != VISITOR:
        person = find_person(app, role)
        assert person is not None, f"nobody of the demonstration is {role}"
        browser.sign_in(person, DEMO_PASSWORD)
    return browser


def left_out(role: str) -> frozenset[str]:
    """Pages of figures are long, and the same for every account: a visitor and a chef see them for all."""
    figures = frozenset({"panels.show", "territoires.show", "comparison.show"})
    return frozenset() if role in {VISITOR, Role.CHEF_DE_PROJET} else figures


def visit(
    app: Flask, browser: Browser, per_kind: int = PER_KIND, without: frozenset[str] = frozenset()
) -> Iterator[Page]:
    """Every page reached from the home page and from STARTS, `per_kind` of each kind; `without`: endpoints left out."""
    adapter = app.url_map.bind("localhost")
    waiting, seen, kinds = list(STARTS), set(STARTS), Counter[tuple]()
    while waiting and sum(kinds.values()) < MOST:
        path = waiting.pop(0)
        parts = urlsplit(path)
        if not adapter.test(parts.path, "GET"):
            continue
        endpoint, arguments = adapter.match(parts.path, "GET")
        # A panel is a page of its own; so is a place of another kind.
        part = arguments.get("panneau") or (
            arguments["code"].partition("-")[0] if endpoint == "territoires.show" else ""
        )
        kind = (endpoint, part, tuple(sorted(name for name, _value in parse_qsl(parts.query))))
        # One panel of one place tells the story of the others: each is long, and drawn by the same macros.
        enough = 1 if part and not endpoint.startswith("territoires") else per_kind
        if endpoint == "static" or endpoint in without or kinds[kind] >= enough:
            continue
        kinds[kind] += 1
        page = browser.get(path)
        if page.response.mimetype != "text/html":
            continue
        yield page
        for link in page.links():
            link = link.partition("#")[0]
            if link and link not in seen:
                seen.add(link)
                waiting.append(link)
