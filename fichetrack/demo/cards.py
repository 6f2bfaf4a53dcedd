"""Dealing: how many fiches each territoire gets, and for each fiche its situation and its kind of action."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from random import Random

from fichetrack.demo.dice import dice
from fichetrack.demo.lives import SITUATIONS, deal
from fichetrack.demo.phrases import actions
from fichetrack.demo.places import Place

LONG_TITLE_NUMBER = 7  # The fiche of Alès that gets the longest title allowed.
_NO_RAIL_FREIGHT = frozenset({"01", "02", "03", "04", "06", "94"})  # The overseas régions and Corsica.
_DRAFTS = frozenset(situation.name for situation in SITUATIONS if situation.etat == "brouillon")


@dataclass(frozen=True, slots=True)
class Card:
    """What is settled about a fiche before it is written; number counts within its territoire."""

    index: int
    place: int
    number: int
    situation: int
    action: int


def deal_cards(places: list[Place], count: int, seed: int) -> list[Card]:
    """One card per fiche; the first is never a draft (see demo.load)."""
    cards: list[Card] = []
    for place, size in enumerate(_sizes(places, count, seed)):
        rng = dice(seed, "cards", places[place].slug)
        situations = [SITUATIONS.index(one) for one in deal(size, rng)]
        if not cards:
            situations.sort(key=lambda one: SITUATIONS[one].name in _DRAFTS)
            head, rest = situations[:1], situations[1:]
            rng.shuffle(rest)
            situations = head + rest
        kinds = _kinds(places[place], size, rng)
        for number, (situation, kind) in enumerate(zip(situations, kinds, strict=True)):
            cards.append(Card(len(cards), place, number, situation, kind))
    return cards


def draft_id(seed: int, count: int, index: int) -> str:
    """The address of a draft: random-looking, the same for the same load."""
    digest = hashlib.sha256(f"fichetrack/{seed}/{count}/{index}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:12]).decode()


def _sizes(places: list[Place], count: int, seed: int) -> list[int]:
    """Territoires differ in size; those of the accounts hold an average share."""
    rng = dice(seed, "sizes")
    weights = [1.0 if place.slug in {"ales", "lacq-pau-tarbes"} else rng.uniform(0.55, 1.5) for place in places]
    others = sum(weights) - weights.count(1.0)
    fixed = weights.count(1.0)
    scale = (len(places) - fixed) / others if others else 1.0
    shares = [count / len(places) * (weight if weight == 1.0 else weight * scale) for weight in weights]
    sizes = [int(share) for share in shares]
    for index in sorted(range(len(places)), key=lambda one: sizes[one] - shares[one])[: count - sum(sizes)]:
        sizes[index] += 1
    return sizes


def _kinds(place: Place, size: int, rng: Random) -> list[int]:
    """Every kind of action once before any comes twice."""
    no_freight = place.region_code in _NO_RAIL_FREIGHT
    deck = [index for index, action in enumerate(actions()) if not (action.fret and no_freight)]
    dealt: list[int] = []
    while len(dealt) < size:
        rng.shuffle(deck)
        dealt += deck
    return dealt[:size]
