"""Where a financed project is, as its list says it: INSEE code, name, postcode. A doubt is kept and told, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from fichetrack.sources.commune_names import CommuneFinder
from fichetrack.sources.reading import Ground
from fichetrack.tables import normalise_heading
from fichetrack.tables.french import quote

_SEVERAL = re.compile(r"[;|\r\n]+")
_POSTED = re.compile(r"(?P<cp>\d{5})\s+(?P<nom>\D.*)|(?P<nom2>\D.*?)\s+\(?(?P<cp2>\d{5})\)?")
_DISTRICT = re.compile(
    r"(?<=\D)\s+(\d{1,2}\s*(er|e|ème|eme)?(\s+arr(ondissement|t|\.)?)?|cedex(\s+\d+)?)$", re.IGNORECASE
)
_SAINT = re.compile(r"\b(s)(te?)\b[.\s-]+", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """A place as written. state: connue (commune holds its code), a_confirmer (doubt says why, with suggestions), absente."""

    text: str
    commune: str | None
    state: str
    doubt: str | None = None


class PlaceFinder:
    """Finds the communes a row names."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._finder = CommuneFinder(ground)
        self._found: dict[tuple[str, ...], list[Place]] = {}

    def find_all(self, row: dict[str, Any]) -> list[Place]:
        """One place per commune of the row, « Alès ; Salindres » being two; one absent place when it names none."""
        key = tuple(row[name].strip() for name in ("commune", "code_commune", "code_postal", "departement"))
        if key not in self._found:
            names = [part.strip() for part in _SEVERAL.split(key[0]) if part.strip()]
            # A code beside several names is that of one of them only: it says nothing sure of the others.
            codes = key[1:] if len(names) < 2 else ("", "", "")
            self._found[key] = [self._find(name, *codes) for name in names or [""]]
        return self._found[key]

    def _find(self, name: str, insee: str, postcode: str, departement: str) -> Place:
        text = name or insee or postcode
        if not text:
            return Place("", None, "absente", "aucune commune n’est indiquée")
        try:
            return Place(
                text, self._by_code(insee, name) if insee else self._by_name(name, postcode, departement), "connue"
            )
        except ValueError as doubt:
            return Place(text, None, "a_confirmer", f"{quote(text)} : {doubt}")

    def _by_code(self, insee: str, name: str) -> str:
        """The code, unless the name is certainly that of another commune: it may be a postcode."""
        code = self._finder.find(insee)
        plain = _plain(name)
        if not plain or normalise_heading(plain) == normalise_heading(str(self._ground.communes.at[code, "nom"])):
            return code
        named = [self._try(plain), self._try(f"{plain} ({self._ground.communes.at[code, 'departement']})")]
        others = sorted({one for one in named if one and one != code})
        if others:
            raise ValueError(
                f"le code {insee} est celui de {self._told([code])}, le nom celui de {self._told(others)}."
            )
        return code  # The name of a commune that has merged, or a place in the commune.

    def _by_name(self, name: str, postcode: str, departement: str) -> str:
        """The only commune of this name in the département that is said, or in France when none is."""
        posted = _POSTED.fullmatch(name)
        if posted:
            name, postcode = posted["nom"] or posted["nom2"], posted["cp"] or posted["cp2"]
        if not name or name.isdigit():
            raise ValueError("un code postal désigne souvent plusieurs communes. Indiquez le nom ou le code INSEE.")
        plain = _plain(name)
        places = _departements(departement, postcode)
        if not places or plain.endswith(")"):
            return self._finder.find(plain)
        found = {code for one in places if (code := self._try(f"{plain} ({one})"))}
        if len(found) == 1:
            return found.pop()
        return self._finder.find(f"{plain} ({places[0]})")  # which says why, and what is near

    def _try(self, text: str) -> str | None:
        try:
            return self._finder.find(text)
        except ValueError:
            return None

    def _told(self, codes: list[str]) -> str:
        return ", ".join(f"{self._ground.communes.at[code, 'nom']} ({code})" for code in codes)


def _plain(name: str) -> str:
    """« ST-DENIS CEDEX 2 » → « SAINT DENIS », « Lyon 3e arrondissement » → « Lyon »."""
    return _SAINT.sub(lambda found: "sainte " if len(found[2]) == 2 else "saint ", _DISTRICT.sub("", name.strip()))


def _departements(departement: str, postcode: str) -> list[str]:
    """The département that is said, else those a postcode begins with: 201… and 202… are the two of Corsica."""
    said = re.match(r"\s*(2[AB]|97\d|\d{1,2})\b", departement, re.IGNORECASE)
    if said:
        return [said[1].upper().zfill(2)]
    digits = re.sub(r"\D", "", postcode)
    if len(digits) != 5:
        return []
    if digits.startswith("20"):
        return ["2A", "2B"]
    return [digits[:3] if digits.startswith(("97", "98")) else digits[:2]]
