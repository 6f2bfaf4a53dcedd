"""/fiches: the list, one fiche, its sections, its transitions, its discussion and its readers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack import permissions
from fichetrack.blueprints.guards import members, public, requires
from fichetrack.blueprints.rendering import redirect_after_post, respond, submission
from fichetrack.errors import EditConflict, EditRefused, NotVisible, TransitionRefused
from fichetrack.extensions import htmx
from fichetrack.fields import Section
from fichetrack.forms.fiches import POINTED_AT, CommentForm, FicheForm, TransitionForm, creation_form, section_form
from fichetrack.models import Fiche
from fichetrack.queries import fiche_page, filters, territoires
from fichetrack.queries import fiches as queries
from fichetrack.services import fiches as services
from fichetrack.services import transitions
from fichetrack.vocabulary import Action, Diffusion, Meteo

blueprint = Blueprint("fiches", __name__, url_prefix="/fiches")

VIEWS = ("liste", "tableau")
# Where a transition pressed from a list returns to.
BACK = {"instruction": "instruction.index", "accueil": "home.index"}
DONE = {
    Action.SUBMIT: "La fiche est déposée. La région la prend en charge, puis l’instruit ; vous suivrez chaque étape ici.",
    Action.CONFIRM: "Merci : la fiche est à jour.",
    Action.DELETE: "Le brouillon est supprimé.",
}


# --- the list ----------------------------------------------------------------------------------------------------------


@blueprint.get("")
@public
def index() -> ResponseReturnValue:
    chosen = filters.clean(request.args.to_dict(flat=False), permissions.reads_internal(current_user))
    sort = request.args.get("tri", queries.DEFAULT_SORT)
    view = request.args.get("vue", VIEWS[0])
    page = queries.list_fiches(current_user, chosen, _page_number(), sort, current_app.config["PAGE_SIZE"])
    state = {**chosen, "tri": [sort], "vue": [view]}
    return respond(
        "pages/fiches/index.html",
        "partials/fiches/_liste.html",
        page=page,
        rows=fiche_page.list_rows(page.items),
        chosen=chosen,
        chips=_chips(chosen, state),
        sort=sort,
        view=view if view in VIEWS else VIEWS[0],
        address=lambda **changes: _address({**state, **{name: [value] for name, value in changes.items()}}),
        address_for_sort=lambda key: _address({**state, "tri": [key]}),
        address_for_page=lambda number: _address({**state, "page": [str(number)]}),
        internal_names=filters.INTERNAL,
        choices=filters.CHOICES,
        internal=permissions.reads_internal(current_user),
        territoires=territoires.list_territoires(),
        regions=territoires.list_regions(),
        may_create=permissions.can(current_user, Action.CREATE),
        may_import=permissions.can(current_user, Action.IMPORT),
        may_follow=permissions.can(current_user, Action.FOLLOW),
    )


def _chips(chosen: filters.Filters, state: filters.Filters) -> list[dict[str, str]]:
    def without(name: str, value: str) -> filters.Filters:
        return {**state, name: [one for one in chosen[name] if one != value]}

    return [
        {"label": label, "value": text, "url": _address(without(name, value))}
        for name, value, label, text in filters.chips(chosen)
    ]


def _address(state: filters.Filters) -> str:
    """The list in that state; what is at its default is left out of the address."""
    defaults = {"tri": queries.DEFAULT_SORT, "vue": VIEWS[0], "page": "1"}
    arguments = {name: values for name, values in state.items() if values and values != [defaults.get(name)]}
    return url_for("fiches.index", **arguments)  # type: ignore[arg-type]  # lists repeat the name


def _page_number() -> int:
    return max(request.args.get("page", 1, type=int), 1)


# --- one fiche ---------------------------------------------------------------------------------------------------------


@blueprint.get("/<code>")
@public
def read(code: str) -> ResponseReturnValue:
    fiche = _fiche(code)
    if code != fiche.address:
        return redirect_after_post(url_for("fiches.read", code=fiche.address))
    return _page_of(fiche)


def _page_of(fiche: Fiche, status: int = 200, **context: Any) -> ResponseReturnValue:
    view = fiche_page.get_page(current_user, fiche)
    return make_response(
        render_template("pages/fiches/read.html", view=view, fiche=fiche, **_page_context() | context), status
    )


def _page_context() -> dict[str, Any]:
    return {
        "answers": {},
        "comment_form": CommentForm(),
        "meteos": list(Meteo),
        "fields": POINTED_AT,
    }


@blueprint.route("/nouvelle", methods=["GET", "POST"])
@requires(Action.CREATE)
def create() -> ResponseReturnValue:
    form = creation_form()(request.form if request.method == "POST" else None).with_territoires(_editable_territoires())
    if request.method == "POST" and form.validate():
        try:
            address = services.create(current_user, form.changes(), submission=submission())
        except EditRefused as refusal:
            form.add_errors(refusal.errors or {"": [refusal.message]})
        else:
            flash("Le brouillon est enregistré. Complétez-le, puis déposez-le.", "success")
            return redirect_after_post(url_for("fiches.read", code=address))
    refused = bool(form.errors or form.form_errors)
    near = queries.list_near_titles(current_user, form.intitule.data or "") if refused else []
    drafts = queries.list_my_drafts(current_user)
    page = render_template("pages/fiches/create.html", form=form, drafts=drafts, near=near)
    return make_response(page, 422 if refused else 200)


@blueprint.get("/titres-proches")
@requires(Action.CREATE)
def near_titles() -> str:
    """Fiches near the title being typed."""
    near = queries.list_near_titles(current_user, request.args.get("intitule", ""))
    return render_template("partials/fiches/_proches.html", near=near)


# --- a section ---------------------------------------------------------------------------------------------------------


@blueprint.get("/<code>/sections/<section>")
@members
def edit(code: str, section: str) -> ResponseReturnValue:
    fiche = _fiche_to_edit(code)
    name = _section(section)
    form = _form_of(fiche, name)
    return _section_page(fiche, name, form, base=fiche.version_of(name))


@blueprint.post("/<code>/sections/<section>")
@members
def save(code: str, section: str) -> ResponseReturnValue:
    fiche = _fiche_to_edit(code)
    name = _section(section)
    form = _posted_form(name)
    base = request.form.get("base", 0, type=int)
    if "ajouter" in request.form:
        form.add_row(request.form["ajouter"])
        return _section_page(fiche, name, form, base=base)
    if not form.validate():
        return _section_page(fiche, name, form, base=base, status=422)
    try:
        address = services.edit_section(current_user, code, name, base, form.changes(), submission=submission())
    except EditConflict as conflict:
        fiche = _fiche(code)
        return _section_page(fiche, name, form, base=fiche.version_of(name), status=409, conflict=conflict)
    except EditRefused as refusal:
        form.add_errors(refusal.errors or {"": [refusal.message]})
        return _section_page(_fiche(code), name, form, base=base, status=422)
    flash(f"« {name.label} » : enregistré.", "success")
    flash(f"{fiche.draft_id}-{name}", "forget")  # autosave.js drops the copy this browser kept
    if htmx:
        return _section_in_place(_fiche(address), name)
    return redirect_after_post(url_for("fiches.read", code=address, _anchor=f"section-{name}"))


def _section_in_place(fiche: Fiche, section: Section) -> str:
    """The section as it now reads, and beside it what it changes on the page: heading, decisions, journal."""
    view = fiche_page.get_page(current_user, fiche)
    part = next(one for one in view.sections if one.section == section)
    return render_template("partials/fiches/_enregistree.html", fiche=fiche, view=view, part=part, **_page_context())


@blueprint.post("/<code>/sections/<section>/enregistrement")
@members
def autosave(code: str, section: str) -> ResponseReturnValue:
    """A draft saves itself while it is being written; the answer is read by autosave.js."""
    name = _section(section)
    fiche = _fiche(code)
    form = _posted_form(name)
    if not form.validate():
        return {
            "message": "une valeur n’est pas acceptable. Corrigez-la ; votre texte est gardé dans ce navigateur."
        }, 422
    try:
        services.edit_section(current_user, code, name, request.form.get("base", 0, type=int), form.changes())
    except EditConflict:
        return {"message": "quelqu’un a modifié cette section entre-temps."}, 409
    except EditRefused as refusal:
        return {"message": refusal.message[:1].lower() + refusal.message[1:]}, 422
    fiche = _fiche(code)
    return {"fields": {"base": str(fiche.version_of(name))}}


def _form_of(fiche: Fiche, section: Section) -> FicheForm:
    values = fiche_page.form_values(fiche, section)
    return section_form(section)(data=values).with_territoires(_territoires_for(fiche))


def _posted_form(section: Section) -> FicheForm:
    return section_form(section)(request.form).with_territoires(_all_territoires())


def _section_page(
    fiche: Fiche, section: Section, form: FicheForm, base: int, status: int = 200, conflict: EditConflict | None = None
) -> ResponseReturnValue:
    return respond(
        "pages/fiches/edit.html",
        "partials/fiches/_formulaire.html",
        status=status,
        fiche=fiche,
        section=section,
        form=form,
        base=base,
        conflict=conflict,
        autosaves=fiche_page.autosaves(fiche),
        requested=fiche.requested_fields,
        in_place=bool(htmx),
    )


# --- what one does to a fiche ------------------------------------------------------------------------------------------


@blueprint.post("/<code>/transitions")
@members
def transition(code: str) -> ResponseReturnValue:
    """Every transition of the workflow; `action` is the button pressed."""
    form = TransitionForm(request.form)
    action = next((one for one in Action if one == form.action.data), None) or abort(400)
    answers = form.answers()
    try:
        address = transitions.change_etat(current_user, code, action, answers, submission=submission())
    except TransitionRefused as refusal:
        return _page_of(_fiche(code), 409, refusal=refusal, refused_action=action, answers=answers)
    flash(DONE.get(action, f"C’est fait : « {action.label} »."), "success")
    if address is None:
        return redirect_after_post(url_for("home.index"))
    back = BACK.get(request.form.get("retour", ""))
    return redirect_after_post(url_for(back) if back else url_for("fiches.read", code=address))


@blueprint.post("/<code>/commentaires")
@members
def comment(code: str) -> ResponseReturnValue:
    form = CommentForm(request.form)
    if not form.validate():
        return _page_of(_fiche(code), 422, comment_form=form)
    services.comment(current_user, code, form.body.data.strip(), submission=submission())
    return redirect_after_post(url_for("fiches.read", code=code, _anchor="discussion"))


@blueprint.post("/<code>/diffusion")
@members
def restrict(code: str) -> ResponseReturnValue:
    diffusion = next((one for one in Diffusion if one == request.form.get("diffusion")), None) or abort(400)
    try:
        services.restrict(current_user, code, diffusion, request.form.get("motif", ""), submission=submission())
    except EditRefused as refusal:
        return _page_of(
            _fiche(code), 422, restrict_error=refusal.message, answers={"motif": request.form.get("motif", "")}
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
        return _page_of(_fiche(code), 422, reader_error=refusal.message, typed_reader=request.form.get("lecteur", ""))
    return redirect_after_post(url_for("fiches.read", code=code, _anchor="lecteurs"))


@blueprint.post("/<code>/lecteurs/<int:reader_id>/retrait")
@members
def unname_reader(code: str, reader_id: int) -> ResponseReturnValue:
    services.unname_reader(current_user, code, reader_id, submission=submission())
    return redirect_after_post(url_for("fiches.read", code=code, _anchor="lecteurs"))


# --- small joints ------------------------------------------------------------------------------------------------------


def _fiche(code: str) -> Fiche:
    fiche = queries.get_fiche(current_user, code)
    if fiche is None:
        raise NotVisible
    return fiche


def _fiche_to_edit(code: str) -> Fiche:
    fiche = _fiche(code)
    permissions.require(current_user, Action.EDIT, fiche)
    return fiche


def _section(name: str) -> Section:
    return next((one for one in Section if one == name), None) or abort(404)


def _editable_territoires() -> list[tuple[str, str]]:
    mandats = permissions.valid_mandats(current_user)
    found = {m.territoire.code: m.territoire.nom for m in mandats if m.role in permissions.EDITORS and m.territoire}
    return sorted(found.items(), key=lambda pair: pair[1])


def _territoires_for(fiche: Fiche) -> list[tuple[str, str]]:
    return sorted({(fiche.territoire.code, fiche.territoire.nom), *_editable_territoires()}, key=lambda pair: pair[1])


def _all_territoires() -> list[tuple[str, str]]:
    return [(one.code, one.nom) for one in territoires.list_territoires()]
