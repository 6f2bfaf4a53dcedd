"""French as these texts need it: articles and elisions, no-break spaces, patterns with choices and numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

NBSP = "\u00a0"
NARROW_NBSP = "\u202f"
_VOWELS = "aàâeéèêëiîïoôöuùûœAÀÂEÉÈÊËIÎÏOÔÖUÙÛŒ"
# Communes whose h is silent; « de Harfleur » is the rule elsewhere.
_SILENT_H = ("Hagetmau", "Hendaye", "Hennebont", "Hyères", "Héricourt", "Hirson", "habit", "horlog", "hydro", "hôt")
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


Numbers = dict[tuple[int, int], int]


def expand(pattern: str, slots: Mapping[str, str], numbers: Numbers, rng: Random) -> str:
    """One reading of a pattern: « [Créer|Ouvrir] {12..40} places {a_commune} »; {A_commune} begins a sentence.

    `numbers` remembers what was drawn: within a fiche, the same range is the same quantity.
    """
    while _CHOICE.search(pattern):
        pattern = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), pattern)
    pattern = _NUMBER.sub(lambda match: _written(draw(int(match[1]), int(match[2]), numbers, rng)), pattern)
    text = typographic(_SLOT.sub(lambda match: _slot(match[1], slots), pattern))
    return text[:1].upper() + text[1:]


def draw(low: int, high: int, numbers: Numbers, rng: Random) -> int:
    """A number between two bounds, as round as a person would say it."""
    if (low, high) not in numbers:
        step = 1 if high <= 40 or _is_year(high) else 5 if high <= 400 else 50 if high < 2000 else 100
        value = round(rng.randint(low, high) / step) * step
        numbers[(low, high)] = min(high, max(low, value))
    return numbers[(low, high)]


def _written(value: int) -> str:
    return str(value) if _is_year(value) else f"{value:,}".replace(",", NARROW_NBSP)


def _is_year(value: int) -> bool:
    return 1990 <= value <= 2040


def _slot(name: str, slots: Mapping[str, str]) -> str:
    if name[0].isupper():
        value = slots[name[0].lower() + name[1:]]
        return value[:1].upper() + value[1:]
    return slots[name]
