"""The ground published files are read against: the communes of today, and what became of the former ones."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import select

from fichetrack.errors import ImportRefused
from fichetrack.extensions import db
from fichetrack.geography.reference import read_successors
from fichetrack.models import Commune, Departement, GeographyRelease
from fichetrack.queries.releases import table_reader
from fichetrack.sources.reading import Ground

COLUMNS = ["code", "nom", "departement", "region", "epci", "ept", "population"]


def get_ground() -> Ground:
    """Raises ImportRefused when the reference geography is not loaded."""
    release = db.session.scalars(select(GeographyRelease).order_by(GeographyRelease.id.desc())).first()
    if release is None:
        raise ImportRefused("La géographie de référence n’est pas chargée : lancez d’abord « flask init ».")
    tables = table_reader()
    successors = read_successors()
    passage = tables("communes-passage", "passage")
    if passage is not None:
        successors = dict(zip(passage["ancien"], passage["courant"], strict=True)) | successors
    return Ground(read_communes(), successors, release.cog_year, tables)


def get_communes() -> pd.DataFrame:
    """The same as read_communes, read once per edition of the official code and process. Not to be changed."""
    release = db.session.execute(
        select(GeographyRelease.id, GeographyRelease.loaded_at).order_by(GeographyRelease.id.desc())
    )
    key = (str(db.engine.url), *(release.first() or ()))
    if key not in _communes:
        _communes.clear()
        _communes[key] = read_communes()
    return _communes[key]


_communes: dict[Any, pd.DataFrame] = {}


def read_communes() -> pd.DataFrame:
    """Every current commune, indexed by code: see sources.reading.Ground."""
    rows = select(
        Commune.code, Commune.nom, Commune.departement_code, Departement.region_code, Commune.epci_code,
        Commune.ept_code, Commune.population,
    ).join(Departement)  # fmt: skip
    # A column at a time: pandas looks at each row of the database as at an object of its own.
    columns = zip(*db.session.execute(rows.order_by(Commune.code)), strict=True)
    frame = pd.DataFrame(dict(zip(COLUMNS, columns, strict=False)), columns=COLUMNS)
    frame["population"] = frame["population"].astype("float64")
    return frame.set_index("code")
