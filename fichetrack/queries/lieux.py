"""Lieux, the EPCI and communes a fiche names: found by code or by name, and read back with their names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, select

from fichetrack.extensions import db
from fichetrack.models import Commune, Epci
from fichetrack.search import words

SEARCH_LIMIT = 20

_CODE = re.compile(r"^(?:epci-|com-)?(?P<code>\d{9}|\d[0-9AB]\d{3})$", re.IGNORECASE)
_LAST_PARENTHESES = re.compile(r"^(?P<nom>.+?)\s*\((?P<within>[^()]+)\)$")


@dataclass(frozen=True)
class Lieu:
    """An EPCI (SIREN) or a commune (INSEE); `detail` tells namesakes apart: « EPCI », « commune, 30 »."""

    code: str
    nom: str
    detail: str

    @property
    def label(self) -> str:
        return f"{self.nom} ({self.code})"


def list_lieux(codes: Iterable[str]) -> list[Lieu]:
    """The lieux with these codes, in the order given; an unknown code is left out."""
    codes = list(codes)
    found = {lieu.code: lieu for model in (Epci, Commune) for lieu in _read(model, model.code.in_(codes))}
    return [found[code] for code in codes if code in found]


def search_lieux(text: str, limit: int = SEARCH_LIMIT) -> list[Lieu]:
    """The lieux with this code, or whose names hold each word: EPCI first, then the most populated communes."""
    if code := _code_in(text):
        return list_lieux([code])
    wanted = words(text)
    if not wanted:
        return []
    return [*_named(Epci, wanted, limit), *_named(Commune, wanted, limit)][:limit]


def resolve_lieux(values: Iterable[str]) -> list[str]:
    """The codes of lieux written by code or by name, without repetition.

    Raises ValueError, in French for the person who typed, when a value is unknown or has several meanings.
    """
    return list(dict.fromkeys(_resolve(value.strip()) for value in values if value.strip()))


def _resolve(value: str) -> str:
    code = _code_in(value)
    found = list_lieux([code]) if code else _same_name(value)
    if len(found) == 1:
        return found[0].code
    if found:
        several = " ; ".join(lieu.label for lieu in found[:6])
        raise ValueError(f"« {value} » désigne plusieurs lieux : {several}. Donnez le code.")
    near = " ; ".join(lieu.label for lieu in search_lieux(value, 5))
    hint = f" Voulez-vous dire : {near} ?" if near else ""
    raise ValueError(f"« {value} » n’est ni un EPCI ni une commune.{hint}")


def _code_in(text: str) -> str | None:
    """The code written alone, with the prefix of an address, or at the end between parentheses."""
    inside = _LAST_PARENTHESES.match(text.strip())
    for part in (text.strip(), inside["within"] if inside else ""):
        if found := _CODE.match(part):
            return found["code"].upper()
    return None


def _same_name(value: str) -> list[Lieu]:
    """Exactly this name; « Rousset (13) » keeps the namesake of that département."""
    inside = _LAST_PARENTHESES.match(value)
    exact = [lieu for model in (Epci, Commune) for lieu in _read(model, model.search_key == " ".join(words(value)))]
    if exact or not inside:
        return exact
    key = " ".join(words(inside["nom"]))
    return _read(Commune, Commune.search_key == key, Commune.departement_code == inside["within"].upper())


def _named(model: Any, wanted: list[str], limit: int) -> list[Lieu]:
    conditions = [(literal(" ") + model.search_key).like(f"% {word}%") for word in wanted]
    return _read(model, *conditions, limit=limit)


def _read(model: Any, *conditions: Any, limit: int | None = None) -> list[Lieu]:
    order = (Epci.nom, Epci.code) if model is Epci else (func.coalesce(Commune.population, 0).desc(), Commune.code)
    rows: Iterable[Any] = db.session.scalars(select(model).where(*conditions).order_by(*order).limit(limit))
    return [Lieu(row.code, row.nom, "EPCI" if model is Epci else f"commune, {row.departement_code}") for row in rows]
