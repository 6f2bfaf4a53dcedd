"""Full-text search

What autogeneration cannot write: FTS5 and its triggers on SQLite, a GIN index on PostgreSQL. The SQL is copied from
models/search_index.py, so that this migration stays what it was when that module changes.

On SQLite a later migration that copies the table `fiche` (batch_alter_table with a changed column) drops the triggers
with the old table: it makes them again. test_migrations compares them with those of the models.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UPGRADE = {
    "sqlite": (
        (
            "CREATE VIRTUAL TABLE fiche_search USING fts5(search_text, content='fiche', content_rowid='id',"
            " tokenize='unicode61', prefix='2 3')"
        ),
        (
            "CREATE TRIGGER fiche_search_insert AFTER INSERT ON fiche BEGIN"
            " INSERT INTO fiche_search(rowid, search_text) VALUES (new.id, new.search_text); END"
        ),
        (
            "CREATE TRIGGER fiche_search_delete AFTER DELETE ON fiche BEGIN"
            " INSERT INTO fiche_search(fiche_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);"
            " END"
        ),
        (
            "CREATE TRIGGER fiche_search_update AFTER UPDATE OF search_text ON fiche BEGIN"
            " INSERT INTO fiche_search(fiche_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);"
            " INSERT INTO fiche_search(rowid, search_text) VALUES (new.id, new.search_text); END"
        ),
        "INSERT INTO fiche_search(fiche_search) VALUES ('rebuild')",
    ),
    "postgresql": ("CREATE INDEX ix_fiche_search_text ON fiche USING gin (to_tsvector('simple', search_text))",),
}
DOWNGRADE = {
    "sqlite": (
        "DROP TRIGGER fiche_search_insert",
        "DROP TRIGGER fiche_search_delete",
        "DROP TRIGGER fiche_search_update",
        "DROP TABLE fiche_search",
    ),
    "postgresql": ("DROP INDEX ix_fiche_search_text",),
}


def upgrade() -> None:
    _run(UPGRADE)


def downgrade() -> None:
    _run(DOWNGRADE)


def _run(statements: dict[str, tuple[str, ...]]) -> None:
    connection = op.get_bind()
    for statement in statements[connection.dialect.name]:
        connection.exec_driver_sql(statement)
