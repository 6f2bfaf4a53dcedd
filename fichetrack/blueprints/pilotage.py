"""/pilotage: where the programme stands; every number is a link to the list that makes it."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack import clock
from fichetrack.blueprints.guards import requires
from fichetrack.queries import figures, filters
from fichetrack.vocabulary import Action

blueprint = Blueprint("pilotage", __name__, url_prefix="/pilotage")


@blueprint.get("")
@requires(Action.STEER)
def index() -> ResponseReturnValue:
    chosen = filters.clean(request.args.to_dict(flat=False), internal=True)
    return render_template(
        "pages/pilotage/index.html",
        pilotage=figures.get_pilotage(current_user, chosen),
        chosen=chosen,
        chips=filters.chips(chosen),
        now=clock.now(),
    )
