"""The full-text index behind fiche.search_text: FTS5 kept by triggers on SQLite, a GIN index on PostgreSQL.

The text is already normalised (search.py), so both find the same fiches; words are matched as prefixes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, column, event, func, select, table, text

from fichetrack.models.fiche import Fiche

NAMES = frozenset({"fiche_search", "ix_fiche_search_text"})

_OPTIONS = "search_text, content='fiche', content_rowid='id', tokenize='unicode61', prefix='2 3'"
_ADD = "INSERT INTO fiche_search(rowid, search_text) VALUES (new.id, new.search_text)"
_REMOVE = "INSERT INTO fiche_search(fiche_search, rowid, search_text) VALUES ('delete', old.id, old.search_text)"

_CREATE = {
    "sqlite": (
        f"CREATE VIRTUAL TABLE fiche_search USING fts5({_OPTIONS})",
        f"CREATE TRIGGER fiche_search_insert AFTER INSERT ON fiche BEGIN {_ADD}; END",
        f"CREATE TRIGGER fiche_search_delete AFTER DELETE ON fiche BEGIN {_REMOVE}; END",
        f"CREATE TRIGGER fiche_search_update AFTER UPDATE OF search_text ON fiche BEGIN {_REMOVE}; {_ADD}; END",
    ),
    "postgresql": ("CREATE INDEX ix_fiche_search_text ON fiche USING gin (to_tsvector('simple', search_text))",),
}
_DROP = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS fiche_search_insert",
        "DROP TRIGGER IF EXISTS fiche_search_delete",
        "DROP TRIGGER IF EXISTS fiche_search_update",
        "DROP TABLE IF EXISTS fiche_search",
    ),
    "postgresql": ("DROP INDEX IF EXISTS ix_fiche_search_text",),
}


def create(connection: Connection) -> None:
    """Make the index and fill it with what is there."""
    for statement in _CREATE[connection.dialect.name]:
        connection.execute(text(statement))
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO fiche_search(fiche_search) VALUES ('rebuild')"))


def drop(connection: Connection) -> None:
    for statement in _DROP[connection.dialect.name]:
        connection.execute(text(statement))


def matches(words: list[str], dialect: str) -> ColumnElement[bool]:
    """The condition « every word begins some word of the fiche »; words come from search.query_words."""
    if dialect == "postgresql":
        query = " & ".join(f"{word}:*" for word in words)
        return func.to_tsvector(text("'simple'"), Fiche.search_text).op("@@")(func.to_tsquery(text("'simple'"), query))
    index = table("fiche_search", column("rowid"), column("fiche_search"))
    query = " AND ".join(f'"{word}"*' for word in words)
    return Fiche.id.in_(select(index.c.rowid).where(index.c.fiche_search.op("MATCH")(query)))


@event.listens_for(Fiche.__table__, "after_create")
def _after_create(_table: Any, connection: Connection, **_options: Any) -> None:
    create(connection)


@event.listens_for(Fiche.__table__, "before_drop")
def _before_drop(_table: Any, connection: Connection, **_options: Any) -> None:
    drop(connection)
