"""Forms of accounts: signing in, passwords, one's own profile."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

MISSING_PASSWORD = "Saisissez votre mot de passe."  # noqa: S105 — a sentence


class LoginForm(FlaskForm):
    courriel = StringField(
        "Adresse électronique",
        [
            InputRequired("Saisissez votre adresse électronique."),
            Length(max=254, message="Cette adresse est trop longue."),
        ],
        render_kw={"autocomplete": "username", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"},
    )
    mot_de_passe = PasswordField(
        "Mot de passe",
        [InputRequired(MISSING_PASSWORD), Length(max=256, message="Ce mot de passe est trop long.")],
        render_kw={"autocomplete": "current-password"},
    )
    suite = HiddenField()
