"""Small pieces of French sentences: quoting what the person typed, safely and briefly."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

NBSP = "\u00a0"
NARROW = "\u202f"


def quote(text: str, limit: int = 60) -> str:
    """« text » with no-break spaces, without invisible characters, and cut when long."""
    visible = "".join(
        " " if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else char for char in str(text)
    )
    visible = " ".join(visible.split(" ")).strip()
    if len(visible) > limit:
        visible = visible[: limit - 1].rstrip() + "…"
    return f"«{NBSP}{visible}{NBSP}»"


def count(number: int) -> str:
    """20000 → « 20 000 »."""
    return f"{number:,}".replace(",", NARROW)


def share_of(part: float) -> str:
    """0.42 → « 42 % »; what is not nothing is never « 0 % », nor what is not all « 100 % »."""
    rounded = round(100 * part)
    if rounded == 0 and part > 0:
        return f"moins de 1{NBSP}%"
    if rounded == 100 and part < 1 - 1e-9:  # a sum of shares misses 1 by less
        return f"plus de 99{NBSP}%"
    return f"{rounded}{NBSP}%"


def closest(text: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like a text, if one is near enough to be worth suggesting."""
    found = difflib.get_close_matches(text, list(candidates), n=1, cutoff=0.65)
    return found[0] if found else None
