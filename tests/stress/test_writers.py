"""Promises 1 and 2, long: editors of the same records, writers of SQLite, through HTTP with the forms' own fields."""

from __future__ import annotations

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from fichetrack.models import Event, Fiche
from tests import factories as f
from tests.browser import Browser

LONG = pytest.mark.stress
P99_SECONDS = 2  # asserted in the long run only


@pytest.mark.parametrize("creates", [5, pytest.param(200, marks=LONG)])
def test_eight_writers_at_once_are_all_served(app: Flask, db: Any, creates: int) -> None:
    territoire = f.TerritoireFactory(slug="ales")
    browsers = [_signed_in(app, f.chef(territoire)) for _ in range(8)]
    db.session.rollback()
    times: list[float] = []

    def write(browser: Browser) -> list[int]:
        return [_timed(times, lambda n=n: _create(browser, n)) for n in range(creates)]

    with ThreadPoolExecutor(8) as pool:
        statuses = [status for written in pool.map(write, browsers) for status in written]
    db.session.rollback()
    assert set(statuses) == {303}
    assert db.session.scalar(select(func.count(Fiche.id))) == 8 * creates
    if creates > 100:
        assert statistics.quantiles(times, n=100)[98] <= P99_SECONDS


@pytest.mark.parametrize(("editors", "edits", "records"), [(4, 4, 2), pytest.param(32, 50, 10, marks=LONG)])
def test_editors_of_the_same_records_lose_no_update(
    app: Flask, db: Any, editors: int, edits: int, records: int
) -> None:
    """Every accepted value is in the history, in order; the last one is on the record; the others were told."""
    territoire = f.TerritoireFactory(slug="ales")
    fiches = [f.FicheFactory(territoire=territoire) for _ in range(records)]
    addresses, ids = [one.draft_id for one in fiches], [one.id for one in fiches]
    browsers = [_signed_in(app, f.chef(territoire)) for _ in range(editors)]
    db.session.rollback()
    accepted: dict[str, list[str]] = {address: [] for address in addresses}
    guard = threading.Lock()

    def edit(number: int) -> set[int]:
        answers = set()
        for turn in range(edits):
            address, value = addresses[(number + turn) % records], f"éditeur {number}, tour {turn}"
            status, text = _edit(browsers[number], address, value)
            answers.add(status)
            assert status == 303 or value in text  # a refusal keeps the person's text
            if status == 303:
                with guard:
                    accepted[address].append(value)
        return answers

    with ThreadPoolExecutor(editors) as pool:
        answers = set().union(*pool.map(edit, range(editors)))
    db.session.rollback()
    assert answers <= {303, 409}
    for address, identifier in zip(addresses, ids, strict=True):
        told = db.session.scalars(select(Event).where(Event.fiche_id == identifier).order_by(Event.id)).all()
        history = [(before, after) for one in told for name, before, after in one.changes if name == "constat"]
        assert sorted(after for _before, after in history) == sorted(accepted[address])
        assert all(earlier[1] == later[0] for earlier, later in pairwise(history))
        assert db.session.get(Fiche, identifier).constat == history[-1][1]


def _signed_in(app: Flask, personne: Any) -> Browser:
    browser = Browser(app.test_client())
    browser.sign_in(personne)
    return browser


def _create(browser: Browser, number: int) -> int:
    data = {"csrf_token": browser.csrf_token(), "territoire": "ti-ales", "intitule": f"Fiche {number}"}
    return browser.client.post("/fiches/nouvelle", data=data).status_code


def _edit(browser: Browser, address: str, value: str) -> tuple[int, str]:
    path = f"/fiches/{address}/sections/objectifs"
    page = browser.get(path)
    base = str(page.find('input[name="base"]')["value"])
    response = browser.client.post(path, data={"csrf_token": browser.csrf_token(), "base": base, "constat": value})
    return response.status_code, response.get_data(as_text=True)


def _timed(times: list[float], act: Any) -> Any:
    start = time.perf_counter()
    answer = act()
    times.append(time.perf_counter() - start)
    return answer
