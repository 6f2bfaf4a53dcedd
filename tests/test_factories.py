"""Factories: each situation they name is the one they make, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from fichetrack import workflow
from fichetrack.fields import FIELDS, ROWS
from fichetrack.models import Fiche
from fichetrack.versions import is_empty, value_of
from fichetrack.vocabulary import Etat
from tests.factories import WORD, FicheFactory, TerritoireFactory


@pytest.mark.parametrize("etat", [etat.value for etat in Etat if etat != Etat.BROUILLON])
def test_a_trait_gives_each_etat_its_address(db: Any, etat: str) -> None:
    fiche = FicheFactory(**{etat: True})
    assert (fiche.etat, fiche.address) == (etat, fiche.code)


def test_the_default_is_a_minimal_brouillon(db: Any) -> None:
    fiche = FicheFactory()
    assert (fiche.etat, fiche.code, fiche.diffusion) == ("brouillon", None, "publique")
    assert workflow.fields_to_file(fiche)


def test_complete_fiches_miss_nothing(db: Any) -> None:
    assert workflow.fields_to_file(FicheFactory(complete_to_file=True)) == []
    assert workflow.fields_to_validate(FicheFactory(complete_to_validate=True)) == []
    assert workflow.fields_to_close(FicheFactory(complete_to_close=True)) == []


def test_every_field_may_be_filled_in(db: Any) -> None:
    fiche = FicheFactory(
        cloturee=True,
        all_fields=True,
        territoires_associes=[TerritoireFactory()],
        lieux=["30007"],
        referent_publie=True,
    )
    names = [item.name for item in (*FIELDS, *ROWS)]
    db.session.expire_all()
    kept = db.session.get(Fiche, fiche.id)
    assert [name for name in names if is_empty(value_of(kept, name))] == []
    assert WORD.lower() in kept.search_text
