"""Who is asking: from the random identifier in the signed cookie to a LoginSession row, then to its person.

The row decides, not the cookie: deleting it signs the browser out at its next request. The identifier changes at
sign-in and after a change of rights (`renew`). Nothing here decides a right.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from flask import Flask, current_app, session
from sqlalchemy import Connection, exists, insert, inspect, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload

from fichetrack import clock, passwords
from fichetrack.config import DEMO_DOMAIN
from fichetrack.errors import UnsafeStart
from fichetrack.extensions import SQLITE_BUSY_MS, db, login_manager
from fichetrack.models import LoginSession, Personne

LIFETIME = timedelta(days=30)  # However active, a session is opened again with the password after that.
SEEN_EVERY = timedelta(minutes=5)
RENEWAL_OVERLAP = timedelta(minutes=1)  # Requests already on their way with the former identifier still pass.
TOUCH_BUSY_MS = 200
KEY = "_user_id"  # Flask-Login reads the session under this name.


def init_app(app: Flask) -> None:
    """Tell Flask-Login where people come from; its own session protection (by user agent) is not used."""
    login_manager.session_protection = None
    login_manager.user_loader(load)


def start(identifier: str) -> None:
    """Put a new identifier in the cookie; whatever the former session held goes, its CSRF token included."""
    session.clear()
    session[KEY] = identifier


def finish() -> None:
    """Forget everything on the browser's side (services.accounts.sign_out ended the row)."""
    session.clear()


def current_digest() -> str:
    """The key of this request's LoginSession; empty for a visitor."""
    identifier = session.get(KEY)
    return passwords.digest(identifier) if identifier else ""


def load(identifier: str) -> Personne | None:
    """The person of an open session: known, active, neither idle nor too old. None is a visitor."""
    with_person = joinedload(LoginSession.personne, innerjoin=True)
    row = db.session.get(LoginSession, passwords.digest(str(identifier)), options=[with_person])
    if row is None or not is_open(row, clock.now()) or not row.personne.is_active:
        return None
    if row.renew or clock.now() - row.seen_at > SEEN_EVERY:
        _keep_alive(row)
    return row.personne


def is_open(row: LoginSession, now: datetime) -> bool:
    return now - row.seen_at <= current_app.config["SESSION_IDLE"] and now - row.created_at <= LIFETIME


def refuse_demo_accounts(app: Flask) -> None:
    """Outside the demonstration, refuse to serve while its accounts could sign in: their password is public."""
    if app.config["DEMO"]:
        return
    with app.app_context():
        if inspect(db.engine).has_table(Personne.__tablename__) and has_demo_accounts():
            raise UnsafeStart(
                f"Des comptes de démonstration (@{DEMO_DOMAIN}) peuvent se connecter à cette base, "
                "avec un mot de passe public. Servez-la avec FICHETRACK_DEMO=1, ou utilisez une autre base."
            )


def has_demo_accounts() -> bool:
    """Whether an account of the demonstration may sign in on this database."""
    demo = exists().where(
        Personne.courriel.like(f"%@{DEMO_DOMAIN}"), Personne.password_hash.is_not(None), Personne.closed_at.is_(None)
    )
    return bool(db.session.execute(select(demo)).scalar())


def _keep_alive(row: LoginSession) -> None:
    """Note that the session lives, or change its identifier, on a connection of its own.

    The request may only be reading: its own transaction must not become a writing one. When the database is busy, this
    waits for the next request.
    """
    try:
        with db.engine.connect().execution_options(writing=True) as connection, _waiting_little(connection):
            _renew(connection, row) if row.renew else _touch(connection, row)
    except OperationalError:
        current_app.logger.warning("A session could not be kept alive: the database is busy.")


def _touch(connection: Connection, row: LoginSession) -> None:
    connection.execute(update(LoginSession).where(LoginSession.digest == row.digest).values(seen_at=clock.now()))


def _renew(connection: Connection, row: LoginSession) -> None:
    """The same session under a new identifier; the former one dies within a minute."""
    now, identifier = clock.now(), passwords.new_secret()
    ending = now - current_app.config["SESSION_IDLE"] + RENEWAL_OVERLAP
    alive = update(LoginSession).where(LoginSession.digest == row.digest).values(seen_at=ending)
    if not connection.execute(alive).rowcount:  # Ended meanwhile: nothing is brought back to life.
        return
    connection.execute(
        insert(LoginSession).values(
            digest=passwords.digest(identifier),
            personne_id=row.personne_id,
            created_at=row.created_at,
            seen_at=now,
            user_agent=row.user_agent,
            renew=False,
        )
    )
    session[KEY] = identifier


@contextmanager
def _waiting_little(connection: Connection) -> Iterator[None]:
    """One short writing transaction that would rather fail than make a page wait for a long import."""
    if connection.dialect.name != "sqlite":
        with connection.begin():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{TOUCH_BUSY_MS}ms'")
            yield
        return
    raw = connection.connection.cursor()
    raw.execute(f"PRAGMA busy_timeout = {TOUCH_BUSY_MS}")
    try:
        with connection.begin():
            yield
    finally:
        raw.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_MS}")
        raw.close()
