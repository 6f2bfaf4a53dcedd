"""The form of « Mes abonnements »: what to follow, how often."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField

from fichetrack.vocabulary import Axe, Frequency

ALL = ("", "Tous")


class SubscriptionForm(FlaskForm):
    """Follow an axe, a territoire, both or everything."""

    axe = SelectField("Axe", choices=[ALL, *Axe.choices()])
    territoire = SelectField("Territoire", choices=[ALL])
    frequence = RadioField("Fréquence", choices=Frequency.choices(), default=Frequency.WEEKLY.value)

    def __init__(self, territoires: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(**options)
        self.territoire.choices = [ALL, *territoires]

    def filters(self) -> dict[str, list[str]]:
        chosen = {"axe": self.axe.data, "territoire": self.territoire.data}
        return {name: [value] for name, value in chosen.items() if value}


class FollowViewForm(FlaskForm):
    """Follow the list one comes from; its filters travel in the address."""

    frequence = RadioField("Fréquence", choices=Frequency.choices(), default=Frequency.WEEKLY.value)
