"""Forms about figures: reporting an error, answering it."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, Optional

from fichetrack.forms.accounts import AccountForm

MESSAGE_MAX = 4_000


class ReportForm(AccountForm):
    """What is wrong with a figure; visitors may leave an address to be answered."""

    indicateur = HiddenField()
    territoire = HiddenField()
    millesime = HiddenField()
    page = HiddenField()
    message = TextAreaField(
        "Qu’est-ce qui vous semble faux ?",
        [
            InputRequired("Écrivez ce qui vous semble faux."),
            Length(max=MESSAGE_MAX, message="Le texte dépasse 4 000 caractères. Raccourcissez-le."),
        ],
        description="La valeur lue, celle que vous attendiez, et d’où vous la tenez.",
        render_kw={"rows": 6, "data-max": MESSAGE_MAX},
    )
    courriel = StringField(
        "Votre adresse électronique",
        [Optional(), Length(max=254, message="Adresse trop longue."), Email("Cette adresse n’est pas valable.")],
        description="Facultative : pour recevoir la réponse.",
        render_kw={"autocomplete": "email", "inputmode": "email"},
    )

    def __init__(self, signed_in: bool, **given: Any) -> None:
        super().__init__(**given)
        if signed_in:
            del self.courriel


class AnswerForm(AccountForm):
    answer = TextAreaField(
        "Votre réponse",
        [
            InputRequired("Écrivez la réponse."),
            Length(max=MESSAGE_MAX, message="Le texte dépasse 4 000 caractères. Raccourcissez-le."),
        ],
        render_kw={"rows": 5, "data-max": MESSAGE_MAX},
    )
