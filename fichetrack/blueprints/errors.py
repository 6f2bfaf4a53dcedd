"""Refusals and HTTP errors, as French pages: no stack trace, no SQL, no path, and always what to do next."""

from __future__ import annotations

from flask import Flask, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from jinja2 import TemplateNotFound
from werkzeug.exceptions import HTTPException

from fichetrack.errors import NotVisible, Refusal
from fichetrack.extensions import db


def init_app(app: Flask) -> None:
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(CSRFError, _expired_form)
    app.register_error_handler(HTTPException, _http_error)


def _refusal(refusal: Refusal) -> ResponseReturnValue:
    db.session.rollback()
    return _page(
        refusal.status, None if isinstance(refusal, NotVisible) else refusal.message, getattr(refusal, "missing", [])
    )


def _expired_form(_error: CSRFError) -> ResponseReturnValue:
    return _page(
        400,
        "Ce formulaire a expiré ou ne vient pas de FicheTrack. Revenez en arrière, copiez votre texte, rechargez la page.",
    )


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error.get_response()
    answer = _page(error.code, None, [])
    # Keep what the protocol asks for beside the page: Allow on 405, Retry-After on 429…
    for name, value in error.get_headers():
        if name.lower() in {"allow", "retry-after", "www-authenticate"}:
            answer.headers[name] = value
    return answer


def _page(status: int, message: str | None, missing: list[object] | None = None):  # type: ignore[no-untyped-def]
    db.session.rollback()
    context = {"status": status, "message": message, "missing": missing or []}
    try:
        body = render_template(f"errors/{status}.html", **context)
    except TemplateNotFound:
        body = render_template("errors/generic.html", **context)
    return make_response(body, status)
