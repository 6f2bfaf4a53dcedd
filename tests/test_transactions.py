"""One verb, one transaction: the same form sent twice is one record, and many writers at once are all served."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from fichetrack.errors import SubmissionReused
from fichetrack.extensions import db as extension
from fichetrack.models import Event, Fiche, Personne
from fichetrack.services import fiches
from fichetrack.transactions import Token, transaction
from tests.factories import TerritoireFactory, chef


class Author:
    """A chef de projet whose verbs may be called from threads, each with its own session."""

    def __init__(self, app: Flask) -> None:
        territoire = TerritoireFactory()
        self.app, self.id, self.territoire = app, chef(territoire).id, territoire.code
        extension.session.rollback()  # What the test reads next must not be what it saw now.

    def create(self, title: str, submission: Token | None = None) -> str:
        with self.app.app_context():
            user = extension.session.get(Personne, self.id)
            return fiches.create(user, {"territoire": self.territoire, "intitule": title}, submission=submission)


@pytest.fixture
def author(app: Flask, db: Any) -> Author:
    return Author(app)


def at_once(times: int, act: Callable[[int], Any]) -> list[Any]:
    """Call `act` from as many threads, released together; exceptions are given back as results."""
    gate = threading.Barrier(times)

    def run(number: int) -> Any:
        gate.wait(30)
        try:
            return act(number)
        except Exception as error:
            return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def token(content: str = "Une halle", key: str = "jeton") -> Token:
    return Token.of(key, [("intitule", content)])


@pytest.mark.parametrize("times", [2, 8, 20])
def test_a_form_sent_many_times_at_once_is_one_record(db: Any, author: Author, times: int) -> None:
    answers = at_once(times, lambda _number: author.create("Une halle", token()))
    fiche = db.session.scalars(select(Fiche)).one()
    assert answers == [fiche.address] * times
    assert db.session.scalar(select(func.count(Event.id))) == 1


def test_a_form_sent_again_later_gets_the_first_answer(db: Any, author: Author) -> None:
    first = author.create("Une halle", token())
    assert author.create("Une halle", token()) == first
    assert db.session.scalar(select(func.count(Fiche.id))) == 1


def test_the_same_token_with_other_content_is_refused(db: Any, author: Author) -> None:
    author.create("Une halle", token())
    with pytest.raises(SubmissionReused, match="autre contenu"):
        author.create("Une autre", token("Une autre"))
    assert list(db.session.scalars(select(Fiche.intitule))) == ["Une halle"]


def test_the_same_token_sent_to_another_address_is_refused(db: Any, author: Author) -> None:
    """Promise 2: what was done on one fiche is never said to be done on another."""
    posted = [("intitule", "Une halle")]
    author.create("Une halle", Token.of("jeton", posted, "/fiches/a"))
    with pytest.raises(SubmissionReused):
        author.create("Une halle", Token.of("jeton", posted, "/fiches/b"))


def test_the_same_token_with_two_contents_at_once_makes_one_record(db: Any, author: Author) -> None:
    answers = at_once(8, lambda number: author.create(f"Halle {number % 2}", token(f"Halle {number % 2}")))
    refused = [answer for answer in answers if isinstance(answer, SubmissionReused)]
    assert db.session.scalar(select(func.count(Fiche.id))) == 1
    assert (len(refused), len(set(answers) - set(refused))) == (4, 1)


def test_the_token_of_somebody_else_gives_nothing_away(db: Any, app: Flask, author: Author) -> None:
    author.create("Une halle", token())
    with pytest.raises(SubmissionReused):
        Author(app).create("Une halle", token())


def test_a_form_refused_may_be_corrected_and_sent_again(db: Any, author: Author) -> None:
    with pytest.raises(ValueError, match="try again"):
        failing(None, True, submission=token())
    assert failing(None, False, submission=token()) == "done"


def test_a_verb_that_fails_writes_nothing(db: Any, author: Author) -> None:
    with pytest.raises(RuntimeError, match="half way"):
        half_way(db.session.get(Personne, author.id), author.territoire)
    assert db.session.scalar(select(func.count(Fiche.id))) == 0


def test_eight_writers_at_once_are_all_served(db: Any, author: Author) -> None:
    """Promise 2, in its quick form: no « database is locked », nothing lost, nothing doubled."""
    answers = at_once(8, lambda writer: [author.create(f"Halle {writer}-{turn}") for turn in range(20)])
    titles = list(db.session.scalars(select(Fiche.intitule)))
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert sorted(titles) == sorted(f"Halle {writer}-{turn}" for writer in range(8) for turn in range(20))
    assert db.session.scalar(select(func.count(Event.id))) == 160


@transaction
def failing(_user: Any, fails: bool) -> str:
    if fails:
        raise ValueError("try again")
    return "done"


@transaction
def half_way(user: Any, territoire: str) -> None:
    fiches.new_draft(user, {"territoire": territoire, "intitule": "Jamais"})
    raise RuntimeError("half way")
