"""Exact amounts and aware moments, the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError

from fichetrack.models import Fiche
from tests.factories import FicheFactory


@pytest.mark.parametrize("amount", ["0", "0.01", "0.10", "1234567.89", "99999999999.99", "-0.01"])
def test_an_amount_comes_back_as_it_was(db: Any, amount: str) -> None:
    fiche = FicheFactory(cout_total=Decimal(amount))
    db.session.expire_all()
    assert db.session.get(Fiche, fiche.id).cout_total == Decimal(amount)


def test_a_sum_of_cents_is_exact(db: Any) -> None:
    for _ in range(3):
        FicheFactory(cout_total=Decimal("0.10"))
    assert db.session.scalar(select(func.sum(Fiche.cout_total))) == Decimal("0.30")


def test_a_fraction_of_a_cent_is_rounded_to_the_nearest(db: Any) -> None:
    fiche = FicheFactory(cout_total=Decimal("0.014"), investissement_prive=Decimal("0.016"))
    db.session.expire_all()
    assert (fiche.cout_total, fiche.investissement_prive) == (Decimal("0.01"), Decimal("0.02"))


def test_a_moment_comes_back_aware_and_in_utc(db: Any) -> None:
    at_noon = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    fiche = FicheFactory(created_at=at_noon)
    db.session.expire_all()
    kept = db.session.get(Fiche, fiche.id).created_at
    assert (kept, kept.tzinfo, kept.hour) == (at_noon, UTC, 10)


def test_a_moment_without_a_zone_is_refused(db: Any) -> None:
    with pytest.raises(StatementError, match="time zone"):
        FicheFactory(created_at=datetime(2026, 7, 1, 12, 0))  # noqa: DTZ001 — the very mistake refused
    db.session.rollback()
