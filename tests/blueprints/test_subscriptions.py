"""/abonnements as people use it, and the one-click stop as mail services post it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from fichetrack.models import Subscription
from fichetrack.services import digests, emails
from tests import news

NEXT_MORNING = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)


@pytest.fixture
def world(db: Any, frozen_time: Callable[[datetime], None]) -> news.World:
    return news.build()


@pytest.fixture
def reader(world: news.World, login_as: Any) -> Any:
    world.reader.password_hash = None
    return login_as(world.reader)


def stop_link(world: news.World, frozen_time: Any, outbox: Any) -> str:
    news.happen(news.add_fiche(world))
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    return re.search(r"<http://localhost(.*)>", outbox()[-1].headers["List-Unsubscribe"])[1]


def test_a_person_follows_an_axe_and_a_territoire_then_stops(reader, db, world):
    page = reader.get("/abonnements")
    page = page.submit("abonnement", axe="innover", territoire="ti-ales", frequence="quotidien")
    assert "Vous suivez désormais : Axe : Innover · Territoire : Bassin d’Alès" in page
    assert "3 mars 2026 à 7 h 00, s’il y a du nouveau" in page
    assert "Pas encore" in page
    page = page.submit(f"fin-{db.session.query(Subscription).one().id}")
    assert "Vous ne suivez rien encore" in page


def test_a_filtered_list_is_followed_as_it_is(reader, db, world):
    page = reader.get("/abonnements?axe=recruter&meteo=orage&inconnu=1")
    assert "Axe : Recruter · Météo : Orage" in page
    page.submit("abonnement", frequence="hebdomadaire")
    assert db.session.query(Subscription).one().filters == {"axe": ["recruter"], "meteo": ["orage"]}


def test_a_wrong_choice_is_said_and_writes_nothing(reader, db, world):
    page = reader.post("/abonnements", {"axe": "voler", "frequence": "jamais"}, status=422)
    assert "Il y a 2 erreurs" in page
    assert "Choisissez une valeur de la liste." in page
    assert db.session.query(Subscription).count() == 0


def test_a_visitor_signs_in_first(browser, world):
    assert browser.get("/abonnements").path == "/connexion"


def test_nobody_stops_what_is_not_theirs(reader, db, world):
    theirs = news.follow(world.chef)
    reader.post(f"/abonnements/{theirs.id}/fin", status=404)
    assert db.session.get(Subscription, theirs.id).ended_at is None


def test_opening_the_link_asks_and_pressing_the_button_stops_without_an_account(
    browser, db, world, frozen_time, outbox
):
    subscription = news.follow(world.reader, {"axe": ["innover"]})
    page = browser.get(stop_link(world, frozen_time, outbox))
    assert "Arrêter cet abonnement" in page
    assert "Axe : Innover" in page
    db.session.refresh(subscription)
    assert subscription.ended_at is None
    assert "Abonnement arrêté" in page.submit("stop")
    db.session.refresh(subscription)
    assert subscription.ended_at == NEXT_MORNING


def test_a_mail_service_stops_in_one_post(client, db, world, frozen_time, outbox):
    subscription = news.follow(world.reader)
    link = stop_link(world, frozen_time, outbox)
    answer = client.post(link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    db.session.refresh(subscription)
    assert subscription.ended_at is not None


@pytest.mark.parametrize("token", ["x", "W10.abc", "a" * 600])
def test_a_forged_link_does_not_exist(client, db, world, token):
    assert client.get(f"/abonnements/{token}/stop").status_code == 404
    assert client.post(f"/abonnements/{token}/stop").status_code == 404


def test_the_page_shows_the_last_send(login_as, db, world, frozen_time, smtp):
    news.follow(world.reader)
    news.happen(news.add_fiche(world))
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    emails.send_pending()
    world.reader.password_hash = None
    assert "3 mars 2026 à 7 h 30" in login_as(world.reader).get("/abonnements")


def test_one_may_see_what_thirty_days_would_have_brought(reader, db, world):
    fiche = news.add_fiche(world, "Un atelier partagé")
    news.happen(fiche, "confirm")
    news.happen(news.add_fiche(world, "Projet Canari", diffusion="nominative"))
    mine, theirs = news.follow(world.reader), news.follow(world.chef)
    page = reader.get("/abonnements").follow("Ce que vous auriez reçu ces 30 derniers jours")
    assert "Un atelier partagé Confirmée : toujours vrai" in page
    assert "Canari" not in page
    assert page.path == f"/abonnements/{mine.id}/apercu"
    reader.get(f"/abonnements/{theirs.id}/apercu", status=404)


def test_the_page_takes_as_many_queries_for_twenty_subscriptions_as_for_two(reader, db, world):
    def queries(number: int) -> int:
        for index in range(number):
            news.follow(world.reader, {"territoire": ["ti-ales"], "q": [f"mot{index}"]})
        seen: list[str] = []

        def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", count)
        reader.get("/abonnements")
        event.remove(db.engine, "before_cursor_execute", count)
        return len(seen)

    assert queries(2) == queries(18)
