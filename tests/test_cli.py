"""The commands as typed: what they accept, what they print, what they refuse. Backup and imports have theirs elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from fichetrack import demo
from fichetrack.config import DEMO_PASSWORD
from fichetrack.demo import figures
from fichetrack.models import Fiche, Territoire
from fichetrack.services import territoires
from fichetrack.vocabulary import Role
from tests.demo.ground import lay_the_ground, silent
from tests.factories import admin


@pytest.fixture
def run(app: Flask) -> Any:
    """run("digests", "--at=…") → the finished command: output, exit_code."""
    return lambda *args: app.test_cli_runner().invoke(args=list(args))


def test_a_refusal_prints_the_sentences_of_its_fields(run: Any) -> None:
    result = run("invite", "paul@demo.fichetrack.fr", "--role=administrateur")
    assert result.exit_code == 1
    assert "Cette adresse est celle de la démonstration." in result.output
    assert "\n  Choisissez une adresse qui reçoit du courriel." in result.output


def test_digests_say_what_they_prepared_once(run: Any) -> None:
    output = run("digests").output
    assert output == "Récapitulatifs : 0 personne(s) à servir, 0 courriel(s) préparé(s).\n"


@pytest.mark.parametrize("role", [Role.DTI, Role.ANIMATEUR_DATA, Role.ADMINISTRATEUR])
def test_national_roles_are_given_from_the_command_line(run: Any, role: Role) -> None:
    result = run("invite", "paul@exemple.fr", f"--role={role.value}")
    assert (result.exit_code, "http://localhost/invitation/" in result.output) == (0, True)


def test_other_roles_are_not_offered_by_the_command_line(run: Any) -> None:
    result = run("invite", "paul@exemple.fr", "--role=chef_de_projet")
    assert result.exit_code == 2
    assert "'dti', 'animateur_data', 'administrateur'" in result.output


def test_the_demonstration_already_loaded_says_so_and_whom_to_sign_in_as(
    run: Any, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "load_figures", lambda progress: None)
    lay_the_ground(db)
    demo.load(20, seed=7, progress=silent)
    result = run("demo")
    assert result.exit_code == 0, result.output
    assert "déjà chargée" in result.output
    assert "  chef.ales@demo.fichetrack.fr — Chef de projet — Bassin d’Alès\n" in result.output
    assert "  abonne@demo.fichetrack.fr — aucun mandat\n" in result.output
    assert result.output.endswith(f"{DEMO_PASSWORD}\n")
    assert db.session.scalar(select(func.count()).select_from(Fiche)) == 20


def test_the_demonstration_loaded_says_whom_to_sign_in_as(run: Any, db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(territoires, "load_demonstration", lambda progress: lay_the_ground(db))
    monkeypatch.setattr(figures, "load_figures", lambda progress: None)  # its own tests: tests/demo/test_published.py
    result = run("demo", "--fiches=10", "--seed=3")
    assert "10 fiches chargées" in result.output
    assert "dti@demo.fichetrack.fr — Délégation aux Territoires d’industrie — France" in result.output


def test_the_demonstration_is_refused_where_real_people_have_accounts(run: Any, db: Any) -> None:
    admin()
    result = run("demo")
    assert (result.exit_code, "comptes réels" in result.output) == (1, True)
    assert db.session.scalar(select(func.count()).select_from(Territoire)) == 0
