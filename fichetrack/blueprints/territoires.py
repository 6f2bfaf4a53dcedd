"""/territoires: the map with its table twin, the contours it draws, and the page of one territoire."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from fichetrack.blueprints.guards import public, sign_in_first
from fichetrack.blueprints.pacing import paced
from fichetrack.blueprints.panels import asked_place, kept_settings, shown
from fichetrack.blueprints.rendering import respond
from fichetrack.queries import fiches, panels, places, territoires
from fichetrack.queries.around import list_around
from fichetrack.queries.plan import list_plan

blueprint = Blueprint("territoires", __name__)


@blueprint.get("/territoires")
@public
def index() -> Response:
    q = request.args.get("q", "").strip()[:100]
    counts = fiches.count_by_territoire(current_user)
    total = sum(counts.values())
    return respond(
        "pages/territoires/index.html",
        "partials/territoires/_liste.html",
        q=q,
        territoires=territoires.list_territoires(q),
        places=places.search_places(current_user, q),
        counts=counts,
        total=total,
        hidden=fiches.count_hidden({}, total),
    )


@blueprint.get("/territoires/contours.geojson")
@public
def contours() -> BaseResponse:
    """Public geometry, the same for everybody: the browser keeps it and asks whether it changed."""
    text = territoires.contours_geojson(lambda code: url_for("territoires.show", code=code))
    response = make_response(text)
    response.mimetype = "application/geo+json"
    response.cache_control.public = True
    response.cache_control.max_age = 3600
    response.set_etag(hashlib.sha256(text.encode()).hexdigest()[:32])
    return response.make_conditional(request)


@blueprint.get("/territoires/<code>")
@public
@paced
def show(code: str) -> ResponseReturnValue:
    place = asked_place(code)
    if not places.may_read(current_user, place):
        return sign_in_first()
    drawn = [shown(panel) for panel in panels.get_panels(current_user, place, request.args)]
    territoire = territoires.get_whole_territoire(code)
    if territoire is None:
        around = list_around(place)
        return render_template(
            "pages/territoires/place.html", place=place, panels=drawn, around=around, settings=kept_settings()
        )
    plan = list_plan(current_user, territoire)
    count = sum(axe.count for axe in plan)
    return render_template(
        "pages/territoires/show.html",
        place=place,
        panels=drawn,
        settings=kept_settings(),
        territoire=territoire,
        plan=plan,
        count=count,
        hidden=fiches.count_hidden({"territoire": [territoire.code]}, count),
        people=territoires.list_people(territoire) if current_user.is_authenticated else None,
        perimeter=territoires.get_perimeter(territoire, place.as_of),
        detailed=panels.reader_of(current_user).detailed,
    )
