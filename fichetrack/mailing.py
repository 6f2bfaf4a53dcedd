"""An e-mail is a row before it is a message: render a folder of templates/email as a row; hand a row to SMTP.

Nothing here decides when to send (services.emails does) and nothing commits. smtplib rather than an extension, because
every step must have a time-out.
"""

from __future__ import annotations

import re
import smtplib
import ssl
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from flask import current_app

from fichetrack import clock
from fichetrack.models import OutgoingEmail, Personne

SUBJECT_MAX = 180
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
OWN_HEADERS = {"from", "to", "cc", "bcc", "subject", "date", "message-id", "sender", "reply-to", "content-type"}


class DeliveryFailed(Exception):
    """SMTP said no. `permanent`: this message will never pass; `connection_lost`: the server itself is in doubt."""

    def __init__(self, reason: str, *, permanent: bool = False, connection_lost: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.permanent, self.connection_lost = reason, permanent, connection_lost


@dataclass(frozen=True)
class SmtpSettings:
    """Where and how to hand messages over, read from MAIL_URL: smtp://user:pass@host:port, smtps://…, ?starttls=1."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    tls: str | None = None  # "ssl" from the first byte, "starttls" after a greeting
    timeout: float = 20
    local_hostname: str = "localhost"


# --- from a folder of templates to a row ------------------------------------------------------------------------------


def render(
    name: str, recipient: Personne | str, *, headers: Mapping[str, str] | None = None, **context: Any
) -> OutgoingEmail:
    """The row of an e-mail, from templates/email/<name>/; the caller adds it to the session.

    Templates receive `context`, `recipient_name`, `subject`, `demo` and `url("/path")`, which makes absolute addresses.
    They know neither the request nor context processors: they read the same from a page, a command or a job.
    """
    personne = recipient if isinstance(recipient, Personne) else None
    now = clock.now()
    shared = {"recipient_name": personne.nom if personne else "", "demo": current_app.config["DEMO"], "url": absolute}
    values = {**shared, **context}
    subject = one_line(_template(f"{name}/subject.txt", values))
    values["subject"] = subject
    return OutgoingEmail(
        message_id=f"<{uuid.uuid4().hex}@{_own_host()}>",
        recipient=personne.courriel if personne else str(recipient),
        personne_id=personne.id if personne else None,
        name=name,
        subject=subject,
        body_text=_tidy(_template(f"{name}/body.txt", values)),
        body_html=_printable(_template(f"{name}/body.html", values)),
        headers=dict(headers or {}),
        created_at=now,
        next_try_at=now,
    )


def absolute(path: str) -> str:
    """A path of the site as the address people click on, from FICHETRACK_PUBLIC_URL."""
    return f"{current_app.config['PUBLIC_URL']}/{path.lstrip('/')}"


def one_line(text: str, limit: int = SUBJECT_MAX) -> str:
    """Text fit for a header: no line break of any kind, no control, nothing a reader would decode; cut at a word."""
    plain = "".join(" " if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else char for char in text)
    # A lone « =? » would be read back as the beginning of an encoded word.
    plain = " ".join(plain.replace("=?", "= ?").split())
    return plain if len(plain) <= limit else plain[: limit - 1].rsplit(" ", 1)[0][: limit - 1] + "…"


def _template(path: str, values: dict[str, Any]) -> str:
    return current_app.jinja_env.get_template(f"email/{path}").render(values)


def _tidy(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in _printable(text).splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def _printable(text: str) -> str:
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"})


def _own_host() -> str:
    return urlsplit(current_app.config["PUBLIC_URL"]).hostname or "localhost"


# --- from a row to a message ------------------------------------------------------------------------------------------


class _VerbatimHeader:
    """A header kept on one line: folding would break the addresses of List-Unsubscribe."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds["parse_tree"], kwds["decoded"] = None, one_line(value, 900)

    def fold(self, *, policy: Any) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_registry = HeaderRegistry()
for _name in ("list-unsubscribe", "list-unsubscribe-post", "message-id"):
    _registry.map_to_type(_name, _VerbatimHeader)  # type: ignore[arg-type]
POLICY = SMTP.clone(header_factory=_registry)


def to_message(email: OutgoingEmail) -> EmailMessage:
    """The message of a row: one recipient, text and HTML. Raises ValueError if the address is not one."""
    if not ADDRESS.fullmatch(email.recipient) or len(email.recipient) > 254:
        raise ValueError(f"not an e-mail address: {email.recipient!r}")
    message = EmailMessage(policy=POLICY)
    message["Message-ID"] = email.message_id
    message["Date"] = format_datetime(email.created_at)
    message["From"] = _sender()
    message["To"] = Address(addr_spec=email.recipient)
    message["Subject"] = one_line(email.subject)
    message["Auto-Submitted"] = "auto-generated"
    for name, value in email.headers.items():
        if not HEADER_NAME.fullmatch(name) or name.lower() in OWN_HEADERS:
            raise ValueError(f"not a header one may add: {name!r}")
        message[name] = one_line(str(value), 900)
    message.set_content(email.body_text, cte="quoted-printable")
    message.add_alternative(email.body_html, subtype="html", cte="quoted-printable")
    return message


def _sender() -> Address:
    name, address = parseaddr(current_app.config["MAIL_FROM"])
    return Address(display_name=one_line(name), addr_spec=address)


# --- from a message to SMTP -------------------------------------------------------------------------------------------


def smtp_settings() -> SmtpSettings | None:
    """What MAIL_URL says, or None when no server is given."""
    if not current_app.config["MAIL_URL"]:
        return None
    url = urlsplit(current_app.config["MAIL_URL"])
    if url.scheme not in {"smtp", "smtps"} or not url.hostname:
        raise ValueError("FICHETRACK_MAIL_URL must read smtp://host:port or smtps://host:port")
    starttls = parse_qs(url.query).get("starttls", ["0"])[0] == "1"
    return SmtpSettings(
        host=url.hostname,
        port=url.port or (465 if url.scheme == "smtps" else 25),
        user=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        tls="ssl" if url.scheme == "smtps" else "starttls" if starttls else None,
        timeout=current_app.config["MAIL_TIMEOUT_SECONDS"],
        local_hostname=_own_host(),
    )


def send(email: OutgoingEmail, settings: SmtpSettings) -> None:
    """Hand one message over; DeliveryFailed says why it could not be."""
    with Mailer(settings) as mailer:
        mailer.send(email)


class Mailer:
    """An SMTP connection opened at the first message, reused for a batch, opened again after it was lost."""

    def __init__(self, settings: SmtpSettings) -> None:
        self.settings = settings
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def send(self, email: OutgoingEmail) -> None:
        """DeliveryFailed tells a refused message from a server in trouble."""
        try:
            message = to_message(email)
        except (ValueError, IndexError) as error:
            raise DeliveryFailed(f"Message impossible à écrire : {error}", permanent=True) from error
        sender = message["From"].addresses[0].addr_spec
        try:
            self._open().sendmail(sender, [email.recipient], message.as_bytes())
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise DeliveryFailed(_reason("Destinataire refusé", code, words), permanent=code >= 500) from error
        except smtplib.SMTPDataError as error:
            raise DeliveryFailed(
                _reason("Message refusé", error.smtp_code, error.smtp_error), permanent=error.smtp_code >= 500
            ) from error
        except smtplib.SMTPResponseException as error:
            # Our own address or password refused: nobody’s message is at fault, so it is tried again.
            self.close()
            raise DeliveryFailed(
                _reason("Serveur de courriel", error.smtp_code, error.smtp_error), connection_lost=True
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise DeliveryFailed(
                f"Serveur de courriel injoignable : {type(error).__name__} {error}"[:500], connection_lost=True
            ) from error

    def close(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            # Only the socket: « QUIT » would wait for a server that may be hanging.
            smtp.close()

    def _open(self) -> smtplib.SMTP:
        if self._smtp is not None:
            return self._smtp
        settings = self.settings
        options: dict[str, Any] = {"timeout": settings.timeout, "local_hostname": settings.local_hostname}
        if settings.tls == "ssl":
            options["context"] = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.port, **options)
        else:
            smtp = smtplib.SMTP(settings.host, settings.port, **options)
        self._smtp = smtp
        if settings.tls == "starttls":
            smtp.starttls(context=ssl.create_default_context())
        if settings.user:
            smtp.login(settings.user, settings.password or "")
        return smtp


def _reason(what: str, code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return one_line(f"{what} : {code} {text}", 500)
