"""Backup, restoration and doctor: nothing acknowledged is missing, nothing is replaced by halves, faults are named."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select
from sqlalchemy.pool import NullPool

from fichetrack import clock, operations, store
from fichetrack.errors import Refusal
from fichetrack.extensions import db
from fichetrack.models import (
    DatasetRelease,
    DatasetTable,
    Fiche,
    GeographyRelease,
    JobRun,
    OutgoingEmail,
    Personne,
    search_index,
)
from fichetrack.operations import postgresql
from fichetrack.services import fiches
from tests.databases import Database
from tests.factories import CommuneFactory, FicheFactory, PersonneFactory, TerritoireFactory, admin, chef
from tests.test_migrations import MIGRATIONS


@pytest.fixture
def here(database: Database) -> Iterator[Flask]:
    """A database without any row, as the migrations make it (test_migrations holds the two together)."""
    app = database.sibling("operations")
    with app.app_context():
        db.create_all()
        flask_migrate.stamp(directory=str(MIGRATIONS))
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def elsewhere(database: Database, here: Flask) -> Iterator[Flask]:
    """Another database of the same kind, empty even of tables: the machine one restores on."""
    app = database.sibling("elsewhere")
    yield app
    with app.app_context():
        db.engine.dispose()


def test_a_backup_comes_back_whole_on_an_empty_machine(here: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    code = FicheFactory(validee=True, all_fields=True).code
    assert "Sauvegarde écrite et vérifiée" in operations.backup(tmp_path / "copie")
    with elsewhere.app_context():
        assert "Base restaurée : 1 fiche(s)" in operations.restore(tmp_path / "copie").replace("\u00a0", " ")
        restored = db.session.scalars(select(Fiche)).one()
        assert (restored.code, len(restored.financements)) == (code, 1)
        flask_migrate.check(directory=str(MIGRATIONS))


def test_every_write_acknowledged_before_a_backup_is_in_it(here: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    writer = Writer(here).start()
    try:
        for turn in range(3):
            acknowledged = writer.wait_for_more(5)
            operations.backup(tmp_path / str(turn))
            with elsewhere.app_context():
                operations.restore(tmp_path / str(turn), force=True)
                found = set(db.session.scalars(select(Fiche.draft_id)))
                without_event = db.session.scalar(select(func.count()).where(~Fiche.events.any()).select_from(Fiche))
                db.session.remove()
            assert (acknowledged - found, without_event) == (set(), 0)
    finally:
        writer.stop()
    assert writer.errors == []


def publish_table(content: bytes) -> str:
    """A dataset imported, with one table; its hash."""
    with store.workshop() as folder:
        (folder / "written").write_bytes(content)
        sha256 = store.publish(folder / "written")
    release = DatasetRelease(
        source="bmo", millesime="2026", filename="bmo.xlsx", sha256="0" * 64, bytes=1, producer="France Travail",
        rows_read=1, rows_kept=1, imported_at=clock.now(),
    )  # fmt: skip
    release.tables.append(DatasetTable(name="bassins", sha256=sha256, rows=1))
    db.session.add(release)
    db.session.commit()
    return sha256


def test_the_tables_of_datasets_travel_beside_the_backup(here: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    sha256 = publish_table(b"a table of Parquet")
    assert "copie.indicateurs.zip" in operations.backup(tmp_path / "copie")
    with elsewhere.app_context():
        assert "absentes" not in operations.restore(tmp_path / "copie")
        assert store.path_of(sha256).read_bytes() == b"a table of Parquet"


def test_a_backup_restored_without_its_tables_says_what_to_do(here: Flask, elsewhere: Flask, tmp_path: Path) -> None:
    publish_table(b"another table")
    operations.backup(tmp_path / "copie")
    (tmp_path / "copie.indicateurs.zip").rename(tmp_path / "ailleurs.zip")
    with elsewhere.app_context():
        assert "absentes de ce serveur\u00a0: 1" in operations.restore(tmp_path / "copie")
        (tmp_path / "ailleurs.zip").rename(tmp_path / "copie.indicateurs.zip")
        assert "absentes" not in operations.restore(tmp_path / "copie", force=True)


def write_zip(archive: Path, compression: int, *names: str) -> None:
    with warnings.catch_warnings(action="ignore"), ZipFile(archive, "w", compression) as target:
        for name in names:
            target.writestr(name, b"0" * 100)


ARCHIVES: dict[str, Callable[[Path], object]] = {
    "spoiled": lambda archive: archive.write_bytes(archive.read_bytes()[:200] + bytes(10) + archive.read_bytes()[210:]),
    "foreign": lambda archive: archive.write_bytes(b"not an archive"),
    "compressed": lambda archive: write_zip(archive, ZIP_DEFLATED, "a.parquet"),
    "twice": lambda archive: write_zip(archive, ZIP_STORED, "a.parquet", "a.parquet"),
}


@pytest.mark.parametrize("damage", ARCHIVES)
def test_a_damaged_archive_of_tables_changes_nothing(here: Flask, tmp_path: Path, damage: str) -> None:
    publish_table(b"a third table" * 100)
    operations.backup(tmp_path / "copie")
    FicheFactory()
    ARCHIVES[damage](tmp_path / "copie.indicateurs.zip")
    with pytest.raises(Refusal, match="rien n’a été changé"):
        operations.restore(tmp_path / "copie", force=True)
    assert db.session.scalar(select(func.count(Fiche.id))) == 1


def test_a_backup_says_which_tables_it_could_not_take(here: Flask, tmp_path: Path) -> None:
    store.path_of(publish_table(b"a table soon damaged")).write_bytes(b"something else")
    publish_table(b"a sound table")
    assert "abîmées sur ce serveur, et dans cette sauvegarde\u00a0: 1" in operations.backup(tmp_path / "copie")


def test_an_archive_brings_nothing_but_tables_that_are_what_they_say(
    here: Flask, elsewhere: Flask, tmp_path: Path
) -> None:
    sha256 = publish_table(b"a fourth table")
    operations.backup(tmp_path / "copie")
    with ZipFile(tmp_path / "copie.indicateurs.zip", "w") as archive:
        archive.writestr("../../evil.parquet", b"x")
        archive.writestr(f"{sha256}.parquet", b"something else")
    with elsewhere.app_context():
        assert "absentes de ce serveur\u00a0: 1" in operations.restore(tmp_path / "copie")
        assert not store.path_of(sha256).exists()
        assert list(store.folder().parent.parent.rglob("evil*")) == []


def test_a_backup_never_overwrites_a_file(here: Flask, tmp_path: Path) -> None:
    (tmp_path / "copie").write_text("précieux", "utf-8")
    with pytest.raises(Refusal, match="existe déjà"):
        operations.backup(tmp_path / "copie")
    assert (tmp_path / "copie").read_text("utf-8") == "précieux"


def test_a_backup_that_fails_says_why_and_leaves_nothing(here: Flask, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="le dossier n’existe pas"):
        operations.backup(tmp_path / "absent" / "copie")
    assert list(tmp_path.iterdir()) == []


def test_only_its_owner_reads_a_backup(here: Flask, tmp_path: Path) -> None:
    operations.backup(tmp_path / "copie")
    assert [path.name for path in tmp_path.iterdir()] == ["copie"]
    assert (tmp_path / "copie").stat().st_mode & 0o077 == 0


def test_a_database_in_use_is_replaced_only_when_forced(here: Flask, tmp_path: Path) -> None:
    operations.backup(tmp_path / "copie")
    FicheFactory()
    with pytest.raises(Refusal, match="contient déjà 1 fiche"):
        operations.restore(tmp_path / "copie")
    assert db.session.scalar(select(func.count(Fiche.id))) == 1
    assert "aucune fiche" in operations.restore(tmp_path / "copie", force=True)
    assert db.session.scalar(select(func.count(Fiche.id))) == 0


def test_search_still_finds_after_a_restoration(here: Flask, tmp_path: Path) -> None:
    FicheFactory(intitule="Une halle pour les usineurs", validee=True)
    operations.backup(tmp_path / "copie")
    FicheFactory(intitule="Autre chose")
    operations.restore(tmp_path / "copie", force=True)
    found = db.session.scalars(select(Fiche.intitule).where(search_index.matches(["halle"], db.engine.dialect.name)))
    assert list(found) == ["Une halle pour les usineurs"]


def spoiled(content: bytes) -> bytes:
    """The same length, a page of zeros in the middle: what a failing disk gives back."""
    page = len(content) // 2 // 4096 * 4096
    return content[:page] + bytes(4096) + content[page + 4096 :]


DAMAGES = {
    "truncated": lambda content: content[: len(content) // 2],
    "spoiled": spoiled,
    "foreign": lambda _content: b"PK\x03\x04 un classeur",
    "empty": lambda _content: b"",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_changes_nothing(here: Flask, tmp_path: Path, damage: str) -> None:
    FicheFactory()
    good = tmp_path / "copie"
    operations.backup(good)
    good.write_bytes(DAMAGES[damage](good.read_bytes()))
    with pytest.raises(Refusal):
        operations.restore(good, force=True)
    assert db.session.scalar(select(func.count(Fiche.id))) == 1


def test_a_database_people_are_using_is_left_alone(
    here: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite's readers keep what they read while the file is replaced")
    monkeypatch.setattr(postgresql, "LOCK_TIMEOUT", "SET lock_timeout = '100ms'")
    FicheFactory()
    operations.backup(tmp_path / "copie")
    with create_engine(db.engine.url, poolclass=NullPool).connect() as other:
        other.execute(select(Fiche.id))
        with pytest.raises(Refusal, match="rien n’a été changé"):
            operations.restore(tmp_path / "copie", force=True)
    assert db.session.scalar(select(func.count(Fiche.id))) == 1


def test_the_backup_of_the_other_database_is_refused(here: Flask, tmp_path: Path) -> None:
    starts = {"sqlite": b"PGDMP\x01\x0e\x00", "postgresql": b"SQLite format 3\x00"}
    (tmp_path / "copie").write_bytes(starts[db.engine.dialect.name])
    with pytest.raises(Refusal, match="rien n’a été changé"):
        operations.restore(tmp_path / "copie")


def test_a_missing_tool_is_named(here: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite needs no tool")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refusal, match="apt-get install postgresql-client"):
        operations.backup(tmp_path / "copie")
    assert list(tmp_path.iterdir()) == []


def test_the_commands_say_what_they_did(here: Flask, tmp_path: Path) -> None:
    file = str(tmp_path / "copie")
    run = here.test_cli_runner().invoke
    assert "Sauvegarde écrite" in run(args=["backup", file]).output
    assert "existe déjà" in run(args=["backup", file]).output
    assert "Base restaurée" in run(args=["restore", file]).output


def test_the_doctor_names_what_is_wrong(here: Flask) -> None:
    now = clock.now()
    db.session.add(JobRun(job="digests", slot=now - timedelta(days=3), claimed_at=now))
    db.session.commit()
    bad = "\n".join(line.text for line in operations.examine() if not line.good).replace("\u00a0", " ")
    for sentence in ("Géographie : absente", "Administrateurs en mesure de se connecter : 0", "Tâche digests"):
        assert sentence in bad


def test_the_doctor_finds_nothing_in_a_sound_installation(here: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(here.config, "HTTPS", True)
    monkeypatch.setitem(here.config, "MAIL_URL", "smtp://localhost")
    now = clock.now()
    admin()
    CommuneFactory()
    db.session.add(GeographyRelease(cog_year=2026, package="essai", loaded_at=now))
    db.session.add(JobRun(job="digests", slot=now, claimed_at=now, finished_at=now))
    db.session.commit()
    browser_files = "Fichiers du navigateur"
    assert [line.text for line in operations.examine() if not line.good and browser_files not in line.text] == []


def test_the_doctor_finds_demonstration_accounts_and_stuck_mail(here: Flask) -> None:
    PersonneFactory(courriel="chef@demo.fichetrack.fr")
    old = clock.now() - timedelta(hours=5)
    letter = {"message_id": "<1@x>", "recipient": "a@b.fr", "name": "digest", "subject": "", "body_text": ""}
    db.session.add(OutgoingEmail(**letter, body_html="", created_at=old, next_try_at=old))
    db.session.commit()
    bad = " ".join(line.text for line in operations.examine() if not line.good)
    assert "Comptes de démonstration" in bad
    assert "dont 1 depuis plus de 4 heures" in bad


def test_the_doctor_stops_where_the_schema_is_missing(elsewhere: Flask) -> None:
    with elsewhere.app_context():
        last = operations.examine()[-1]
    assert not last.good
    assert "flask init" in last.text


class Writer:
    """A thread that creates fiches through the service, and remembers each one it was told is written."""

    def __init__(self, app: Flask) -> None:
        territoire = TerritoireFactory()
        self.author_id, self.territoire = chef(territoire).id, territoire.code
        self.app, self.acknowledged, self.errors = app, set[str](), list[BaseException]()
        self.stopping, self.moved = threading.Event(), threading.Condition()
        self.thread = threading.Thread(target=self._write)
        db.session.remove()

    def start(self) -> Writer:
        """Begin; what writers need is made before the first of them writes."""
        self.thread.start()
        return self

    def wait_for_more(self, number: int) -> set[str]:
        with self.moved:
            wanted = len(self.acknowledged) + number
            assert self.moved.wait_for(lambda: len(self.acknowledged) >= wanted or self.errors, timeout=30)
            return set(self.acknowledged)

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join(30)

    def _write(self) -> None:
        with self.app.app_context():
            author = db.session.get(Personne, self.author_id)
            # People pause between two fiches; without it, SQLite's unfair lock may leave one of eight waiting for long.
            while not self.stopping.wait(0.05):
                self._write_one(author)
            db.session.remove()

    def _write_one(self, author: Any) -> None:
        try:
            address = fiches.create(author, {"territoire": self.territoire, "intitule": "Une halle"})
        except BaseException as error:
            self.errors.append(error)
            self.stopping.set()
        with self.moved:
            self.acknowledged |= set() if self.errors else {address}
            self.moved.notify_all()
