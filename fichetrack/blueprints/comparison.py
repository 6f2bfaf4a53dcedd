"""/comparer?t=…&t=…: two to four places side by side; with one, those it may be compared with."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from fichetrack import clock
from fichetrack.blueprints.drawings import DRAWINGS
from fichetrack.blueprints.guards import members, public, sign_in_first
from fichetrack.blueprints.pacing import paced
from fichetrack.blueprints.panels import PARTIALS, asked_day, kept_settings
from fichetrack.errors import NotVisible
from fichetrack.queries import comparison, places, profiles
from fichetrack.queries.panels import exporting
from fichetrack.queries.panels.shapes import Panel
from fichetrack.queries.places import Place
from fichetrack.queries.releases import Shelf

blueprint = Blueprint("comparison", __name__)


@blueprint.get("/comparer")
@public
@paced
def show() -> ResponseReturnValue:
    codes = _asked()
    typed = request.args.get("ajouter", "").strip()[:100]
    choices = comparison.find_places(current_user, typed) if typed else []
    if "ajouter" in request.args and (not typed or len(choices) == 1):
        return redirect(_address([*codes, *(one.code for one in choices)]), code=303)
    known = {code: place for code in codes if (place := places.get_place(code, asked_day()))}
    found = list(known.values())[: comparison.MOST]
    if not all(places.may_read(current_user, place) for place in found):
        return sign_in_first()
    return render_template(
        "pages/comparison/show.html",
        places=found,
        unknown=[code[:80] for code in codes if code not in known],
        too_many=[place.nom for place in list(known.values())[comparison.MOST :]],
        most=comparison.MOST,
        unshared=comparison.common_settings(found, request.args)[1] if len(found) > 1 else "",
        drawing=_draw(found) if found else "",
        typed=typed,
        choices=choices,
        settings=kept_settings(),
        download=url_for("comparison.export", t=[place.code for place in found], **kept_settings()),
        address=_address,
    )


@blueprint.get("/comparer.csv")
@members
@paced
def export() -> ResponseReturnValue:
    found = [place for code in _asked() if (place := places.get_place(code, asked_day()))][: comparison.MOST]
    if len(found) < 2:
        raise NotVisible
    same = [one for one in comparison.read(current_user, found, request.args, Shelf()) if _is_drawn(one)]
    parts = [part for block in comparison.compare(same) for part in comparison.list_parts(block)]
    codes = [place.code for place in found]
    page = url_for("comparison.show", t=codes, **kept_settings(), _external=True)
    response = make_response(exporting.export_csv(parts, page))
    response.mimetype = exporting.MIMETYPES["csv"]
    name = f"comparer-{'-'.join(codes)}-{clock.today():%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked() -> list[str]:
    """The codes of the address, each once: one per `t`, or several with commas."""
    parts = (part.strip() for text in request.args.getlist("t") for part in text.split(","))
    return list(dict.fromkeys(part for part in parts if part))


def _address(codes: list[str]) -> str:
    """The page of these places, with the settings asked."""
    return url_for("comparison.show", t=codes, **kept_settings())


def _draw(found: list[Place]) -> Markup:
    """Every panel compared, and those the first place resembles; kept: the page draws its frame alone."""
    shelf = Shelf()
    settings, _unshared = comparison.common_settings(found, kept_settings())
    many = len(found) > 1
    same = [one for one in comparison.read(current_user, found if many else [], request.args, shelf) if _is_drawn(one)]

    def draw() -> str:
        details = {
            (panel.code, panel.place.code): url_for(
                "panels.show", code=panel.place.code, panneau=panel.code, **settings
            )
            for one in same
            for panel in one
        }
        return render_template(
            "partials/comparison/_blocs.html",
            blocks=comparison.compare(same),
            places=found,
            most=comparison.MOST,
            details=details,
            rule=comparison.RULE,
            similar=_similar(found, shelf),
            profiles=profiles,
            address=_address,
        )

    if not many:
        return Markup(draw())  # noqa: S704 — a template's own output
    return DRAWINGS.get(
        tuple(panel for one in same for panel in one), ("comparer", *sorted(kept_settings().items())), draw
    )


def _is_drawn(same: tuple[Panel, ...]) -> bool:
    return same[0].code in PARTIALS


def _similar(found: list[Place], shelf: Shelf) -> list[profiles.Similar]:
    """Those nearest to the first place, but those already here."""
    here = {place.code for place in found}
    return [one for one in profiles.list_similar(found[0], shelf) if one.code not in here]
