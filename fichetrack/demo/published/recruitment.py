"""Recruitment projects by métier and bassin (workbook of the BMO), the communes of the bassins, and the names of métiers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp
from pathlib import Path
from random import Random

import pandas as pd

from fichetrack.demo.dice import dice
from fichetrack.demo.published.activities import words
from fichetrack.demo.published.editions import Editions
from fichetrack.demo.published.ground import around, places
from fichetrack.demo.published.writing import write_csv, write_workbook

HEADER = (
    "annee", "Code métier BMO", "Nom métier BMO", "Famille_met", "Lbl_fam_met", "REG", "NOM_REG", "Dept", "NomDept",
)  # fmt: skip
DESCRIPTION: tuple[list[object], ...] = (
    [None, "Variables ", "Description "],
    [None, "Code métier BMO", "Code métier BMO (FAP)"],
    [None, "met", "Nombre de projets de recrutement"],
    [None, "xmet", "Nombre de projets de recrutement jugés difficiles"],
    [None, "smet", "Nombre de projets de recrutement saisonniers"],
    [],
    ["Démonstration : toutes ces valeurs sont fictives, les bassins aussi."],
)
SECRET_UNDER = 5
BOOST = {"I": 3.0, "T": 2.2}  # families whose projects are many around a territoire d'industrie
WITH_CLPE = 2026
NOT_COVERED = {"976"}
FAP_HEADER = tuple(f"{what}_FAP{level}" for level in (341, 228, 86, 22) for what in ("Code", "Intitulé"))


def write_survey(communes: pd.DataFrame, folder: Path, seed: int, out: Editions) -> list[Path]:
    """The communes of the bassins, then the workbook of the survey: a description, then the data."""
    table = [(one.region, one.departement, one.code, one.bassin, one.bassin_nom) for one in places(around(communes))]
    header = ("reg", "dep", "code_commune_insee", f"code_bassin_{out.bmo}", f"lib_bassin_{out.bmo}")
    bassins = write_csv(
        folder / "bmo" / f"bassins-emploi-bmo_communes_{out.bmo}.csv", header, table, delimiter=",", end="\r\n"
    )
    sheets: dict[str, list[Sequence[object]]] = {
        "Description des variables": [[]] * 6 + [list(row) for row in DESCRIPTION],
        f"BMO_{out.bmo}_open_data": [_header(out.bmo), *_survey_rows(communes, out.bmo, seed)],
    }
    return [bassins, write_workbook(folder / "bmo" / f"Base_open_data_BMO_{out.bmo}.xlsx", sheets)]


def write_metiers(folder: Path) -> list[Path]:
    """The names of the métiers at the four levels, in the layout of the Dares."""
    data = words()
    rows = [
        (fap, row[0], fap, row[0], fap[:3], data["fap86"][fap[:3]], fap[0], data["fap22"][fap[0]])
        for fap, row in data["metiers"].items()
    ]
    return [write_csv(folder / "fap" / "Intitules_FAP2021.csv", FAP_HEADER, rows, bom=True, end="\r\n")]


def _header(year: int) -> list[str]:
    """Two titles say the year; the survey of 2026 brought a column, empty here."""
    return [
        *HEADER,
        f"BE{year % 100}",
        f"NOMBE{year % 100}",
        *(["clpe"] if year >= WITH_CLPE else []),
        "met",
        "xmet",
        "smet",
    ]


def _survey_rows(communes: pd.DataFrame, year: int, seed: int) -> Iterator[list[object]]:
    """One row per métier and bassin, ordered by métier as published; numbers as text, « * » for a secret."""
    keys = ["region", "region_nom", "departement", "departement_nom", "bassin", "bassin_nom"]
    held = communes.loc[~communes["departement"].isin(NOT_COVERED)]
    industrial = set(held.loc[held["territoire"].notna(), "bassin"])
    bassins = [
        (key, population, key[4] in industrial) for key, population in held.groupby(keys)["population"].sum().items()
    ]
    drawn = {key[4]: dice(seed, "bmo", key[4]) for key, _, _ in bassins}
    for fap, (label, famille, rate, hard, seasonal) in words()["metiers"].items():
        for key, population, near in bassins:
            rng = drawn[key[4]]
            boost = BOOST.get(famille, 1.0) if near else 1.0
            met = round(population / 1000 * rate * boost * exp(rng.gauss(0, 0.35)))
            cells = _cells(met, hard, seasonal, rng)
            if met:
                region, region_nom, departement, departement_nom, bassin, nom = key
                place = [region, region_nom, departement, departement_nom, int(bassin), nom]
                place += [None] if year >= WITH_CLPE else []
                yield [year, fap, label, famille, words()["familles"][famille], *place, *cells]


def _cells(met: int, hard: float, seasonal: float, rng: Random) -> list[str]:
    """met, xmet, smet: a small number is secret, and so is what would tell it."""
    xmet = min(met, round(met * min(max(rng.gauss(hard, 0.1), 0), 1)))
    smet = min(met, round(met * min(max(rng.gauss(seasonal, 0.08), 0), 1)))
    if met < SECRET_UNDER:
        return ["*", "*", "*"]
    return [str(met), *("*" if 0 < part < SECRET_UNDER else str(part) for part in (xmet, smet))]
