"""Digests: one per person and slot, nothing told twice, nothing told to whom may not see it, never an empty one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from fichetrack import clock
from fichetrack.models import Delivery
from fichetrack.queries.messaging import slot_after, slot_before
from fichetrack.services import digests
from fichetrack.vocabulary import Role
from tests import news

NEXT_MORNING = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)  # Tuesday, 7:30 in Paris
NEXT_MONDAY = datetime(2026, 3, 9, 6, 30, tzinfo=UTC)


@pytest.fixture
def world(db: Any, frozen_time: Callable[[datetime], None]) -> news.World:
    return news.build()


def paris(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=clock.PARIS)


def test_a_reader_is_told_in_one_mail_what_moved(world, frozen_time, outbox):
    news.follow(world.reader, {"axe": ["innover"]})
    fiche = news.add_fiche(world)
    news.happen(fiche)
    news.happen(news.add_fiche(world, "Une école de production"), "close")
    frozen_time(NEXT_MORNING)
    assert digests.prepare_due().emails == 1
    (email,) = outbox()
    assert email.subject == "2 fiches ont bougé, le 3 mars 2026"
    for body in (email.body_text, email.body_html):
        assert "Une halle des métiers" in body
        assert "Modifiée : Résumé" in body
        assert "Une école de production" in body
        assert "http://localhost/fiches/TI-ales-2026-001" in body
        assert "Axe : Innover" in body
        assert "Pourquoi je reçois ceci" in body


def test_run_twice_it_tells_once(world, frozen_time, outbox):
    news.follow(world.reader)
    news.happen(news.add_fiche(world))
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    digests.prepare_due()
    frozen_time(NEXT_MORNING + timedelta(days=1))
    digests.prepare_due()
    assert len(outbox()) == 1


def test_nothing_new_no_mail_but_the_position_moves(db, world, frozen_time, outbox):
    subscription = news.follow(world.reader, {"axe": ["recruter"]})
    event = news.happen(news.add_fiche(world))
    frozen_time(NEXT_MORNING)
    assert digests.prepare_due().emails == 0
    db.session.refresh(subscription)
    assert (outbox(), subscription.position, subscription.last_prepared_at) == ([], event.id, NEXT_MORNING)


def test_two_subscriptions_make_one_mail_and_an_event_is_told_once(world, frozen_time, outbox):
    news.follow(world.reader, {"axe": ["innover"]})
    news.follow(world.reader, {"territoire": ["ti-ales"]})
    news.happen(news.add_fiche(world))
    news.happen(news.add_fiche(world, "Un salon de l’emploi", axe="recruter"))
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    (email,) = outbox()
    assert email.body_text.count("Une halle des métiers") == 1
    assert email.body_text.index("Axe : Innover") < email.body_text.index("Territoire : Bassin d’Alès")


def test_ones_own_acts_and_what_preceded_the_subscription_are_not_told(world, frozen_time, outbox):
    fiche = news.add_fiche(world)
    news.happen(fiche)
    frozen_time(clock.now() + timedelta(minutes=5))
    news.follow(world.reader)
    news.follow(world.chef)
    news.happen(fiche, "confirm", actor=world.reader)
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    assert [email.personne_id for email in outbox()] == [world.chef.id]


@pytest.mark.parametrize(
    "hidden",
    [
        {"diffusion": "nominative"},
        {"diffusion": "amont", "etat": "brouillon", "filed_at": None, "validated_at": None},
        {"etat": "en_instruction", "validated_at": None},
        {"etat": "brouillon", "filed_at": None, "validated_at": None},
    ],
    ids=["nominative", "amont", "en instruction", "brouillon"],
)
def test_what_one_may_not_read_is_not_told(world, frozen_time, outbox, hidden):
    news.follow(world.reader)
    news.happen(news.add_fiche(world, **hidden))
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    assert outbox() == []


def test_a_nominative_fiche_is_told_without_its_title(world, frozen_time, outbox):
    news.follow(world.chef)
    news.happen(news.add_fiche(world, "Projet Canari", diffusion="nominative"), actor=world.reader)
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    (email,) = outbox()
    assert "Une fiche vous attend" in email.body_text
    assert "Canari" not in email.subject + email.body_text + email.body_html
    assert "Résumé" not in email.body_text


def test_an_edit_of_internal_fields_alone_says_nothing_to_a_technical_administrator(db, world, frozen_time, outbox):
    administrator = news.add_personne("Ada Technique", Role.ADMINISTRATEUR)
    news.follow(administrator)
    news.follow(world.reader)
    news.happen(news.add_fiche(world), field="frein")
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    assert [email.personne_id for email in outbox()] == [world.reader.id]


def test_what_happened_before_publication_is_not_told_to_those_who_read_because_it_is_published(
    world, frozen_time, outbox
):
    news.follow(world.reader)
    fiche = news.add_fiche(world, validated_at=clock.now() + timedelta(hours=1))
    news.happen(fiche, "ask_more")
    frozen_time(clock.now() + timedelta(hours=1))
    news.happen(fiche, "validate")
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    (email,) = outbox()
    assert "Validée" in email.body_text
    assert "Complément" not in email.body_text


def test_beyond_ten_fiches_a_link_leads_to_the_list(world, frozen_time, outbox):
    news.follow(world.reader, {"axe": ["innover"]})
    for number in range(12):
        news.happen(news.add_fiche(world, f"Fiche numéro {number}"))
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    (email,) = outbox()
    assert email.body_text.count("* Fiche numéro") == 10
    assert "Et 2\u00a0autres fiches" in email.body_text
    assert "http://localhost/fiches?axe=innover" in email.body_text


def test_closed_accounts_and_ended_subscriptions_receive_nothing(db, world, frozen_time, outbox):
    news.follow(world.reader).ended_at = clock.now()
    news.follow(world.chef)
    world.chef.closed_at = clock.now()
    news.happen(news.add_fiche(world), "archive", actor=world.reader)
    frozen_time(NEXT_MORNING)
    assert (digests.prepare_due().due, outbox()) == (0, [])


def test_a_weekly_digest_waits_for_monday_and_an_outage_makes_no_storm(world, frozen_time, outbox):
    news.follow(world.reader, frequency="hebdomadaire")
    fiche = news.add_fiche(world)
    news.happen(fiche)
    for day in range(1, 7):
        digests.prepare_due(at=clock.now() + timedelta(days=day))
    assert outbox() == []
    frozen_time(NEXT_MONDAY + timedelta(days=15))  # three Mondays later
    digests.prepare_due()
    digests.prepare_due()
    assert len(outbox()) == 1


def test_a_clock_set_back_two_hours_tells_nothing_twice(world, frozen_time, outbox):
    news.follow(world.reader)
    fiche = news.add_fiche(world)
    news.happen(fiche)
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    frozen_time(NEXT_MORNING - timedelta(hours=2))
    news.happen(fiche, "confirm")
    digests.prepare_due()
    frozen_time(NEXT_MORNING + timedelta(minutes=5))
    digests.prepare_due()
    assert len(outbox()) == 1
    frozen_time(NEXT_MORNING + timedelta(days=1))
    digests.prepare_due()
    assert "Confirmée" in outbox()[1].body_text


def test_a_transaction_that_lands_late_behind_the_position_is_still_told(db, world, frozen_time, outbox):
    subscription = news.follow(world.reader)
    fiche = news.add_fiche(world)
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    subscription.position = 10_000  # others took the numbers above, and landed first
    db.session.commit()
    frozen_time(NEXT_MORNING - timedelta(minutes=1))
    news.happen(fiche)
    frozen_time(NEXT_MORNING + timedelta(days=1))
    digests.prepare_due()
    assert "Une halle des métiers" in outbox()[0].body_text


def test_two_hosts_at_once_prepare_one_mail(app, db, world, frozen_time, outbox):
    for personne in (world.reader, world.chef):
        news.follow(personne, {"axe": ["innover"]})
        news.follow(personne)
    for number in range(3):
        news.happen(
            news.add_fiche(world, f"Fiche {number}"), "archive", actor=news.add_personne(f"A {number}", Role.DTI)
        )
    frozen_time(NEXT_MORNING)
    barrier = threading.Barrier(4)

    def host() -> None:
        with app.app_context():
            barrier.wait()
            assert digests.prepare_due().errors == 0

    threads = [threading.Thread(target=host) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert sorted(email.personne_id for email in outbox()) == sorted([world.reader.id, world.chef.id])
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 6


def test_one_persons_error_does_not_hold_back_the_others(world, frozen_time, outbox, monkeypatch):
    news.follow(world.reader, {"axe": ["innover"]})
    news.follow(world.chef)
    news.happen(news.add_fiche(world), "archive", actor=world.reader)
    news.happen(news.add_fiche(world), "archive", actor=world.chef)
    write = digests._digest.write

    def fails_for_chef(personne: Any, *args: Any) -> Any:
        if personne.id == world.chef.id:
            raise RuntimeError("a template is broken")
        return write(personne, *args)

    monkeypatch.setattr(digests._digest, "write", fails_for_chef)
    frozen_time(NEXT_MORNING)
    report = digests.prepare_due()
    assert (report.emails, report.errors) == (1, 1)
    monkeypatch.undo()
    with clock.at(NEXT_MORNING):
        digests.prepare_due()
    assert len(outbox()) == 2


@pytest.mark.parametrize(
    ("moment", "daily", "weekly"),
    [
        (paris(2026, 3, 2, 6, 59), paris(2026, 3, 1, 7), paris(2026, 2, 23, 7)),
        (paris(2026, 3, 2, 7, 0), paris(2026, 3, 2, 7), paris(2026, 3, 2, 7)),
        (paris(2026, 3, 29, 12, 0), paris(2026, 3, 29, 7), paris(2026, 3, 23, 7)),  # clocks went forward that night
        (paris(2026, 10, 25, 7, 30), paris(2026, 10, 25, 7), paris(2026, 10, 19, 7)),  # and back that night
        (paris(2028, 2, 29, 8, 0), paris(2028, 2, 29, 7), paris(2028, 2, 28, 7)),
        (paris(2027, 1, 1, 5, 0), paris(2026, 12, 31, 7), paris(2026, 12, 28, 7)),
    ],
)
def test_slots_are_seven_in_paris_whatever_the_clocks_do(moment, daily, weekly):
    assert slot_before("quotidien", moment) == daily
    assert slot_before("hebdomadaire", moment) == weekly
    assert slot_after("quotidien", moment) > moment >= daily
    assert slot_after("hebdomadaire", moment).astimezone(clock.PARIS).hour == 7
