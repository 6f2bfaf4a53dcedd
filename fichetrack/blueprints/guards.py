"""Who may enter a route: every view carries one of these; one that carries none answers 403 (and a test fails)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack import permissions
from fichetrack.errors import SessionExpired
from fichetrack.vocabulary import Action

View = Callable[..., Any]


def public(view: View) -> View:
    """Anyone; what is shown still goes through visible_fiches."""
    return _marked(view, "public")


def members(view: View) -> View:
    """Anyone signed in; a visitor is sent to sign in and comes back."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            return sign_in_first()
        return view(*args, **kwargs)

    return _marked(guarded, "members")


def requires(action: Action) -> Callable[[View], View]:
    """Someone who may do this somewhere; the service asks again about the subject itself."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return sign_in_first()
            permissions.require(current_user, action)
            return view(*args, **kwargs)

        return _marked(guarded, f"requires {action}")

    return decorate


def signed_link(view: View) -> View:
    """Whoever holds the signed link in the address; the view checks it and uses no session."""
    return _marked(view, "signed link")


def demo_only(view: View) -> View:
    """Anyone, on a demonstration; elsewhere the address does not exist."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_app.config["DEMO"]:
            abort(404)
        return view(*args, **kwargs)

    return _marked(guarded, "demonstration")


def guard_of(view: View) -> str | None:
    return getattr(view, "fichetrack_guard", None)


def close_unguarded_routes(app: Flask) -> None:
    """Routes are closed by default."""

    @app.before_request
    def refuse_unguarded() -> None:
        if request.endpoint and request.endpoint != "static" and guard_of(app.view_functions[request.endpoint]) is None:
            abort(403)


def sign_in_first() -> ResponseReturnValue:
    """To the sign-in page, and back here afterwards; what was posted cannot be replayed, so it is given back."""
    if request.method == "POST":
        raise SessionExpired
    return redirect(url_for("accounts.login", suite=request.full_path.rstrip("?")), code=303)


def _marked(view: View, guard: str) -> View:
    view.fichetrack_guard = guard  # type: ignore[attr-defined]
    return view
