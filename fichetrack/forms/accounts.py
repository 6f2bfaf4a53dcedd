"""Forms of accounts: signing in, passwords, one's own profile."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

NEW_HELP = "Au moins 12 caractères. Une phrase de quelques mots convient très bien, et peut être collée."
PASSWORD_MAX = Length(max=256, message="Ce mot de passe est trop long.")
COURRIEL = {"autocomplete": "username", "inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}


class AccountForm(FlaskForm):
    """A form that can show, beside its own errors, what a service refused."""

    def show(self, refusal: Any) -> None:
        """The sentences of a refusal, each on its field, or above the form."""
        errors = getattr(refusal, "errors", {}) or {}
        for name, messages in errors.items():
            if name in self:
                self[name].errors = [*self[name].errors, *messages]
        if not any(name in self for name in errors):
            self.form_errors.append(refusal.message)


class LoginForm(AccountForm):
    courriel = StringField(
        "Adresse électronique",
        [InputRequired("Saisissez votre adresse électronique."), Length(max=254, message="Adresse trop longue.")],
        render_kw=COURRIEL,
    )
    mot_de_passe = PasswordField(
        "Mot de passe",
        [InputRequired("Saisissez votre mot de passe."), PASSWORD_MAX],
        render_kw={"autocomplete": "current-password"},
    )
    suite = HiddenField()


class ForgotForm(AccountForm):
    courriel = StringField(
        "Adresse électronique",
        [InputRequired("Saisissez votre adresse électronique."), Length(max=254, message="Adresse trop longue.")],
        render_kw=COURRIEL,
    )


class NewPasswordForm(AccountForm):
    nouveau_mot_de_passe = PasswordField(
        "Nouveau mot de passe",
        [InputRequired("Choisissez un mot de passe."), PASSWORD_MAX],
        description=NEW_HELP,
        render_kw={"autocomplete": "new-password"},
    )
    confirmation = PasswordField(
        "Le même, une seconde fois",
        [EqualTo("nouveau_mot_de_passe", "Les deux mots de passe diffèrent.")],
        render_kw={"autocomplete": "new-password"},
    )


class ChangePasswordForm(NewPasswordForm):
    mot_de_passe_actuel = PasswordField(
        "Mot de passe actuel",
        [InputRequired("Saisissez votre mot de passe actuel."), PASSWORD_MAX],
        render_kw={"autocomplete": "current-password"},
    )


class ProfileForm(AccountForm):
    nom = StringField(
        "Prénom et nom",
        [InputRequired("Saisissez votre nom."), Length(max=200, message="Nom trop long.")],
        render_kw={"autocomplete": "name"},
    )
    fonction = StringField(
        "Fonction",
        [Length(max=200, message="Fonction trop longue.")],
        render_kw={"autocomplete": "organization-title"},
    )
    telephone = StringField(
        "Téléphone", [Length(max=40, message="Numéro trop long.")], render_kw={"autocomplete": "tel", "type": "tel"}
    )
