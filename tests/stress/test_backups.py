"""Promise 29, whole: eight writers, twenty backups, each of which comes back with every write acknowledged before it."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from fichetrack import operations
from fichetrack.extensions import db
from fichetrack.models import Fiche
from tests.test_operations import Writer, elsewhere, here

__all__ = ["elsewhere", "here"]  # fixtures

pytestmark = pytest.mark.stress


def test_twenty_backups_under_eight_writers(here: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    writers = [Writer(here) for _ in range(8)]
    try:
        for writer in writers:
            writer.start()
        for turn in range(20):
            acknowledged = set().union(*(writer.wait_for_more(2) for writer in writers))
            operations.backup(tmp_path / str(turn))
            with elsewhere.app_context():
                operations.restore(tmp_path / str(turn), force=True)
                found = set(db.session.scalars(select(Fiche.draft_id)))
                without_event = db.session.scalar(select(func.count()).where(~Fiche.events.any()).select_from(Fiche))
                db.session.remove()
            assert (acknowledged - found, without_event) == (set(), 0)
    finally:
        for writer in writers:
            writer.stop()
    assert [error for writer in writers for error in writer.errors] == []
