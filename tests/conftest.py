"""The fixtures of the whole suite: databases, application, clients, mail, clock, server and browser.

Every test that asks for `app` (or what stands on it) runs once per database kind: --databases=sqlite,postgresql.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from sqlalchemy import select

from fichetrack import clock
from fichetrack.extensions import db as extension
from fichetrack.models import OutgoingEmail
from tests import chromium as chromium_driver
from tests import postgres
from tests.browser import Browser
from tests.databases import KINDS, Database, PostgresqlDatabase, SqliteDatabase, make_app
from tests.serving import serve

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--databases", help="sqlite, postgresql or both; by default PostgreSQL only where it is installed")


def pytest_configure(config: pytest.Config) -> None:
    asked = config.getoption("--databases")
    kinds = asked.split(",") if asked else [kind for kind in KINDS if kind == "sqlite" or postgres.find_binaries()]
    if unknown := set(kinds) - set(KINDS):
        raise pytest.UsageError(f"--databases: {', '.join(sorted(unknown))} is not one of {', '.join(KINDS)}")
    config.stash[DATABASES] = kinds


def pytest_report_header(config: pytest.Config) -> str:
    return f"databases: {', '.join(config.stash[DATABASES])}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        metafunc.parametrize("database", metafunc.config.stash[DATABASES], indirect=True, scope="session")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one browser share a process (pytest --dist=loadgroup), so that they never fight for the two cores."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


DATABASES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    """A private PostgreSQL server, started when a test first needs it."""
    server = postgres.Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The database kind this test runs on, with its application and its schema."""
    folder = tmp_path_factory.mktemp(request.param)
    chosen: Database
    if request.param == "sqlite":
        chosen = SqliteDatabase(folder)
    else:
        chosen = PostgresqlDatabase(folder, request.getfixturevalue("postgresql"))
    yield chosen
    chosen.close()


@pytest.fixture(scope="session")
def demo_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application on a small demonstration, as `make demo` makes it (SQLite): to be read, never written."""
    folder = tmp_path_factory.mktemp("demo")
    app = make_app(f"sqlite:///{folder / 'fichetrack.db'}", folder, DEMO=True)
    for command in (["init"], ["demo", "--fiches=80", "--seed=1"]):
        result = app.test_cli_runner().invoke(args=command, catch_exceptions=False)
        assert result.exit_code == 0, result.output
    yield app
    with app.app_context():
        extension.engine.dispose()


@pytest.fixture
def app(database: Database) -> Iterator[Flask]:
    """The application on an empty database, its context pushed for the test's own use of models and services."""
    database.clean()
    with database.app.app_context():
        yield database.app
        extension.session.remove()


@pytest.fixture
def db(app: Flask) -> Any:
    """The database extension: db.session is the test's own session. Commit what a service or a page must find."""
    return extension


@pytest.fixture
def client(app: Flask) -> Any:
    """Werkzeug's client, for what Browser does not check: headers, files, odd requests."""
    return app.test_client()


@pytest.fixture
def browser(client: Any) -> Browser:
    """A browser without JavaScript that checks every page it fetches."""
    return Browser(client)


@pytest.fixture
def login_as(db: Any, app: Flask) -> Callable[..., Browser]:
    """login_as(personne) → a Browser of theirs, signed in; as many people at once as needed."""

    def sign_in(personne: Any) -> Browser:
        signed_in = Browser(app.test_client())
        signed_in.open_session(personne)
        return signed_in

    return sign_in


@pytest.fixture
def frozen_time() -> Iterator[Any]:
    """frozen_time(moment) sets the application's clock; it starts on Monday 2 March 2026, 10:00 in Paris."""
    clocks: list[Any] = []

    def freeze(moment: datetime) -> None:
        while clocks:
            clocks.pop().__exit__(None, None, None)
        clocks.append(clock.at(moment))
        clocks[-1].__enter__()

    freeze(MONDAY)
    yield freeze
    clocks.pop().__exit__(None, None, None)


@pytest.fixture
def smtp(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """A real SMTP server; the list it fills holds what it accepted (aiosmtpd envelopes)."""
    accepted: list[Any] = []
    controller = Controller(_Mailbox(accepted), hostname="127.0.0.1", port=postgres.free_port())
    controller.start()
    monkeypatch.setitem(app.config, "MAIL_URL", f"smtp://127.0.0.1:{controller.port}")
    yield accepted
    controller.stop()


@pytest.fixture
def outbox(db: Any) -> Callable[[], list[Any]]:
    """outbox() → the e-mails waiting or sent, oldest first."""

    def read() -> list[Any]:
        return list(db.session.scalars(select(OutgoingEmail).order_by(OutgoingEmail.id)))

    return read


class _Mailbox:
    def __init__(self, accepted: list[Any]) -> None:
        self.accepted = accepted

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 — aiosmtpd's own name
        self.accepted.append(envelope)
        return "250 OK"


@pytest.fixture
def live_server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The application served on a port of its own; the value is its address. Commit before the browser looks."""
    with serve(app) as address:
        monkeypatch.setitem(app.config, "PUBLIC_URL", address)
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Debian's Chromium, started once."""
    with chromium_driver.launch() as running:
        yield running


@pytest.fixture
def page(chromium: Chromium, live_server: str) -> Iterator[Page]:
    """A page of the live site, under its CSP. The test fails if the console, the CSP or a third party complained."""
    context = chromium_driver.new_context(chromium, live_server)
    page = context.new_page()
    complaints = chromium_driver.Complaints(page, live_server)
    yield page
    context.close()
    assert complaints.found == []
