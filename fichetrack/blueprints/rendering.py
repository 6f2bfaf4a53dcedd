"""How a view answers: the full page or its fragment, a redirection after a POST, the token of the form posted."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from fichetrack.extensions import htmx
from fichetrack.transactions import Token


def respond(template: str, partial: str, /, status: int = 200, **context: Any) -> Response:
    """`partial` alone when htmx asks for a swap; the page `template`, which includes it, to anyone else."""
    wants_fragment = bool(htmx) and not htmx.boosted and not htmx.history_restore_request
    response = make_response(render_template(partial if wants_fragment else template, **context), status)
    response.vary.add("HX-Request")
    return response


def redirect_after_post(url: str) -> BaseResponse:
    """303, so that reloading never posts again; htmx is told to go there as a browser would."""
    if htmx and not htmx.boosted:
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url, code=303)


def submission() -> Token | None:
    """The single-use token of the form posted (macros/forms.html: submission), with what it held and where it went."""
    key = request.form.get("submission", "")
    if not key:
        return None
    posted = [
        (name, value) for name, value in request.form.items(multi=True) if name not in {"csrf_token", "submission"}
    ]
    return Token.of(key[:64], posted, request.path)
