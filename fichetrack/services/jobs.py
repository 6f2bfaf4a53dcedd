"""What the timetable needs written: slots claimed and finished, and yesterday's leavings purged."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, update

from fichetrack import clock
from fichetrack.extensions import db
from fichetrack.models import JobRun, LoginAttempt, Submission
from fichetrack.transactions import insert_ignore, transaction

STALE = timedelta(minutes=10)
KEEP_SUBMISSIONS = timedelta(hours=24)
KEEP_ATTEMPTS = timedelta(hours=24)
KEEP_RUNS = timedelta(days=30)


@transaction
def claim_slot(_user: Any, job: str, slot: datetime) -> bool:
    """True for the one process that may run this slot; a run begun and never finished is taken over after a while."""
    now = clock.now()
    if insert_ignore(JobRun, job=job, slot=slot, claimed_at=now):
        return True
    taken_over = (
        update(JobRun)
        .where(
            JobRun.job == job,
            JobRun.slot == slot,
            JobRun.finished_at.is_(None),
            or_(JobRun.claimed_at <= now - STALE, JobRun.claimed_at > now + STALE),
        )
        .values(claimed_at=now)
    )
    return bool(db.session.execute(taken_over).rowcount)  # type: ignore[attr-defined]


@transaction
def finish_slot(_user: Any, job: str, slot: datetime, error: str | None) -> None:
    """A slot that ended in error stays unfinished, so that the sweep tries it again."""
    finished_at = None if error else clock.now()
    run = update(JobRun).where(JobRun.job == job, JobRun.slot == slot)
    db.session.execute(run.values(finished_at=finished_at, error=error))


@transaction
def purge(_user: Any) -> int:
    """Forget form tokens and sign-in attempts older than a day, and runs older than a month; returns how many rows."""
    now = clock.now()
    old = (
        delete(Submission).where(Submission.at < now - KEEP_SUBMISSIONS),
        delete(LoginAttempt).where(LoginAttempt.at < now - KEEP_ATTEMPTS),
        delete(JobRun).where(JobRun.slot < now - KEEP_RUNS),
    )
    return sum(db.session.execute(statement).rowcount for statement in old)  # type: ignore[attr-defined]
