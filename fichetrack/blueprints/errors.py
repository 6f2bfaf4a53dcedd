"""Refusals and HTTP errors, as French pages: no stack trace, no SQL, no path, and always what to do next."""

from __future__ import annotations

from contextlib import suppress

from flask import Flask, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from jinja2 import TemplateNotFound
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from fichetrack.errors import NotVisible, Refusal, SessionExpired
from fichetrack.extensions import db, login_manager

# What a form holds that nobody typed.
UNSAID = frozenset({"csrf_token", "submission", "base", "action", "retour", "suite"})
GIVEN_BACK_MAX = 200


def init_app(app: Flask) -> None:
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(SessionExpired, _expired_session)
    app.register_error_handler(CSRFError, _expired_form)
    app.register_error_handler(HTTPException, _http_error)


def _refusal(refusal: Refusal) -> ResponseReturnValue:
    db.session.rollback()
    return _page(
        refusal.status, None if isinstance(refusal, NotVisible) else refusal.message, getattr(refusal, "missing", [])
    )


def _expired_form(_error: CSRFError) -> ResponseReturnValue:
    return _give_back(400, "Ce formulaire a expiré, ou ne vient pas de FicheTrack : rien n’a été enregistré.")


def _expired_session(expired: SessionExpired) -> ResponseReturnValue:
    return _give_back(expired.status, expired.message)


def _give_back(status: int, message: str) -> ResponseReturnValue:
    """The page that returns what was typed, to be copied once signed in again; never a password."""
    typed = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if value.strip() and name not in UNSAID and "passe" not in name
    ]
    page = render_template("errors/expired.html", message=message, typed=typed[:GIVEN_BACK_MAX], missing=[])
    return make_response(page, status)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    if error.code >= 500:
        _forget_who_asks()
    answer = _page(error.code, None, [])
    # Keep what the protocol asks for beside the page: Allow on 405, Retry-After on 429…
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after", "www-authenticate"}:
            answer.headers[name] = value
    return answer


def _forget_who_asks() -> None:
    """The database may be what failed: the page must be drawn without asking it anything, not even who is asking."""
    g.plain_frame = True
    g._login_user = login_manager.anonymous_user()


def _page(status: int, message: str | None, missing: list[object] | None = None):  # type: ignore[no-untyped-def]
    with suppress(SQLAlchemyError):  # A connection that died cannot be rolled back, and need not be.
        db.session.rollback()
    context = {"status": status, "message": message, "missing": missing or []}
    try:
        body = render_template(f"errors/{status}.html", **context)
    except TemplateNotFound:
        body = render_template("errors/generic.html", **context)
    return make_response(body, status)
