"""« Signaler une erreur » on a figure: kept for who animates the data, answered once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from fichetrack import clock, mailing, permissions
from fichetrack.errors import EditRefused, NotVisible, TooManyAttempts
from fichetrack.extensions import db
from fichetrack.models import FigureReport
from fichetrack.queries import methods
from fichetrack.transactions import transaction
from fichetrack.vocabulary import Action

# Visitors may write here without an account: beyond this in an hour, it is no longer people reading figures.
VISITORS_MAX, ACCOUNT_MAX, WINDOW = 60, 20, timedelta(hours=1)
# A place and a millésime come back from the page: anything else would be a text of somebody's own, shown as ours.
PLACE = re.compile(r"(ti|epci|com|dep|reg)-[0-9A-Za-z-]{1,80}|france")
PAGE = re.compile(r"/(territoires/[0-9A-Za-z-]{1,90}(/[a-z]{1,20})?|comparer)(\?[0-9A-Za-z_.~%=&+-]{1,500})?")
MILLESIME = re.compile(r"[0-9A-Za-z-]{1,20}")


@transaction
def report(
    user: Any, indicator: str, message: str, place: str = "", millesime: str = "", courriel: str = "", page: str = ""
) -> int:
    """Keep what a reader says of a figure; page: where it was read, with the settings of the address.

    Raises EditRefused for an unknown figure or an empty message.
    """
    if methods.get_indicator(indicator) is None:
        raise EditRefused("Ce chiffre n’existe pas ou plus : revenez à la page où vous l’avez lu.")
    if not message.strip():
        raise EditRefused("Dites ce qui vous semble faux.", {"message": ["Écrivez ce qui vous semble faux."]})
    signed_in = user is not None and user.is_authenticated
    _refuse_flood(user.id if signed_in else None)
    kept = FigureReport(
        indicator=indicator,
        place=place if PLACE.fullmatch(place or "") else None,
        millesime=millesime if MILLESIME.fullmatch(millesime or "") else None,
        page=page_of_figures(page),
        message=message.strip(),
        personne_id=user.id if signed_in else None,
        courriel=user.courriel if signed_in else ((courriel or "").strip().lower() or None),
        created_at=clock.now(),
    )
    db.session.add(kept)
    db.session.flush()
    return kept.id


@transaction
def answer(user: Any, report_id: int, text: str) -> int:
    """Answer a report, once; who left an address receives it.

    Nobody checked that the address of a visitor is theirs: what they wrote is not sent to it, only what is answered.
    """
    permissions.require(user, Action.MANAGE_DATA)
    wanted = select(FigureReport).where(FigureReport.id == report_id).with_for_update(of=FigureReport)
    found = db.session.scalars(wanted.execution_options(populate_existing=True)).first()
    if found is None:
        raise NotVisible
    if found.answered_at is not None:
        raise EditRefused("Une réponse a déjà été donnée : rechargez la page pour la lire.")
    if not text.strip():
        raise EditRefused("Écrivez la réponse.", {"answer": ["Écrivez la réponse."]})
    found.answer, found.answered_at, found.answered_by_id = text.strip(), clock.now(), user.id
    if found.courriel:
        indicator = methods.get_indicator(found.indicator)
        label = indicator.label if indicator else found.indicator
        db.session.add(mailing.render("figure_answered", found.courriel, report=found, label=label))
    return found.id


def page_of_figures(address: str | None) -> str | None:
    """An address of our pages of figures, as it is; None for any other."""
    return address if address and PAGE.fullmatch(address) else None


def _refuse_flood(personne_id: int | None) -> None:
    """Visitors share one budget; each account has its own."""
    whose = FigureReport.personne_id.is_(None) if personne_id is None else FigureReport.personne_id == personne_id
    recent = select(func.count()).where(whose, FigureReport.created_at > clock.now() - WINDOW)
    if (db.session.scalar(recent) or 0) >= (VISITORS_MAX if personne_id is None else ACCOUNT_MAX):
        raise TooManyAttempts("Beaucoup de signalements arrivent en ce moment. Réessayez dans une heure.")
