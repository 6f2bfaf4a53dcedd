"""What a place is compared with: France, métropole, its régions and départements, all the TI."""

from __future__ import annotations

from functools import partial

import pandas as pd
from sqlalchemy import select

from fichetrack.extensions import db
from fichetrack.models import Departement, Region
from fichetrack.queries.panels import jobs
from fichetrack.queries.panels.jobs import Reading
from fichetrack.queries.places import FRANCE, Place, list_all_ti
from fichetrack.queries.releases import Shelf
from fichetrack.vocabulary import PlaceKind

METROPOLE = "metropole"
ALL_TI = "tous-ti"
GENERAL = {FRANCE: "France", METROPOLE: "France métropolitaine", ALL_TI: "l’ensemble des territoires d’industrie"}


def choices(place: Place) -> list[tuple[str, str]]:
    """The references offered for a place, by their value in the address."""
    regions = dict(db.session.execute(select(Region.code, Region.nom).where(Region.code.in_(place.regions))).all())
    departements = select(Departement.code, Departement.nom).where(Departement.code.in_(place.departements))
    named = dict(db.session.execute(departements).all())
    own = [(f"reg-{code}", f"région {regions[code]}") for code in place.regions if code in regions]
    own += [(f"dep-{code}", f"département {named[code]}") for code in place.departements if code in named]
    return [*GENERAL.items(), *((code, label) for code, label in own if code != place.code)]


def is_reference(text: str, place: Place) -> bool:
    """Whether this value of the address may be a reference of this place: one of `choices`."""
    kind, _dash, code = text.partition("-")
    return text != place.code and (
        text in GENERAL or (kind == "reg" and code in place.regions) or (kind == "dep" and code in place.departements)
    )


def holds(reference: str, place: Place) -> bool:
    """Whether the whole place is a part of the reference, and not the reference itself: then it has a « rest »."""
    kind, _dash, code = reference.partition("-")
    if reference == ALL_TI:
        return bool(place.communes) and set(place.communes) <= set(list_all_ti(place.as_of).communes)
    if reference == FRANCE:
        return place.kind != PlaceKind.FRANCE
    if reference == METROPOLE:
        return bool(place.regions) and all(len(one) == 2 and one >= "11" for one in place.regions)
    return (place.regions if kind == "reg" else place.departements) == (code,)


def read(reference: str, place: Place, shelf: Shelf, reading: Reading) -> pd.DataFrame:
    """Jobs of the reference by sector, as jobs.of_place gives them."""
    kind, _dash, code = reference.partition("-")
    if reference == ALL_TI:
        return jobs.of_place(list_all_ti(place.as_of), shelf, reading)
    zones = {"reg": partial(jobs.of_zone, "region", code), "dep": partial(jobs.of_zone, "departement", code)}
    return zones.get(kind, partial(jobs.of_zone, reference, reference))(shelf, reading)
