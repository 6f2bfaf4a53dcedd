"""/territoires/<code>/<panneau>: one panel whole, its settings in the address; the same as csv, xlsx or json."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack.blueprints.guards import members, public, sign_in_first
from fichetrack.blueprints.rendering import respond
from fichetrack.errors import NotVisible
from fichetrack.queries import panels, places
from fichetrack.queries.panels import exporting
from fichetrack.queries.panels.shapes import Panel

blueprint = Blueprint("panels", __name__)

# What draws each panel.
PARTIALS: dict[str, str] = {
    "specificite": "partials/panneaux/_specificite.html",
    "metiers": "partials/panneaux/_metiers.html",
    "emploi": "partials/panneaux/_emploi.html",
    "foncier": "partials/panneaux/_foncier.html",
    "mobilite": "partials/panneaux/_mobilite.html",
    "zonages": "partials/panneaux/_zonages.html",
}


@blueprint.get("/territoires/<code>/<panneau>")
@public
def show(code: str, panneau: str) -> ResponseReturnValue:
    place = asked_place(code)
    if not places.may_read(current_user, place):
        return sign_in_first()
    panel = panels.get_panel(current_user, panneau, place, request.args)
    if panel is None:
        raise NotVisible
    return respond("pages/panneaux/show.html", PARTIALS[panneau], **shown(panel), full=True)


@blueprint.get("/territoires/<code>/<panneau>.<any(csv, xlsx, json):kind>")
@members
def export(code: str, panneau: str, kind: str) -> ResponseReturnValue:
    panel = panels.get_panel(current_user, panneau, asked_place(code), request.args)
    if panel is None or panel.missing:
        raise NotVisible
    page = url_for("panels.show", code=code, panneau=panneau, **request.args, _external=True)
    response = make_response(exporting.export(panel, kind, page))
    response.mimetype = exporting.MIMETYPES[kind]
    response.headers["Content-Disposition"] = f'attachment; filename="{exporting.filename(panel, kind)}"'
    return response


def asked_place(code: str) -> places.Place:
    """The place of the address, at the date it asks. Raises NotVisible when there is none."""
    place = places.get_place(code, asked_day())
    if place is None:
        raise NotVisible
    return place


def asked_day() -> date | None:
    """`?date=2022-12-31`: the perimeter of that day; anything unreadable is today."""
    try:
        return date.fromisoformat(request.args.get("date", ""))
    except ValueError:
        return None


def shown(panel: Panel) -> dict[str, Any]:
    """What the templates of a panel need: itself, its pages, its downloads."""
    code = panel.place.code
    kept: dict[str, Any] = dict(request.args)
    downloads = {
        kind: url_for("panels.export", code=code, panneau=panel.code, kind=kind, **kept) for kind in exporting.MIMETYPES
    }
    return {
        "panel": panel,
        "place": panel.place,
        "partial": PARTIALS[panel.code],
        "url": url_for("panels.show", code=code, panneau=panel.code, **kept),
        "downloads": downloads if current_user.is_authenticated and not panel.missing else {},
    }
