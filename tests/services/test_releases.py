"""Published files imported: once, in one transaction, side by side, and never by halves."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from fichetrack import store
from fichetrack.config import ROOT
from fichetrack.errors import ImportRefused
from fichetrack.models import DatasetRelease, DatasetTable
from fichetrack.operations import examination
from fichetrack.queries import panels, places
from fichetrack.queries.releases import Shelf, list_known_tables
from fichetrack.services import releases
from tests.small_gard import IMPORTS, JOBS, load, load_jobs, settle, write_jobs

NEWER = [(*row[:5], row[5] + 1) for row in JOBS]


@pytest.fixture
def country(db: Any, tmp_path: Path) -> Any:
    for path in store.folder().glob("*.parquet"):
        path.unlink()
    settle()
    load_jobs(tmp_path)
    return db


def state(db: Any) -> tuple[Any, ...]:
    """What a reader could see of what was imported."""
    db.session.rollback()
    shelf = Shelf()
    jobs = shelf.get("urssaf", "epci_a88")
    assert jobs is not None
    return shelf.signature, jobs.millesime, jobs.read()["eff_2019"].sum(), count(db, DatasetRelease)


def count(db: Any, model: Any) -> int:
    return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


def test_a_file_is_first_only_checked(country: Any, tmp_path: Path) -> None:
    before = state(country)
    report = releases.run_file("urssaf", write_jobs(tmp_path, NEWER), say=lambda words: None)
    assert "Rien n’a été écrit" in report
    assert "Lignes lues : 7 ; gardées : 7 ; écartées : 0" in report
    assert state(country) == before


def test_the_same_file_applied_twice_changes_nothing(country: Any, tmp_path: Path) -> None:
    before, files = state(country), sorted(store.folder().iterdir())
    assert "déjà importé" in load("urssaf", write_jobs(tmp_path))
    assert "déjà importé" in load("urssaf", write_jobs(tmp_path), millesime="2024")  # which the file says itself
    assert state(country) == before
    assert sorted(store.folder().iterdir()) == files


def test_a_new_millesime_is_visible_and_the_old_one_stays_readable(country: Any, tmp_path: Path) -> None:
    load("urssaf", write_jobs(tmp_path, NEWER, (2020, 2025)))
    shelf = Shelf()
    assert shelf.millesimes("urssaf", "epci_a88") == ["2025", "2024"]
    totals = {}
    for year in ("2025", "2024"):
        table = shelf.get("urssaf", "epci_a88", year)
        assert table is not None
        totals[year] = table.read()[f"eff_{year}"].sum()
    assert totals == {"2025": 207, "2024": 200}
    newest = shelf.get("urssaf", "epci_a88")
    assert newest is not None and newest.millesime == "2025"


def test_a_corrected_file_replaces_its_millesime(country: Any, tmp_path: Path) -> None:
    load("urssaf", write_jobs(tmp_path, NEWER))
    table = Shelf().get("urssaf", "epci_a88")
    assert table is not None
    assert (table.millesime, table.read()["eff_2024"].sum(), len(table.releases)) == ("2024", 207, 1)


def test_a_file_replaced_by_another_of_its_millesime_becomes_visible_again(country: Any, tmp_path: Path) -> None:
    load("urssaf", write_jobs(tmp_path, NEWER))
    assert "de nouveau visible" in load("urssaf", write_jobs(tmp_path))
    table = Shelf().get("urssaf", "epci_a88")
    assert table is not None and (table.read()["eff_2024"].sum(), len(table.releases)) == (200, 1)
    before = state(country)
    assert "déjà importé" in load("urssaf", write_jobs(tmp_path))
    assert state(country) == before
    assert "de nouveau visible" in load("urssaf", write_jobs(tmp_path, NEWER))


def test_the_installed_nomenclature_does_not_come_back_over_one_that_replaced_it(country: Any) -> None:
    told: list[str] = []
    releases.load_nomenclature(say=told.append)
    load("naf", IMPORTS / "naf" / "exemple.csv")
    before = state(country)
    releases.load_nomenclature(say=told.append)
    assert "déjà importé" in told[-1] and state(country) == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"millesime": "2023"}, "son millésime est 2024, et vous demandez 2023"),
        ({"lot": "Occitanie"}, "cette source ne se charge pas par lots"),
    ],
)
def test_an_option_that_the_file_contradicts_is_refused(
    country: Any, tmp_path: Path, options: dict[str, str], said: str
) -> None:
    before = state(country)
    with pytest.raises(ImportRefused, match=said):
        load("urssaf", write_jobs(tmp_path, NEWER), **options)
    assert state(country) == before


def test_an_older_millesime_imported_later_does_not_hide_the_newest(country: Any, tmp_path: Path) -> None:
    load("urssaf", write_jobs(tmp_path, NEWER, (2018, 2023)))
    table = Shelf().get("urssaf", "epci_a88")
    assert table is not None and table.millesime == "2024"


def test_a_wrong_millesime_may_be_put_right_with_the_same_file(country: Any) -> None:
    file = IMPORTS / "sites" / "exemple.csv"
    load("sites", file, millesime="2023-01")
    load("sites", file, millesime="2024-02")
    assert Shelf().millesimes("sites", "sites") == ["2024-02", "2023-01"]


def test_lots_complete_each_other_and_replace_themselves_only(country: Any, tmp_path: Path) -> None:
    file = IMPORTS / "sites" / "exemple.csv"
    load("sites", file, lot="ales", millesime="2024-01")
    load("sites", file, lot="mende", millesime="2024-02")
    table = Shelf().get("sites", "sites")
    assert table is not None
    once = len(table.read())
    assert [one.lot for one in table.releases] == ["ales", "mende"]
    shorter = tmp_path / "sites.csv"
    shorter.write_bytes(b"\n".join(file.read_bytes().splitlines()[:-1]) + b"\n")
    load("sites", shorter, lot="ales", millesime="2024-01")
    table = Shelf().get("sites", "sites")
    assert table is not None and once - 1 <= len(table.read()) < once


def test_a_table_missing_here_is_said_named_by_the_doctor_and_brought_back_by_the_same_file(
    country: Any, tmp_path: Path
) -> None:
    place = places.get_place("ti-ales")
    assert place is not None
    panels._kept.clear()
    for sha256 in list_known_tables():
        store.path_of(sha256).unlink(missing_ok=True)
    panel = panels.get_panel(None, "specificite", place, {})
    assert panel is not None and "ne sont pas lisibles sur ce serveur" in panel.missing
    said = " ".join(line.text for line in examination._figures() if not line.good)
    assert "urssaf/epci_a88 (2024)" in said and "réimportez" in said
    number = count(country, DatasetRelease)
    with pytest.raises(ImportRefused, match=r"« naf/.* n’est pas lisible sur ce serveur : relancez « flask init »"):
        load("urssaf", write_jobs(tmp_path))
    releases.load_nomenclature(say=lambda words: None)
    assert "elles y sont de nouveau" in load("urssaf", write_jobs(tmp_path))
    again = panels.get_panel(None, "specificite", place, {})
    assert again is not None and not again.missing
    assert count(country, DatasetRelease) == number


def test_a_damaged_table_is_said_too(country: Any) -> None:
    place = places.get_place("ti-ales")
    assert place is not None
    panels._kept.clear()
    for sha256 in list_known_tables():
        store.path_of(sha256).write_bytes(b"PAR1 cut")
    panel = panels.get_panel(None, "specificite", place, {})
    assert panel is not None and "ne sont pas lisibles" in panel.missing


@pytest.mark.parametrize("where", ["workshop", "sha256_of", "publish"])
def test_a_full_disk_is_said_changes_nothing_and_the_service_goes_on(
    country: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def full(*_given: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    before, file = state(country), write_jobs(tmp_path, NEWER)
    with monkeypatch.context() as patch:
        patch.setattr(store, where, full)
        with pytest.raises(ImportRefused, match=r"le disque est plein.*Rien n’a été changé"):
            load("urssaf", file)
    assert state(country) == before
    assert not list(store.folder().glob("en-cours-*"))
    assert "Appliqué" in load("urssaf", file)


def test_a_database_that_cannot_write_is_said(country: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_given: Any) -> Any:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    before = state(country)
    with monkeypatch.context() as patch:
        patch.setattr(releases, "DatasetRelease", full)
        with pytest.raises(ImportRefused, match=r"La base n’a pas pu enregistrer.*Rien n’a été changé"):
            load("urssaf", write_jobs(tmp_path, NEWER))
    assert state(country) == before


def test_stopped_between_the_tables_and_the_commit_nothing_is_visible_and_leftovers_go_later(
    country: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, known = state(country), list_known_tables()
    with monkeypatch.context() as patch:
        patch.setattr(releases, "_make_visible", _stopped)
        with pytest.raises(KeyboardInterrupt):
            load("urssaf", write_jobs(tmp_path, NEWER))
    left = {path for path in store.folder().glob("*.parquet") if path.stem not in known}
    assert left and state(country) == before
    for path in left:
        os.utime(path, (time.time() - 7200, time.time() - 7200))
    load("urssaf", write_jobs(tmp_path, [(*row[:5], row[5] + 2) for row in JOBS]))
    assert not [path for path in left if path.exists()]


def _stopped(*_given: Any) -> Any:
    raise KeyboardInterrupt


@pytest.mark.parametrize("after", ["Lecture", "lignes lues", "Enregistrement", "publish", "commit"])
def test_killed_at_any_moment_an_import_leaves_what_was_visible(country: Any, tmp_path: Path, after: str) -> None:
    before = state(country)
    file, config = write_jobs(tmp_path, NEWER), country.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED, config, str(store.folder().parent), str(file), after]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert state(country) == before
    assert "Appliqué" in load("urssaf", file)


KILLED = """
import os, signal, sys
from pathlib import Path
import fichetrack
from fichetrack import store
from fichetrack.config import for_tests
from fichetrack.extensions import db
from fichetrack.services import releases
url, instance, file, after = sys.argv[1:]
def die(*given): os.kill(os.getpid(), signal.SIGKILL)
def say(words): after in words and die()
publish = store.publish
def published(path): publish(path); die()
if after == "publish": store.publish = published
app = fichetrack.create_app(for_tests(SQLALCHEMY_DATABASE_URI=url, INSTANCE=Path(instance)))
with app.app_context():
    if after == "commit": db.session().commit; db.session.registry().commit = die
    releases.run_file("urssaf", Path(file), apply=True, say=say)
"""


def test_a_file_without_any_usable_row_is_refused_with_the_reasons(country: Any, tmp_path: Path) -> None:
    before = state(country)
    with pytest.raises(ImportRefused):
        load("urssaf", write_jobs(tmp_path, [("99999", "2711Z", 1, 1, 1, 1)]))
    assert state(country) == before


def test_a_release_says_where_it_comes_from(country: Any) -> None:
    release = country.session.scalars(select(DatasetRelease).where(DatasetRelease.source == "urssaf")).one()
    assert (release.filename, release.producer, release.millesime, release.cog_year) == (
        "urssaf.csv", "Urssaf Caisse nationale", "2024", 2026,
    )  # fmt: skip
    assert len(release.sha256) == 64 and release.bytes > 0
    assert (release.rows_read, release.rows_kept, release.rows_aside) == (7, 7, 0)
    assert {table.name for table in release.tables} == {"communes_ape", "epci_a88", "zones_ape"}
    assert count(country, DatasetTable) >= 3


def test_without_the_geography_nothing_is_imported(db: Any, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="géographie de référence"):
        load("urssaf", write_jobs(tmp_path))
