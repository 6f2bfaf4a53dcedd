"""/territoires/<code>/<panneau>: one panel whole, its settings in the address; the same as csv, xlsx or json."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from fichetrack.blueprints.drawings import DRAWINGS
from fichetrack.blueprints.guards import members, public, sign_in_first
from fichetrack.blueprints.pacing import paced
from fichetrack.blueprints.rendering import respond
from fichetrack.errors import NotVisible
from fichetrack.queries import panels, places
from fichetrack.queries.panels import exporting
from fichetrack.queries.panels.shapes import Panel

blueprint = Blueprint("panels", __name__)

SETTING = re.compile(r"[a-z][a-z0-9_]{0,30}")

# What draws each panel.
PARTIALS: dict[str, str] = {
    "specificite": "partials/panneaux/_specificite.html",
    "metiers": "partials/panneaux/_metiers.html",
    "emploi": "partials/panneaux/_emploi.html",
    "foncier": "partials/panneaux/_foncier.html",
    "mobilite": "partials/panneaux/_mobilite.html",
    "zonages": "partials/panneaux/_zonages.html",
    "financements": "partials/panneaux/_financements.html",
}


@blueprint.get("/territoires/<code>/<panneau>")
@public
@paced
def show(code: str, panneau: str) -> ResponseReturnValue:
    place = asked_place(code)
    if not places.may_read(current_user, place):
        return sign_in_first()
    panel = panels.get_panel(current_user, panneau, place, request.args)
    if panel is None:
        raise NotVisible
    drawn = shown(panel, full=True) | {"titles": panels.TITLES, "settings": kept_settings()}
    return respond("pages/panneaux/show.html", "partials/panneaux/_dessin.html", **drawn)


@blueprint.get("/territoires/<code>/<panneau>.<any(csv, xlsx, json):kind>")
@members
@paced
def export(code: str, panneau: str, kind: str) -> ResponseReturnValue:
    panel = panels.get_panel(current_user, panneau, asked_place(code), request.args)
    if panel is None or panel.missing:
        raise NotVisible
    page = url_for("panels.show", code=code, panneau=panneau, **kept_settings(), _external=True)
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


def shown(panel: Panel, full: bool = False) -> dict[str, Any]:
    """What the pages of a panel need: itself, and how it is drawn for this reader."""
    return {"panel": panel, "place": panel.place, "drawing": _draw(panel, full)}


def _draw(panel: Panel, full: bool) -> Markup:
    """A panel as this address draws it, kept: a page draws its frame alone."""

    def draw() -> str:
        code, settings = panel.place.code, kept_settings()
        url = url_for("panels.show", code=code, panneau=panel.code, **settings)
        downloads = {
            kind: url_for("panels.export", code=code, panneau=panel.code, kind=kind, **settings)
            for kind in exporting.MIMETYPES
            if current_user.is_authenticated and not panel.missing
        }
        return render_template(
            PARTIALS[panel.code], panel=panel, place=panel.place, url=url, downloads=downloads, full=full
        )

    return DRAWINGS.get((panel,), (full, request.path, request.query_string), draw)


def kept_settings() -> dict[str, Any]:
    """The settings of the address, to be carried along; names that mean something to an address itself are dropped."""
    reserved = {"code", "panneau", "kind", "endpoint", "t", "ajouter"}
    return {name: text for name, text in request.args.items() if SETTING.fullmatch(name) and name not in reserved}
