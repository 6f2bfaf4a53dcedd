"""Demonstration data: fictitious fiches on the real territoires, the same for the same seed and day.

Rows go straight to the database by batches, so that 150,000 fiches stay possible; nothing here serves outside the demo.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, func, select

from fichetrack import clock
from fichetrack.demo.cards import draft_id
from fichetrack.demo.loading import Load
from fichetrack.errors import Refusal
from fichetrack.extensions import db
from fichetrack.models import Fiche, Territoire
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
