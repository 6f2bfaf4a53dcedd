"""Lieux, the EPCI and communes a fiche names: found by code or by name, and read back with their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, select

from fichetrack.extensions import db
from fichetrack.models import Commune, Epci
from fichetrack.search import folded, words
from fichetrack.tables.french import quote

SEARCH_LIMIT = 20
LONGEST = 150  # of what is searched for: each word is one more condition
PART = 5_000  # values in one query

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
    found = {lieu.code: lieu for lieu in _among("code", set(codes))}
    return [found[code] for code in codes if code in found]


def search_lieux(text: str, limit: int = SEARCH_LIMIT) -> list[Lieu]:
    """The lieux with this code, or whose names hold each word: EPCI first, then the most populated communes."""
    if code := _code_in(text):
        return list_lieux([code])
    wanted = words(text[:LONGEST])
    if not wanted:
        return []
    return [*_named(Epci, wanted, limit), *_named(Commune, wanted, limit)][:limit]


def resolve_lieux(values: Iterable[str]) -> list[str]:
    """The codes of lieux written by code or by name, without repetition.

    Raises ValueError, in French for the person who typed, when a value is unknown or has several meanings.
    """
    texts = list(dict.fromkeys(value.strip() for value in values if value.strip()))
    known = KnownLieux(texts)
    return list(dict.fromkeys(known.code_of(text) for text in texts))


class KnownLieux:
    """What texts may mean, looked up together: as many queries for a thousand texts as for one."""

    def __init__(self, texts: Iterable[str], suggested: int = 1) -> None:
        """`suggested`: how many unknown names are told what resembles them; each costs a scan."""
        self.suggested = suggested
        texts = set(texts)
        codes = {code for text in texts if (code := _code_in(text))}
        keys = {key for text in texts if not _code_in(text) for key in (_key(text), _key_before_parentheses(text))}
        self.by_code = {lieu.code: lieu for lieu in _among("code", codes)}
        self.by_key: dict[str, list[Lieu]] = {}
        for lieu in _among("search_key", keys - {""}):
            self.by_key.setdefault(_key(lieu.nom), []).append(lieu)

    def code_of(self, text: str) -> str:
        """The code of one of these texts. Raises ValueError, in French."""
        found = self._meanings(text.strip())
        if len(found) == 1:
            return found[0].code
        if found:
            several = " ; ".join(lieu.label for lieu in found[:6])
            raise ValueError(f"{quote(text)} désigne plusieurs lieux : {several}. Donnez le code.")
        raise ValueError(f"{quote(text)} n’est ni un EPCI ni une commune.{self._hint(text)}")

    def _meanings(self, text: str) -> list[Lieu]:
        """« Saint-Martin (13) » keeps the namesake of that département."""
        if code := _code_in(text):
            return [self.by_code[code]] if code in self.by_code else []
        inside = _LAST_PARENTHESES.match(text)
        if (exact := self.by_key.get(_key(text), [])) or not inside:
            same = [lieu for lieu in exact if folded(lieu.nom) == folded(text)]
            return same or exact  # « Alès » is not « Alex », whose plural reads alike
        detail = f"commune, {inside['within'].upper()}"
        return [lieu for lieu in self.by_key.get(_key(inside["nom"]), []) if lieu.detail == detail]

    def _hint(self, text: str) -> str:
        if self.suggested < 1:
            return ""
        self.suggested -= 1
        near = " ; ".join(lieu.label for lieu in search_lieux(text, 5))
        return f" Voulez-vous dire : {near} ?" if near else ""


def _key(text: str) -> str:
    return " ".join(words(text))


def _key_before_parentheses(text: str) -> str:
    inside = _LAST_PARENTHESES.match(text.strip())
    return _key(inside["nom"]) if inside else ""


def _among(column: str, wanted: set[str]) -> Iterator[Lieu]:
    ordered = sorted(wanted)
    for model in (Epci, Commune):
        for start in range(0, len(ordered), PART):
            yield from _read(model, getattr(model, column).in_(ordered[start : start + PART]))


def _code_in(text: str) -> str | None:
    """The code written alone, with the prefix of an address, or at the end between parentheses."""
    inside = _LAST_PARENTHESES.match(text.strip())
    for part in (text.strip(), inside["within"] if inside else ""):
        if found := _CODE.match(part):
            return found["code"].upper()
    return None


def _named(model: Any, wanted: list[str], limit: int) -> list[Lieu]:
    conditions = [(literal(" ") + model.search_key).like(f"% {word}%") for word in wanted]
    return _read(model, *conditions, limit=limit)


def _read(model: Any, *conditions: Any, limit: int | None = None) -> list[Lieu]:
    order = (Epci.nom, Epci.code) if model is Epci else (func.coalesce(Commune.population, 0).desc(), Commune.code)
    rows: Iterable[Any] = db.session.scalars(select(model).where(*conditions).order_by(*order).limit(limit))
    return [Lieu(row.code, row.nom, "EPCI" if model is Epci else f"commune, {row.departement_code}") for row in rows]
