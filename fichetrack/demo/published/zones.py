"""Invented bassins and zones d'emploi: neighbouring EPCI of a département, around the towns people would go to.

Each is named after its own largest commune and says « démonstration », so that nobody takes it for a published one. A
commune at the edge of its EPCI may belong to the next zone, as happens with the real ones.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd

NAME = "{} (démonstration)"
LOYALTY = 0.75  # a commune leaves the zone of its EPCI for a centre nearer than this share of the way
PULL = 0.35  # how much the inhabitants of a town count against its distance from the others
DEGREE = 111.2  # kilometres


@dataclass(frozen=True, slots=True)
class Drawing:
    """How many zones a département has: one for so many inhabitants, from `fewest` to `most`; first: rank of the codes."""

    inhabitants: int
    fewest: int
    most: int
    first: int


BASSIN = Drawing(inhabitants=140_000, fewest=2, most=6, first=11)
ZONE_EMPLOI = Drawing(inhabitants=230_000, fewest=2, most=5, first=11)


def kilometres(communes: pd.DataFrame) -> np.ndarray:
    """East and north of each commune, good between neighbours; where no point is known, as its EPCI or département."""
    points = communes[["lon", "lat"]]
    for level in ("epci", "departement"):
        points = points.fillna(points.groupby(communes[level]).transform("mean"))
    return in_kilometres(*points.fillna(0.0).to_numpy().T)


def in_kilometres(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """East and north of points given in degrees."""
    return np.column_stack([lon * np.cos(np.radians(lat)) * DEGREE, lat * DEGREE])


def draw_zones(communes: pd.DataFrame, drawing: Drawing) -> np.ndarray:
    """Code and name of the zone of each commune; communes: the prepared ones, with x and y."""
    found = np.empty((len(communes), 2), dtype="object")
    at, population = communes[["x", "y"]].to_numpy(), communes["population"].to_numpy()
    names, epcis = communes["nom"].to_numpy("object"), communes["epci"].factorize()[0]
    ranks: dict[str, int] = defaultdict(lambda: drawing.first)
    for (region, _), rows in communes.groupby(["region", "departement"], sort=True).indices.items():
        zone = _nearest_centres(at[rows], population[rows], epcis[rows], drawing)
        for one in np.unique(zone):
            members = rows[zone == one]
            name = NAME.format(names[members[population[members].argmax()]])
            for member in members:
                found[member] = f"{region}{ranks[region]:02d}", name
            ranks[region] += 1
    return found


def _nearest_centres(at: np.ndarray, population: np.ndarray, epcis: np.ndarray, drawing: Drawing) -> np.ndarray:
    """The number of the zone of each commune of a département: that of its EPCI, save at its edges."""
    order = np.argsort(-population, kind="stable")
    _, first, group = np.unique(epcis[order], return_index=True, return_inverse=True)
    towns = order[first]  # the largest commune of each EPCI
    count = int(np.clip(round(population.sum() / drawing.inhabitants), drawing.fewest, drawing.most))
    centres = _centres(at[towns], population[towns], count)
    apart = _distances(at, at[towns][centres])
    home = np.empty(len(at), dtype="int64")
    home[order] = apart[towns].argmin(axis=1)[group]
    apart[np.arange(len(at)), home] *= LOYALTY
    return np.where(apart.min(axis=1) < apart[np.arange(len(at)), home], apart.argmin(axis=1), home)


def _centres(at: np.ndarray, population: np.ndarray, count: int) -> list[int]:
    """The largest town, then each time the one that is both large and far from those already chosen."""
    chosen = [int(population.argmax())]
    while len(chosen) < count:
        worth = population**PULL * _distances(at, at[chosen]).min(axis=1)
        if not worth.max() > 0:
            break
        chosen.append(int(worth.argmax()))
    return chosen


def _distances(places: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Kilometres from each place (rows) to each centre (columns)."""
    apart = places[:, None] - centres[None]
    return np.asarray(np.hypot(apart[..., 0], apart[..., 1]))
