"""What a file would change: added, changed, unchanged and missing records, compared as values and not as text."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fichetrack.tables.headings import Column
from fichetrack.tables.mapping import MappedRow, RowError

Key = str | Sequence[str] | Callable[[MappedRow], Hashable | None]


@dataclass
class Diff:
    """`changed` holds (row, [(field, before, after)]); `missing` the keys that only the register has."""

    added: list[MappedRow] = field(default_factory=list)
    changed: list[tuple[MappedRow, list[tuple[str, Any, Any]]]] = field(default_factory=list)
    unchanged: list[MappedRow] = field(default_factory=list)
    missing: list[Hashable] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Applying it would write nothing."""
        return not (self.added or self.changed or self.errors)


def diff(
    rows: Iterable[MappedRow], existing: Dict[Any, Dict[str, Any]], key: Key, compare: Sequence[Column | str]
) -> Diff:
    """Compare rows with existing records. A row without key is added; a key met twice is an error of the later row."""
    result = Diff()
    names = [column if isinstance(column, str) else column.name for column in compare]
    first_line: dict[Hashable, int] = {}
    for row in rows:
        found = key_of(row, key)
        if found is not None and found in first_line:
            result.errors.append(duplicate(row, key, found, first_line[found], compare))
            continue
        if found is not None:
            first_line[found] = row.line
        sort_row(row, existing.get(found) if found is not None else None, names, result)
    result.missing = [known for known in existing if known not in first_line]
    return result


def key_of(row: MappedRow, key: Key) -> Hashable | None:
    if callable(key):
        return key(row)
    if isinstance(key, str):
        return row.values.get(key) or None
    parts = tuple(row.values.get(name) for name in key)
    return parts if any(part is not None for part in parts) else None


def duplicate(row: MappedRow, key: Key, found: Any, line: int, columns: Sequence[Column | str]) -> RowError:
    label = next(
        (c.label for c in columns if isinstance(c, Column) and c.name == key), key if isinstance(key, str) else None
    )
    shown = " / ".join(map(str, found)) if isinstance(found, tuple) else str(found)
    return RowError(row.line, label, shown, f"{shown} est déjà à la ligne {line}. Gardez une seule des deux lignes.")


def sort_row(row: MappedRow, record: Dict[str, Any] | None, names: list[str], result: Diff) -> None:
    if record is None:
        result.added.append(row)
        return
    changes = [
        (name, record.get(name), row.values[name])
        for name in names
        if name in row.values and comparable(record.get(name)) != comparable(row.values[name])
    ]
    if changes:
        result.changed.append((row, changes))
    else:
        result.unchanged.append(row)


def comparable(value: Any) -> Any:
    """Values that say the same compare equal: nothing and « », 1500 and 1500.00, lists in two orders, two newlines."""
    if isinstance(value, str):
        return "\n".join(value.replace("\r\n", "\n").split("\r")) if value.strip() else None
    if isinstance(value, (list, tuple, set, frozenset)):
        return frozenset(comparable(item) for item in value) or None
    if isinstance(value, float):
        return Decimal(str(value))
    return value
