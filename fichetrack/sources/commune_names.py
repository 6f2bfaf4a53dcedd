"""A commune written by a person: its INSEE code or its exact name, « Saint-Denis (93) » for a namesake. Nothing is guessed."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property

from fichetrack.sources.reading import Ground
from fichetrack.tables import normalise_heading
from fichetrack.tables.french import closest, quote

_CODE = re.compile(r"\d{4,5}|2[AB]\d{3}", re.IGNORECASE)
_CODE_AND_NAME = re.compile(r"(?P<code>\d{5}|2[AB]\d{3})\s*[-–,:]?\s+(?P<nom>\D.*)", re.IGNORECASE)
_NAME_AND_PLACE = re.compile(r"(?P<nom>.+?)\s*\((?P<place>\w{2,5})\)")


class CommuneFinder:
    """Finds the commune a cell names, among those of the ground."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    @cached_property
    def _named(self) -> dict[str, list[str]]:
        """Codes by name; made when a first name asks for it."""
        named: dict[str, list[str]] = defaultdict(list)
        for code, nom in self._ground.communes["nom"].items():
            named[normalise_heading(nom)].append(code)
        return named

    def find(self, text: str) -> str:
        """The code of today's commune. Raises ValueError, a French sentence, when it is unknown or ambiguous."""
        text = " ".join(text.split())
        if _CODE.fullmatch(text):
            return self._by_code(text.upper().zfill(5))
        if both := _CODE_AND_NAME.fullmatch(text):
            return self._agreeing(both["code"].upper(), both["nom"], text)
        placed = _NAME_AND_PLACE.fullmatch(text)
        if placed and _CODE.fullmatch(placed["place"]):
            return self._agreeing(placed["place"].upper(), placed["nom"], text)
        return self._by_name(placed["nom"], placed["place"].upper()) if placed else self._by_name(text, "")

    def _by_code(self, code: str) -> str:
        communes = self._ground.communes.index
        today = code if code in communes else self._ground.successors.get(code)
        if today is None or today not in communes:
            raise ValueError(
                f"le code INSEE {quote(code)} est inconnu. Est-ce un code postal ? Écrivez le code INSEE ou le nom."
            )
        return today

    def _agreeing(self, code: str, nom: str, text: str) -> str:
        """A code and a name must be of the same commune: a postcode is not an INSEE code."""
        named = self._named.get(normalise_heading(nom), [])
        today = code if code in self._ground.communes.index else self._ground.successors.get(code, "")
        if today not in named:
            raise ValueError(f"{quote(text)} : ce code INSEE n’est pas celui de cette commune. Gardez l’un des deux.")
        return today

    def _by_name(self, nom: str, departement: str) -> str:
        key = normalise_heading(nom)
        found = self._named.get(key, [])
        if departement:
            found = [code for code in found if self._ground.communes.at[code, "departement"] == departement]
        if len(found) == 1:
            return found[0]
        if found:
            raise ValueError(
                f"{len(found)} communes s’appellent {quote(nom)} : {self._listed(found)}. Indiquez le code INSEE."
            )
        # Only names with the same first letter are compared: 35,000 names would take a second for each unknown one.
        near = closest(key, [name for name in self._named if name[:1] == key[:1]])
        hint = f" Vouliez-vous dire {self._listed(self._named[near])} ?" if near else ""
        raise ValueError(f"aucune commune ne s’appelle {quote(nom)}.{hint} Indiquez le code INSEE.")

    def _listed(self, codes: list[str]) -> str:
        names = self._ground.communes["nom"]
        return ", ".join(f"{names[code]} ({code})" for code in codes[:5]) + ("…" if len(codes) > 5 else "")
