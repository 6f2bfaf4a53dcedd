"""The outbox: each row sent once through a real SMTP server, whatever refuses, hangs, dies or is restricted."""

from __future__ import annotations

import email as email_package
import email.policy
import smtplib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from fichetrack import clock
from fichetrack.errors import EditRefused, PermissionRefused
from fichetrack.models import Delivery
from fichetrack.queries import messaging
from fichetrack.services import digests, emails
from fichetrack.vocabulary import Role
from tests import news, postgres

NEXT_MORNING = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)


@pytest.fixture
def world(db: Any, frozen_time: Any) -> news.World:
    return news.build()


class Moody:
    """A server that answers as told: `answers` by recipient, else `mood`."""

    def __init__(self) -> None:
        self.accepted: list[Any] = []
        self.answers: dict[str, str] = {}
        self.mood = "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.mood.startswith("250"):
            self.accepted.append(envelope)
        return self.mood


@pytest.fixture
def moody(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Moody]:
    handler = Moody()
    controller = Controller(handler, hostname="127.0.0.1", port=postgres.free_port())
    controller.start()
    monkeypatch.setitem(app.config, "MAIL_URL", f"smtp://127.0.0.1:{controller.port}")
    yield handler
    controller.stop()


def message_of(envelope: Any) -> Any:
    return email_package.message_from_bytes(envelope.content, policy=email.policy.default)


def test_a_digest_goes_through_smtp_with_what_one_click_needs(world, frozen_time, smtp, outbox):
    news.follow(world.reader)
    news.happen(news.add_fiche(world))
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    assert str(emails.send_pending()) == "Courriels : 1 envoyé(s), 0 à réessayer, 0 non remis."
    message = message_of(smtp[0])
    assert message["To"] == world.reader.courriel
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"].startswith("<http://localhost/abonnements/")
    assert {part.get_content_type() for part in message.iter_parts()} == {"text/plain", "text/html"}
    assert "Une halle des métiers" in message.get_body(("plain",)).get_content()
    assert outbox()[0].sent_at == NEXT_MORNING


def test_an_email_is_sent_once(db, frozen_time, smtp):
    news.write()
    emails.send_pending()
    emails.send_pending()
    assert len(smtp) == 1


def test_a_refused_recipient_fails_at_once_and_blocks_nobody(db, frozen_time, moody, outbox):
    moody.answers["partie@demo.fichetrack.fr"] = "550 5.1.1 unknown"
    news.write("partie@demo.fichetrack.fr")
    news.write()
    report = emails.send_pending()
    assert (report.sent, report.failed) == (1, 1)
    assert outbox()[0].failed_at == clock.now()
    assert outbox()[0].error == "Destinataire refusé : 550 5.1.1 unknown"


def test_a_4xx_is_tried_again_later_and_later(db, frozen_time, moody, outbox):
    moody.mood = "451 busy"
    start = clock.now()
    news.write()
    tried = []
    for minute in range(130):
        frozen_time(start + timedelta(minutes=minute))
        if emails.send_pending().deferred:
            tried.append(minute)
    assert tried == [0, 1, 6, 21, 51, 111]
    moody.mood = "250 OK"
    frozen_time(start + timedelta(minutes=180))
    emails.send_pending()
    assert len(moody.accepted) == 1
    assert (outbox()[0].sent_at is not None, outbox()[0].error) == (True, None)


def test_a_server_down_for_a_day_loses_nothing(app, db, frozen_time, monkeypatch, smtp, outbox):
    for number in range(5):
        news.write(f"personne{number}@demo.fichetrack.fr")
    start, up = clock.now(), app.config["MAIL_URL"]
    monkeypatch.setitem(app.config, "MAIL_URL", f"smtp://127.0.0.1:{postgres.free_port()}")
    for hour in range(24):
        frozen_time(start + timedelta(hours=hour))
        assert emails.send_pending().sent == 0
    monkeypatch.setitem(app.config, "MAIL_URL", up)
    frozen_time(start + timedelta(hours=26))
    assert emails.send_pending().sent == 5
    assert len({message_of(envelope)["Message-ID"] for envelope in smtp}) == 5


def test_after_48_tries_and_4_hours_it_is_given_up_and_shown(db, world, frozen_time, moody, outbox):
    moody.mood = "451 busy"
    start = clock.now()
    news.write()
    for hour in range(60):
        frozen_time(start + timedelta(hours=hour))
        emails.send_pending()
    (row,) = outbox()
    assert (row.attempts, row.failed_at is not None) == (48, True)
    administrator = news.add_personne("Ada Technique", Role.ADMINISTRATEUR)
    assert [one.error for one in messaging.list_undelivered(administrator)] == ["Message refusé : 451 busy"]


def test_an_administrator_sends_again_once(db, world, frozen_time, moody, outbox):
    moody.answers["partie@demo.fichetrack.fr"] = "550 unknown"
    news.write("partie@demo.fichetrack.fr")
    emails.send_pending()
    administrator = news.add_personne("Ada Technique", Role.ADMINISTRATEUR)
    with pytest.raises(PermissionRefused):
        emails.resend(world.reader, outbox()[0].id)
    emails.resend(administrator, outbox()[0].id)
    emails.send_pending()
    with pytest.raises(EditRefused):
        emails.resend(administrator, outbox()[0].id)


def test_killed_between_send_and_mark_one_copy_follows_with_the_same_message_id(
    db, frozen_time, smtp, outbox, monkeypatch
):
    news.write()

    def killed(*_args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(emails, "_mark", killed)
        with pytest.raises(KeyboardInterrupt):
            emails.send_pending()
    db.session.rollback()
    emails.send_pending()
    assert len(smtp) == 1, "the claim still holds"
    frozen_time(clock.now() + emails.STALE)
    emails.send_pending()
    assert len(smtp) == 2
    assert message_of(smtp[0])["Message-ID"] == message_of(smtp[1])["Message-ID"]
    assert outbox()[0].error == emails.INTERRUPTED


def test_two_hosts_at_once_send_each_email_once(app, db, frozen_time, smtp):
    for number in range(20):
        news.write(f"personne{number}@demo.fichetrack.fr")
    barrier = threading.Barrier(3)

    def host() -> None:
        with app.app_context():
            barrier.wait()
            emails.send_pending()

    threads = [threading.Thread(target=host) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(envelope.rcpt_tos[0] for envelope in smtp) == sorted(
        f"personne{number}@demo.fichetrack.fr" for number in range(20)
    )


def test_a_fiche_restricted_before_sending_does_not_leak(db, world, frozen_time, smtp):
    news.follow(world.reader)
    secret = news.add_fiche(world, "Projet Canari")
    news.happen(secret)
    news.happen(news.add_fiche(world, "Une école de production"))
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    secret.diffusion = "nominative"
    db.session.commit()
    emails.send_pending()
    message = message_of(smtp[0])
    assert "Canari" not in message.as_string()
    assert message["Subject"].startswith("Une fiche a bougé")


def test_when_nothing_may_be_told_any_more_nothing_leaves(db, world, frozen_time, smtp, outbox):
    news.follow(world.reader)
    secret = news.add_fiche(world, "Projet Canari")
    news.happen(secret)
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    secret.diffusion = "nominative"
    db.session.commit()
    assert emails.send_pending().sent == 0
    assert (smtp, outbox()) == ([], [])
    assert db.session.query(Delivery).one().email_id is None


def test_a_reader_of_a_fiche_now_nominative_gets_no_title(db, world, frozen_time, smtp):
    news.follow(world.chef)
    fiche = news.add_fiche(world, "Projet Canari")
    news.happen(fiche, actor=world.reader)
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    fiche.diffusion = "nominative"
    db.session.commit()
    emails.send_pending()
    assert "Canari" not in message_of(smtp[0]).as_string()


def test_a_digest_of_someone_who_unsubscribed_or_left_does_not_leave(db, world, frozen_time, smtp):
    subscription = news.follow(world.reader)
    news.follow(world.chef)
    news.happen(news.add_fiche(world), "archive", actor=news.add_personne("Dina Déléguée", Role.DTI))
    frozen_time(NEXT_MORNING)
    digests.prepare_due()
    subscription.ended_at = clock.now()
    world.chef.closed_at = clock.now()
    db.session.commit()
    emails.send_pending()
    assert smtp == []


def test_without_a_server_mail_is_kept_and_said(db, frozen_time, outbox):
    news.write()
    report = emails.send_pending()
    assert report.kept == 1
    assert "Aucun serveur de courriel" in str(report)
    assert (outbox()[0].attempts, outbox()[0].failed_at) == (0, None)


def test_a_hanging_server_costs_two_time_outs_not_one_per_email(app, db, frozen_time, monkeypatch, outbox):
    monkeypatch.setitem(app.config, "MAIL_URL", "smtp://127.0.0.1:1")
    asked = []

    def hang(*args: Any, **kwargs: Any) -> None:
        asked.append(kwargs["timeout"])
        raise TimeoutError("timed out")

    monkeypatch.setattr(smtplib, "SMTP", hang)
    for number in range(10):
        news.write(f"personne{number}@demo.fichetrack.fr")
    assert emails.send_pending().deferred == 10
    assert asked == [20, 20]
    assert all("injoignable" in (row.error or "") for row in outbox())
