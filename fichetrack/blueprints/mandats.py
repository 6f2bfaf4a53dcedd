"""People and mandats: the list, inviting, one person, granting, ending, closing an account."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack import clock, permissions
from fichetrack.blueprints.guards import requires
from fichetrack.blueprints.rendering import redirect_after_post, submission
from fichetrack.errors import EditRefused, NotVisible, PermissionRefused
from fichetrack.forms.mandats import EndForm, GrantForm, InviteForm
from fichetrack.models import Mandat, Personne
from fichetrack.queries import personnes
from fichetrack.services import accounts, mandats
from fichetrack.vocabulary import Action

blueprint = Blueprint("mandats", __name__)


@blueprint.get("/personnes")
@requires(Action.MANAGE_MANDATS)
def index() -> ResponseReturnValue:
    q, territoire = request.args.get("q", "").strip(), request.args.get("territoire", "")
    page = personnes.list_personnes(current_user, q, request.args.get("page", 1, type=int), territoire)
    return render_template(
        "pages/mandats/index.html",
        page=page,
        q=q,
        territoire=territoire,
        mandats={one.id: personnes.visible_mandats(current_user, one) for one in page.items},
        short=personnes.list_short_territoires(current_user),
        today=clock.today(),
        url_for_page=lambda number: url_for(".index", q=q or None, territoire=territoire or None, page=number),
    )


@blueprint.route("/personnes/inviter", methods=["GET", "POST"])
@requires(Action.MANAGE_MANDATS)
def invite() -> ResponseReturnValue:
    form = _with_choices(InviteForm())
    if request.method == "GET":
        form.perimetre.data = request.args.get("perimetre")
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            personne_id = mandats.invite(
                current_user, form.courriel.data, form.nom.data, _given(form), submission=submission()
            )
            flash(f"Le mandat est donné. {_told_by_mail()}", "success")
            return redirect_after_post(url_for(".show", personne_id=personne_id))
        except (EditRefused, PermissionRefused) as refusal:
            form.show(refusal)
            status = refusal.status
    return render_template("pages/mandats/invite.html", form=form), status


@blueprint.get("/personnes/<int:personne_id>")
@requires(Action.MANAGE_MANDATS)
def show(personne_id: int) -> ResponseReturnValue:
    return _person_page(_personne(personne_id), GrantForm(formdata=None))


@blueprint.post("/personnes/<int:personne_id>/mandats")
@requires(Action.MANAGE_MANDATS)
def grant(personne_id: int) -> ResponseReturnValue:
    personne, form, status = _personne(personne_id), _with_choices(GrantForm()), 422
    if form.validate_on_submit():
        try:
            mandats.grant(current_user, personne.id, _given(form), submission=submission())
            flash(f"Le mandat est donné. {_told_by_mail()}", "success")
            return redirect_after_post(url_for(".show", personne_id=personne_id))
        except (EditRefused, PermissionRefused) as refusal:
            form.show(refusal)
            status = refusal.status
    return _person_page(_personne(personne_id), form, status)


@blueprint.route("/mandats/<int:mandat_id>/fin", methods=["GET", "POST"])
@requires(Action.MANAGE_MANDATS)
def end(mandat_id: int) -> ResponseReturnValue:
    mandat, form = _mandat(mandat_id), EndForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            personne_id = mandats.end(current_user, mandat_id, form.last_day.data)
            flash(f"La fin du mandat est enregistrée. {_told_by_mail()}", "success")
            return redirect_after_post(url_for(".show", personne_id=personne_id))
        except EditRefused as refusal:
            form.show(refusal)
    return render_template("pages/mandats/end.html", form=form, mandat=mandat), status


@blueprint.post("/personnes/<int:personne_id>/invitation")
@requires(Action.MANAGE_MANDATS)
def invite_again(personne_id: int) -> ResponseReturnValue:
    mandats.invite_again(current_user, personne_id)
    flash(f"Une nouvelle invitation est prête, la précédente n’est plus valable. {_told_by_mail()}", "success")
    return redirect_after_post(url_for(".show", personne_id=personne_id))


@blueprint.post("/personnes/<int:personne_id>/fermeture")
@requires(Action.MANAGE_MANDATS)
def close(personne_id: int) -> ResponseReturnValue:
    accounts.close(current_user, personne_id)
    flash("Le compte est fermé : ses sessions et ses mandats ont pris fin.", "success")
    return redirect_after_post(url_for(".show", personne_id=personne_id))


def _personne(personne_id: int) -> Personne:
    personne = personnes.get_personne(current_user, personne_id)
    if personne is None:
        raise NotVisible
    return personne


def _mandat(mandat_id: int) -> Mandat:
    mandat = personnes.get_mandat(current_user, mandat_id)
    if mandat is None:
        raise NotVisible
    return mandat


def _given(form: GrantForm) -> mandats.Given:
    organisation = (form.organisation.data or "") if form.organisation else ""
    return mandats.Given(
        form.role.data, form.perimetre.data, form.starts_on.data, form.ends_on.data, organisation.strip()
    )


def _with_choices(form: Any) -> Any:
    choices = personnes.list_choices(current_user)
    form.role.choices = [("", "Choisir…"), *choices.roles]
    form.perimetre.choices = {"": [("", "Choisir…")], **choices.perimetres}
    if choices.names_organisations:
        form.perimetre.flags.required = False
    else:
        del form.organisation
    if not form.is_submitted():
        form.starts_on.data = clock.today()
    return form


def _person_page(personne: Personne, form: GrantForm, status: int = 200) -> ResponseReturnValue:
    rows = personnes.visible_mandats(current_user, personne)
    in_force = permissions.valid_mandats(personne)
    return render_template(
        "pages/mandats/show.html",
        personne=personne,
        form=_with_choices(form) if form.role.choices is None else form,
        mandats=[(one, one in in_force, personnes.manages_mandat(current_user, one)) for one in rows],
        can_grant=personne.id != current_user.id and personne.closed_at is None,
        can_invite=personne.password_hash is None and personne.closed_at is None,
        can_close=personne.closed_at is None and personnes.closes_accounts(current_user, personne),
    ), status


def _told_by_mail() -> str:
    """Whether an e-mail will leave: a service without a mail server keeps it in its outbox."""
    if current_app.config["MAIL_URL"]:
        return "La personne en est informée par courriel."
    return "Aucun serveur de courriel n’est réglé : prévenez la personne vous-même."
