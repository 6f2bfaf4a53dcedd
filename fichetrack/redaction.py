"""Secrets of addresses never reach the logs: the request lines servers write are rewritten before they are."""

from __future__ import annotations

import logging
import re

from flask import Flask

ACCESS_LOGS = ("gunicorn.access", "werkzeug")
# The links of e-mails: an invitation, a new password, stopping a subscription.
SECRET = re.compile(r"(/(?:invitation|mot-de-passe|abonnements)/)[\w.~%=-]{16,}")


def init_app(_app: Flask) -> None:
    """Filter the loggers of both servers; doing it twice does nothing more."""
    for name in ACCESS_LOGS:
        logging.getLogger(name).addFilter(_redact)


def _redact(record: logging.LogRecord) -> bool:
    record.msg, record.args = SECRET.sub(r"\1…", record.getMessage()), ()
    return True
