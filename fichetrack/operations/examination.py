"""`flask doctor`: each thing an installation needs, looked at in turn and said in one line, good or bad."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import func, or_, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import joinedload

from fichetrack import clock, store
from fichetrack.config import DEFAULT_SECRET_KEY, ROOT
from fichetrack.extensions import db
from fichetrack.models import (
    Commune,
    DatasetTable,
    Epci,
    Fiche,
    GeographyRelease,
    JobRun,
    Mandat,
    OutgoingEmail,
    Personne,
    Territoire,
)
from fichetrack.operations import schema
from fichetrack.queries import accounts
from fichetrack.vocabulary import Role

SECRET_KEY_MIN = 16
WAITING_MAX = timedelta(hours=4)
# The rarest jobs are daily: a job nobody finished for this long is not running.
JOB_MAX_AGE = timedelta(days=2)
DISK_MIN_BYTES = 1_000_000_000


@dataclass(frozen=True)
class Line:
    """One thing examined: whether it is as it should be, and a French sentence."""

    good: bool
    text: str


Check = Callable[[], Iterator[Line]]


def examine() -> list[Line]:
    """Everything, in the order one would repair it; without a usable database, what does not need one."""
    lines = _said(CONFIGURATION)
    reachable = _said((_database,))
    lines += reachable
    if all(line.good for line in reachable):
        migrated = _said((_migrations,))
        lines += migrated
        if all(line.good for line in migrated):
            lines += _said(CONTENT)
    db.session.rollback()
    return lines


def _said(checks: tuple[Check, ...]) -> list[Line]:
    return [line for check in checks for line in check()]


def _secret_key() -> Iterator[Line]:
    key, demo = current_app.config["SECRET_KEY"], current_app.config["DEMO"]
    if demo and key == DEFAULT_SECRET_KEY:
        yield Line(True, "Clé secrète : celle de la démonstration.")
    else:
        good = key != DEFAULT_SECRET_KEY and len(key) >= SECRET_KEY_MIN
        yield Line(good, "Clé secrète : propre à cette installation." if good else "Clé secrète : absente ou courte.")


def _public_url() -> Iterator[Line]:
    good = current_app.config["HTTPS"] or current_app.config["DEMO"]
    advice = "" if good else " Hors démonstration, elle commence par https:// (FICHETRACK_PUBLIC_URL)."
    yield Line(good, f"Adresse publique : {current_app.config['PUBLIC_URL']}.{advice}")


def _static_files() -> Iterator[Line]:
    missing = [
        name for name in ("htmx", "bootstrap", "leaflet", "icons.svg") if not (ROOT / "static/vendor" / name).exists()
    ]
    names = ", ".join(missing)
    yield Line(
        not missing,
        f"Fichiers du navigateur : il manque {names}. Lancez « make setup »." if missing else "Fichiers du navigateur.",
    )


def _disk() -> Iterator[Line]:
    free = shutil.disk_usage(current_app.config["INSTANCE"]).free
    gigabytes = f"{free / 1_000_000_000:.1f}".replace(".", ",")
    yield Line(free >= DISK_MIN_BYTES, f"Disque : {gigabytes} Go libres dans {current_app.config['INSTANCE']}.")


def _database() -> Iterator[Line]:
    url = db.engine.url.render_as_string(hide_password=True)
    try:
        with db.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        yield Line(False, f"Base : {url} ne répond pas ({type(error).__name__}).")
    else:
        yield Line(True, f"Base : {url}.")


def _migrations() -> Iterator[Line]:
    present, head = schema.current_revision(), schema.head()
    good = present == head
    advice = "" if good else f" au lieu de {head} : lancez « flask init »"
    yield Line(good, f"Schéma : version {present or 'absente'}{advice}.")


def _sqlite() -> Iterator[Line]:
    if db.engine.dialect.name != "sqlite":
        return
    with db.engine.connect() as connection:
        mode = connection.scalar(text("PRAGMA journal_mode"))
        faults = [fault for fault in connection.scalars(text("PRAGMA integrity_check")) if fault != "ok"]
        orphans = list(connection.execute(text("PRAGMA foreign_key_check")))
    yield Line(mode == "wal", f"SQLite : journal {mode}.")
    yield Line(not faults, f"SQLite : {faults[0]}" if faults else "SQLite : fichier intègre.")
    tables = ", ".join(sorted({row[0] for row in orphans}))
    yield Line(not orphans, f"SQLite : liens rompus dans {tables}." if orphans else "SQLite : liens entiers.")


def _geography() -> Iterator[Line]:
    release = db.session.scalars(select(GeographyRelease).order_by(GeographyRelease.id.desc()).limit(1)).one_or_none()
    if release is None:
        yield Line(False, "Géographie : absente. Lancez « flask init ».")
        return
    communes, epcis, territoires = (_count(model) for model in (Commune, Epci, Territoire))
    yield Line(
        communes > 0,
        f"Géographie : code officiel {release.cog_year}, {communes} communes, {epcis} EPCI ; "
        f"{territoires} territoires d’industrie, {_count(Fiche)} fiches.",
    )


def _administrators() -> Iterator[Line]:
    today = clock.today()
    valid = (Mandat.starts_on <= today) & or_(Mandat.ends_on.is_(None), Mandat.ends_on >= today)
    able = Personne.closed_at.is_(None) & Personne.password_hash.is_not(None)
    found = select(func.count(Personne.id.distinct())).join(Mandat, Mandat.personne_id == Personne.id)
    number = db.session.scalar(found.where(Mandat.role == Role.ADMINISTRATEUR, valid, able)) or 0
    advice = "" if number else " Lancez « flask invite ADRESSE --role administrateur », puis suivez le lien."
    yield Line(number > 0, f"Administrateurs en mesure de se connecter : {number}.{advice}")


def _demo_accounts() -> Iterator[Line]:
    number, demo = accounts.count_demo_accounts(), current_app.config["DEMO"]
    if number and not demo:
        yield Line(
            False, "Comptes de démonstration : présents, hors démonstration. Fermez-les, ou partez d’une base vide."
        )
    else:
        yield Line(True, f"Comptes de démonstration : {'présents' if number else 'aucun'}.")


def _mail() -> Iterator[Line]:
    url, demo = current_app.config["MAIL_URL"], current_app.config["DEMO"]
    yield Line(bool(url) or demo, f"Courriel : serveur {'configuré' if url else 'absent (FICHETRACK_MAIL_URL)'}.")
    unsent = OutgoingEmail.sent_at.is_(None)
    failed = _count(OutgoingEmail, unsent, OutgoingEmail.failed_at.is_not(None))
    waiting = _count(OutgoingEmail, unsent, OutgoingEmail.failed_at.is_(None))
    old = OutgoingEmail.created_at < clock.now() - WAITING_MAX
    late = _count(OutgoingEmail, unsent, OutgoingEmail.failed_at.is_(None), old)
    good = failed == 0 and (late == 0 or (demo and not url))
    yield Line(good, f"Courriels : {waiting} en attente, dont {late} depuis plus de 4 heures ; {failed} en échec.")


def _figures() -> Iterator[Line]:
    """The tables of every millésime: panels read them from the disk of each host."""
    tables = list(db.session.scalars(select(DatasetTable).options(joinedload(DatasetTable.release))))
    missing = set(store.unsound({table.sha256 for table in tables}))
    named = {f"{one.release.source}/{one.name} ({one.release.millesime})" for one in tables if one.sha256 in missing}
    yield Line(not missing, f"Chiffres : {len(tables)} tables importées{_missing(sorted(named))}.")


def _missing(named: list[str]) -> str:
    shown = ", ".join(named[:10]) + (f" et {len(named) - 10} autres" if len(named) > 10 else "")
    advice = "réimportez leurs fichiers sur ce serveur avec « flask import »"
    return f", absentes ou abîmées sur ce serveur : {shown} ; {advice}" if named else ""


def _jobs() -> Iterator[Line]:
    last = select(JobRun.job, func.max(JobRun.slot)).group_by(JobRun.job).order_by(JobRun.job)
    slots = list(db.session.execute(last))
    if not slots:
        yield Line(current_app.config["DEMO"], "Tâches : aucune n’a encore tourné. Lancez « flask scheduler ».")
    for job, slot in slots:
        run = db.session.scalars(select(JobRun).where(JobRun.job == job, JobRun.slot == slot)).one()
        yield _said_of(run)


def _said_of(run: JobRun) -> Line:
    moment = run.slot.astimezone(clock.PARIS).strftime("%d/%m/%Y %H:%M")
    if run.error:
        return Line(False, f"Tâche {run.job} : en erreur le {moment} ({run.error}).")
    if clock.now() - run.slot > JOB_MAX_AGE:
        return Line(False, f"Tâche {run.job} : plus rien depuis le {moment}. « flask scheduler » tourne-t-il ?")
    return Line(True, f"Tâche {run.job} : {'faite' if run.finished_at else 'commencée'} le {moment}.")


def _count(model: type, *conditions: object) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0  # type: ignore[arg-type]


CONFIGURATION: tuple[Check, ...] = (_secret_key, _public_url, _static_files, _disk)
CONTENT: tuple[Check, ...] = (_sqlite, _geography, _administrators, _demo_accounts, _mail, _figures, _jobs)
