"""What a place lies in and what lies in it, as addresses to go to: the way up, the way down, the TI that share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select

from fichetrack import clock
from fichetrack.extensions import db
from fichetrack.models import (
    Commune,
    Departement,
    Epci,
    Perimetre,
    PerimetreCommune,
    Region,
    Territoire,
)
from fichetrack.queries.places import FRANCE, Place
from fichetrack.search import words
from fichetrack.vocabulary import PlaceKind


@dataclass(frozen=True)
class Neighbours:
    """Places of one kind, as (code of the address, name)."""

    label: str
    places: list[tuple[str, str]]


def list_around(place: Place) -> list[Neighbours]:
    """The places around one that is not a TI; a kind without any is left out. EPCI and communes take an account anyway."""
    kinds = (
        Neighbours("Pays", [(FRANCE, "France")] if place.kind != PlaceKind.FRANCE else []),
        Neighbours("Région" if len(place.regions) == 1 else "Régions", _regions(place)),
        Neighbours("Département" if len(place.departements) == 1 else "Départements", _departements(place)),
        Neighbours("Intercommunalité", _epcis(place)),
        Neighbours("Territoires d’industrie", _territoires(place)),
        Neighbours("Communes", _communes(place)),
    )
    return [one for one in kinds if one.places]


def _regions(place: Place) -> list[tuple[str, str]]:
    """Those it lies in; for France, all of them: a collectivité d'outre-mer, of three digits, is none and has no figures."""
    if place.kind == PlaceKind.REGION:
        return []
    rows = select(Region.code, Region.nom)
    return _by_name(
        "reg",
        rows.where(func.length(Region.code) == 2)
        if place.kind == PlaceKind.FRANCE
        else rows.where(Region.code.in_(place.regions)),
    )


def _departements(place: Place) -> list[tuple[str, str]]:
    """Those it lies in; for a région, those it is made of."""
    rows = select(Departement.code, Departement.nom).order_by(Departement.code)
    if place.kind == PlaceKind.REGION:
        return _named("dep", rows.where(Departement.region_code == place.key))
    return _named("dep", rows.where(Departement.code.in_(place.departements))) if place.is_detailed else []


def _epcis(place: Place) -> list[tuple[str, str]]:
    if place.kind != PlaceKind.COMMUNE:
        return []
    rows = select(Epci.code, Epci.nom).join(Commune, or_(Commune.epci_code == Epci.code, Commune.ept_code == Epci.code))
    return _named("epci", rows.where(Commune.code == place.key).order_by(Epci.code))


def _communes(place: Place) -> list[tuple[str, str]]:
    if place.kind != PlaceKind.EPCI:
        return []
    return _named(
        "com", select(Commune.code, Commune.nom).where(Commune.code.in_(place.communes)).order_by(Commune.nom)
    )


def _territoires(place: Place) -> list[tuple[str, str]]:
    """The TI that touch it today."""
    if place.kind == PlaceKind.FRANCE:
        return []
    rows = select(Territoire.slug.label("code"), Territoire.nom)
    return _by_name("ti", rows.where(Territoire.id.in_(_touching(place))))


def _touching(place: Place) -> Select[Any]:
    today = clock.today()
    inside = select(Perimetre.territoire_id).join(PerimetreCommune, PerimetreCommune.perimetre_id == Perimetre.id)
    in_force = (Perimetre.valid_from <= today, func.coalesce(Perimetre.valid_to, today) >= today)
    communes = {
        PlaceKind.REGION: select(Commune.code).join(Departement).where(Departement.region_code == place.key),
        PlaceKind.DEPARTEMENT: select(Commune.code).where(Commune.departement_code == place.key),
    }.get(place.kind, place.communes)
    return inside.where(PerimetreCommune.commune_code.in_(communes), *in_force)


def _by_name(prefix: str, rows: Select[str, str]) -> list[tuple[str, str]]:
    """In alphabetical order on both databases: « Île-de-France » stands at I."""
    return sorted(_named(prefix, rows), key=lambda one: (words(one[1]), one[0]))


def _named(prefix: str, rows: Select[str, str]) -> list[tuple[str, str]]:
    return [(f"{prefix}-{row.code}", row.nom) for row in db.session.execute(rows)]
