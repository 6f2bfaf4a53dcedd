"""A browser without JavaScript on the test client: it fetches, checks each page, fills in forms, swaps as htmx would.

page = browser.get("/fiches/nouvelle")            # checked; status 200 expected
page = page.submit("fiche-identite", intitule="Une halle")   # the form with that id, its own fields kept
page = browser.post("/deconnexion")               # a bare POST with a CSRF token
"""

from __future__ import annotations

import re
import secrets
from copy import copy
from typing import Any
from urllib.parse import urljoin, urlsplit

from argon2 import PasswordHasher
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from fichetrack import clock, passwords, sessions
from fichetrack.extensions import db
from fichetrack.models import LoginSession

PASSWORD = "un mot de passe pour les essais"
UNLABELLED = {"hidden", "submit", "button", "image", "reset"}
# French text has ’ and « ». What users typed is shown as they typed it, under data-fichetrack-user-text.
STRAIGHT_QUOTE = re.compile(r"['\"]")
NOT_PROSE = {"script", "style", "code", "pre", "textarea", "template", "kbd", "samp", "svg", "option"}


class Browser:
    """One person's browser: its cookies, and the checks of PRODUCT and of the guide on each page it is given."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, status: int = 200, **query: Any) -> Page:
        return self._page(self.client.get(path, query_string=query or None, follow_redirects=True), status)

    def post(self, path: str, data: dict[str, Any] | None = None, status: int = 200) -> Page:
        """Post with the token of this session, and follow the redirection."""
        posted = {"csrf_token": self.csrf_token(), **(data or {})}
        return self._page(self.client.post(path, data=posted, follow_redirects=True), status)

    def fragment(self, path: str, status: int = 200, data: dict[str, Any] | None = None, **query: Any) -> Page:
        """What htmx gets: the fragment alone, whose first element is what is swapped in."""
        headers = {"HX-Request": "true"}
        if data is None:
            response = self.client.get(path, query_string=query or None, headers=headers)
        else:
            response = self.client.post(path, data={"csrf_token": self.csrf_token(), **data}, headers=headers)
        assert response.status_code == status, f"{path}: {response.status_code}\n{_excerpt(response.text)}"
        assert "HX-Request" in response.vary, f"{path}: an answer to htmx must vary on HX-Request"
        return Page(self, response)

    def sign_in(self, personne: Any, password: str = PASSWORD) -> Page:
        """Through the real form. A person without a password is given that of the tests."""
        if personne.password_hash is None:
            give_password(personne, password)
        return self.get("/connexion").submit("connexion", courriel=personne.courriel, mot_de_passe=password)

    def open_session(self, personne: Any) -> None:
        """Sign in without the form: the same row and the same cookie as a sign-in leaves."""
        if personne.password_hash is None:
            give_password(personne)
        identifier = secrets.token_urlsafe(32)
        now = clock.now()
        db.session.add(
            LoginSession(digest=passwords.digest(identifier), personne_id=personne.id, created_at=now, seen_at=now)
        )
        db.session.commit()
        with self.client.session_transaction() as session:
            session[sessions.KEY] = identifier

    def csrf_token(self) -> str:
        """The token a form of this session would hold."""
        with self.client.session_transaction() as session:
            raw = session.setdefault("csrf_token", "0" * 40)
        return URLSafeTimedSerializer(self.client.application.secret_key, salt="wtf-csrf-token").dumps(raw)

    def _page(self, response: Any, status: int) -> Page:
        path = response.request.path
        assert response.status_code == status, (
            f"{path}: {response.status_code}, not {status}\n{_excerpt(response.text)}"
        )
        page = Page(self, response)
        if response.mimetype == "text/html":
            check(page)
        return page


class Page:
    """One answer: `text`, `html` (BeautifulSoup), `path`, `status`, and its forms."""

    def __init__(self, browser: Browser, response: Any) -> None:
        self.browser, self.response = browser, response
        self.status = response.status_code
        readable = response.mimetype.startswith("text/") or response.mimetype.endswith("json")
        self.text = response.text if readable else ""  # a workbook is read with response.data
        self.url = response.request.full_path.rstrip("?")
        self.path = response.request.path
        self.html = BeautifulSoup(self.text, "html.parser")

    def __contains__(self, words: str) -> bool:
        return words in self.words

    @property
    def words(self) -> str:
        """The visible text, spaces of all kinds made plain."""
        return " ".join(self.html.get_text(" ").split())

    def find(self, selector: str) -> Tag:
        """The only element a CSS selector finds."""
        found = self.html.select(selector)
        assert len(found) == 1, f"{self.url}: {len(found)} elements for {selector}"
        return found[0]

    def links(self) -> list[str]:
        """The addresses of this site the page links to."""
        hrefs = [urljoin(self.url, str(link["href"])) for link in self.html.select("a[href]")]
        return [href for href in hrefs if not urlsplit(href).netloc and not urlsplit(href).scheme]

    def follow(self, text: str) -> Page:
        """Follow the first link with that text."""
        for link in self.html.select("a[href]"):
            if text in " ".join(link.get_text(" ").split()):
                return self.browser.get(urljoin(self.url, str(link["href"])))
        raise AssertionError(f"{self.url}: no link says “{text}”")

    def submit(self, form: str = "", status: int = 200, button: tuple[str, str] | None = None, **values: Any) -> Page:
        """Send the form of that id (or the only one in <main>), changed by `values`; a field it lacks is refused.

        `button` is the name and the value of the button pressed. A list is a multiple choice, a tuple a file.
        """
        element = self.find(f"form#{form}" if form else "main form")
        fields = form_fields(element)
        names = {str(tag.get("name")) for tag in element.select("[name]")}
        assert set(values) <= names, f"{self.url}: the form has no {sorted(set(values) - names)}, but {sorted(names)}"
        fields.update(values)
        if button:
            assert element.select(f'[name="{button[0]}"][value="{button[1]}"]'), f"{self.url}: no button {button}"
            fields[button[0]] = button[1]
        action = urljoin(self.url, str(element.get("action") or self.url))
        if str(element.get("method", "get")).lower() == "get":
            return self.browser.get(action, status, **fields)
        response = self.browser.client.post(action, data=fields, follow_redirects=True)
        return self.browser._page(response, status)


def swap(page: Page, response: Page, target: str = "") -> BeautifulSoup:
    """The page as htmx leaves it: `response` replaces the element of id `target`, its out-of-band pieces theirs."""
    html = copy(page.html)
    pieces = [piece for piece in response.html.find_all(recursive=False) if isinstance(piece, Tag)]
    for position, piece in enumerate(pieces):
        outside = piece.attrs.pop("hx-swap-oob", None)
        identifier = target if position == 0 and target and not outside else str(piece.get("id"))
        place = html.find(id=identifier)
        assert place is not None, f"{page.url}: nothing has the id {identifier} to receive {response.url}"
        place.replace_with(copy(piece))
    return html


def same(left: BeautifulSoup | Tag, right: BeautifulSoup | Tag) -> bool:
    """Whether two trees say the same, tokens that differ at each drawing put aside."""
    return _canonical(left) == _canonical(right)


def form_fields(form: Tag) -> dict[str, Any]:
    """What a browser would send without touching anything (buttons excepted)."""
    fields: dict[str, Any] = {}
    for tag in form.select("input[name], select[name], textarea[name]"):
        if tag.find_parent("template"):  # The model of a new row: a browser does not send it.
            continue
        for value in _values(tag):
            name = str(tag["name"])
            fields[name] = [*_as_list(fields[name]), value] if name in fields else value
    return fields


def _values(tag: Tag) -> list[str]:
    if tag.has_attr("disabled") or tag.get("type") in {"submit", "button", "image", "reset", "file"}:
        return []
    if tag.get("type") in {"checkbox", "radio"}:
        return [str(tag.get("value", "on"))] if tag.has_attr("checked") else []
    if tag.name == "textarea":
        return [tag.get_text().removeprefix("\n")]
    if tag.name == "select":
        options = tag.select("option")
        chosen = [option for option in options if option.has_attr("selected")]
        if not chosen and not tag.has_attr("multiple"):
            chosen = options[:1]
        return [str(option.get("value", option.get_text())) for option in chosen]
    return [str(tag.get("value", ""))]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _canonical(tree: BeautifulSoup | Tag) -> str:
    text = " ".join(str(tree).split())
    text = re.sub(r'(name="(?:csrf_token|submission)"[^>]*value=|X-CSRFToken": ?)"[^"]*"', r'\1"…"', text)
    text = re.sub(r'nonce="[^"]*"', 'nonce="…"', text)
    return re.sub(r"> <", "><", text)


def _excerpt(text: str) -> str:
    return " ".join(BeautifulSoup(text, "html.parser").get_text(" ").split())[:600]


def give_password(personne: Any, password: str = PASSWORD) -> None:
    """Let a person sign in with that password, hashed as cheaply as the application verifies."""
    personne.password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)


def check(page: Page) -> None:
    """What every page owes its reader; one list of all that is wrong with it."""
    faults = [fault for rule in CHECKS for fault in rule(page.html)]
    faults += _policy_faults(page.response.headers)
    assert not faults, f"{page.url}:\n  " + "\n  ".join(faults)


def _heading_faults(html: BeautifulSoup) -> list[str]:
    headings = html.find_all("h1")
    if len(headings) != 1:
        return [f"{len(headings)} h1"]
    heading, title = _plain(headings[0].get_text(" ")), _plain(html.title.get_text() if html.title else "")
    return [] if heading in title else [f"the title « {title} » does not hold the h1 « {heading} »"]


def _form_faults(html: BeautifulSoup) -> list[str]:
    return [
        f"a form without {name}: {str(form)[:120]}"
        for form in html.find_all("form")
        for name in ("action", "method")
        if not form.has_attr(name)
    ]


def _label_faults(html: BeautifulSoup) -> list[str]:
    labelled = {str(label["for"]) for label in html.select("label[for]")}
    return [
        f"no label for {str(field)[:120]}"
        for field in html.select("input, select, textarea")
        if field.get("type") not in UNLABELLED
        and field.get("id") not in labelled
        and not field.find_parent("label")
        and not field.has_attr("aria-label")
        and not field.has_attr("aria-labelledby")
    ]


def _id_faults(html: BeautifulSoup) -> list[str]:
    ids = [str(tag["id"]) for tag in html.find_all(id=True)]
    doubled = sorted({identifier for identifier in ids if ids.count(identifier) > 1})
    known = set(ids)
    faults = [f"the id {identifier} stands {ids.count(identifier)} times" for identifier in doubled]
    for name in ("aria-describedby", "aria-labelledby", "aria-controls", "for"):
        for tag in html.find_all(attrs={name: True}):
            faults += [
                f"{name} names {one}, which does not exist" for one in str(tag[name]).split() if one not in known
            ]
    return faults


def _quote_faults(html: BeautifulSoup) -> list[str]:
    faults = []
    for text in html.find_all(string=STRAIGHT_QUOTE):
        parents = {parent.name for parent in text.parents}
        typed_by_a_user = any(parent.has_attr("data-fichetrack-user-text") for parent in text.parents if parent.attrs)
        if type(text).__name__ == "NavigableString" and not parents & NOT_PROSE and not typed_by_a_user:
            faults.append(f"a straight quote in « {_plain(text)[:100]} »")
    return faults


def _inline_faults(html: BeautifulSoup) -> list[str]:
    faults = [f"an inline style: {str(tag)[:100]}" for tag in html.find_all(style=True)]
    faults += [f"an inline <style>: {str(tag)[:100]}" for tag in html.find_all("style") if not tag.has_attr("nonce")]
    handlers = html.find_all(lambda tag: any(name.startswith("on") for name in tag.attrs))
    return faults + [f"an inline handler: {str(tag)[:100]}" for tag in handlers]


def _policy_faults(headers: Any) -> list[str]:
    policy = headers.get("Content-Security-Policy", "")
    wanted = ("default-src", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'")
    faults = [f"the CSP lacks {words}" for words in wanted if words not in policy]
    return faults + [f"the CSP holds {words}" for words in ("unsafe-inline", "unsafe-eval") if words in policy]


def _plain(text: str) -> str:
    return " ".join(text.split())


CHECKS = (_heading_faults, _form_faults, _label_faults, _id_faults, _quote_faults, _inline_faults)
