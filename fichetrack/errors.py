"""Refusals a user may read: each carries a French sentence that says what is wrong and what to do."""

from __future__ import annotations

from typing import Any

import click


class Refusal(Exception):
    """Something was refused, and nothing was written. `str(refusal)` is for the user."""

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class UnsafeStart(click.ClickException):
    """The service may not start like this; the flask command prints the sentence, without a traceback."""


class PermissionRefused(Refusal):
    """The person may read the subject but not do this to it."""

    status = 403


class NotVisible(Refusal):
    """The subject does not exist for this person: answered exactly like an unknown address."""

    status = 404

    def __init__(self, message: str = "Cette page n’existe pas, ou vous n’y avez pas accès.") -> None:
        super().__init__(message)


class TransitionRefused(Refusal):
    """The workflow says no; `missing` lists every « il manque… » (objects with .field and .sentence)."""

    status = 409

    def __init__(self, message: str, missing: list[Any] | None = None) -> None:
        super().__init__(message)
        self.missing = missing or []


class EditConflict(Refusal):
    """Somebody changed the same section since it was read; nothing is overwritten.

    `conflicts` has one row per field: (field, before, theirs, mine).
    """

    status = 409

    def __init__(self, message: str, conflicts: list[Any]) -> None:
        super().__init__(message)
        self.conflicts = conflicts


class EditRefused(Refusal):
    """A value is not acceptable; `errors` maps a field name to French sentences."""

    status = 422

    def __init__(self, message: str, errors: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.errors = errors or {}


class SubmissionReused(Refusal):
    """The same form token came back with other content."""

    status = 409

    def __init__(self) -> None:
        super().__init__(
            "Ce formulaire a déjà été envoyé avec un autre contenu. Rien n’a été enregistré une seconde fois : "
            "ouvrez la fiche, vérifiez ce qu’elle contient, puis reprenez votre saisie."
        )


class ImportRefused(Refusal):
    """A file cannot be read or applied; `errors` lists the row errors, if it came that far."""

    status = 422

    def __init__(self, message: str, errors: list[Any] | None = None) -> None:
        super().__init__(message)
        self.errors = errors or []


class SessionExpired(Refusal):
    """A form came from somebody no longer signed in: what they typed is given back to them."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Votre session a expiré : rien n’a été enregistré, et rien n’est perdu.")


class TooManyAttempts(Refusal):
    """Sign-in is slowed down for this account or address."""

    status = 429


class TooMuchAsked(Refusal):
    """Pages that cost much were asked for too fast."""

    status = 429
