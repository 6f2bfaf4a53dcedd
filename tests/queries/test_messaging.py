"""The outbox as it may be looked at, on a demonstration and by an administrator."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fichetrack.errors import PermissionRefused
from fichetrack.queries import messaging
from fichetrack.services import digests
from tests import news


@pytest.fixture
def world(db: Any, frozen_time: Any) -> news.World:
    return news.build()


def test_the_outbox_comes_by_pages_the_newest_first(db, world):
    rows = [news.write() for _ in range(3)]
    page = messaging.list_emails(page=9, size=2)
    assert (page.page, page.pages, page.count) == (2, 2, 3)
    assert [row.id for row in page.items] == [rows[0].id]


def test_a_preview_runs_nothing_and_styles_by_nonce(db, world, frozen_time, outbox):
    news.follow(world.reader)
    news.happen(news.add_fiche(world))
    digests.prepare_due(at=datetime(2026, 3, 3, 6, 30, tzinfo=UTC))
    body, policy = messaging.preview(outbox()[0])
    nonce = policy.split("'nonce-")[1].split("'")[0]
    assert f'<style nonce="{nonce}">' in body
    assert policy.startswith("sandbox")
    assert "unsafe" not in policy


def test_only_an_administrator_reads_what_was_not_delivered(world):
    with pytest.raises(PermissionRefused):
        messaging.list_undelivered(world.chef)


def test_the_demonstration_shows_its_outbox_and_each_email(app, browser, db, world, frozen_time, outbox, monkeypatch):
    browser.get("/demo/courriels", status=404)
    monkeypatch.setitem(app.config, "DEMO", True)
    assert "Aucun courriel pour l’instant" in browser.get("/demo/courriels")
    news.follow(world.reader)
    news.happen(news.add_fiche(world))
    digests.prepare_due(at=datetime(2026, 3, 3, 6, 30, tzinfo=UTC))
    page = browser.get("/demo/courriels")
    assert "Gardé dans la boîte d’envoi" in page
    page = page.follow("Une fiche a bougé")
    assert "Pourquoi je reçois ceci" in page
    assert "Une halle des métiers" in page.follow("Voir la version HTML")
