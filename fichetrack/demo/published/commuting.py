"""Home-to-work flows in the layout of INSEE's base of flows: weights are not whole numbers, some jobs are abroad."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan
from pathlib import Path
from random import Random

import pandas as pd

from fichetrack.demo.dice import dice
from fichetrack.demo.published.editions import Editions
from fichetrack.demo.published.ground import ARRONDISSEMENTS, Place, largest, places
from fichetrack.demo.published.writing import write_csv

HEADER = ("CODGEO", "LIBGEO", "DCLT", "L_DCLT")
AT_WORK = 0.41  # of the inhabitants
POLES = 6  # largest communes of the territoire one may work in
# Destinations abroad, by département: code of the country, its name, share of the residents at work.
ABROAD = {
    "74": ("99140", "Suisse", 0.14), "01": ("99140", "Suisse", 0.12), "68": ("99140", "Suisse", 0.11),
    "59": ("99131", "Belgique", 0.02), "08": ("99131", "Belgique", 0.04),
}  # fmt: skip
SMALLEST = 5.0  # people: a thinner flow is not worth a row here


def write(communes: pd.DataFrame, folder: Path, seed: int, out: Editions) -> list[Path]:
    """Flows from every commune of the territoires, inside it, to its poles, to a large town outside, and abroad."""
    held = communes.loc[communes["territoire"].notna()]
    poles = largest(held, "territoire", POLES)
    outside = largest(communes.loc[communes["told"] & communes["territoire"].isna()], "departement", 2)
    rows = [
        (one.code, one.nom, code, nom, f"{flow:.4f}")
        for one in places(held)
        if one.territoire
        for code, nom, flow in _flows(one, poles[one.territoire], outside.get(one.departement, []), seed)
        if flow >= SMALLEST
    ]
    path = folder / "mobilite" / f"base-flux-mobilite-domicile-lieu-travail-{out.flows}.csv"
    return [write_csv(path, (*HEADER, f"NBFLUX_C{out.flows % 100:02d}_ACTOCC15P"), rows)]


def _flows(home: Place, poles: list[Place], outside: list[Place], seed: int) -> Iterator[tuple[str, str, float]]:
    """Where the residents at work go: shares that shrink with distance and grow with the size of the destination."""
    rng = dice(seed, "mobilite", home.code)
    workers = home.population * AT_WORK * rng.uniform(0.92, 1.08)
    if home.departement in ABROAD:
        code, nom, share = ABROAD[home.departement]
        flow = workers * share * rng.uniform(0.3, 1.5)
        workers -= flow
        yield code, nom, flow
    stay = min(0.2 + 0.05 * (home.population / 1_000) ** 0.5, 0.72) * rng.uniform(0.85, 1.15)
    yield home.code, home.nom, workers * stay
    others = [one for one in (*poles, *outside) if one.code != home.code]
    pulls = [one.population * rng.uniform(0.6, 1.4) / _distance(home, one) ** 2 for one in others]
    for one, pull in zip(others, pulls, strict=True):
        yield from _arriving(one, workers * (1 - stay) * 0.9 * pull / sum(pulls), rng)


def _arriving(place: Place, flow: float, rng: Random) -> Iterator[tuple[str, str, float]]:
    """Paris, Lyon and Marseille are written by arrondissement."""
    parts = ARRONDISSEMENTS.get(place.code)
    if not parts:
        yield place.code, place.nom, flow
        return
    first = rng.uniform(0.3, 0.7)
    for (code, nom), share in zip(parts, (first, 1 - first), strict=True):
        yield code, nom, flow * share


def _distance(one: Place, other: Place) -> float:
    """In degrees, never nearer than some five kilometres; one degree when a point is not known."""
    apart = ((one.lon - other.lon) * 0.7) ** 2 + (one.lat - other.lat) ** 2
    return 1.0 if isnan(apart) else max(apart**0.5, 0.05)
