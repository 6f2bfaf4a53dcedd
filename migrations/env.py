"""Alembic's environment: the application's own connection and models, one transaction on both databases.

`flask db …` brings the application; plain `alembic …` (pyproject.toml, [tool.alembic]) makes it here.
"""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app, has_app_context
from sqlalchemy.types import TypeDecorator

from fichetrack import create_app
from fichetrack.extensions import db
from fichetrack.models import search_index


def run_migrations() -> None:
    """Apply what is asked. A migration that fails leaves the former version, on SQLite too (transactional_ddl)."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # A table is changed by copying it; with foreign keys on, dropping it would delete what refers to it.
            connection.connection.execute("PRAGMA foreign_keys = OFF")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            transactional_ddl=True,
            include_name=is_ours,
            render_item=render_plain_type,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if connection.dialect.name == "sqlite":
            connection.connection.execute("PRAGMA foreign_keys = ON")


def is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Models do not declare the full-text index (fiche_search and its shadow tables): migrations call its module."""
    return not (kind in {"table", "index"} and name and name.startswith(tuple(search_index.NAMES)))


def render_plain_type(kind: str, item: Any, _autogen: Any) -> str | bool:
    """A migration names what the database stores, not our own types, which may change after it."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


if has_app_context():
    run_migrations()
else:
    with create_app().app_context():
        run_migrations()
