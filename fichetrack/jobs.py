"""The timetable, and the process that keeps it (`flask scheduler`): never started inside a web worker.

Any number of hosts may run it: each slot is claimed by one of them. Jobs are short, take their time from the clock, and
may run twice without harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from flask import Flask

from fichetrack import clock
from fichetrack.services import accounts, digests, emails, jobs, transitions

logger = logging.getLogger(__name__)

ERROR_MAX = 500
# How far back the last slot of a timetable is looked for, the shortest first.
WINDOWS = (timedelta(minutes=2), timedelta(minutes=30), timedelta(days=2), timedelta(days=8))


@dataclass(frozen=True)
class Job:
    """A name, when (crontab, in Paris), what."""

    name: str
    cron: str
    function: Callable[[], Any]

    @property
    def trigger(self) -> CronTrigger:
        return CronTrigger.from_crontab(self.cron, timezone=clock.PARIS)


JOBS: tuple[Job, ...] = (
    Job("digests", "0 7 * * *", digests.prepare_due),
    Job("emails", "* * * * *", emails.send_pending),
    Job("archive", "0 4 * * *", lambda: transitions.archive_due(None)),
    Job("purge", "30 3 * * *", lambda: jobs.purge(None)),
    Job("sessions", "40 3 * * *", lambda: accounts.sweep(None)),
)
# The last slot of each job is looked at again: one that a crash or an error left undone is done then.
SWEEP = "*/10 * * * *"


def run_slot(job: Job, slot: datetime) -> bool:
    """Run a job for a slot unless some process has; True if this one did. An error is kept on the slot, not raised."""
    if not jobs.claim_slot(None, job.name, slot):
        return False
    error = None
    try:
        logger.info("%s %s: %s", job.name, slot.isoformat(), job.function())
    except Exception as failure:
        logger.exception("%s %s", job.name, slot.isoformat())
        error = f"{type(failure).__name__}: {failure}"[:ERROR_MAX]
    jobs.finish_slot(None, job.name, slot, error)
    return True


def run_last_slot(job: Job) -> bool:
    """The slot is the trigger's own moment, however late the scheduler wakes up."""
    slot = last_slot(job.cron, clock.now())
    return slot is not None and run_slot(job, slot)


def catch_up() -> list[str]:
    """Run the last slot of each job that nobody has finished; returns their names."""
    return [job.name for job in JOBS if run_last_slot(job)]


def last_slot(cron: str, moment: datetime) -> datetime | None:
    """The last moment of a timetable at or before `moment`."""
    trigger = CronTrigger.from_crontab(cron, timezone=clock.PARIS)
    for window in WINDOWS:
        slot, last = trigger.get_next_fire_time(None, moment - window), None
        while slot is not None and slot <= moment:
            last, slot = slot, trigger.get_next_fire_time(slot, slot)
        if last is not None:
            return last
    return None


def scheduler(app: Flask) -> BlockingScheduler:
    """The scheduler with its timetable, not started: in memory, missed runs made one, never two of a job at once."""
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    timetable = BlockingScheduler(timezone=clock.PARIS, job_defaults=defaults)
    for job in JOBS:
        timetable.add_job(_in_context, job.trigger, args=[app, run_last_slot, job], id=job.name)
    sweep = CronTrigger.from_crontab(SWEEP, timezone=clock.PARIS)
    timetable.add_job(_in_context, sweep, args=[app, catch_up], id="sweep")
    return timetable


def serve(app: Flask) -> None:
    """Catch up what was missed while nobody was there, then keep the timetable until stopped."""
    _in_context(app, catch_up)
    scheduler(app).start()


def _in_context(app: Flask, function: Callable[..., Any], *args: Any) -> None:
    with app.app_context():
        function(*args)
