"""Signing in and out, invitation, forgotten password, profile, « Pourquoi ai-je ce droit ? »."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack import sessions
from fichetrack.blueprints.guards import members, public
from fichetrack.blueprints.rendering import redirect_after_post
from fichetrack.errors import EditRefused, TooManyAttempts
from fichetrack.forms.accounts import LoginForm
from fichetrack.services import accounts

blueprint = Blueprint("accounts", __name__)


@blueprint.route("/connexion", methods=["GET", "POST"])
@public
def login() -> ResponseReturnValue:
    form = LoginForm()
    if form.validate_on_submit():
        return _sign_in(form)
    if current_user.is_authenticated:
        return redirect(local_path(request.args.get("suite")), code=303)
    if request.method == "GET":
        form.suite.data = request.args.get("suite")
    return _login_page(form, 422 if form.is_submitted() else 200)


@blueprint.post("/deconnexion")
@public
def logout() -> ResponseReturnValue:
    accounts.sign_out(None, sessions.current_digest())
    sessions.finish()
    flash("Vous êtes déconnecté.", "success")
    return redirect_after_post(url_for("home.index"))


def local_path(target: str | None) -> str:
    """Where to go after signing in: an address of this site, or the home page. Nothing else is followed."""
    if not target or not re.fullmatch(r"/(?!/)[^\\\x00-\x20\x7f-\xa0]*", target):
        return url_for("home.index")
    parts = urlsplit(target)
    return url_for("home.index") if parts.scheme or parts.netloc else target


def _sign_in(form: LoginForm) -> ResponseReturnValue:
    try:
        identifier = accounts.sign_in(
            form.courriel.data,
            form.mot_de_passe.data,
            request.remote_addr or "",
            request.user_agent.string,
            sessions.current_digest(),
        )
    except (EditRefused, TooManyAttempts) as refusal:
        form.form_errors.append(refusal.message)
        return _login_page(form, refusal.status)
    sessions.start(identifier)
    return redirect_after_post(local_path(form.suite.data))


def _login_page(form: LoginForm, status: int) -> ResponseReturnValue:
    return render_template("pages/accounts/login.html", form=form), status


@blueprint.get("/mon-compte")
@members
def profile() -> ResponseReturnValue:
    return render_template("pages/accounts/profile.html")
