"""Signing in and out, sessions, passwords and profile, as browsers see them."""

from __future__ import annotations

from typing import Any

import pytest

from fichetrack import clock
from fichetrack.models import LoginSession, Personne
from tests.browser import Browser, give_password


@pytest.fixture
def personne(db: Any) -> Personne:
    personne = Personne(courriel="claire@ales.fr", nom="Claire Roux", created_at=clock.now())
    give_password(personne)
    db.session.add(personne)
    db.session.commit()
    return personne


def test_somebody_signs_in_and_out(browser: Browser, personne: Personne, db: Any) -> None:
    page = browser.sign_in(personne)
    assert "Claire Roux" in page
    page = browser.post("/deconnexion")
    assert "Se connecter" in page
    assert db.session.query(LoginSession).count() == 0
