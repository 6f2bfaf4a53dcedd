"""The verbs of accounts where pages do not reach: tries at once, tokens replayed, what is forgotten."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from fichetrack import passwords
from fichetrack.errors import EditRefused, TooManyAttempts
from fichetrack.models import AccountToken, LoginAttempt, LoginSession, Personne
from fichetrack.services import accounts
from tests.browser import PASSWORD
from tests.conftest import MONDAY
from tests.factories import PersonneFactory, dti

NEW = "trois chevaux bleus au galop"


@pytest.fixture
def personne(db: Any) -> Personne:
    return PersonneFactory(courriel="claire@ales.fr")


def sign_in(password: str = PASSWORD, address: str = "192.0.2.1", courriel: str = "claire@ales.fr") -> str:
    return accounts.sign_in(courriel, password, address, "Un navigateur")


def outcome(app: Flask, password: str, address: str) -> type | str:
    """What one try gives, in an application context of its own, as a request has."""

    def attempt() -> type | str:
        with app.app_context():
            try:
                return sign_in(password, address)
            except (EditRefused, TooManyAttempts) as refusal:
                return type(refusal)

    return Context().run(attempt)


def reset_link(db: Any, outbox: Any, courriel: str = "claire@ales.fr") -> str:
    """The token of the last e-mail asked for."""
    accounts.request_reset(courriel, "192.0.2.1")
    return str(outbox()[-1].body_text.partition("/mot-de-passe/")[2].split()[0])


@pytest.mark.parametrize("addresses", [1, 50])
def test_of_many_wrong_passwords_at_most_twenty_are_tested(
    app: Flask, personne: Personne, frozen_time: Any, monkeypatch: pytest.MonkeyPatch, addresses: int
) -> None:
    tested: list[str] = []
    monkeypatch.setattr(passwords, "verify", lambda _stored, password: tested.append(password))
    for number in range(100):
        frozen_time(MONDAY + timedelta(seconds=5 * number))
        outcome(app, f"essai {number}", f"203.0.113.{number % addresses}")
    assert 0 < len(tested) <= 20
    monkeypatch.undo()
    frozen_time(MONDAY + timedelta(minutes=23))
    assert sign_in(address="192.0.2.99")


def test_tries_made_at_once_count_one_another(app: Flask, personne: Personne) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda n: outcome(app, "faux", f"203.0.113.{n}"), range(24)))
    assert found.count(EditRefused) == 10
    assert found.count(TooManyAttempts) == 14


def test_addresses_of_one_ipv6_network_are_one(app: Flask, personne: Personne, db: Any) -> None:
    for address in ("2001:db8::1", "2001:db8::ffff:2", "::ffff:192.0.2.7", "192.0.2.7"):
        outcome(app, "faux", address)
    assert set(db.session.scalars(select(LoginAttempt.address))) == {"2001:db8::/64", "192.0.2.7"}


def test_an_unknown_account_costs_a_verification_too(app: Flask, personne: Personne) -> None:
    assert not passwords.verify(None, PASSWORD)
    assert passwords.verify(personne.password_hash, PASSWORD)
    assert not passwords.verify("not a hash", PASSWORD)


def test_a_session_is_not_opened_when_the_password_changed_meanwhile(
    app: Flask, personne: Personne, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def verify_slowly(_stored: str, _password: str) -> bool:
        db.session.get_one(Personne, personne.id).password_hash = passwords.hash_password(NEW)
        db.session.commit()
        return True

    monkeypatch.setattr(passwords, "verify", verify_slowly)
    with pytest.raises(EditRefused):
        sign_in()
    assert db.session.scalar(select(func.count()).select_from(LoginSession)) == 0


def test_a_hash_with_old_parameters_is_made_anew(app: Flask, personne: Personne, monkeypatch: Any, db: Any) -> None:
    monkeypatch.setitem(app.config, "ARGON2", {"time_cost": 2, "memory_cost": 8, "parallelism": 1})
    sign_in()
    assert "t=2" in db.session.get_one(Personne, personne.id).password_hash
    assert sign_in()


def test_one_token_opens_once_even_at_once(app: Flask, personne: Personne, db: Any, outbox: Any) -> None:
    token = reset_link(db, outbox)

    def use(_number: int) -> bool:
        with app.app_context():
            try:
                return bool(accounts.choose_password(token, "reset", NEW, ""))
            except EditRefused:
                return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda n: Context().run(use, n), range(8))) == 1
    for _ in range(20):
        assert not use(0)


def test_a_token_is_long_and_kept_as_a_digest(app: Flask, personne: Personne, db: Any, outbox: Any) -> None:
    token = reset_link(db, outbox)
    assert len(token) >= 43
    assert db.session.scalars(select(AccountToken.digest)).one() == passwords.digest(token)


def test_an_account_asked_for_too_often_keeps_its_last_link(
    app: Flask, personne: Personne, db: Any, outbox: Any
) -> None:
    tokens = [reset_link(db, outbox) for _ in range(6)]
    assert len(outbox()) == 3
    assert accounts.choose_password(tokens[-1], "reset", NEW, "")


def test_a_token_dies_with_the_account(app: Flask, personne: Personne, db: Any, outbox: Any) -> None:
    token = reset_link(db, outbox)
    accounts.close(dti(), personne.id)
    with pytest.raises(EditRefused):
        accounts.choose_password(token, "reset", NEW, "")


def test_what_is_of_no_use_any_more_is_forgotten(
    app: Flask, personne: Personne, db: Any, outbox: Any, frozen_time: Any
) -> None:
    sign_in()
    reset_link(db, outbox)
    tables = (LoginSession, AccountToken)
    accounts.sweep(None)
    assert all(db.session.scalar(select(func.count()).select_from(table)) for table in tables)
    frozen_time(MONDAY + timedelta(days=2))
    accounts.sweep(None)
    assert not any(db.session.scalar(select(func.count()).select_from(table)) for table in tables)


@pytest.mark.parametrize("logger", ["gunicorn.access", "werkzeug"])
def test_links_never_reach_the_logs(app: Flask, caplog: pytest.LogCaptureFixture, logger: str) -> None:
    secret = passwords.new_secret()
    with caplog.at_level(logging.INFO, logger=logger):
        logging.getLogger(logger).info("%(r)s", {"r": f"GET /mot-de-passe/{secret} HTTP/1.1"})
        logging.getLogger(logger).info('"%s" %s', f"GET /invitation/{secret}", 200)
    assert secret not in caplog.text
    assert "/mot-de-passe/…" in caplog.text
