"""Reading accounts: who an e-mail is, which sessions are open, what a token of an e-mail stands for."""

from __future__ import annotations

from sqlalchemy import select

from fichetrack.extensions import db
from fichetrack.models import Personne


def normalised(courriel: str) -> str:
    """An e-mail as it is stored."""
    return courriel.strip().lower()


def get_personne_by_courriel(courriel: str) -> Personne | None:
    return db.session.scalars(select(Personne).where(Personne.courriel == normalised(courriel))).one_or_none()
