"""Lieux of a list are looked up together, and namesakes are told apart."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from fichetrack.queries.lieux import resolve_lieux
from tests import factories as f


def queries_of(db: Any, values: list[str]) -> int:
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", listener := lambda *given: seen.append(given[2]))
    try:
        resolve_lieux(values)
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    return len([one for one in seen if one.startswith("SELECT")])


def test_two_hundred_lieux_cost_as_many_queries_as_two(db: Any) -> None:
    communes = f.CommuneFactory.create_batch(200)
    db.session.commit()
    written = [one.code if number % 2 else f"{one.nom} ({one.code})" for number, one in enumerate(communes)]
    assert resolve_lieux(written) == [one.code for one in communes]
    assert queries_of(db, written) == queries_of(db, written[:2])


def test_a_name_several_lieux_bear_is_refused_and_its_departement_tells_which(db: Any) -> None:
    for code, where in (("13100", "13"), ("66185", "66")):
        departement = f.DepartementFactory(code=where)
        f.CommuneFactory(code=code, nom="Saint-Rémy", search_key="saint remy", departement=departement)
    db.session.flush()
    with pytest.raises(ValueError, match="désigne plusieurs lieux"):
        resolve_lieux(["Saint-Rémy"])
    assert resolve_lieux(["saint remy (66)", "Saint-Rémy (13100)"]) == ["66185", "13100"]
