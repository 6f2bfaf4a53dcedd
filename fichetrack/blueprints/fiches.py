"""/fiches: the list, one fiche, and beginning one. Its sections: fiche_sections; what one does to it: fiche_acts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack import permissions
from fichetrack.blueprints.guards import public, requires
from fichetrack.blueprints.rendering import redirect_after_post, respond, submission
from fichetrack.errors import EditRefused, NotVisible
from fichetrack.forms.fiches import POINTED_AT, CommentForm, creation_form
from fichetrack.models import Fiche
from fichetrack.queries import context as territory_context
from fichetrack.queries import fiche_page, filters, territoires
from fichetrack.queries import fiches as queries
from fichetrack.services import fiches as services
from fichetrack.vocabulary import Action, Meteo

blueprint = Blueprint("fiches", __name__, url_prefix="/fiches")

VIEWS = ("liste", "tableau")


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
        internal_names=filters.INTERNAL | filters.MEMBERS,
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


@blueprint.get("/<code>")
@public
def read(code: str) -> ResponseReturnValue:
    fiche = load_fiche(code)
    if code != fiche.address:
        return redirect_after_post(url_for("fiches.read", code=fiche.address))
    return page_of(fiche)


@blueprint.route("/nouvelle", methods=["GET", "POST"])
@requires(Action.CREATE)
def create() -> ResponseReturnValue:
    form = creation_form()(request.form if request.method == "POST" else None).with_territoires(editable_territoires())
    if request.method == "POST" and form.validate():
        try:
            address = services.create(current_user, form.changes(), submission=submission())
        except EditRefused as refusal:
            form.add_errors(refusal.errors or {"": [refusal.message]})
        else:
            flash("Le brouillon est enregistré. Complétez-le, puis déposez-le.", "success")
            _tell_near(address, form.intitule.data or "")
            return redirect_after_post(url_for("fiches.read", code=address))
    refused = bool(form.errors or form.form_errors)
    near = queries.list_near_titles(current_user, form.intitule.data or "") if refused else []
    drafts = queries.list_my_drafts(current_user)
    page = render_template("pages/fiches/create.html", form=form, drafts=drafts, near=near)
    return make_response(page, 422 if refused else 200)


def _tell_near(address: str, intitule: str) -> None:
    """Without JavaScript the near titles were not seen while typing: they are told before the fiche is filed."""
    near = [fiche for fiche in queries.list_near_titles(current_user, intitule) if fiche.address != address]
    if near:
        flash(
            f"Une fiche proche existe déjà : {near[0].address}, « {near[0].intitule} ». Vérifiez avant de déposer.",
            "info",
        )


@blueprint.get("/titres-proches")
@requires(Action.CREATE)
def near_titles() -> str:
    """Fiches near the title being typed."""
    near = queries.list_near_titles(current_user, request.args.get("intitule", ""))
    return render_template("partials/fiches/_proches.html", near=near)


def page_of(fiche: Fiche, status: int = 200, **context: Any) -> ResponseReturnValue:
    """The whole page of a fiche; `context` carries what was refused and what was typed."""
    view = fiche_page.get_page(current_user, fiche)
    shown = page_context() | {"context": territory_context.get_context(fiche)} | context
    return make_response(render_template("pages/fiches/read.html", view=view, fiche=fiche, **shown), status)


def page_context() -> dict[str, Any]:
    return {
        "answers": {},
        "comment_form": CommentForm(),
        "meteos": list(Meteo),
        "fields": POINTED_AT,
    }


def load_fiche(code: str) -> Fiche:
    """The fiche at an address, or the 404 that an unknown address gets."""
    fiche = queries.get_fiche(current_user, code)
    if fiche is None:
        raise NotVisible
    return fiche


def editable_territoires() -> list[tuple[str, str]]:
    mandats = permissions.valid_mandats(current_user)
    found = {m.territoire.code: m.territoire.nom for m in mandats if m.role in permissions.EDITORS and m.territoire}
    return sorted(found.items(), key=lambda pair: pair[1])
