"""Promises 5 and 17 at full size: an import killed at any moment is whole or nothing; 18,000 fiches go out and come back."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from fichetrack import tables, workbook
from fichetrack.models import Event, Fiche, ImportBatch
from fichetrack.queries import exports, import_rows
from fichetrack.queries import imports as queries
from fichetrack.services import imports
from tests import factories as make

pytestmark = pytest.mark.stress

ROWS = int(os.environ.get("FICHETRACK_STRESS_ROWS") or 18_000)
KILLS = int(os.environ.get("FICHETRACK_STRESS_KILLS") or 100)
TERRITOIRES = 60

# The import of a batch in a process of its own, which can be killed for good.
CHILD = """
import sys
from pathlib import Path
from tests.databases import make_app
from fichetrack.extensions import db
from fichetrack.models import Personne
from fichetrack.services import imports
with make_app(sys.argv[1], Path(sys.argv[2])).app_context():
    user = db.session.get(Personne, int(sys.argv[3]))
    print("ready", flush=True)
    imports.apply_batch(user, int(sys.argv[4]))
    print("done", flush=True)
"""


def big_workbook(territoires: list[Any], rows: int = ROWS) -> bytes:
    names = ("intitule", "territoire", "axe", "resume", "description", "cout_total", "date_fin", "jalons", "etat")
    columns = [column for column in workbook.columns() if column.name in names]
    stream = io.BytesIO()
    tables.write_xlsx(stream, [tables.Sheet("Fiches", columns, (row(n, territoires) for n in range(rows)))])
    return stream.getvalue()


def row(number: int, territoires: list[Any]) -> dict[str, Any]:
    return {
        "intitule": f"Action {number} à l’œuvre 🚲",
        "territoire": territoires[number % len(territoires)].nom,
        "axe": "innover",
        "resume": f"=résumé {number}",
        "description": "Une phrase qui dit ce que l’on fait, pour qui et avec qui. " * 4,
        "cout_total": number,
        "date_fin": date(2027, 1, 1),
        "jalons": "Étude | 31/12/2026\nTravaux | 31/12/2027",
        "etat": "validee",
    }


@pytest.fixture
def world(db: Any) -> tuple[Any, list[Any]]:
    region = make.RegionFactory()
    return make.dti(), [make.TerritoireFactory(region_instructrice=region) for _ in range(TERRITOIRES)]


def count(db: Any, model: Any) -> int:
    found = db.session.scalar(select(func.count()).select_from(model)) or 0
    db.session.rollback()
    return int(found)


def test_an_import_killed_at_any_moment_is_whole_or_nothing(db, app, world, tmp_path):
    user, territoires = world
    batch_id = imports.register_upload(user, "grand.xlsx", big_workbook(territoires), "Reprise")
    user_id, outcomes, longest = user.id, set(), 60.0
    for turn in range(KILLS):
        child = start(app, tmp_path, user_id, batch_id)
        started = time.monotonic()
        if turn:
            time.sleep(random.uniform(0, longest * 1.05))
            child.send_signal(signal.SIGKILL)
        child.communicate()
        if not turn:
            longest = time.monotonic() - started
        outcomes.add(state(db, batch_id))
        if db.engine.dialect.name == "sqlite":
            assert db.session.scalar(text("PRAGMA quick_check")) == "ok"
        reset(db, batch_id)
    assert outcomes <= {(0, 0, False), (ROWS, ROWS * 2, True)}
    assert len(outcomes) == 2, "no kill fell inside the import"


def start(app: Any, folder: Path, user_id: int, batch_id: int) -> subprocess.Popen[bytes]:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    arguments = [sys.executable, "-c", CHILD, url, str(folder), str(user_id), str(batch_id)]
    child = subprocess.Popen(arguments, stdout=subprocess.PIPE)
    assert child.stdout is not None
    if child.stdout.readline() != b"ready\n":
        child.communicate()
        raise AssertionError("the child could not start")
    return child


def state(db: Any, batch_id: int) -> tuple[int, int, bool]:
    """How many fiches, how many events, and what the import screen says."""
    db.session.rollback()
    applied = db.session.get(ImportBatch, batch_id).applied_at is not None
    return count(db, Fiche), count(db, Event), applied


def reset(db: Any, batch_id: int) -> None:
    db.session.rollback()
    for table in ("event", "named_version", "jalon", "fiche"):
        db.session.execute(text(f"DELETE FROM {table}"))
    db.session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(applied_at=None, report=None))
    db.session.commit()


def test_eighteen_thousand_fiches_go_out_and_come_back_unchanged(db, world):
    user, territoires = world
    batch_id = imports.register_upload(user, "grand.xlsx", big_workbook(territoires), "Reprise")
    imports.apply_batch(user, batch_id)
    assert count(db, Fiche) == ROWS
    stream = io.BytesIO()
    tables.write_xlsx(stream, exports.get_export(user, {}).sheets)
    check = queries.compare(user, import_rows.read(stream.getvalue(), "export.xlsx", {}), {})
    assert (check.changes_nothing, check.unchanged, check.missing) == (True, ROWS, [])


def test_two_hundred_faults_planted_are_two_hundred_reported(db, world):
    user, territoires = world
    wrong = set(random.Random(5).sample(range(ROWS), 200))
    rows = ({**row(n, territoires), "axe": "faux" if n in wrong else "innover"} for n in range(ROWS))
    columns = [column for column in workbook.columns() if column.name in {"intitule", "territoire", "axe"}]
    stream = io.BytesIO()
    tables.write_csv(stream, columns, rows)
    check = queries.compare(user, import_rows.read(stream.getvalue(), "fautes.csv", {}), {})
    assert [(error.line, error.column) for error in check.errors] == [(n + 2, "Axe") for n in sorted(wrong)]
    assert len(check.added) == ROWS - 200
