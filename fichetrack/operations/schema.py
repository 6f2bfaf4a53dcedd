"""Which migrations there are, and which the database has had."""

from __future__ import annotations

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from fichetrack.config import ROOT
from fichetrack.extensions import db


def head() -> str | None:
    """The last migration of this version of the application."""
    return _scripts().get_current_head()


def known_revisions() -> set[str]:
    return {script.revision for script in _scripts().walk_revisions()}


def current_revision() -> str | None:
    """The last migration the database has had; None for a database without a schema."""
    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(ROOT / "migrations"))
