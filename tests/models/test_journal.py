"""The journal is append-only, through the models at least; only a draft never filed takes its events away with it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from fichetrack.models import Event
from tests.factories import EventFactory, FicheFactory


def test_an_event_cannot_be_changed(db: Any) -> None:
    event = EventFactory(motif="Avant")
    event.motif = "Après"
    with pytest.raises(RuntimeError, match="append-only"):
        db.session.commit()
    db.session.rollback()
    assert event.motif == "Avant"


def test_an_event_cannot_be_deleted(db: Any) -> None:
    event = EventFactory()
    db.session.delete(event)
    with pytest.raises(RuntimeError, match="append-only"):
        db.session.commit()
    db.session.rollback()
    assert db.session.scalar(select(func.count(Event.id))) == 1


def test_a_draft_never_filed_goes_with_its_events(db: Any) -> None:
    event = EventFactory()
    db.session.delete(event.fiche)
    db.session.commit()
    assert db.session.scalar(select(func.count(Event.id))) == 0


def test_a_filed_fiche_is_never_deleted(db: Any) -> None:
    fiche = EventFactory(fiche=FicheFactory(deposee=True)).fiche
    db.session.delete(fiche)
    with pytest.raises(RuntimeError):
        db.session.commit()
    db.session.rollback()


@pytest.mark.parametrize("statement", ["update", "delete"])
def test_a_statement_over_the_whole_journal_is_refused(db: Any, statement: str) -> None:
    EventFactory()
    rows = db.session.query(Event)
    with pytest.raises(RuntimeError, match="append-only"):
        rows.update({"motif": "Réécrit"}) if statement == "update" else rows.delete()
    db.session.rollback()
