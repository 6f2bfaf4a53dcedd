"""Migrations: they make the schema of the models, and go up, down and up again on a filled database of both kinds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, inspect, text

from fichetrack.extensions import db
from tests.databases import Database

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
VERSION_TABLE = "alembic_version"

# What reflection does not tell: triggers, virtual tables, text-search configurations, partial and expression indexes.
HIDDEN_OBJECTS = {
    # The SQL too, for what the full-text migration copies from the models.
    "sqlite": """
        SELECT type || ' ' || name || CASE WHEN name LIKE 'fiche_search%' THEN coalesce(sql, '') ELSE '' END
        FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'
    """,
    "postgresql": """
        SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
        UNION SELECT 'index ' || indexname || ' ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION SELECT 'constraint ' || conname FROM pg_constraint JOIN pg_namespace n ON n.oid = connamespace
            WHERE nspname = 'public' AND contype <> 'n'
        UNION SELECT 'search ' || cfgname FROM pg_ts_config JOIN pg_namespace n ON n.oid = cfgnamespace
            WHERE nspname = 'public'
        UNION SELECT 'function ' || proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace
            WHERE nspname = 'public'
    """,
}


@pytest.fixture
def migrated(database: Database) -> Any:
    """An application on an empty database, all migrations applied."""
    app = database.sibling("migrations")
    with app.app_context():
        upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


def test_no_model_differs_from_the_migrations(migrated: Flask) -> None:
    try:
        flask_migrate.check(directory=str(MIGRATIONS))
    except SystemExit:
        pytest.fail("the models have changed: flask db revision --autogenerate")


def test_migrations_make_what_the_models_make(migrated: Flask, database: Database) -> None:
    migrated_schema = read_schema()
    with database.app.app_context():
        assert migrated_schema == read_schema()


def test_each_migration_goes_down_and_up_again(migrated: Flask) -> None:
    for revision in reversed(revisions()):
        upgrade(revision)
        before = read_schema()
        flask_migrate.downgrade(directory=str(MIGRATIONS), revision="-1")
        upgrade(revision)
        assert read_schema() == before, revision
        flask_migrate.downgrade(directory=str(MIGRATIONS), revision="-1")
    assert table_names() == []
    upgrade()
    assert revisions()


def test_a_filled_database_survives_down_and_up(migrated: Flask) -> None:
    fill(migrated)
    first = revisions()[0]
    full, schema = read_rows(), read_schema()
    flask_migrate.downgrade(directory=str(MIGRATIONS), revision=first)
    kept = read_rows()
    upgrade()
    again = read_rows()
    assert read_schema() == schema
    assert {table: len(rows) for table, rows in kept.items()}.items() <= {t: len(r) for t, r in full.items()}.items()
    assert common(again, kept) == common(full, kept)
    flask_migrate.downgrade(directory=str(MIGRATIONS), revision="base")
    assert table_names() == []
    upgrade()
    assert read_schema() == schema


def upgrade(revision: str = "head") -> None:
    flask_migrate.upgrade(directory=str(MIGRATIONS), revision=revision)


def revisions() -> list[str]:
    """From the first migration to the last."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


def fill(app: Flask) -> None:
    """A small demonstration: rows in nearly every table."""
    app.config["DEMO"] = True
    for command in (["init"], ["demo", "--fiches", "30", "--seed", "2"]):
        result = app.test_cli_runner().invoke(args=command)
        assert result.exit_code == 0, result.output
    db.session.rollback()


def table_names() -> list[str]:
    return sorted(set(inspect(db.engine).get_table_names()) - {VERSION_TABLE})


def read_schema() -> dict[str, Any]:
    """Everything of the schema that matters, in a comparable form."""
    inspector = inspect(db.engine)
    schema: dict[str, Any] = {table: read_table(inspector, table) for table in table_names()}
    with db.engine.connect() as connection:
        schema["hidden"] = hidden_objects(connection)
    return schema


def read_table(inspector: Any, table: str) -> dict[str, Any]:
    return {
        "columns": sorted((c["name"], str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)),
        "key": inspector.get_pk_constraint(table)["constrained_columns"],
        "foreign": sorted(
            (key["constrained_columns"], key["referred_table"], key["referred_columns"], str(key["options"]))
            for key in inspector.get_foreign_keys(table)
        ),
        "indexes": sorted((i["name"], i["column_names"], bool(i["unique"])) for i in inspector.get_indexes(table)),
        "unique": sorted((u["name"] or "", u["column_names"]) for u in inspector.get_unique_constraints(table)),
        "checks": sorted((c["name"] or "", c["sqltext"]) for c in inspector.get_check_constraints(table)),
    }


def hidden_objects(connection: Connection) -> list[str]:
    names = connection.scalars(text(HIDDEN_OBJECTS[connection.dialect.name]))
    return sorted(name for name in names if VERSION_TABLE not in name)


def read_rows() -> dict[str, list[dict[str, Any]]]:
    """The content of each table, as text, in an order of its own."""
    content = {}
    with db.engine.connect() as connection:
        for table in table_names():
            found = connection.execute(text(f'SELECT * FROM "{table}"')).mappings()
            rows = [{name: str(value) for name, value in row.items()} for row in found]
            content[table] = sorted(rows, key=lambda row: sorted(row.items()))
    return content


def common(content: dict[str, Any], kept: dict[str, Any]) -> dict[str, list[Any]]:
    """The tables and the columns that exist at both ends."""
    columns = {table: set(rows[0]) for table, rows in kept.items() if rows}
    return {
        table: sorted(sorted((n, v) for n, v in row.items() if n in names) for row in content[table])
        for table, names in columns.items()
    }
