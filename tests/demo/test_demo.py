"""Loading the demonstration: the same for a seed, once, and only where nothing else is."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from sqlalchemy import func, select

from fichetrack import clock
from fichetrack.demo import load
from fichetrack.errors import Refusal
from fichetrack.models import Event, Fiche, Territoire
from tests.demo.ground import lay_the_ground, silent


@pytest.fixture
def loaded(db: Any, frozen_time: Any) -> None:
    lay_the_ground(db)
    load(40, seed=7, progress=silent)


def test_what_comes_after_the_load_gets_its_own_identifiers(db: Any, loaded: None) -> None:
    fiche = db.session.scalars(select(Fiche)).first()
    db.session.add(Event(fiche_id=fiche.id, kind="confirm", at=clock.now(), source="page", changes=[], details={}))
    db.session.commit()


def test_the_same_seed_on_the_same_day_gives_the_same_bytes(db: Any, frozen_time: Any) -> None:
    lay_the_ground(db)
    load(60, seed=3, progress=silent)
    first = digest_of(db)
    for table in reversed(db.metadata.sorted_tables):
        db.session.execute(table.delete())
    db.session.commit()
    lay_the_ground(db)
    load(60, seed=3, progress=silent)
    assert digest_of(db) == first


def test_loading_twice_changes_nothing_and_says_so(db: Any, loaded: None) -> None:
    lines: list[str] = []
    load(40, seed=7, progress=lines.append)
    assert len(lines) == 1
    assert "déjà chargée" in lines[0]
    assert db.session.scalar(select(func.count()).select_from(Fiche)) == 40


def test_another_load_is_refused_with_the_way_to_start_again(db: Any, loaded: None) -> None:
    with pytest.raises(Refusal, match=r"40 fiches.*make demo"):
        load(50, seed=8, progress=silent)


def test_without_territoires_the_load_says_what_to_run(db: Any) -> None:
    with pytest.raises(Refusal, match="flask demo"):
        load(10, progress=silent)


def digest_of(db: Any) -> str:
    """A digest of every row of every table; identifiers of the ground restart or not according to the database."""
    content = hashlib.sha256()
    shift = db.session.scalar(select(func.min(Territoire.id)))
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(select(table).order_by(*table.primary_key.columns)).mappings():
            values = {name: value for name, value in row.items() if name != "territoire_id" or value is None}
            if table.name == "territoire":
                values["id"] -= shift
            content.update(repr(values).encode())
    db.session.rollback()
    return content.hexdigest()
