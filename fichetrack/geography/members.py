"""Who a member of a territoire is: an EPCI, an EPT or a single commune, found by its code or by its name.

A code that is no more is followed to what stands today, and the report says so; nothing is guessed from a likeness.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from fichetrack.errors import ImportRefused
from fichetrack.geography.reference import Reference, Row, search_key, typographic

_NAMESAKE = re.compile(r"^(?P<nom>.+) \((?P<departement>\d\d\d?|2[AB])\)$")


class Status(StrEnum):
    RESOLVED = "resolved"
    FOLLOWED = "followed"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True)
class Member:
    """A member as the file names it, and what it is today (kind and code are empty when unresolved)."""

    given_code: str
    given_nom: str
    status: Status
    kind: str = ""  # epci | ept | commune
    code: str = ""
    nom: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.code

    @property
    def sentence(self) -> str:
        given = f"{self.given_nom or 'sans nom'} ({self.given_code})"
        if self.status is Status.UNRESOLVED:
            return f"{given} : introuvable dans le code officiel géographique."
        if self.status is Status.FOLLOWED:
            return f"{given} : aujourd’hui {self.nom} ({self.code})."
        return f"{self.nom} ({self.code})"


class Directory:
    """The official code, arranged for looking up members."""

    def __init__(self, reference: Reference) -> None:
        self.epcis: dict[str, Row] = {row["code"]: row for row in reference.epcis}
        self.communes: dict[str, Row] = {row["code"]: row for row in reference.communes}
        self.successors = reference.successors
        self.regions = {row["code"]: row["nom"] for row in reference.regions}
        self._region_of = {row["code"]: row["region_code"] for row in reference.departements}
        self._commune_by_siren = {row["siren"]: row["code"] for row in reference.communes if row["siren"]}
        self._communes_of: dict[str, list[str]] = defaultdict(list)
        for row in reference.communes:
            for group in (row["epci_code"], row["ept_code"]):
                if group:
                    self._communes_of[group].append(row["code"])

    def find(self, code: str, nom: str) -> Member:
        """The member with this SIREN or INSEE code, followed to the present day when it is no more."""
        if code in self.epcis:
            return self._found(code, nom, self._epci_kind(code), code)
        insee = self._commune_by_siren.get(code) or code
        if insee in self.communes:
            return self._found(code, nom, "commune", insee)
        old = code if len(code) == 5 else self._insee_of_siren(code)
        today = self.successors.get(old) or (old if old in self.communes else None)
        if today:
            return self._found(code, nom, "commune", today, Status.FOLLOWED)
        return self._same_name(code, nom) or Member(code, nom, Status.UNRESOLVED)

    def find_named(self, nom: str) -> Member:
        """The only EPCI, EPT or commune with this name. Raises ImportRefused with the close matches otherwise."""
        namesake = _NAMESAKE.match(nom)
        wanted, departement = (namesake["nom"], namesake["departement"]) if namesake else (nom, None)
        found = self._epcis_named(wanted) if not departement else []
        found = found or [
            row["code"] for row in self._communes_named(wanted) if departement in (None, row["departement_code"])
        ]
        if len(found) == 1:
            code = found[0]
            return self._found(code, nom, self._epci_kind(code) if code in self.epcis else "commune", code)
        raise ImportRefused(self._unresolved_sentence(nom, wanted, found))

    def expand(self, members: Iterable[Member]) -> list[str]:
        """The communes these members come down to, without repetition."""
        codes: set[str] = set()
        for member in members:
            codes.update([member.code] if member.kind == "commune" else self._communes_of[member.code])
        return sorted(codes)

    def roll_up(self, members: Iterable[Member]) -> list[Member]:
        """Communes listed one by one, brought back to the EPCI or EPT of which every commune is listed."""
        listed = {member.code: member for member in members if member.kind == "commune"}
        whole = sorted(
            group for group, codes in self._communes_of.items() if codes and all(code in listed for code in codes)
        )
        covered = {code for group in whole for code in self._communes_of[group]}
        groups = [self._found(code, self.epcis[code]["nom"], self._epci_kind(code), code) for code in whole]
        return groups + [member for code, member in listed.items() if code not in covered]

    def population(self, communes: Iterable[str]) -> int:
        return sum(self.communes[code]["population"] or 0 for code in communes)

    def communes_by_region(self) -> dict[str, list[str]]:
        groups: dict[str, list[str]] = defaultdict(list)
        for code, row in self.communes.items():
            groups[self._region_of[row["departement_code"]]].append(code)
        return groups

    def departements_of(self, communes: Iterable[str]) -> list[str]:
        return sorted({self.communes[code]["departement_code"] for code in communes})

    def regions_of(self, communes: Iterable[str]) -> list[str]:
        """The régions of these communes, the most populated part first."""
        people: Counter[str] = Counter()
        for code in communes:
            commune = self.communes[code]
            people[self._region_of[commune["departement_code"]]] += (commune["population"] or 0) + 1
        return [region for region, _count in people.most_common()]

    def _found(self, code: str, nom: str, kind: str, today: str, status: Status = Status.RESOLVED) -> Member:
        row = self.communes[today] if kind == "commune" else self.epcis[today]
        return Member(code, typographic(nom), status, kind, today, row["nom"])

    def _epci_kind(self, code: str) -> str:
        return "ept" if self.epcis[code]["kind"] == "EPT" else "epci"

    def _insee_of_siren(self, siren: str) -> str:
        """The INSEE code inside a commune's SIREN: 21, département, commune, key (Corsica kept its old number 20)."""
        if len(siren) != 9 or not siren.startswith("21"):
            return ""
        departement, commune = siren[2:4], siren[5:8]
        if departement == "97":
            return siren[2:5] + siren[6:8]
        if departement != "20":
            return departement + commune
        corsican = [f"{half}{commune}" for half in ("2A", "2B")]
        return next((code for code in corsican if code in self.communes or code in self.successors), "")

    def _same_name(self, code: str, nom: str) -> Member | None:
        """An EPCI that changed its kind has a new SIREN and often the same name: followed when only one bears it."""
        found = self._epcis_named(nom) if len(code) == 9 and not code.startswith("21") else []
        if len(found) != 1:
            return None
        return self._found(code, nom, self._epci_kind(found[0]), found[0], Status.FOLLOWED)

    def _epcis_named(self, nom: str) -> list[str]:
        """By the whole name, else without the letters of the kind, which lists write or leave out: CC, CA, CU."""
        key = search_key(nom)
        whole = [code for code, row in self.epcis.items() if row["search_key"] == key]
        return whole or [code for code, row in self.epcis.items() if _bare(row["search_key"]) == _bare(key)]

    def _communes_named(self, nom: str) -> list[Row]:
        key = search_key(nom)
        return [row for row in self.communes.values() if row["search_key"] == key]

    def _unresolved_sentence(self, nom: str, wanted: str, found: list[str]) -> str:
        if found:
            return (
                f"« {nom} » désigne plusieurs membres possibles : {', '.join(sorted(found))}. Précisez le département."
            )
        rows = (*self.epcis.values(), *self.communes.values())
        names = {row["search_key"]: f"{row['nom']} ({row['code']})" for row in rows}
        close = [names[key] for key in difflib.get_close_matches(search_key(wanted), names, n=5, cutoff=0.7)]
        nearest = f" Noms proches : {' ; '.join(close)}." if close else ""
        return f"« {nom} » n’est ni un EPCI ni une commune du code officiel géographique.{nearest}"


def _bare(key: str) -> str:
    first, _, rest = key.partition(" ")
    return rest if first in {"cc", "ca", "cu", "ept"} and rest else key
