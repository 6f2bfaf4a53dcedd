"""/comparer?t=…&t=…: two to four places side by side; with one, those it may be compared with."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack.blueprints.guards import public, sign_in_first
from fichetrack.blueprints.panels import PARTIALS, asked_day
from fichetrack.queries import comparison, places, profiles, territoires
from fichetrack.queries.places import Place
from fichetrack.queries.releases import Shelf

blueprint = Blueprint("comparison", __name__)


@blueprint.get("/comparer")
@public
def show() -> ResponseReturnValue:
    if "ajouter" in request.args:
        return redirect(url_for("comparison.show", t=_asked()), code=303)
    asked = _asked()
    found = [place for code in asked[: comparison.MOST] if (place := places.get_place(code, asked_day()))]
    if not all(places.may_read(current_user, place) for place in found):
        return sign_in_first()
    blocks = comparison.compare(current_user, found, request.args) if len(found) > 1 else []
    return render_template(
        "pages/comparison/show.html",
        places=found,
        unknown=[code[:80] for code in asked if code not in {place.code for place in found}],
        most=comparison.MOST,
        blocks=[block for block in blocks if block.shown.code in PARTIALS],
        similar=_similar(found),
        method=profiles.METHOD,
        territoires=territoires.list_territoires(),
    )


def _asked() -> list[str]:
    """The codes of the address, each once: one per `t`, or several with commas, then the one to add."""
    texts = [*request.args.getlist("t"), request.args.get("ajouter", "")]
    return [code for code in dict.fromkeys(part for text in texts for part in text.split(",")) if code]


def _similar(found: list[Place]) -> list[profiles.Similar]:
    """Those nearest to the first place, but those already here."""
    here = {place.code for place in found}
    return [one for one in profiles.list_similar(found[0], Shelf()) if one.code not in here] if found else []
