"""Establishments and jobs by commune and activity, in the label layout of the URSSAF; the specialities come out."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, sqrt
from pathlib import Path
from random import Random

import pandas as pd

from fichetrack.demo.dice import dice
from fichetrack.demo.published.activities import Activity, activities, interim, specialities, words
from fichetrack.demo.published.editions import Editions
from fichetrack.demo.published.ground import Place, places, with_arrondissements
from fichetrack.demo.published.writing import write_csv

DEPTH = 10  # years
NAME = "etablissements-et-effectifs-salaries-au-niveau-commune-x-ape-last.csv"
DIMENSIONS = (
    "Région", "Ancienne région", "Département", "Zone d'emploi", "EPCI", "Nom commune", "Commune",
    "Grand secteur d'activité", "Secteur NA17", "Secteur NA38", "Secteur NA88", "APE", "Code région",
    "Code ancienne région", "Code département", "Code zone d'emploi", "Code EPCI", "Code commune", "Code APE",
)  # fmt: skip
COUNTS = ("Nombre d'établissements", "Effectifs salariés")
# From this many inhabitants: jobs by inhabitant, and how many activities a commune has.
SIZES = (
    (100_000, 0.34, 40), (50_000, 0.34, 30), (20_000, 0.33, 21), (10_000, 0.28, 12), (5_000, 0.24, 8), (2_000, 0.17, 4),
    (1_000, 0.12, 1), (300, 0.07, 1), (0, 0, 0),
)  # fmt: skip
SPECIALISED_FROM = 1_500  # inhabitants: below, a speciality would rest on a workshop
WITH_AGENCIES_FROM = 20_000
SHOCK = {2020: 0.97, 2021: 1.0}
NOT_COVERED = {"976"}  # the publisher's field leaves Mayotte out


def write(communes: pd.DataFrame, folder: Path, seed: int, out: Editions) -> list[Path]:
    """One file, as the portal exports it: BOM, CRLF, « ; » inside quoted labels."""
    told = with_arrondissements(communes.loc[communes["told"] & ~communes["departement"].isin(NOT_COVERED)])
    years = range(out.urssaf - DEPTH + 1, out.urssaf + 1)
    header = [*DIMENSIONS, *(f"{count} {year}" for year in years for count in COUNTS)]
    rows = (row for commune in places(told) for row in _commune_rows(commune, years, seed))
    return [write_csv(folder / "urssaf" / NAME, header, rows, bom=True, end="\r\n")]


def _commune_rows(commune: Place, years: range, seed: int) -> Iterator[list[object]]:
    """The rows of a commune: 19 dimensions, then establishments and jobs of each year."""
    rng = dice(seed, "urssaf", commune.code)
    old_code, old_name = _former_region(commune.departement, commune.region, commune.region_nom)
    head = [commune.region_nom, old_name, commune.departement_nom, commune.ze_nom, commune.epci_nom, commune.nom]
    codes = [commune.region, old_code, commune.departement, commune.ze, commune.epci, commune.code]
    for activity, jobs in _jobs(commune, rng):
        place = [*head, f"{commune.code} {commune.nom}", *activity.labels, *codes, activity.ape]
        trend = _trend(seed, commune.territoire, activity.ape)
        yield [*place, *_series(activity, jobs, trend, years, rng)]


def _jobs(commune: Place, rng: Random) -> list[tuple[Activity, float]]:
    """The activities of a commune and their jobs in the last year: ordinary ones, then what it is known for."""
    rate, count = next((rate, count) for size, rate, count in SIZES if commune.population >= size)
    total = commune.population * rate * rng.uniform(0.8, 1.2)
    known = _known_for(commune)
    ordinary = [one for one in activities().values() if one.ape not in known]
    # Drawn, then weighed, by the root of the weight: the product of both is the weight.
    drawn = sorted(
        {one.ape: one for one in rng.choices(ordinary, [sqrt(one.weight) for one in ordinary], k=count)}.items()
    )
    weights = {ape: sqrt(one.weight) * exp(rng.gauss(0, 0.35)) for ape, one in drawn}
    left = total * (1 - sum(known.values()) / 100)
    rows = [(one, left * weights[ape] / sum(weights.values())) for ape, one in drawn]
    rows += [(activities()[ape], total * share / 100 * rng.uniform(0.7, 1.4)) for ape, share in known.items()]
    if commune.population >= WITH_AGENCIES_FROM:
        rows.append((interim(), total * 0.03 * rng.uniform(0.6, 1.4)))
    return rows


def _known_for(commune: Place) -> dict[str, float]:
    if not commune.territoire or commune.population < SPECIALISED_FROM:
        return {}
    return specialities(commune.territoire)


def _trend(seed: int, territoire: str | None, ape: str) -> float:
    """Yearly evolution of an activity: that of the country, and the territoire's own."""
    country = dice(seed, "tendance", ape).uniform(-0.015, 0.02)
    return country + dice(seed, "tendance", territoire, ape).uniform(-0.025, 0.03)


def _series(activity: Activity, jobs: float, trend: float, years: range, rng: Random) -> list[object]:
    """Establishments and jobs by year. Blank/blank: no establishment; n/0: nobody on 31 December; n/blank: unknown."""
    born, dead = _life(activity, jobs, years, rng)
    cells: list[object] = []
    for year in years:
        if not born <= year <= dead:
            cells += ["", ""]
            continue
        level = jobs * (1 + trend) ** (year - years[-1]) * SHOCK.get(year, 1.0) * (1 + rng.gauss(0, 0.02))
        count = max(1, round(level / activity.size)) if level >= 0.5 else 1
        draw = rng.random()
        unknown, nobody = draw < 0.0004, level < 40 and draw > 0.99
        cells += [count, "" if unknown else 0 if nobody else round(level)]
    return cells


def _life(activity: Activity, jobs: float, years: range, rng: Random) -> tuple[int, int]:
    """First and last years: a small activity opens or closes now and then, a plant seldom."""
    if jobs < 3 * activity.size and rng.random() < 0.18:
        year = rng.randint(years[1], years[-2])
        return (year, years[-1]) if rng.random() < 0.6 else (years[0], year)
    return years[0], years[-1]


def _former_region(departement: str, region: str, name: str) -> tuple[str, str]:
    """The région before 2016: code and name."""
    former: dict[str, tuple[str, list[str]]] = words()["anciennes_regions"]
    return next(((code, one[0]) for code, one in former.items() if departement in one[1]), (region, name))
