"""Dice for fiction: the same seed always throws the same numbers. Never for secrets."""

from __future__ import annotations

from random import Random


def dice(seed: int, *what: object) -> Random:
    """Dice of their own for each thing, so that one more throw somewhere changes nothing elsewhere."""
    return Random("/".join(str(part) for part in (seed, *what)))  # noqa: S311 — fiction, not cryptography
