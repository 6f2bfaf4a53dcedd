"""What lies within a place: its communes, whatever its kind, and the names of what figures speak of."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Select, select

from fichetrack.extensions import db
from fichetrack.models import Departement, Epci, Region
from fichetrack.queries.ground import get_communes
from fichetrack.queries.places import Place
from fichetrack.vocabulary import PlaceKind


def communes_of(place: Place) -> pd.DataFrame:
    """The communes of a place, as get_communes() describes them; départements, régions and France included."""
    communes = get_communes()
    if place.kind == PlaceKind.DEPARTEMENT:
        return communes[communes["departement"] == place.key]
    if place.kind == PlaceKind.REGION:
        return communes[communes["region"] == place.key]
    return communes if place.kind == PlaceKind.FRANCE else communes[communes.index.isin(place.communes)]


def epci_names() -> dict[str, str]:
    """The name of every EPCI, by SIREN."""
    return _names(select(Epci.code, Epci.nom))


def departement_names() -> dict[str, str]:
    """The name of every département, by code."""
    return _names(select(Departement.code, Departement.nom))


def region_names() -> dict[str, str]:
    """The name of every région, by code."""
    return _names(select(Region.code, Region.nom))


def _names(rows: Select[str, str]) -> dict[str, str]:
    return {row.code: row.nom for row in db.session.execute(rows)}


def listed(names: list[str], most: int = 6) -> str:
    """« Alès, Anduze et 40 autres »: the first names, and how many are left unsaid."""
    rest = len(names) - most
    return ", ".join(names) if rest <= 1 else f"{', '.join(names[:most])} et {rest} autres"
