"""Quarters as headings write them: « 2025-T1 », « T1_2025 », « 1er trimestre 2025 », « Taux… 2025-T4 (p) »."""

from __future__ import annotations

import re

from fichetrack.tables import normalise_heading

_SHAPES = (
    re.compile(r"\b(?P<year>(?:19|20)\d\d) ?[tq] ?(?P<quarter>[1-4])\b"),
    re.compile(r"\b[tq] ?(?P<quarter>[1-4]) ?(?P<year>(?:19|20)\d\d)\b"),
    re.compile(r"\b(?P<quarter>[1-4]) ?(?:er|e|eme|nd|nde)? trimestre (?P<year>(?:19|20)\d\d)\b"),
    re.compile(r"\btrimestre (?P<quarter>[1-4]) (?P<year>(?:19|20)\d\d)\b"),
)


def quarter_of(heading: str) -> str | None:
    """« 2025-T1 » when the heading names one quarter, else None."""
    plain = normalise_heading(heading)
    found = {f"{one['year']}-T{one['quarter']}" for shape in _SHAPES for one in shape.finditer(plain)}
    return found.pop() if len(found) == 1 else None
