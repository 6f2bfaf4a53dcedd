"""What a form of a fiche holds at most: said beside the field, nothing written, nothing typed lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fichetrack.forms.fiches import MOST_ROWS
from fichetrack.models.fiche import Jalon
from fichetrack.workbook import MAX_ROWS
from tests import factories as f


@pytest.fixture
def territoire(db: Any) -> Any:
    return f.TerritoireFactory(slug="ales", nom="Bassin d’Alès")


def jalons(number: int) -> dict[str, str]:
    rows = {f"jalons-{i}-libelle": f"Étape {i}" for i in range(number)}
    return rows | {f"jalons-{i}-date": "2027-01-01" for i in range(number)}


def send(browser: Any, fiche: Any, section: str, status: int, **values: str) -> Any:
    return browser.post(f"/fiches/{fiche.draft_id}/sections/{section}", {"base": "0", **values}, status=status)


@pytest.mark.parametrize("number", [MAX_ROWS + 1, MOST_ROWS + 1])
def test_too_many_rows_are_refused_whole_and_come_back_as_typed(
    login_as: Any, territoire: Any, db: Any, number: int
) -> None:
    fiche = f.FicheFactory(territoire=territoire)
    page = send(login_as(f.chef(territoire)), fiche, "calendrier", 422, date_debut="2026-01-01", **jalons(number))
    assert "200 au plus" in page and f"Étape {MAX_ROWS}" in str(page.html)
    db.session.expire_all()
    assert fiche.jalons == [] and fiche.date_debut is None


def test_rows_left_blank_or_deleted_do_not_count(login_as: Any, territoire: Any, db: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire)
    rows = jalons(MAX_ROWS + 1) | {"jalons-7-supprimer": "y", "jalons-900-libelle": ""}
    send(login_as(f.chef(territoire)), fiche, "calendrier", 200, **rows)
    db.session.expire_all()
    assert len(fiche.jalons) == MAX_ROWS


def test_a_list_stored_beyond_the_limit_opens_and_is_added_to_no_more(login_as: Any, territoire: Any, db: Any) -> None:
    stored = [Jalon(libelle=f"Étape {n}", date=date(2027, 1, 1), place=n) for n in range(MAX_ROWS + 10)]
    fiche = f.FicheFactory(territoire=territoire, jalons=stored)
    page = login_as(f.chef(territoire)).get(f"/fiches/{fiche.draft_id}/sections/calendrier")
    assert "Étape 209" in str(page.html)
    page = page.submit("formulaire-calendrier", button=("ajouter", "jalons"))
    assert "200 lignes au plus" in page


def test_a_number_beyond_its_column_is_refused_in_french(login_as: Any, territoire: Any, db: Any) -> None:
    fiche, chef = f.FicheFactory(territoire=territoire), login_as(f.chef(territoire))
    page = send(chef, fiche, "objectifs", 422, emplois_a_creer="2 000 000 001")
    assert "La plus grande valeur admise est 2 000 000 000" in page
    page = send(chef, fiche, "moyens", 422, cout_total="100 000 000 000,01")
    assert "La plus grande valeur admise est 100 000 000 000" in page
    send(chef, fiche, "moyens", 200, cout_total="100 000 000 000")


@pytest.mark.parametrize(
    ("section", "name", "typed", "said"),
    [
        ("identite", "mots_cles", ";".join(f"mot {n}" for n in range(31)), "31 mots, pour 30 au plus"),
        ("identite", "mots_cles", "x" * 61, "fait 61 caractères, pour 60 au plus"),
        ("identite", "mots_cles", "x;" * 2_001, "caractères, pour 4 000 au plus"),
        ("territoire", "lieux", "\n".join(f"{n:05}" for n in range(201)), "201 lieux, pour 200 au plus"),
        ("territoire", "lieux", "a " * 100, "pour 150 au plus"),
        ("territoire", "territoires_associes", "\n".join(f"ti-{n}" for n in range(51)), "51 territoires, pour 50"),
    ],
)
def test_a_list_of_words_beyond_its_limit_is_refused_in_french(
    login_as: Any, territoire: Any, section: str, name: str, typed: str, said: str
) -> None:
    fiche = f.FicheFactory(territoire=territoire)
    page = send(login_as(f.chef(territoire)), fiche, section, 422, **{"territoire": "ti-ales", name: typed})
    assert said in page


def test_territoires_associes_are_typed_one_a_line(login_as: Any, territoire: Any, db: Any) -> None:
    others = [f.TerritoireFactory(nom="Lacq"), f.TerritoireFactory(nom="Vallée de la Bresle")]
    fiche = f.FicheFactory(territoire=territoire)
    typed = f"{others[0].nom}\n{others[1].code}\n{others[0].nom}"
    send(login_as(f.chef(territoire)), fiche, "territoire", 200, territoire="ti-ales", territoires_associes=typed)
    db.session.expire_all()
    assert {one.id for one in fiche.territoires_associes} == {one.id for one in others}
