"""Words of a fiche and words of a query, normalised alike, so that both databases find the same fiches.

Accents, case, œ and elided articles go; a plural finds its singular. Only published fields are indexed: a search must never
tell somebody that a word stands in a field they may not read.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

SEARCHED = (
    "intitule",
    "resume",
    "description",
    "pilote",
    "maitre_ouvrage",
    "constat",
    "objectifs",
    "resultats_attendus",
)
MAX_WORDS = 12

_ELISION = re.compile(r"\b(?:l|d|j|n|s|c|m|t|qu|jusqu|lorsqu|puisqu)['’]", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9]+")


def folded(text: str) -> str:
    """A name as it is compared: no accent, case nor doubled blank; « Cité  de l’Œuvre » gives cite de l'oeuvre."""
    plain = text.lower().replace("œ", "oe").replace("æ", "ae").replace("’", "'")
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return " ".join(plain.split())


def words(text: str) -> list[str]:
    """The normalised words of a text, in order: « L’œuvre des Forêts » gives oeuvre, de, foret."""
    return [_singular(word) for word in _WORD.findall(folded(_ELISION.sub(" ", text)))]


def searchable(fiche: Any) -> str:
    """The text indexed for a fiche: its code and published fields, normalised."""
    parts = [fiche.code or "", *(getattr(fiche, name) or "" for name in SEARCHED), *(fiche.mots_cles or [])]
    return " ".join(words(" \n ".join(parts)))


def query_words(query: str) -> list[str]:
    """The words a reader looks for, each matched as a prefix; at most MAX_WORDS."""
    return list(dict.fromkeys(words(query)))[:MAX_WORDS]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word
