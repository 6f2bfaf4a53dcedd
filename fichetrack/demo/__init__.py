"""Demonstration data: fictitious fiches on the real territoires, the same for the same seed and day.

Rows go straight to the database by batches, so that 150,000 fiches stay possible; nothing here serves outside the demo.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app
from sqlalchemy import Connection, func, select

from fichetrack import clock
from fichetrack.config import DEMO_DOMAIN
from fichetrack.demo.cards import draft_id
from fichetrack.demo.loading import Load
from fichetrack.demo.people import ACCOUNTS
from fichetrack.errors import Refusal
from fichetrack.extensions import db
from fichetrack.models import Fiche, Personne, Territoire
from fichetrack.transactions import begin

ANCHORS = ("ales", "lacq-pau-tarbes")  # The accounts belong there.


def load(fiches: int = 1500, seed: int = 2026, progress: Callable[[str], Any] = print) -> None:
    """Load the demonstration, whole or not at all. Refusal when the database already holds other fiches."""
    begin()
    connection = db.session.connection()
    if _already_loaded(connection, fiches, seed):
        db.session.rollback()
        progress(f"Démonstration déjà chargée : {fiches} fiches, graine {seed}. Rien n’a été modifié.")
        return
    try:
        _refuse_other_data(connection)
        Load(connection, fiches, seed, clock.today(), progress).run()
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def is_loaded() -> bool:
    """Whether a demonstration was loaded here, of whatever size and seed."""
    first = f"{ACCOUNTS[0][0]}@{DEMO_DOMAIN}"
    return db.session.scalar(select(Personne.id).where(Personne.courriel == first)) is not None


def refuse_real_accounts() -> None:
    """Refusal where the demonstration's public password would open, or close, a service real people use."""
    if current_app.config["DEMO"]:
        return
    real = select(func.count()).select_from(Personne).where(Personne.courriel.not_like(f"%@{DEMO_DOMAIN}"))
    if db.session.scalar(real):
        raise Refusal(
            "Cette base contient des comptes réels : la démonstration n’y est pas chargée, car ses comptes ont un mot de "
            "passe public et le service refuserait de démarrer. Utilisez une autre base, avec FICHETRACK_DEMO=1 "
            "(« make demo »)."
        )


def _already_loaded(connection: Connection, fiches: int, seed: int) -> bool:
    """The first fiche of a load is never a draft, so nobody can have deleted it."""
    first = select(Fiche.id).where(Fiche.draft_id == draft_id(seed, fiches, 0))
    return connection.scalar(first) is not None


def _refuse_other_data(connection: Connection) -> None:
    known = connection.scalar(select(func.count()).select_from(Fiche)) or 0
    if known:
        raise Refusal(
            f"La base contient déjà {known} fiches : la démonstration ne se charge que dans une base qui n’en a "
            "aucune. Pour repartir de zéro, supprimez la base (le fichier « instance/fichetrack.db » avec SQLite, "
            "« dropdb » puis « createdb » avec PostgreSQL), puis relancez « make demo »."
        )
    slugs = set(connection.scalars(select(Territoire.slug)))
    if missing := [slug for slug in ANCHORS if slug not in slugs]:
        raise Refusal(
            f"Il manque des territoires de démonstration : {', '.join(missing)}. "
            "Lancez « flask demo », qui les charge avant les fiches."
        )
