"""Rows by the thousand: identifiers given here, inserted by batches, sequences put right at the end."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from fichetrack.extensions import db


class Writer:
    """Keeps rows until flush(); `add` gives each row its identifier, so that others may point at it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._pending: dict[str, list[dict[str, Any]]] = {}
        self._next: dict[str, int] = {}

    def add(self, model: Any, **values: Any) -> int:
        """Keep a row and return its identifier (0 for a table without one)."""
        table: Table = model.__table__
        row = {column.name: values.pop(column.name, None) for column in table.columns}
        if values:
            raise ValueError(f"{table.name} has no column {', '.join(values)}")
        if "id" in row and row["id"] is None:
            row["id"] = self.reserve(model)
        self._pending.setdefault(table.name, []).append(row)
        return row.get("id") or 0

    def reserve(self, model: Any, count: int = 1) -> int:
        """The first of `count` identifiers nobody else will get."""
        table: Table = model.__table__
        if table.name not in self._next:
            self._next[table.name] = (self.connection.scalar(select(func.max(table.c.id))) or 0) + 1
        first = self._next[table.name]
        self._next[table.name] = first + count
        return first

    def flush(self) -> None:
        """Insert what is kept, parents before children."""
        for table in db.metadata.sorted_tables:
            if rows := self._pending.pop(table.name, None):
                self.connection.execute(insert(table), rows)

    def finish(self) -> None:
        """Flush, and let PostgreSQL's sequences go on after our identifiers."""
        self.flush()
        if self.connection.dialect.name == "postgresql":
            for name, following in self._next.items():
                sequence = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)")
                self.connection.execute(sequence, {"name": name, "last": following - 1})
