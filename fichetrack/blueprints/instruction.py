"""/instruction: a région's inbox, the oldest wait first; one decides there."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack import permissions
from fichetrack.blueprints.guards import requires
from fichetrack.forms.fiches import POINTED_AT
from fichetrack.queries import fiches, todo
from fichetrack.vocabulary import Action

blueprint = Blueprint("instruction", __name__, url_prefix="/instruction")

# The question asked before what is decided in one press.
QUESTIONS = {Action.VALIDATE: "Valider cette fiche ? Elle sera publiée selon sa diffusion."}


@blueprint.get("")
@requires(Action.INSTRUCT)
def index() -> ResponseReturnValue:
    page = fiches.list_inbox(current_user, request.args.get("page", 1, type=int))
    return render_template(
        "pages/instruction/index.html",
        page=page,
        rows=todo.list_waits(current_user, page.items),
        questions=QUESTIONS,
        fields=POINTED_AT,
        sent_back=todo.list_sent_back(current_user),
        in_place_of_regions=not permissions.instructs_somewhere(current_user, None),
    )
