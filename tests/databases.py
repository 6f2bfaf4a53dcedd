"""The databases of the suite: one application per kind, a schema made once, emptied in milliseconds between tests."""

from __future__ import annotations

import shutil
from contextvars import Context
from pathlib import Path
from typing import Any

from flask import Flask, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import text

import fichetrack
from fichetrack.config import for_tests
from fichetrack.extensions import db
from tests import postgres

KINDS = ("sqlite", "postgresql")


def make_app(url: str, instance: Path, **overrides: Any) -> Flask:
    """An application on that database, with the tests' configuration; its schema is not made."""
    instance.mkdir(parents=True, exist_ok=True)
    app = fichetrack.create_app(for_tests(SQLALCHEMY_DATABASE_URI=url, INSTANCE=instance, **overrides))
    app.test_client_class = Client
    return app


class Client(FlaskClient):
    """A client whose requests know nothing of the test's own application context and session.

    What the test prepared is committed first, and what it holds is read afresh afterwards, as with a real server.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if has_app_context():
            db.session.commit()
        return Context().run(super().open, *args, **kwargs)


class Database:
    """What both kinds share: an application, whose connections are closed at the end."""

    app: Flask

    def clean(self) -> None:
        raise NotImplementedError

    def sibling(self, name: str) -> Flask:
        """Another application on another database of this kind, without any table: for migrations and copies."""
        raise NotImplementedError

    def close(self) -> None:
        with self.app.app_context():
            db.engine.dispose()


class SqliteDatabase(Database):
    """A file; emptied by copying the one made at the start over it."""

    def __init__(self, folder: Path) -> None:
        self.file, self.template = folder / "fichetrack.db", folder / "template.db"
        self.app = make_app(f"sqlite:///{self.file}", folder)
        with self.app.app_context():
            db.create_all()
            db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
            db.session.remove()
            db.engine.dispose()
        shutil.copyfile(self.file, self.template)

    def clean(self) -> None:
        self.close()
        for leftover in self.file.parent.glob("fichetrack.db*"):
            leftover.unlink()
        shutil.copyfile(self.template, self.file)

    def sibling(self, name: str) -> Flask:
        folder = self.file.parent / name
        (folder / "fichetrack.db").unlink(missing_ok=True)
        return make_app(f"sqlite:///{folder / 'fichetrack.db'}", folder)


class PostgresqlDatabase(Database):
    """A database of the tests' own server; emptied by deleting every row, triggers and foreign keys put aside."""

    def __init__(self, folder: Path, server: postgres.Server) -> None:
        self.folder, self.server = folder, server
        self.app = make_app(server.create_database("fichetrack"), folder)
        with self.app.app_context():
            db.create_all()
            tables = [table.fullname for table in db.metadata.tables.values()]
        self.deletion = "; ".join(f'DELETE FROM "{table}"' for table in tables)

    def clean(self) -> None:
        with self.app.app_context(), db.engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '10s'"))
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.exec_driver_sql(self.deletion)

    def sibling(self, name: str) -> Flask:
        return make_app(self.server.create_database(name), self.folder / name)
