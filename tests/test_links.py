"""Signed links open one act for one person, until they expire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fichetrack import links
from fichetrack.links import Act, SignedLink

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = "a secret for the tests of links"


def token(expires_at: datetime = NOW + timedelta(days=1)) -> str:
    return links.sign(SECRET, Act.STOP, 7, (1, 2), expires_at)


def test_a_link_says_who_and_what():
    assert links.read(SECRET, Act.STOP, token(), NOW) == SignedLink(7, (1, 2))


def test_the_same_link_is_written_twice_alike():
    assert token() == token()


def test_a_link_expires():
    assert links.read(SECRET, Act.STOP, token(NOW - timedelta(seconds=1)), NOW) is None


@pytest.mark.parametrize("forged", ["", "x", "é", "a.b", token()[:-1], token().replace(".", "A.", 1), "A" * 10_000])
def test_a_forged_link_opens_nothing(forged):
    assert links.read(SECRET, Act.STOP, forged, NOW) is None


def test_another_secret_opens_nothing():
    assert links.read("another secret, as long as it", Act.STOP, token(), NOW) is None


def test_a_token_signed_for_another_use_opens_nothing():
    stranger = links.URLSafeSerializer(SECRET, salt="fichetrack.links.other").dumps([7, [1], NOW.timestamp() + 1000])
    assert links.read(SECRET, Act.STOP, stranger, NOW) is None
