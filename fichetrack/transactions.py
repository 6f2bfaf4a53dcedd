"""One verb, one transaction: how every service begins, is replayed when it comes twice, and commits.

A service is decorated with @transaction. The decorator ends the reading transaction the request had open (so that what the
service loads is fresh), begins a writing one, runs the verb and makes the only commit; whatever is raised rolls all back.
With a `submission` (the form's own token), the same POST sent again returns the first one's answer and writes nothing.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import wraps
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from fichetrack import clock
from fichetrack.errors import SubmissionReused
from fichetrack.extensions import db
from fichetrack.models import Submission


@dataclass(frozen=True)
class Token:
    """A form's single-use token and the SHA-256 of what was posted with it, and where."""

    key: str
    fingerprint: str

    @classmethod
    def of(cls, key: str, posted: list[tuple[str, str]], address: str = "") -> Token:
        content = "\x1e".join([address, *(f"{name}\x1f{value}" for name, value in sorted(posted))])
        return cls(key=key, fingerprint=hashlib.sha256(content.encode()).hexdigest())


def transaction(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a service: `verb(user, …, submission: Token | None = None)`; see the module's words."""

    @wraps(verb)
    def run(user: Any, *args: Any, submission: Token | None = None, **kwargs: Any) -> Any:
        user_id = user.id if user is not None and user.is_authenticated else None
        with _turn():
            begin()
            try:
                earlier = _claim(submission, user_id, verb.__name__) if submission else None
                answer = earlier.answer if earlier else verb(user, *args, **kwargs)
                if submission and not earlier:
                    _keep_answer(submission, answer)
                db.session.commit()
                return answer
            except BaseException:
                db.session.rollback()
                raise

    return run


def begin() -> None:
    """End whatever was being read and begin a writing transaction (BEGIN IMMEDIATE on SQLite)."""
    db.session.rollback()
    db.session.connection(execution_options={"writing": True})


def _turn() -> AbstractContextManager[Any]:
    """SQLite has one writer and serves those who wait by chance: within a process they take turns here instead."""
    return _sqlite_turn if db.engine.dialect.name == "sqlite" else nullcontext()


_sqlite_turn = threading.RLock()


def insert_ignore(model: Any, **values: Any) -> bool:
    """Insert a row unless its unique key already stands; True when this call inserted it."""
    insert = postgresql_insert if db.engine.dialect.name == "postgresql" else sqlite_insert
    key = next(iter(model.__table__.primary_key))
    # What came back is the only proof: with an automatic key PostgreSQL’s row count is -1 whatever happened.
    inserted = db.session.execute(insert(model).values(**values).on_conflict_do_nothing().returning(key))
    return inserted.first() is not None


def _claim(token: Token, user_id: int | None, verb: str) -> Submission | None:
    """None when this is the first time; else the earlier submission, whose answer is to be given again."""
    values = {
        "key": token.key,
        "personne_id": user_id,
        "verb": verb,
        "fingerprint": token.fingerprint,
        "at": clock.now(),
    }
    if insert_ignore(Submission, **values):
        return None
    earlier = db.session.execute(select(Submission).where(Submission.key == token.key)).scalar_one()
    if (earlier.personne_id, earlier.verb, earlier.fingerprint) != (user_id, verb, token.fingerprint):
        raise SubmissionReused
    return earlier


def _keep_answer(token: Token, answer: Any) -> None:
    submission = db.session.execute(select(Submission).where(Submission.key == token.key)).scalar_one()
    submission.answer = None if answer is None else str(answer)
