"""The timetable: each slot run by one process, however many keep it, and made good after a crash."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fichetrack import clock, jobs
from fichetrack.models import JobRun, LoginAttempt, Submission
from fichetrack.services import jobs as job_services

SLOT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)


def paris(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=clock.PARIS)


def counting(name: str = "essai") -> tuple[jobs.Job, list[datetime]]:
    runs: list[datetime] = []
    return jobs.Job(name, "0 7 * * *", lambda: runs.append(clock.now())), runs


@pytest.mark.parametrize(
    ("cron", "moment", "expected"),
    [
        ("0 7 * * *", paris(2026, 3, 2, 7, 0), paris(2026, 3, 2, 7, 0)),
        ("0 7 * * *", paris(2026, 3, 2, 6, 59), paris(2026, 3, 1, 7, 0)),
        ("0 7 * * *", paris(2026, 3, 29, 9, 0), paris(2026, 3, 29, 7, 0)),
        ("0 7 * * *", paris(2026, 10, 25, 9, 0), paris(2026, 10, 25, 7, 0)),
        ("* * * * *", paris(2026, 3, 2, 9, 0, 59), paris(2026, 3, 2, 9, 0)),
        ("*/10 * * * *", paris(2026, 3, 2, 9, 19), paris(2026, 3, 2, 9, 10)),
    ],
)
def test_a_slot_is_the_moment_of_the_timetable_not_that_of_waking_up(cron, moment, expected):
    assert jobs.last_slot(cron, moment) == expected


def test_a_slot_runs_once(app, db, frozen_time):
    job, runs = counting()
    assert [jobs.run_slot(job, SLOT), jobs.run_slot(job, SLOT)] == [True, False]
    assert len(runs) == 1


def test_four_hosts_at_once_run_a_slot_once(app, db, frozen_time):
    job, runs = counting()
    barrier = threading.Barrier(4)

    def host() -> None:
        with app.app_context():
            barrier.wait()
            jobs.run_slot(job, SLOT)

    threads = [threading.Thread(target=host) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs) == 1


def test_an_error_is_kept_and_the_slot_tried_again(app, db, frozen_time):
    def fails() -> None:
        raise RuntimeError("the disk is full")

    job, runs = counting()
    jobs.run_slot(jobs.Job(job.name, job.cron, fails), SLOT)
    assert db.session.query(JobRun).one().error == "RuntimeError: the disk is full"
    assert not jobs.run_slot(job, SLOT)
    frozen_time(clock.now() + job_services.STALE)
    assert jobs.run_slot(job, SLOT)
    db.session.expire_all()
    row = db.session.query(JobRun).one()
    assert (len(runs), row.error, row.finished_at) == (1, None, clock.now())


def test_catching_up_after_three_days_asleep_runs_each_job_once(app, db, frozen_time, monkeypatch):
    job, runs = counting()
    monkeypatch.setattr(jobs, "JOBS", (job,))
    jobs.catch_up()
    frozen_time(clock.now() + timedelta(days=3))
    assert (jobs.catch_up(), jobs.catch_up()) == (["essai"], [])
    assert len(runs) == 2


def test_the_scheduler_holds_the_timetable_in_paris(app):
    timetable = jobs.scheduler(app)
    scheduled = {job.id: job for job in timetable.get_jobs()}
    assert set(scheduled) == {job.name for job in jobs.JOBS} | {"sweep"}
    assert {str(job.trigger.timezone) for job in scheduled.values()} == {"Europe/Paris"}


def test_every_job_of_the_house_runs_on_an_empty_database(app, db, frozen_time):
    assert jobs.catch_up() == [job.name for job in jobs.JOBS]
    assert {row.error for row in db.session.query(JobRun)} == {None}


def test_what_is_older_than_a_day_is_forgotten(app, db, frozen_time):
    now = clock.now()
    for hours in (1, 25):
        at: Any = now - timedelta(hours=hours)
        db.session.add(LoginAttempt(account="a", address="b", at=at))
        db.session.add(Submission(key=str(hours), verb="v", fingerprint="f", at=at))
    db.session.commit()
    assert job_services.purge(None) == 2
    assert (db.session.query(LoginAttempt).count(), db.session.query(Submission).one().key) == (1, "1")
