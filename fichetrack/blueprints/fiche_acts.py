"""What one does to a fiche beside editing it: transitions, discussion, diffusion, the région's météo, named readers."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack.blueprints.fiches import blueprint, load_fiche, page_of
from fichetrack.blueprints.guards import members, public
from fichetrack.blueprints.rendering import redirect_after_post, submission
from fichetrack.errors import EditRefused, TransitionRefused
from fichetrack.forms.fiches import CommentForm, TransitionForm
from fichetrack.services import fiches as services
from fichetrack.services import transitions
from fichetrack.vocabulary import Action, Diffusion, Meteo

# Where a transition pressed from a list returns to.
BACK = {"instruction": "instruction.index", "accueil": "home.index"}
DONE = {
    Action.SUBMIT: "La fiche est déposée. La région la prend en charge, puis l’instruit ; vous suivrez chaque étape ici.",
    Action.CONFIRM: "Merci : la fiche est à jour.",
    Action.DELETE: "Le brouillon est supprimé.",
}


@blueprint.post("/<code>/transitions")
@members
def transition(code: str) -> ResponseReturnValue:
    """Every transition of the workflow; `action` is the button pressed."""
    form = TransitionForm(request.form)
    action = next((one for one in Action if one == form.action.data), None) or abort(400)
    answers = form.answers()
    if sentence := form.too_long():
        refusal = TransitionRefused(sentence)
        return page_of(load_fiche(code), 422, refusal=refusal, refused_action=action, answers=answers)
    try:
        address = transitions.change_etat(current_user, code, action, answers, submission=submission())
    except TransitionRefused as refusal:
        return page_of(load_fiche(code), 409, refusal=refusal, refused_action=action, answers=answers)
    flash(DONE.get(action, f"C’est fait : « {action.label} »."), "success")
    if address is None:
        return redirect_after_post(url_for("home.index"))
    back = BACK.get(request.form.get("retour", ""))
    return redirect_after_post(url_for(back) if back else url_for("fiches.read", code=address))


@blueprint.get("/<code>/<any(transitions, commentaires, diffusion, lecteurs, 'meteo-region'):act>")
@public
def back_to_fiche(code: str, act: str) -> ResponseReturnValue:
    """The page of a refusal reloaded: these addresses only act, what there is to read is the fiche."""
    return redirect(url_for("fiches.read", code=load_fiche(code).address), code=303)


@blueprint.post("/<code>/commentaires")
@members
def comment(code: str) -> ResponseReturnValue:
    form = CommentForm(request.form)
    if not form.validate():
        return page_of(load_fiche(code), 422, comment_form=form)
    services.comment(current_user, code, form.body.data.strip(), submission=submission())
    return redirect_after_post(url_for("fiches.read", code=code, _anchor="discussion"))


@blueprint.post("/<code>/diffusion")
@members
def restrict(code: str) -> ResponseReturnValue:
    diffusion = next((one for one in Diffusion if one == request.form.get("diffusion")), None) or abort(400)
    try:
        if sentence := TransitionForm(request.form).too_long():
            raise EditRefused(sentence)
        services.restrict(current_user, code, diffusion, request.form.get("motif", ""), submission=submission())
    except EditRefused as refusal:
        return page_of(
            load_fiche(code), 422, restrict_error=refusal.message, answers={"motif": request.form.get("motif", "")}
        )
    flash("La diffusion est restreinte, partout et dès maintenant.", "success")
    return redirect_after_post(url_for("fiches.read", code=code))


@blueprint.post("/<code>/meteo-region")
@members
def give_meteo(code: str) -> ResponseReturnValue:
    meteo = next((one for one in Meteo if one == request.form.get("meteo_region")), None)
    services.give_meteo(current_user, code, meteo, submission=submission())
    flash("La météo de la région est enregistrée.", "success")
    return redirect_after_post(url_for("fiches.read", code=code))


@blueprint.post("/<code>/lecteurs")
@members
def name_reader(code: str) -> ResponseReturnValue:
    try:
        services.name_reader(current_user, code, request.form.get("lecteur", ""), submission=submission())
    except EditRefused as refusal:
        return page_of(
            load_fiche(code), 422, reader_error=refusal.message, typed_reader=request.form.get("lecteur", "")
        )
    return redirect_after_post(url_for("fiches.read", code=code, _anchor="lecteurs"))


@blueprint.post("/<code>/lecteurs/<int:reader_id>/retrait")
@members
def unname_reader(code: str, reader_id: int) -> ResponseReturnValue:
    services.unname_reader(current_user, code, reader_id, submission=submission())
    return redirect_after_post(url_for("fiches.read", code=code, _anchor="lecteurs"))
