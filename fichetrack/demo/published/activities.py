"""The nomenclatures and the invented weights the demonstration's files draw from, as texts/activities.toml holds them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TEXTS = Path(__file__).parent / "texts" / "activities.toml"


@dataclass(frozen=True)
class Activity:
    """A sous-classe of the NAF with the labels the URSSAF writes beside it."""

    ape: str
    label: str
    weight: float
    size: float  # jobs by establishment
    a88: str
    a38: str
    a17: str
    grand_secteur: str

    @property
    def labels(self) -> list[str]:
        """From the grand secteur to the sous-classe."""
        return [self.grand_secteur, self.a17, self.a38, self.a88, f"{self.ape} {self.label}"]

    @property
    def is_industry(self) -> bool:
        return self.grand_secteur.startswith("GS1")


@cache
def words() -> dict[str, Any]:
    """The whole file."""
    return tomllib.loads(TEXTS.read_text("utf-8"))


@cache
def activities() -> dict[str, Activity]:
    """Every activity, temporary work apart (see `interim`)."""
    return {ape: _activity(ape, *row) for ape, row in words()["ape"].items()}


@cache
def interim() -> Activity:
    """Temporary work, which the URSSAF counts in a grand secteur of its own."""
    [(ape, row)] = words()["interim"].items()
    return _activity(ape, *row)


def specialities(territoire: str) -> dict[str, float]:
    """Share of the jobs of a territoire, in per cent, by activity it is known for."""
    known: dict[str, dict[str, float]] = words()["specialities"]
    return known.get(territoire, known["autre"])


def a38_of(ape: str) -> str:
    """The A38 sector of an activity: « CJ »."""
    return activities()[ape].a38[:2]


def _activity(ape: str, label: str, weight: float, size: float) -> Activity:
    data, division = words(), ape[:2]
    a38, (a38_label, a17, _) = next((key, row) for key, row in data["a38"].items() if division in row[2])
    secteur = (
        "GS6 Intérim" if ape == "7820Z" else next(s for s, held in data["grands_secteurs"].values() if a17 in held)
    )
    return Activity(
        ape=ape,
        label=label,
        weight=weight,
        size=size,
        a88=f"{division} {data['a88'][division]}",
        a38=f"{a38} {a38_label}",
        a17=f"{a17} {data['a17'][a17]}",
        grand_secteur=secteur,
    )
