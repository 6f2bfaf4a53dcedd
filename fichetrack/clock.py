"""The one clock: everything that asks for the time asks here, so that jobs and tests can set it (`--at`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

_frozen: datetime | None = None


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen or datetime.now(UTC)


def today() -> date:
    """The present day in Paris, where users live."""
    return now().astimezone(PARIS).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Run a block as if it were `moment` (aware): for jobs replayed with --at, demonstration data and tests."""
    global _frozen
    if moment.tzinfo is None:
        raise ValueError("clock.at takes an aware datetime")
    before, _frozen = _frozen, moment.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before
