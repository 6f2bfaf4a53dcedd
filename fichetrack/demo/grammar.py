"""French as these texts need it: articles and elisions of names, no-break spaces, and patterns with choices and numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

NBSP = "\u00a0"
_VOWELS = "aàâeéèêëiîïoôöuùûœAÀÂEÉÈÊËIÎÏOÔÖUÙÛŒ"
# Communes whose h is silent; « de Harfleur » is the rule elsewhere.
_SILENT_H = ("Hagetmau", "Hendaye", "Hennebont", "Hyères", "Hérimoncourt", "Héricourt", "Hirson", "habit", "horlog", "hydro", "hôt")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_NUMBER = re.compile(r"\{(\d+)\.\.(\d+)\}")
_SLOT = re.compile(r"\{(\w+)\}")


def elides(name: str) -> bool:
    """Whether « de » loses its e before this word: « d’Alès », « d’Yvetot », « de Harfleur »."""
    if name[:1] in "yY":
        return len(name) > 1 and name[1] not in _VOWELS
    return name[:1] in _VOWELS or name.startswith(_SILENT_H)


def of(name: str) -> str:
    """« de » before a name, whatever its article: « du Havre », « des Ulis », « d’Alès », « de l’axe Seine »."""
    for article, contracted in (("le ", "du "), ("les ", "des ")):
        if name.lower().startswith(article):
            return contracted + name[len(article) :]
    return f"d’{name}" if elides(name) else f"de {name}"


def at(name: str) -> str:
    """« à » before a name, whatever its article: « au Havre », « aux Ulis », « à La Ciotat »."""
    for article, contracted in (("le ", "au "), ("les ", "aux ")):
        if name.lower().startswith(article):
            return contracted + name[len(article) :]
    return f"à {name}"


def typographic(text: str) -> str:
    """Typographic apostrophes, and no-break spaces where French wants them."""
    text = text.replace("'", "’").replace("« ", f"«{NBSP}")
    return re.sub(r" (?=[»:;?!%€])", NBSP, text)


def expand(pattern: str, slots: Mapping[str, str], rng: Random) -> str:
    """One reading of a pattern: « [Créer|Ouvrir] {12..40} places {a_commune} »; {A_commune} begins a sentence."""
    while _CHOICE.search(pattern):
        pattern = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), pattern)
    pattern = _NUMBER.sub(lambda match: _number(rng, int(match[1]), int(match[2])), pattern)
    text = typographic(_SLOT.sub(lambda match: _slot(match[1], slots), pattern))
    return text[:1].upper() + text[1:]


def _number(rng: Random, low: int, high: int) -> str:
    """A round enough number, as a person would write it."""
    step = 1 if high <= 40 else 5 if high <= 400 else 50 if high < 2000 or low < 2000 else 1
    if 1990 <= low <= high <= 2100:
        return str(rng.randint(low, high))
    value = min(high, max(low, round(rng.randint(low, high) / step) * step))
    return f"{value:,}".replace(",", "\u202f")


def _slot(name: str, slots: Mapping[str, str]) -> str:
    if name[0].isupper():
        value = slots[name[0].lower() + name[1:]]
        return value[:1].upper() + value[1:]
    return slots[name]
