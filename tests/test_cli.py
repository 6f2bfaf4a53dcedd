"""The commands as typed: what they accept, what they print, what they refuse. Backup and imports have theirs elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from fichetrack.vocabulary import Role


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
