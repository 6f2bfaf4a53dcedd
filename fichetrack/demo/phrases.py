"""The vocabulary of the demonstration, read from texts/: actions by axe, their families, what people write."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from fichetrack.demo.places import TEXTS
from fichetrack.vocabulary import Axe

# Exactly the 200 characters a title may have: pages must hold it.
LONG_TITLE = (
    "Faire naître, avec les lycées, les entreprises, France Travail et la Région, un parcours complet de formation, "
    "de logement et d’accueil pour les jeunes qui choisiront l’industrie dans le bassin d’Alès"
)


@dataclass(frozen=True)
class ActionText:
    """One kind of action: every text is a pattern (grammar.expand)."""

    axe: str
    key: str
    profil: str
    themes: list[str]
    titres: list[str]
    resume: str
    constat: list[str]
    objectifs: list[str]
    description: list[str]
    resultats: str
    indicateurs: list[list[Any]]  # libellé, unité, base, lowest and highest cible
    transition: str
    justification: str
    cout: list[int]  # thousands of euros, lowest and highest
    emplois: list[int]  # to create: lowest, highest; to keep: lowest, highest
    mots: list[str]
    norme: str = ""
    proposition: str = ""
    fret: bool = False  # needs a railway that carries goods


@cache
def actions() -> tuple[ActionText, ...]:
    """Every kind of action, the four axes in turn."""
    found = []
    for axe in Axe:
        rows = _read(f"actions/{axe}.toml")["action"]
        found += [ActionText(axe=axe.value, **row) for row in rows]
    return tuple(found)


@cache
def profils() -> dict[str, Any]:
    """What the actions of one family share: pilotes, partenaires, financeurs, jalons, lessons learned."""
    return _read("profils.toml")


@cache
def exchanges() -> dict[str, Any]:
    """Motives, comments and notes."""
    return _read("exchanges.toml")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((TEXTS / name).read_text(encoding="utf-8"))
