"""Forms of mandats: whom to invite, what to give, when to end it. Choices are set by the view."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, SelectField, StringField
from wtforms.validators import Email, InputRequired, Length, Optional, StopValidation

from fichetrack.forms.accounts import AccountForm

BAD_DATE = "Saisissez une date, par exemple 2026-03-31."


class FrenchDateField(DateField):
    """A date whose refusal is ours, in French."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(BAD_DATE) from error


class PlaceRequired:
    """A perimeter must be chosen, unless the form takes the name of a new organisation and holds one."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        named = form.organisation is not None and (form.organisation.data or "").strip()
        if not field.data and not named:
            raise StopValidation("Choisissez un périmètre.")


class GrantForm(AccountForm):
    role = SelectField("Rôle", [InputRequired("Choisissez un rôle.")], validate_choice=False)
    perimetre = SelectField(
        "Périmètre",
        [PlaceRequired()],
        validate_choice=False,
        description="Un rôle d’équipe se donne sur un territoire d’industrie.",
    )
    organisation = StringField(
        "Nouvelle organisation",
        [Length(max=200, message="Nom trop long.")],
        description="Pour un opérateur absent de la liste : son nom, le périmètre restant vide.",
        render_kw={"autocomplete": "off"},
    )
    starts_on = FrenchDateField("Premier jour", [InputRequired("Saisissez le premier jour.")])
    ends_on = FrenchDateField("Dernier jour", [Optional()], description="Vide : jusqu’à nouvel ordre.")


class InviteForm(GrantForm):
    courriel = StringField(
        "Adresse électronique",
        [
            InputRequired("Saisissez son adresse électronique."),
            Length(max=254, message="Adresse trop longue."),
            Email("Cette adresse électronique n’est pas valable."),
        ],
        render_kw={"autocomplete": "off", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"},
    )
    nom = StringField(
        "Prénom et nom",
        [InputRequired("Saisissez son nom."), Length(max=200, message="Nom trop long.")],
        description="Si la personne a déjà un compte, son nom reste celui qu’elle a choisi.",
        render_kw={"autocomplete": "off"},
    )


class EndForm(AccountForm):
    last_day = FrenchDateField(
        "Dernier jour", [Optional()], description="Vide ou aujourd’hui : le mandat cesse tout de suite."
    )
