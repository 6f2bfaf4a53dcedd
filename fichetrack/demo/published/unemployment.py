"""Quarterly unemployment rates: INSEE's workbook by zone d'emploi, its communes, exports by département and région."""

from __future__ import annotations

from collections.abc import Iterable
from math import pi, sin
from pathlib import Path

import pandas as pd

from fichetrack.demo.dice import dice
from fichetrack.demo.published.editions import Editions
from fichetrack.demo.published.ground import places
from fichetrack.demo.published.writing import write_csv, write_workbook

DEPTH = 32  # quarters
NOT_COVERED = {"973", "976"}  # the publisher gives no quarterly rate for Guyane and Mayotte
OVERSEAS = 6.0  # points above


def write(communes: pd.DataFrame, folder: Path, seed: int, out: Editions) -> list[Path]:
    """The communes of the zones, the workbook by zone, the export by département and région."""
    held = communes.loc[~communes["departement"].isin(NOT_COVERED)]
    table = [(one.code, one.nom, f"{one.ze} - {one.ze_nom}", one.ze, one.ze_nom) for one in places(held)]
    header = ("codgeo", "libgeo", "ze_2020", "codze2020", "libze2020")
    place, (year, quarter), quarters = folder / "chomage", out.quarter, _quarters(*out.quarter)
    return [
        write_csv(place / "communes_zones-emploi-2020.csv", header, table, delimiter=",", bom=True),
        _write_zones(held, place / f"chomage-zone-t1-2003-t{quarter}-{year}.xlsx", quarters, seed),
        _write_wider(held, place / "taux-de-chomage_departements.csv", "departement", quarters, seed),
        _write_wider(held, place / "taux-de-chomage_regions.csv", "region", quarters, seed),
    ]


def _quarters(year: int, quarter: int) -> list[str]:
    """The last DEPTH quarters up to that one."""
    last = year * 4 + quarter - 1
    return [f"{one // 4}-T{one % 4 + 1}" for one in range(last - DEPTH + 1, last + 1)]


def _write_zones(held: pd.DataFrame, path: Path, quarters: list[str], seed: int) -> Path:
    """Title rows, then one column per quarter; the last one is provisional."""
    titles = [
        ["Taux de chômage localisés par zone d’emploi — démonstration : valeurs fictives"],
        ["Données CVS, en moyenne trimestrielle, en %"],
        ["Source : jeu de démonstration"],
        [],
    ]
    header = ["ZE2020", "LIBZE2020", "REG", "LIBREG", *quarters[:-1], f"{quarters[-1]} (p)"]
    keys = ["ze", "ze_nom", "region", "region_nom", "departement"]
    rows = [
        [ze, nom, region, region_nom, *_series(seed, departement, ze)]
        for ze, nom, region, region_nom, departement in held[keys].drop_duplicates("ze").itertuples(index=False)
    ]
    return write_workbook(path, {"txcho_ze": [*titles, header, *sorted(rows, key=lambda row: str(row[0]))]})


def _write_wider(held: pd.DataFrame, path: Path, level: str, quarters: list[str], seed: int) -> Path:
    """The export « Statistiques locales »: decimal commas, labels that carry the quarter."""
    header = ["Code", "Libellé", *(f"Taux de chômage trimestriel {quarter}" for quarter in quarters)]
    rows = []
    for (code, nom), members in held.groupby([level, f"{level}_nom"], sort=True):
        rows.append([code, nom, *_written(_mean(_series(seed, one) for one in _departements(members)))])
    if level == "region":
        rows.append(["F", "France hors Mayotte", *_written(_mean(_series(seed, one) for one in _departements(held)))])
    return write_csv(path, header, rows)


def _departements(held: pd.DataFrame) -> list[str]:
    return sorted(held["departement"].unique())


def _mean(series: Iterable[list[float]]) -> list[float]:
    """Invented rates may be averaged; published ones never are."""
    return [sum(rates) / len(rates) for rates in zip(*series, strict=True)]


def _written(rates: list[float]) -> list[str]:
    return [f"{rate:.1f}".replace(".", ",") for rate in rates]


def _series(seed: int, departement: str, zone: str | None = None) -> list[float]:
    """Rates of a département, or of a zone around its département's."""
    base = dice(seed, "chomage", departement).uniform(5.2, 9.4) + (OVERSEAS if departement.startswith("97") else 0)
    slope = dice(seed, "chomage", departement, "pente").uniform(-0.06, 0.04)
    rng = dice(seed, "chomage", departement, zone)
    gap = rng.uniform(-1.2, 1.4) if zone else 0.0
    return [
        round(max(base + gap + slope * i + 0.25 * sin(i * pi / 6) + rng.gauss(0, 0.08), 2.5), 1) for i in range(DEPTH)
    ]
