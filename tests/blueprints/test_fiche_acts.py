"""What one writes beside the fields of a fiche: messages, motifs and answers have their limits, and nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest

from fichetrack.models import Comment, Event
from tests import factories as f


@pytest.fixture
def territoire(db: Any) -> Any:
    return f.TerritoireFactory(slug="ales", nom="Bassin d’Alès")


def test_a_message_too_long_is_refused_and_kept_in_the_page(login_as: Any, territoire: Any, db: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire, validee=True)
    page = login_as(f.chef(territoire)).get(f"/fiches/{fiche.code}")
    refused = page.submit("commenter", status=422, body="é" * 8_001)
    assert "8001 caractères" in refused and "é" * 8_001 in refused.find("#commenter textarea").get_text()
    assert db.session.query(Comment).count() == 0
    refused.submit("commenter", body="é\r\n" * 2_666)
    assert db.session.query(Comment).count() == 1


@pytest.mark.parametrize("action", ["ask_more", "reject"])
def test_a_motif_too_long_is_refused_and_kept_in_the_page(login_as: Any, territoire: Any, db: Any, action: str) -> None:
    fiche = f.FicheFactory(territoire=territoire, en_instruction=True)
    page = login_as(f.instructeur(territoire.region_instructrice)).get(f"/fiches/{fiche.code}")
    form = f"transition-{action}"
    refused = page.submit(form, status=422, button=("action", action), motif="é" * 4_001)
    assert "4001 caractères" in refused and "é" * 4_001 in refused.find(f"#{form} textarea[name=motif]").get_text()
    db.session.refresh(fiche)
    assert fiche.etat == "en_instruction" and db.session.query(Event).filter_by(kind=action).count() == 0


def test_a_motif_of_restriction_too_long_is_refused_and_kept(login_as: Any, territoire: Any, db: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire, validee=True)
    page = login_as(f.instructeur(territoire.region_instructrice)).get(f"/fiches/{fiche.code}")
    refused = page.submit("restreindre", status=422, diffusion="nominative", motif="é" * 4_001)
    assert "é" * 4_001 in refused.find("#motif-restriction").get_text()


@pytest.mark.parametrize("champs", [["nulle_part"], ["etat", "resume"]])
def test_only_fields_that_exist_are_pointed_at(login_as: Any, territoire: Any, db: Any, champs: list[str]) -> None:
    """None known is none pointed at: refused, with the sentence."""
    fiche = f.FicheFactory(territoire=territoire, en_instruction=True)
    region = login_as(f.instructeur(territoire.region_instructrice))
    data = {"csrf_token": region.csrf_token(), "action": "ask_more", "motif": "Précisez.", "champs": champs}
    response = region.client.post(f"/fiches/{fiche.code}/transitions", data=data)
    db.session.refresh(fiche)
    if "resume" in champs:
        assert response.status_code == 303 and fiche.requested_fields == ["resume"]
    else:
        assert response.status_code == 409 and fiche.etat == "en_instruction"
        assert "Il manque les champs à compléter" in response.text
