"""Home-to-work flows in the layout of INSEE's base of flows: weights are not whole numbers, some jobs are abroad.

A gravity rule: a town draws workers by its inhabitants and less and less with the distance, from every commune of the
country, so that territoires, EPCI, départements and régions all have people who come in, go out and stay.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from fichetrack.demo.dice import dice
from fichetrack.demo.published.editions import Editions
from fichetrack.demo.published.ground import ARRONDISSEMENTS, NO_EPCI, around
from fichetrack.demo.published.writing import write_csv
from fichetrack.demo.published.zones import in_kilometres

HEADER = ("CODGEO", "LIBGEO", "DCLT", "L_DCLT")
AT_WORK = 0.41  # of the inhabitants
POLES = 3  # largest communes of an EPCI one may work in
NEAREST, FARTHEST = 4.0, 80.0  # kilometres: nobody is nearer than the former, nor goes beyond the latter
WEARY = 80.0  # kilometres that divide by e how willing one is to go
# Destinations of a home, beside itself: more where the page of a territoire shows them.
SHOWN, OTHERS = 10, 2
SMALLEST = 4.0  # people: a thinner flow is not worth a row here
SHARES = (0.42, 0.58)  # of the two arrondissements that stand for a city
# Jobs across a border: code of the country, its name, longitude and latitude of a town, inhabitants it stands for.
ABROAD = (
    ("99140", "Suisse", 6.14, 46.20, 500_000), ("99140", "Suisse", 7.60, 47.55, 350_000),
    ("99140", "Suisse", 6.63, 46.52, 250_000), ("99140", "Suisse", 6.90, 47.05, 120_000),
    ("99137", "Luxembourg", 6.10, 49.58, 650_000), ("99109", "Allemagne", 7.00, 49.24, 180_000),
    ("99109", "Allemagne", 8.20, 48.80, 160_000), ("99109", "Allemagne", 7.70, 47.90, 90_000),
    ("99131", "Belgique", 3.26, 50.82, 120_000), ("99131", "Belgique", 2.75, 51.08, 40_000),
    ("99131", "Belgique", 3.39, 50.60, 90_000), ("99131", "Belgique", 3.95, 50.45, 100_000),
    ("99131", "Belgique", 4.86, 50.20, 30_000), ("99131", "Belgique", 5.80, 49.65, 60_000),
    ("99138", "Monaco", 7.42, 43.74, 300_000), ("99134", "Espagne", -1.85, 43.30, 60_000),
    ("99127", "Italie", 7.60, 43.80, 20_000),
)  # fmt: skip


def write(communes: pd.DataFrame, folder: Path, seed: int, out: Editions) -> list[Path]:
    """Flows from every commune: inside it, to the towns around, and abroad near a border."""
    poles = _poles(communes)
    wide = communes.index.isin(around(communes).index)
    parts = []
    for departement, rows in communes.groupby("departement", sort=True).indices.items():
        rng = np.random.default_rng(dice(seed, "mobilite", departement).getrandbits(64))
        parts.append(_flows(communes.iloc[rows], poles, np.where(wide[rows], SHOWN, OTHERS), rng))
    flows = _by_arrondissement(_by_arrondissement(pd.concat(parts), "home"), "work")
    flows = flows.loc[flows["flow"] >= SMALLEST].groupby(["home", "work"], sort=True)["flow"].sum().reset_index()
    names = communes["nom"].to_dict() | poles.set_index("code")["nom"].to_dict()
    names |= {code: nom for halves in ARRONDISSEMENTS.values() for code, nom in halves}
    path = folder / "mobilite" / f"base-flux-mobilite-domicile-lieu-travail-{out.flows}.csv"
    rows = (
        (home, names[home], work, names[work], f"{flow:.4f}")
        for home, work, flow in zip(
            flows["home"].to_list(), flows["work"].to_list(), flows["flow"].to_list(), strict=True
        )
    )
    return [write_csv(path, (*HEADER, f"NBFLUX_C{out.flows % 100:02d}_ACTOCC15P"), rows)]


def _poles(communes: pd.DataFrame) -> pd.DataFrame:
    """Where one may work, elsewhere than at home: code, nom, x, y, population."""
    towns = communes.loc[communes["epci"] != NO_EPCI].sort_values("population", ascending=False, kind="stable")
    towns = towns.groupby("epci").head(POLES).sort_index()
    towns = towns.assign(code=towns.index)[["code", "nom", "x", "y", "population"]]
    abroad = pd.DataFrame(list(ABROAD), columns=["code", "nom", "lon", "lat", "population"])
    abroad[["x", "y"]] = in_kilometres(abroad["lon"].to_numpy(), abroad["lat"].to_numpy())
    return pd.concat([towns, abroad[towns.columns]], ignore_index=True)


def _flows(homes: pd.DataFrame, poles: pd.DataFrame, most: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """home, work, flow: from the communes of a département; most: how many destinations each home has, beside itself."""
    near = poles.loc[
        poles["x"].between(homes["x"].min() - FARTHEST, homes["x"].max() + FARTHEST)
        & poles["y"].between(homes["y"].min() - FARTHEST, homes["y"].max() + FARTHEST)
    ]
    population = homes["population"].to_numpy()
    workers = population * AT_WORK * rng.uniform(0.92, 1.08, len(homes))
    staying = np.minimum(0.2 + 0.05 * (population / 1_000) ** 0.5, 0.72) * rng.uniform(0.85, 1.15, len(homes))
    codes, poles_codes = homes.index.to_numpy("object"), near["code"].to_numpy("object")
    chosen, pulls = _pulls(homes, near, rng)
    pulls = np.where(np.arange(pulls.shape[1]) < most[:, None], pulls, 0.0)
    drawn = pulls.sum(axis=1)
    leaving = np.where(drawn > 0, workers * (1 - staying), 0.0)
    home, rank = np.nonzero(pulls)
    away = leaving[home] * pulls[home, rank] / drawn[home]
    return pd.DataFrame(
        {
            "home": pd.Series(np.concatenate([codes, codes[home]]), dtype="object"),
            "work": pd.Series(np.concatenate([codes, poles_codes[chosen[home, rank]]]), dtype="object"),
            "flow": np.concatenate([workers - leaving, away]),
        }
    )


def _pulls(homes: pd.DataFrame, poles: pd.DataFrame, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The poles that draw each home (rows) the most, from the first, and how much; a commune does not draw its own."""
    apart = homes[["x", "y"]].to_numpy()[:, None] - poles[["x", "y"]].to_numpy()[None]
    squared = (apart**2).sum(axis=2)
    pulls = poles["population"].to_numpy() / np.maximum(squared, NEAREST**2) * np.exp(-np.sqrt(squared) / WEARY)
    own = homes.index.get_indexer(poles["code"])
    pulls[squared > FARTHEST**2] = 0.0
    pulls[own[own >= 0], own >= 0] = 0.0
    first = np.argpartition(-pulls, min(SHOWN, pulls.shape[1] - 1), axis=1)[:, :SHOWN]
    drawn = np.take_along_axis(pulls, first, axis=1) * np.exp(rng.normal(0, 0.35, first.shape))
    order = np.argsort(-drawn, axis=1, kind="stable")
    return np.take_along_axis(first, order, axis=1), np.take_along_axis(drawn, order, axis=1)


def _by_arrondissement(flows: pd.DataFrame, end: str) -> pd.DataFrame:
    """Paris, Lyon and Marseille are written by arrondissement, where one lives as where one works."""
    whole = flows[end].isin(ARRONDISSEMENTS)
    cut = flows.loc[whole]
    parts = [
        cut.assign(**{end: cut[end].map({code: halves[half][0] for code, halves in ARRONDISSEMENTS.items()})}).assign(
            flow=cut["flow"] * share
        )
        for half, share in enumerate(SHARES)
    ]
    return pd.concat([flows.loc[~whole], *parts])
