"""/pilotage: where the programme stands; every number is a link to the list that makes it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack import clock, permissions
from fichetrack.blueprints.guards import requires
from fichetrack.queries import figures, filters, territoires
from fichetrack.vocabulary import Action

blueprint = Blueprint("pilotage", __name__, url_prefix="/pilotage")


# The filters offered on the page itself; any filter of /fiches in the address is obeyed.
OFFERED = ("axe", "etat", "avancement")


@blueprint.get("")
@requires(Action.STEER)
def index() -> ResponseReturnValue:
    chosen = filters.clean(request.args.to_dict(flat=False), permissions.reads_internal(current_user))
    return render_template(
        "pages/pilotage/index.html",
        pilotage=figures.get_pilotage(current_user, chosen),
        chosen=chosen,
        chips=[_chip(chosen, *one) for one in filters.chips(chosen)],
        choices={name: filters.CHOICES[name] for name in OFFERED},
        kept=[(name, value) for name in chosen if name not in (*OFFERED, "region") for value in chosen[name]],
        regions=territoires.list_regions(),
        now=clock.now(),
    )


def _chip(chosen: filters.Filters, name: str, value: str, label: str, text: str) -> dict[str, str]:
    """A filter in words, and the page without it."""
    rest: dict[str, Any] = {**chosen, name: [one for one in chosen[name] if one != value]}
    return {"label": label, "value": text, "url": url_for("pilotage.index", **rest)}
