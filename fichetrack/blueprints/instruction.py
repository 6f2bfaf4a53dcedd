"""/instruction: a région's inbox, the oldest wait first; one decides there."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack import clock, permissions
from fichetrack.blueprints.guards import requires
from fichetrack.models import Fiche
from fichetrack.queries import fiches
from fichetrack.vocabulary import Action

blueprint = Blueprint("instruction", __name__, url_prefix="/instruction")

# What is decided from the inbox in one press, and the question asked first; the rest is decided on the fiche, with the
# whole text in sight.
QUICK: dict[Action, str | None] = {
    Action.TAKE_UP: None,
    Action.VALIDATE: "Valider cette fiche ? Elle sera publiée selon sa diffusion.",
}


@dataclass(frozen=True)
class Wait:
    """One row of the inbox: how long the fiche has waited, whether its deadline is past, what one press may do."""

    fiche: Fiche
    days: int
    is_overdue: bool
    quick: list[permissions.Available]


@blueprint.get("")
@requires(Action.INSTRUCT)
def index() -> ResponseReturnValue:
    page = fiches.list_inbox(current_user, max(request.args.get("page", 1, type=int), 1))
    sent_back = fiches.list_waiting_for_authors(current_user)
    return render_template(
        "pages/instruction/index.html",
        page=page,
        rows=[_wait(fiche, _quick(fiche)) for fiche in page.items],
        questions=QUICK,
        sent_back=[_wait(fiche, []) for fiche in sent_back],
        in_place_of_regions=not permissions.instructs_somewhere(current_user, None),
    )


def _wait(fiche: Fiche, quick: list[permissions.Available]) -> Wait:
    today = clock.today()
    since = fiche.etat_since.astimezone(clock.PARIS).date()
    return Wait(fiche, (today - since).days, fiche.due_on is not None and fiche.due_on < today, quick)


def _quick(fiche: Fiche) -> list[permissions.Available]:
    offered = permissions.available_transitions(current_user, fiche)
    return [one for one in offered if one.row.action in QUICK and not one.missing and not one.needs_motif]
