"""Promises 8, 9, 10 and 13 at length: every e-mail once, whatever the server, the hosts, the kills and the titles."""

from __future__ import annotations

import asyncio
import email
import email.policy
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from fichetrack.extensions import db as extension
from fichetrack.models import OutgoingEmail
from fichetrack.services import digests, emails
from fichetrack.vocabulary import Role
from tests import news, postgres

pytestmark = pytest.mark.stress

START = datetime(2026, 3, 3, 6, 30, tzinfo=UTC)
HOSTS, ROUNDS, KILLS, TITLES = 2, 200, 100, 500
REFUSED = "partie@demo.fichetrack.fr"
MOODS = ("refuse", "4xx", "hang", "drop", "4xx at greeting")


class Scripted:
    """A server whose mood changes: what it took is in `taken`, even when it then dropped the line."""

    def __init__(self) -> None:
        self.mood, self.taken = "up", []

    async def handle_EHLO(self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list) -> list:  # noqa: N802
        if self.mood == "4xx at greeting":
            return ["421 too busy"]
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address == REFUSED:
            return "550 unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.mood == "4xx":
            return "451 later"
        if self.mood == "hang":
            await asyncio.sleep(0.6)
            return "451 slept"
        self.taken.append((envelope.rcpt_tos[0], message_id(envelope)))
        if self.mood == "drop":
            server.transport.abort()
        return "250 OK"


@pytest.fixture
def scripted(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    handler = Scripted()
    controller = Controller(handler, hostname="127.0.0.1", port=postgres.free_port())
    controller.start()
    monkeypatch.setitem(app.config, "MAIL_URL", f"smtp://127.0.0.1:{controller.port}")
    monkeypatch.setitem(app.config, "MAIL_TIMEOUT_SECONDS", 0.3)
    yield handler
    controller.stop()


def message_id(envelope: Any) -> str:
    return email.message_from_bytes(envelope.content, policy=email.policy.default)["Message-ID"]


def readers(number: int) -> list[Any]:
    people = [news.add_personne(f"Personne {index}", Role.OPERATEUR) for index in range(number)]
    for personne in people:
        news.follow(personne)
    return people


def test_a_day_of_troubles_then_each_digest_once_per_person(app, db, frozen_time, scripted, monkeypatch):
    frozen_time(START - timedelta(days=1))
    world = news.build()
    people = readers(8)
    people[0].courriel = REFUSED
    news.happen(news.add_fiche(world))
    frozen_time(START)
    digests.prepare_due()
    dice, up = random.Random(8), app.config["MAIL_URL"]
    for step in range(24 * 12):
        frozen_time(START + timedelta(minutes=5 * step))
        scripted.mood = dice.choice(MOODS)
        monkeypatch.setitem(app.config, "MAIL_URL", "smtp://127.0.0.1:1" if scripted.mood == "refuse" else up)
        emails.send_pending()
    scripted.mood = "up"
    monkeypatch.setitem(app.config, "MAIL_URL", up)
    for hour in range(24, 28):
        frozen_time(START + timedelta(hours=hour))
        emails.send_pending()
    copies: dict[str, set[str]] = {}
    for address, identifier in scripted.taken:
        copies.setdefault(address, set()).add(identifier)
    assert set(copies) == {personne.courriel for personne in people[1:]}
    assert {len(identifiers) for identifiers in copies.values()} == {1}
    rows = db.session.query(OutgoingEmail).populate_existing().all()
    assert Counter((row.sent_at is not None, row.failed_at is not None) for row in rows) == {
        (True, False): 7,
        (False, True): 1,
    }


def test_two_hosts_for_two_hundred_rounds(app, db, frozen_time, scripted, tmp_path):
    frozen_time(START - timedelta(days=1))
    world = news.build()
    people = readers(3)
    fiche = news.add_fiche(world)
    hosts = [_host(app, tmp_path / str(number)) for number in range(HOSTS)]
    for host in hosts:
        assert host.stdout.readline() == "ready\n"
    for round_number in range(ROUNDS):
        frozen_time(START + timedelta(days=round_number) - timedelta(hours=3))
        news.happen(fiche, "confirm")
        for host in hosts:
            host.stdin.write(f"{(START + timedelta(days=round_number)).isoformat()}\n")
            host.stdin.flush()
        assert {host.stdout.readline().split()[0] for host in hosts} == {"0"}
    for host in hosts:
        host.stdin.close()
        assert host.wait(timeout=30) == 0
        host.stdout.close()
    assert Counter(address for address, _ in scripted.taken) == dict.fromkeys([p.courriel for p in people], ROUNDS)
    assert len({identifier for _, identifier in scripted.taken}) == ROUNDS * len(people)


def test_a_hundred_kills_between_send_and_mark(app, db, frozen_time, scripted, monkeypatch):
    frozen_time(START)
    for number in range(KILLS):
        news.write(f"personne{number}@demo.fichetrack.fr")

    def killed(*_args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(emails, "_mark", killed)
        for _ in range(KILLS):
            with pytest.raises(KeyboardInterrupt):
                emails.send_pending()
            extension.session.rollback()
    frozen_time(START + emails.STALE)
    emails.send_pending()
    frozen_time(START + 2 * emails.STALE)
    emails.send_pending()
    assert set(Counter(address for address, _ in scripted.taken).values()) == {2}
    assert len(set(scripted.taken)) == KILLS
    assert all(row.sent_at for row in db.session.query(OutgoingEmail).populate_existing())


def test_five_hundred_hostile_titles_add_no_header_nor_recipient(app, db, frozen_time, smtp):
    dice = random.Random(13)
    breaks = ["\r\nBcc: x@y.fr", "\n", "\r", "\u2028", "\u2029", "\x85"]
    pieces = [*breaks, "=?utf-8?q?=0D=0ABcc:_x@y.fr?=", "é", "<b>", "a" * 500]
    frozen_time(START)
    for number in range(TITLES):
        title = "".join(dice.choices(pieces, k=dice.randint(1, 20))).ljust(dice.choice((1, 10_000)), "x")
        news.write(f"personne{number}@demo.fichetrack.fr", subject=title[:400], headers={"X-Fiche": title})
    assert emails.send_pending().sent == TITLES
    wanted = {
        "message-id", "date", "from", "to", "subject", "auto-submitted", "x-fiche", "mime-version", "content-type",
        "x-peer", "x-mailfrom", "x-rcptto",
    }  # fmt: skip
    for number, envelope in enumerate(smtp):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert {name.lower() for name in message} <= wanted
        assert envelope.rcpt_tos == [f"personne{number}@demo.fichetrack.fr"]


def _host(app: Any, folder: Path) -> subprocess.Popen:
    root = Path(__file__).resolve().parents[2]
    url, mail_url = app.config["SQLALCHEMY_DATABASE_URI"], app.config["MAIL_URL"]
    return subprocess.Popen(
        [sys.executable, root / "tests/stress/mail_worker.py", url, mail_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "FICHETRACK_INSTANCE": str(folder)},
    )
