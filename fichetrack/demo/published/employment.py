"""Establishments and jobs by commune and activity, in the label layout of the URSSAF; the specialities come out."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, sqrt
from pathlib import Path
from random import Random
from typing import TypeAlias

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
SPECIALISED_FROM = 1_500  # inhabitants of a commune with a plant
WITH_AGENCIES_FROM = 20_000
JOBS_BY_INHABITANT = (0.25, 0.3)  # over a whole territoire
SMALLEST, WORKSHOP = 0.5, 4  # jobs
RARE = 0.008  # a division with a smaller share is not what a territoire is known for, even where it was drawn
MOST = 6.0  # times what was drawn
Jobs: TypeAlias = list[tuple[Activity, float]]
SHOCK = {2020: 0.97, 2021: 1.0}
NOT_COVERED = {"976"}  # the publisher's field leaves Mayotte out


def write(communes: pd.DataFrame, folder: Path, seed: int, out: Editions) -> list[Path]:
    """One file, as the portal exports it: BOM, CRLF, « ; » inside quoted labels."""
    told = with_arrondissements(communes.loc[communes["told"] & ~communes["departement"].isin(NOT_COVERED)])
    years = range(out.urssaf - DEPTH + 1, out.urssaf + 1)
    header = [*DIMENSIONS, *(f"{count} {year}" for year in years for count in COUNTS)]
    inhabitants = communes.groupby(communes["territoire"].fillna(communes["departement"]))["population"].sum()
    jobs: dict[str, Jobs] = {}
    for name, members in _groups(places(told)).items():
        jobs |= _group_jobs(members, inhabitants[name], dice(seed, "urssaf", "profil", name), seed)
    rows = (row for commune in places(told) for row in _commune_rows(commune, jobs[commune.code], years, seed))
    return [write_csv(folder / "urssaf" / NAME, header, rows, bom=True, end="\r\n")]


def _groups(told: list[Place]) -> dict[str, list[Place]]:
    """The communes that share a profile: those of a territoire, elsewhere those of a département."""
    groups: dict[str, list[Place]] = {}
    for place in told:
        groups.setdefault(place.territoire or place.departement, []).append(place)
    return groups


def _commune_rows(commune: Place, jobs: Jobs, years: range, seed: int) -> Iterator[list[object]]:
    """The rows of a commune: 19 dimensions, then establishments and jobs of each year."""
    rng = dice(seed, "urssaf", "années", commune.code)
    old_code, old_name = _former_region(commune.departement, commune.region, commune.region_nom)
    head = [commune.region_nom, old_name, commune.departement_nom, commune.ze_nom, commune.epci_nom, commune.nom]
    codes = [commune.region, old_code, commune.departement, commune.ze, commune.epci, commune.code]
    for activity, number in jobs:
        place = [*head, f"{commune.code} {commune.nom}", *activity.labels, *codes, activity.ape]
        trend = _trend(seed, commune.territoire, activity.ape)
        yield [*place, *_series(activity, number, trend, years, rng)]


def _group_jobs(members: list[Place], inhabitants: float, profile: Random, seed: int) -> dict[str, Jobs]:
    """The jobs of each commune in the last year, whose sums over the group have a plausible profile.

    The shares of the divisions are those of the country, a little different; then comes what the territoire is known for.
    Elsewhere a few towns stand for their département, so that it has the jobs its inhabitants call for.
    """
    drawn = {one.code: _draw(one, dice(seed, "urssaf", one.code)) for one in members}
    natural = sum(sum(rows.values()) for rows in drawn.values())
    known = _known_for(members[0])
    total = inhabitants * profile.uniform(*JOBS_BY_INHABITANT)
    if natural and not members[0].territoire:
        drawn = {code: {one: number * total / natural for one, number in rows.items()} for code, rows in drawn.items()}
        natural = total
    factors = _factors(drawn, total * (1 - sum(known.values()) / 100), bool(members[0].territoire), profile)
    jobs = {
        code: [(one, rows[one] * factors[one.a88]) for one in rows if rows[one] * factors[one.a88] >= SMALLEST]
        for code, rows in drawn.items()
    }
    scale = total / natural if natural else 0.0
    for code, activity, number in _known_jobs(members, drawn, known, total, profile):
        jobs[code].append((activity, number))
    for one in members:
        if one.population >= WITH_AGENCIES_FROM:
            jobs[one.code].append((interim(), sum(drawn[one.code].values()) * scale * profile.uniform(0.018, 0.042)))
    return jobs


def _draw(commune: Place, rng: Random) -> dict[Activity, float]:
    """The ordinary activities of a commune and their jobs, what its territoire is known for left apart."""
    rate, count = next((rate, count) for size, rate, count in SIZES if commune.population >= size)
    known = _known_for(commune)
    ordinary = [one for one in activities().values() if one.ape not in known]
    # Drawn, then weighed, by the root of the weight: the product of both is the weight.
    drawn = {one.ape: one for one in rng.choices(ordinary, [sqrt(one.weight) for one in ordinary], k=count)}
    weights = {one: sqrt(one.weight) * exp(rng.gauss(0, 0.35)) for _, one in sorted(drawn.items())}
    total = commune.population * rate * rng.uniform(0.8, 1.2)
    return {one: total * weight / sum(weights.values()) for one, weight in weights.items()}


def _factors(
    drawn: dict[str, dict[Activity, float]], total: float, is_territoire: bool, profile: Random
) -> dict[str, float]:
    """By division, what brings the sums of the draws to shares near those of the country."""
    sums: dict[str, float] = {}
    for rows in drawn.values():
        for one, number in rows.items():
            sums[one.a88] = sums.get(one.a88, 0.0) + number
    country: dict[str, float] = {}
    for one in activities().values():
        country[one.a88] = country.get(one.a88, 0.0) + one.weight
    industry = {one.a88 for one in activities().values() if one.is_industry}
    rare = {a88 for a88, weight in country.items() if weight < RARE * sum(country.values())} if is_territoire else set()
    wanted = {
        a88: country[a88] * exp(profile.gauss(0, 0.3 if a88 in industry else 0.12)) * (0.45 if a88 in rare else 1)
        for a88 in sorted(sums)
    }
    whole = sum(wanted.values())
    return {a88: min(total * one / whole / sums[a88], MOST) for a88, one in wanted.items()}


def _known_jobs(
    members: list[Place],
    drawn: dict[str, dict[Activity, float]],
    known: dict[str, float],
    total: float,
    profile: Random,
) -> Iterator[tuple[str, Activity, float]]:
    """What the territoire is known for: in communes large enough to hold a plant, the most where there are most jobs."""
    homes = [one for one in members if one.population >= SPECIALISED_FROM]
    for ape, share in known.items():
        weights = [sum(drawn[one.code].values()) * exp(profile.gauss(0, 0.6)) for one in homes]
        for home, weight in zip(homes, weights, strict=True):
            number = total * share / 100 * weight / sum(weights)
            if number >= WORKSHOP:
                yield home.code, activities()[ape], number


def _known_for(commune: Place) -> dict[str, float]:
    return specialities(commune.territoire) if commune.territoire else {}


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
