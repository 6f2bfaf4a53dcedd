"""Signing in and out, invitation, forgotten password, profile, « Pourquoi ai-je ce droit ? »."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError, validate_csrf
from wtforms.validators import ValidationError

from fichetrack import sessions
from fichetrack.blueprints.guards import members, public, signed_link
from fichetrack.blueprints.rendering import redirect_after_post
from fichetrack.config import DEMO_PASSWORD
from fichetrack.errors import EditRefused, NotVisible, TooManyAttempts
from fichetrack.extensions import csrf
from fichetrack.forms.accounts import ChangePasswordForm, ForgotForm, LoginForm, NewPasswordForm, ProfileForm
from fichetrack.queries import accounts as queries
from fichetrack.queries import fiches, rights
from fichetrack.services import accounts

blueprint = Blueprint("accounts", __name__)

SENT = (
    "Si un compte existe à cette adresse, un courriel vient de partir. Ouvrez le lien qu’il contient dans l’heure ; "
    "rien reçu ? Regardez dans les indésirables, puis demandez à la personne qui vous a invité."
)


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


@blueprint.route("/mot-de-passe-oublie", methods=["GET", "POST"])
@public
def forgot() -> ResponseReturnValue:
    form = ForgotForm()
    sent, status = False, 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            accounts.request_reset(form.courriel.data, _address())
            sent, status = True, 200
        except TooManyAttempts as refusal:
            form.show(refusal)
            status = refusal.status
    return render_template("pages/accounts/forgot.html", form=form, sent=SENT if sent else None), status


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
@csrf.exempt
@signed_link
def invitation(token: str) -> ResponseReturnValue:
    return _choose_password(token, "invitation")


@blueprint.route("/mot-de-passe/<token>", methods=["GET", "POST"])
@csrf.exempt
@signed_link
def reset(token: str) -> ResponseReturnValue:
    return _choose_password(token, "reset")


@blueprint.route("/mon-compte", methods=["GET", "POST"])
@members
def profile() -> ResponseReturnValue:
    form = ProfileForm(obj=current_user)
    if form.validate_on_submit():
        accounts.update_profile(current_user, form.nom.data, form.fonction.data or "", form.telephone.data or "")
        flash("Votre profil est enregistré.", "success")
        return redirect_after_post(url_for("accounts.profile"))
    return _profile_page(form, ChangePasswordForm(formdata=None), 422 if form.is_submitted() else 200)


@blueprint.post("/mon-compte/mot-de-passe")
@members
def change_password() -> ResponseReturnValue:
    form = ChangePasswordForm()
    status = 422
    if form.validate_on_submit():
        try:
            current, new = form.mot_de_passe_actuel.data, form.nouveau_mot_de_passe.data
            sessions.start(accounts.change_password(current_user, current, new, _address(), _user_agent()))
            flash("Votre mot de passe est changé. Vos autres sessions sont fermées.", "success")
            return redirect_after_post(url_for("accounts.profile"))
        except (EditRefused, TooManyAttempts) as refusal:
            form.show(refusal)
            status = refusal.status
    return _profile_page(ProfileForm(formdata=None, obj=current_user), form, status)


@blueprint.post("/mon-compte/sessions/fermeture")
@members
def close_other_sessions() -> ResponseReturnValue:
    accounts.sign_out_elsewhere(current_user, sessions.current_digest())
    flash("Vos autres sessions sont fermées.", "success")
    return redirect_after_post(url_for("accounts.profile"))


@blueprint.get("/mon-compte/droits")
@members
def why() -> ResponseReturnValue:
    code = request.args.get("fiche", "").strip()
    fiche = fiches.get_fiche(current_user, code) if code else None
    if code and fiche is None:
        raise NotVisible
    return render_template(
        "pages/accounts/why.html",
        rights=rights.list_mandat_rights(current_user),
        others=rights.list_other_mandats(current_user),
        fiche=fiche,
        acts=rights.list_fiche_rights(current_user, fiche) if fiche else [],
    )


def local_path(target: str | None) -> str:
    """Where to go after signing in: an address of this site, or the home page. Nothing else is followed."""
    if not target or not re.fullmatch(r"/(?!/)[^\\\x00-\x20\x7f-\xa0]*", target):
        return url_for("home.index")
    parts = urlsplit(target)
    return url_for("home.index") if parts.scheme or parts.netloc else target


def _sign_in(form: LoginForm) -> ResponseReturnValue:
    courriel, password = form.courriel.data, form.mot_de_passe.data
    try:
        identifier = accounts.sign_in(courriel, password, _address(), _user_agent(), sessions.current_digest())
    except (EditRefused, TooManyAttempts) as refusal:
        form.show(refusal)
        return _login_page(form, refusal.status)
    sessions.start(identifier)
    return redirect_after_post(local_path(form.suite.data))


def _login_page(form: LoginForm, status: int) -> ResponseReturnValue:
    demo_accounts = queries.list_demo_accounts() if current_app.config["DEMO"] else []
    chosen = request.args.get("compte", "")
    filled = next((one for one in demo_accounts if one.courriel.partition("@")[0] == chosen), None)
    if filled is not None and request.method == "GET":
        form.courriel.data = filled.courriel
    context = {"form": form, "demo_accounts": demo_accounts, "demo_password": DEMO_PASSWORD, "filled": filled}
    return render_template("pages/accounts/login.html", **context), status


def _choose_password(token: str, purpose: str) -> ResponseReturnValue:
    """Show the form of a link received by e-mail; only posting it uses the link."""
    found = queries.get_token(token, purpose)
    form, status = NewPasswordForm(), 200 if found else 410
    if request.method == "POST" and found:
        _check_csrf()
        status = 422
        if form.validate_on_submit():
            try:
                sessions.start(accounts.choose_password(token, purpose, form.nouveau_mot_de_passe.data, _user_agent()))
                flash("Votre mot de passe est enregistré. Vous êtes connecté.", "success")
                return _without_referrer(redirect_after_post(url_for("home.index")))
            except EditRefused as refusal:
                form.show(refusal)
    page = "pages/accounts/new_password.html" if found else "pages/accounts/dead_link.html"
    context = {"form": form, "action": request.path, "purpose": purpose, "personne": found.personne if found else None}
    return _without_referrer(make_response(render_template(page, **context), status))


def _check_csrf() -> None:
    """These views are exempt because Flask-WTF asks for the Referer that Referrer-Policy: no-referrer takes away."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError as error:
        raise CSRFError(str(error)) from error


def _without_referrer(response):  # type: ignore[no-untyped-def]
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _profile_page(form: ProfileForm, password_form: ChangePasswordForm, status: int) -> ResponseReturnValue:
    return render_template(
        "pages/accounts/profile.html",
        form=form,
        password_form=password_form,
        open_sessions=queries.list_sessions(current_user, current_app.config["SESSION_IDLE"]),
        current_digest=sessions.current_digest(),
    ), status


def _address() -> str:
    return request.remote_addr or ""


def _user_agent() -> str:
    return request.user_agent.string
