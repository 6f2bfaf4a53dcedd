"""Rows and messages: the three files of each e-mail, absolute addresses, and headers nobody can inject into."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader

from fichetrack import mailing
from fichetrack.mailing import DeliveryFailed, SmtpSettings
from fichetrack.models import OutgoingEmail
from tests import news

HOSTILE = [
    "Titre\r\nBcc: victime@exemple.fr",
    "Titre\nSubject: autre",
    "Titre\u2028Bcc: victime@exemple.fr",
    "Titre\u2029Bcc: x",
    "Titre\x85Bcc: x",
    "Titre\x0b\x0cBcc: x",
    "Titre\x00\x1b[31m",
    "=?utf-8?q?Titre=0D=0ABcc:_victime@exemple.fr?=",
    "=?utf-8?b?VGl0cmUNCkJjYzogeEB5LmZy?=",
    "\r\n\r\n<script>corps</script>",
    "é" * 10_000,
    "mot " * 2_500,
    "x" * 10_000,
    "\u202eerttel\u202c \U0001f3ed" * 30,
    '"guillemets", <chevrons>; et: virgules',
]


@pytest.fixture
def templates(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    files = {
        "email/essai/subject.txt": "{{ title }}\n",
        "email/essai/body.txt": "{{ title }}\n\n\n\n{{ url('/fiches/x') }}  \n",
        "email/essai/body.html": "<p>{{ title }} {{ subject }}</p>",
    }
    monkeypatch.setattr(app.jinja_env, "loader", DictLoader(files))
    monkeypatch.setattr(app.jinja_env, "cache", None)
    return


def parsed(row: OutgoingEmail) -> Any:
    return email.message_from_bytes(mailing.to_message(row).as_bytes(), policy=email.policy.default)


@pytest.mark.parametrize("title", HOSTILE)
def test_no_title_adds_a_header_nor_a_recipient(templates, title):
    row = mailing.render("essai", "lectrice@exemple.fr", headers={"X-Fiche": title}, title=title)
    message = parsed(row)
    assert message.keys() == [
        "Message-ID", "Date", "From", "To", "Subject", "Auto-Submitted", "X-Fiche", "MIME-Version", "Content-Type",
    ]  # fmt: skip
    assert [address.addr_spec for address in message["To"].addresses] == ["lectrice@exemple.fr"]
    assert len(row.subject) <= mailing.SUBJECT_MAX
    assert message["Subject"].defects == ()


def test_a_row_holds_its_message_id_and_absolute_addresses(templates, app):
    one, two = (mailing.render("essai", "lectrice@exemple.fr", title="Bonjour") for _ in range(2))
    assert one.message_id != two.message_id
    assert parsed(one)["Message-ID"] == one.message_id
    assert one.body_text == "Bonjour\n\nhttp://localhost/fiches/x\n"


def test_html_escapes_what_people_typed(templates):
    row = mailing.render("essai", "lectrice@exemple.fr", title="<script>alert(1)</script>")
    assert "<script>" not in row.body_html
    assert "<script>alert(1)</script>" in row.body_text


@pytest.mark.parametrize(
    "recipient", ["", "x", "a@b\r\nBcc: c@d", "a@b, c@d", "<a@b>", "a b@c", "é@exemple.fr", "a@" + "b" * 300]
)
def test_what_is_not_one_address_is_never_a_message(templates, recipient):
    row = mailing.render("essai", recipient, title="Bonjour")
    with pytest.raises(ValueError, match="address"):
        mailing.to_message(row)


@pytest.mark.parametrize("name", ["Bcc", "to", "Subject", "X-a: b\r\nBcc", "", "Content-Type"])
def test_only_headers_of_ones_own_may_be_added(templates, name):
    row = mailing.render("essai", "lectrice@exemple.fr", headers={name: "x"}, title="Bonjour")
    with pytest.raises(ValueError, match="header"):
        mailing.to_message(row)


def test_list_unsubscribe_stays_on_one_line(templates):
    address = f"<https://fichetrack.exemple.fr/abonnements/{'W' * 150}/stop>"
    row = mailing.render("essai", "lectrice@exemple.fr", headers={"List-Unsubscribe": address}, title="Bonjour")
    assert f"List-Unsubscribe: {address}\r\n".encode() in mailing.to_message(row).as_bytes()


def test_a_demonstration_says_so_in_both_versions(app, db, frozen_time, monkeypatch):
    monkeypatch.setitem(app.config, "DEMO", True)
    row = mailing.render("digest", news.build().reader, sections=[], count=2, day=None)
    assert "[Démonstration : données fictives]" in row.body_text
    assert "Démonstration&nbsp;: données fictives" in row.body_html


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("smtp://relais.exemple.fr", ("relais.exemple.fr", 25, None, None, None)),
        ("smtp://moi:p%40ss@relais.exemple.fr:587?starttls=1", ("relais.exemple.fr", 587, "moi", "p@ss", "starttls")),
        ("smtps://relais.exemple.fr", ("relais.exemple.fr", 465, None, None, "ssl")),
    ],
)
def test_the_mail_address_says_where_and_how(app, monkeypatch, address, expected):
    monkeypatch.setitem(app.config, "MAIL_URL", address)
    settings = mailing.smtp_settings()
    assert (settings.host, settings.port, settings.user, settings.password, settings.tls) == expected
    assert settings.timeout == 20


def test_an_unreachable_server_is_said_not_waited_for(templates):
    row = mailing.render("essai", "lectrice@exemple.fr", title="Bonjour")
    with pytest.raises(DeliveryFailed) as refused:
        mailing.send(row, SmtpSettings("127.0.0.1", 1, timeout=1))
    assert (refused.value.permanent, refused.value.connection_lost) == (False, True)


def test_every_email_of_the_house_speaks_french(app):
    folder = Path(app.template_folder) / "email"
    straight = [path for path in folder.rglob("*.txt") if "'" in path.read_text("utf-8").split("{#")[0].split("{{")[0]]
    assert straight == []
