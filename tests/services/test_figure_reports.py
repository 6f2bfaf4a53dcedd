"""« Signaler une erreur »: kept, listed for who animates the data, answered once, and the answer leaves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fichetrack import clock
from fichetrack.errors import EditRefused, NotVisible, PermissionRefused, TooManyAttempts
from fichetrack.models import FigureReport
from fichetrack.queries import methods
from fichetrack.services import figure_reports
from tests.factories import PersonneFactory, TerritoireFactory, admin, animateur, chef, dti


def reported(db: Any, **given: str) -> FigureReport:
    report_id = figure_reports.report(None, "effectifs", given.pop("message", "C’est faux."), **given)
    found = db.session.get(FigureReport, report_id)
    assert found is not None
    return found


def test_what_a_reader_says_is_kept_with_the_place_and_the_millesime(db: Any) -> None:
    kept = reported(db, place="ti-ales", millesime="2024", courriel=" Lecteur@Exemple.FR ")
    assert (kept.indicator, kept.place, kept.millesime, kept.message) == (
        "effectifs", "ti-ales", "2024", "C’est faux.",
    )  # fmt: skip
    assert (kept.courriel, kept.personne_id) == ("lecteur@exemple.fr", None)


def test_an_account_is_answered_at_its_own_address(db: Any) -> None:
    reader = PersonneFactory()
    kept = db.session.get(
        FigureReport, figure_reports.report(reader, "effectifs", "Faux.", courriel="autre@exemple.fr")
    )
    assert (kept.personne_id, kept.courriel) == (reader.id, reader.courriel)


@pytest.mark.parametrize(("indicator", "message"), [("inconnu", "Faux."), ("effectifs", "  \n "), ("", "Faux.")])
def test_an_unknown_figure_or_an_empty_message_is_refused(db: Any, indicator: str, message: str) -> None:
    with pytest.raises(EditRefused):
        figure_reports.report(None, indicator, message)
    assert db.session.query(FigureReport).count() == 0


def test_reports_are_listed_for_who_animates_the_data_only_those_waiting_first(db: Any) -> None:
    answered, waiting = reported(db), reported(db)
    who = animateur()
    figure_reports.answer(who, answered.id, "Corrigé.")
    assert [one.id for one in methods.list_reports(who).items] == [waiting.id, answered.id]
    for other in (None, PersonneFactory(), chef(TerritoireFactory()), dti(), admin()):
        with pytest.raises(PermissionRefused):
            methods.list_reports(other)
        with pytest.raises(PermissionRefused):
            figure_reports.answer(other, waiting.id, "Non.")


def test_an_answer_is_given_once_and_leaves_by_mail(db: Any, outbox: Any) -> None:
    kept, who = reported(db, courriel="lecteur@exemple.fr", place="ti-ales"), animateur()
    figure_reports.answer(who, kept.id, "  C’était une faute de notre part.  ")
    with pytest.raises(EditRefused, match="déjà été donnée"):
        figure_reports.answer(who, kept.id, "Encore.")
    (letter,) = outbox()
    assert letter.recipient == "lecteur@exemple.fr"
    assert "C’était une faute de notre part." in letter.body_text
    db.session.refresh(kept)
    assert (kept.answer, kept.answered_by_id) == ("C’était une faute de notre part.", who.id)


def test_without_an_address_the_answer_stays(db: Any, outbox: Any) -> None:
    figure_reports.answer(animateur(), reported(db).id, "Merci.")
    assert outbox() == []


def test_an_unknown_report_is_not_there(db: Any) -> None:
    with pytest.raises(NotVisible):
        figure_reports.answer(animateur(), 12, "Merci.")


def test_a_flood_of_visitors_is_refused_and_accounts_still_write(db: Any, frozen_time: Any) -> None:
    db.session.add_all(
        FigureReport(indicator="effectifs", message="Bonjour", created_at=clock.now()) for _n in range(60)
    )
    db.session.commit()
    with pytest.raises(TooManyAttempts):
        reported(db)
    figure_reports.report(PersonneFactory(), "effectifs", "Faux.")
    frozen_time(clock.now() + timedelta(hours=1, minutes=1))
    assert reported(db).id
