"""The form of « Mes abonnements »: what to follow, how often."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, ValidationError
from wtforms.fields.choices import SelectChoice

from fichetrack.vocabulary import Axe, Frequency


def options(pairs: list[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(code, label) for code, label in pairs]


def one_of_the_list(_form: Any, field: Any) -> None:
    """The check of a choice, refused in French."""
    if field.data not in {choice.value for choice in field.choices}:
        raise ValidationError("Choisissez une valeur de la liste.")


ANY = [("", "Tous")]
CHOICE: dict[str, Any] = {"validators": [one_of_the_list], "validate_choice": False}


class FollowViewForm(FlaskForm):
    """Follow the list one comes from; its filters travel in the address."""

    frequence = RadioField("Fréquence", choices=options(Frequency.choices()), default=Frequency.WEEKLY.value, **CHOICE)


class SubscriptionForm(FollowViewForm):
    """Follow an axe, a territoire, both or everything."""

    axe = SelectField("Axe", choices=options(ANY + Axe.choices()), default="", **CHOICE)
    territoire = SelectField("Territoire", choices=options(ANY), default="", **CHOICE)

    def __init__(self, territoires: list[tuple[str, str]], **given: Any) -> None:
        super().__init__(**given)
        self.territoire.choices = options(ANY + territoires)

    def filters(self) -> dict[str, list[str]]:
        chosen = {"axe": self.axe.data, "territoire": self.territoire.data}
        return {name: [value] for name, value in chosen.items() if value}
