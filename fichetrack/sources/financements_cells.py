"""Cells of a list of financed projects: amounts by kind, dates, company numbers, diffusion. ValueErrors are French."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from fichetrack.indicators.financements import NATURES
from fichetrack.indicators.quantities import ABSENT_MARKS, SECRET_MARKS
from fichetrack.tables import Column, normalise_heading
from fichetrack.tables.dates import parse_date
from fichetrack.tables.french import quote
from fichetrack.tables.numbers import parse_amount
from fichetrack.tables.values import parse_siret
from fichetrack.vocabulary import Diffusion

SECRETS = SECRET_MARKS | {"confidentiel", "confidentielle", "secret des affaires", "non public", "non publiable"}
ABSENTS = ABSENT_MARKS | {"nc", "non communiqué", "non renseigné", "inconnu", "à préciser"}
WIDE = ("subvention", "avance", "pret", "fonds_propres", "investissement")  # one column of amounts per kind

_NATURES = {
    "avance": ("avance remboursable", "avance récupérable", "avances"),
    "pret": ("prêt", "prêts", "prêt participatif", "prêt bonifié"),
    "subvention": ("subventions", "aide directe"),
    "fonds_propres": ("fonds propres", "quasi fonds propres", "prise de participation", "investissement en capital"),
    "garantie": ("garanties",),
    "investissement": ("investissement total", "coût total", "montant total du projet"),
    "non_precisee": ("aide", "non précisée", "non précisé"),
}
_NATURE_OF = {
    normalise_heading(name): nature
    for nature, names in _NATURES.items()
    for name in (nature.replace("_", " "), NATURES[nature], *names)
}
_DIFFUSIONS = {
    "public": Diffusion.PUBLIQUE, "publique": Diffusion.PUBLIQUE, "oui": Diffusion.PUBLIQUE, "": Diffusion.RESEAU,
    "reseau": Diffusion.RESEAU, "non": Diffusion.RESEAU, "nominative": Diffusion.NOMINATIVE, "amont": Diffusion.AMONT,
    "confidentiel": Diffusion.NOMINATIVE, "confidentielle": Diffusion.NOMINATIVE,
}  # fmt: skip


@dataclass(frozen=True)
class Amount:
    """An amount of a kind: euros, or None when it is confidential."""

    nature: str
    euros: float | None


def amounts_of(row: dict[str, Any]) -> list[Amount]:
    """The amounts of a row: « Montant » with its kind, and the columns that hold one kind each.

    A kind nobody knows stays under its own words: it is added to no other. Raises ValueError for an amount that reads two
    ways, or is negative.
    """
    given = [("montant", nature_of(row["nature"])), *((name, name) for name in WIDE)]
    amounts = []
    for name, nature in given:
        cell = row[name].strip()
        if cell.casefold() in SECRETS:
            amounts.append(Amount(nature, None))
        elif cell.casefold() not in ABSENTS:
            euros = parse_amount(row[name])
            if euros < 0:
                raise ValueError(f"{quote(cell)} est négatif. Corrigez le montant.")
            amounts.append(Amount(nature, float(euros)))
    return amounts


def nature_of(cell: str) -> str:
    """A known kind of amount, else the words of the cell; « non_precisee » for none."""
    words = normalise_heading(cell)
    return _NATURE_OF.get(words, " ".join(cell.split())) if words else "non_precisee"


def read_day(cell: str) -> str | None:
    """An ISO date; « 2021 », a year alone, stays a year. Raises ValueError."""
    if cell.strip().casefold() in ABSENTS:
        return None
    return cell.strip() if re.fullmatch(r"(19|20)\d\d", cell.strip()) else parse_date(cell).isoformat()


def siren_of(row: dict[str, Any]) -> str | None:
    """The SIREN, or that of the SIRET. Raises ValueError when a number is given that cannot be one."""
    if row["siret"].casefold() not in ABSENTS:
        return parse_siret(row["siret"], Column("siret", "SIRET"))[:9]
    if row["siren"].casefold() in ABSENTS:
        return None
    digits = re.sub(r"[\s.-]", "", row["siren"])
    if not re.fullmatch(r"\d{9}", digits):
        raise ValueError(f"{quote(row['siren'])} n’est pas un SIREN. Écrivez ses 9 chiffres.")
    return digits


def diffusion_of(cell: str) -> tuple[Diffusion, str | None]:
    """The class of a project, réseau unless said otherwise; and a sentence when the cell says something unknown."""
    found = _DIFFUSIONS.get(normalise_heading(cell))
    doubt = None if found else f"diffusion {quote(cell)} inconnue : le projet reste au réseau."
    return found or Diffusion.RESEAU, doubt


def own_words(cell: str) -> str | None:
    """The text without needless blanks; None when there is none."""
    text = " ".join(cell.split())
    return None if text.casefold() in ABSENTS else text
