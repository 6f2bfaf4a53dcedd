"""/instruction: a région's inbox, the oldest wait first; one decides there."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack import clock, permissions
from fichetrack.blueprints.guards import requires
from fichetrack.queries import fiches
from fichetrack.vocabulary import Action

blueprint = Blueprint("instruction", __name__, url_prefix="/instruction")

# What is decided from the inbox in one press; the rest is decided on the fiche, with the whole text in sight.
QUICK = frozenset({Action.TAKE_UP, Action.VALIDATE})


@blueprint.get("")
@requires(Action.INSTRUCT)
def index() -> ResponseReturnValue:
    page = fiches.list_inbox(current_user, max(request.args.get("page", 1, type=int), 1))
    return render_template(
        "pages/instruction/index.html",
        page=page,
        rows=[(fiche, _quick(fiche)) for fiche in page.items],
        waiting=fiches.list_waiting_for_authors(current_user),
        today=clock.today(),
    )


def _quick(fiche: fiches.Fiche) -> list[permissions.Available]:
    offered = permissions.available_transitions(current_user, fiche)
    return [one for one in offered if one.row.action in QUICK and not one.missing and not one.needs_motif]
