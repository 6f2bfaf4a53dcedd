"""/fiches/<code>/sections: editing a section, saving it, letting a draft save itself."""

from __future__ import annotations

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack import permissions
from fichetrack.blueprints.fiches import blueprint, editable_territoires, load_fiche, page_context
from fichetrack.blueprints.guards import members
from fichetrack.blueprints.rendering import redirect_after_post, respond, submission
from fichetrack.errors import EditConflict, EditRefused
from fichetrack.extensions import htmx
from fichetrack.fields import Section
from fichetrack.forms.fiches import FicheForm, section_form
from fichetrack.models import Fiche
from fichetrack.queries import fiche_page, territoires
from fichetrack.services import fiches as services
from fichetrack.vocabulary import Action


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
        fiche = load_fiche(code)
        return _section_page(fiche, name, form, base=fiche.version_of(name), status=409, conflict=conflict)
    except EditRefused as refusal:
        form.add_errors(refusal.errors or {"": [refusal.message]})
        return _section_page(load_fiche(code), name, form, base=base, status=422)
    flash(f"« {name.label} » : enregistré.", "success")
    flash(f"{fiche.draft_id}-{name}", "forget")  # autosave.js drops the copy this browser kept
    if htmx:
        return _section_in_place(load_fiche(address), name)
    return redirect_after_post(url_for("fiches.read", code=address, _anchor=f"section-{name}"))


@blueprint.post("/<code>/sections/<section>/enregistrement")
@members
def autosave(code: str, section: str) -> ResponseReturnValue:
    """A draft saves itself while it is being written; the answer is read by autosave.js."""
    name = _section(section)
    fiche = load_fiche(code)
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
    fiche = load_fiche(code)
    return {"fields": {"base": str(fiche.version_of(name))}}


def _section_in_place(fiche: Fiche, section: Section) -> str:
    """The section as it now reads, and beside it what it changes on the page: heading, decisions, journal."""
    view = fiche_page.get_page(current_user, fiche)
    part = next(one for one in view.sections if one.section == section)
    return render_template("partials/fiches/_enregistree.html", fiche=fiche, view=view, part=part, **page_context())


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
        engaged=fiche_page.engaged_names(fiche),
        in_place=bool(htmx),
    )


def _fiche_to_edit(code: str) -> Fiche:
    fiche = load_fiche(code)
    permissions.require(current_user, Action.EDIT, fiche)
    return fiche


def _section(name: str) -> Section:
    return next((one for one in Section if one == name), None) or abort(404)


def _territoires_for(fiche: Fiche) -> list[tuple[str, str]]:
    return sorted({(fiche.territoire.code, fiche.territoire.nom), *editable_territoires()}, key=lambda pair: pair[1])


def _all_territoires() -> list[tuple[str, str]]:
    return [(one.code, one.nom) for one in territoires.list_territoires()]
