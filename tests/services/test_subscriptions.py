"""Following and stopping: one's own only, the same view once, from now on."""

from __future__ import annotations

from typing import Any

import pytest

from fichetrack.errors import NotVisible, PermissionRefused
from fichetrack.links import SignedLink
from fichetrack.models import Subscription
from fichetrack.services import subscriptions
from fichetrack.vocabulary import Frequency
from tests import news


@pytest.fixture
def world(db: Any, frozen_time: Any) -> news.World:
    return news.build()


def test_following_starts_now(db, world):
    event = news.happen(news.add_fiche(world))
    subscriptions.subscribe(world.reader, {"axe": ["innover"]}, Frequency.DAILY)
    row = db.session.query(Subscription).one()
    assert (row.filters, row.frequency, row.position) == ({"axe": ["innover"]}, "quotidien", event.id)


def test_the_same_view_followed_twice_only_changes_its_frequency(db, world):
    first = subscriptions.subscribe(world.reader, {"axe": ["innover", "attirer"]}, Frequency.DAILY)
    second = subscriptions.subscribe(world.reader, {"axe": ["attirer", "innover"]}, Frequency.WEEKLY)
    assert first == second
    assert db.session.query(Subscription).one().frequency == "hebdomadaire"


def test_unknown_filters_are_left_aside(db, world):
    subscriptions.subscribe(world.reader, {"axe": ["innover", "voler"], "mot_de_passe": ["x"]}, Frequency.DAILY)
    assert db.session.query(Subscription).one().filters == {"axe": ["innover"]}


def test_a_visitor_or_a_closed_account_follows_nothing(db, world):
    world.reader.closed_at = world.reader.created_at
    db.session.commit()
    with pytest.raises(PermissionRefused):
        subscriptions.subscribe(world.reader, {}, Frequency.DAILY)


def test_one_stops_only_ones_own(db, world):
    mine = subscriptions.subscribe(world.reader, {}, Frequency.DAILY)
    with pytest.raises(NotVisible):
        subscriptions.stop(world.chef, mine)
    subscriptions.stop(world.reader, mine)
    subscriptions.stop(world.reader, mine)
    assert db.session.query(Subscription).one().ended_at is not None


def test_a_signed_link_stops_what_it_names_and_nothing_of_others(db, world):
    mine = subscriptions.subscribe(world.reader, {}, Frequency.DAILY)
    theirs = subscriptions.subscribe(world.chef, {}, Frequency.DAILY)
    assert subscriptions.stop_by_link(None, SignedLink(world.reader.id, (mine, theirs))) == 1
    assert db.session.get(Subscription, theirs).ended_at is None
