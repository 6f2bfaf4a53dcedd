"""« Territoires semblables »: the specificity vector of every territoire d'industrie, and the nearest to one of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import func, or_, select

from fichetrack import clock
from fichetrack.extensions import db
from fichetrack.indicators import specificite
from fichetrack.indicators.quantities import Quantity
from fichetrack.models import Commune, Perimetre, PerimetreCommune, PerimetreMember, Territoire
from fichetrack.queries.panels import jobs
from fichetrack.queries.panels.jobs import Reading
from fichetrack.queries.places import FRANCE, Place
from fichetrack.queries.releases import UNREADABLE, Shelf
from fichetrack.vocabulary import PlaceKind

LEVEL = "a38"
NEAREST = 8
METHOD = (
    "Deux territoires se ressemblent quand les mêmes secteurs y pèsent plus qu’en France, et les mêmes y pèsent moins. La "
    "ressemblance va de −1 (les spécialités de l’un manquent à l’autre) à 1 (les mêmes spécialités) ; 0 : rien de commun. La "
    "taille des territoires n’y entre pas."
)
FORMULA = (
    "Cosinus de l’angle entre les indices de spécificité des deux territoires (38 secteurs, référence France), chaque indice s "
    "ramené à (s − 1) / (s + 1)."
)
# (from, in words): halves and quarters of the way from « nothing in common » to « the same », no more than a reading aid.
BANDS = (
    (0.75, "profils très proches"),
    (0.5, "profils proches"),
    (0.25, "des points communs"),
    (-1.0, "peu en commun"),
)

_kept: dict[tuple[str, date, str], Profiles] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Profiles:
    """Specificity of every TI against France, and the others by their likeness to those already asked for."""

    indices: pd.DataFrame
    nearest: dict[str, list[tuple[str, float]]]


@dataclass(frozen=True)
class Similar:
    """A territoire and how near its profile is, from −1 to 1."""

    code: str
    nom: str
    similarity: float

    @property
    def likeness(self) -> Quantity:
        """The same number, to be shown as any other: 0,70 beside 0,63."""
        return Quantity(self.similarity)

    @property
    def words(self) -> str:
        """What its number means, by BANDS."""
        return next((said for start, said in BANDS if self.similarity >= start), BANDS[-1][1])


def list_similar(place: Place, shelf: Shelf, number: int = NEAREST) -> list[Similar]:
    """The territoires d'industrie whose profile is nearest; none for another kind of place, or without the dataset."""
    try:
        years = jobs.years(shelf) if place.kind == PlaceKind.TI else []
        nearest = _nearest(shelf, years[0], place.code) if years else []
    except UNREADABLE:  # a table this host lacks: the panels say so
        return []
    names = {f"ti-{slug}": nom for slug, nom in db.session.execute(select(Territoire.slug, Territoire.nom))}
    return [Similar(code, names.get(code, code), value) for code, value in nearest[:number]]


def _nearest(shelf: Shelf, year: int, code: str) -> list[tuple[str, float]]:
    """The others by their likeness, the nearest first; kept until a dataset or the day changes (perimeters are dated)."""
    key = (shelf.signature, clock.today(), str(db.engine.url))
    with _lock:
        if key not in _kept:
            _kept.clear()
            _kept[key] = Profiles(_compute(shelf, Reading(LEVEL, year), clock.today()), {})
        held = _kept[key]
        if code not in held.nearest:
            known = code in held.indices.index
            found = specificite.similarity(held.indices, code).dropna() if known else {}
            held.nearest[code] = [(str(other), float(value)) for other, value in found.items()]
        return held.nearest[code]


def _compute(shelf: Shelf, reading: Reading, day: date) -> pd.DataFrame:
    whole, lone = _members(day)
    epcis = jobs.by_epci(shelf, reading).merge(whole, on="epci")
    communes = jobs.by_commune(shelf, reading, sorted(set(lone["commune"]))).merge(lone, on="commune")
    rows = pd.concat([epcis, communes], ignore_index=True).groupby(["ti", "secteur"])[["effectifs"]].sum(min_count=1)
    reference = jobs.of_zone(FRANCE, FRANCE, shelf, reading)["effectifs"]
    table = specificite.by_sector(rows.reset_index(), "ti")
    return specificite.index(table[[one for one in table.columns if one in reference.index]], reference)


def _members(day: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(ti, epci) of the whole EPCI of each perimeter in force, and (ti, commune) of the communes outside them."""
    in_force = (Perimetre.valid_from <= day, or_(Perimetre.valid_to.is_(None), Perimetre.valid_to >= day))
    epcis = select(Territoire.slug, PerimetreMember.code).join(Perimetre, Perimetre.territoire_id == Territoire.id)
    epcis = epcis.join(PerimetreMember, PerimetreMember.perimetre_id == Perimetre.id)
    epcis = epcis.where(*in_force, PerimetreMember.kind == "epci")
    member = select(func.count()).where(
        PerimetreMember.perimetre_id == Perimetre.id,
        PerimetreMember.kind == "epci",
        PerimetreMember.code == Commune.epci_code,
    )
    lone = select(Territoire.slug, Commune.code).join(Perimetre, Perimetre.territoire_id == Territoire.id)
    lone = lone.join(PerimetreCommune, PerimetreCommune.perimetre_id == Perimetre.id)
    lone = lone.join(Commune, Commune.code == PerimetreCommune.commune_code)
    lone = lone.where(*in_force, member.correlate(Perimetre, Commune).scalar_subquery() == 0)
    return _frame(epcis, "epci"), _frame(lone, "commune")


def _frame(statement: Any, column: str) -> pd.DataFrame:
    rows = [(f"ti-{slug}", code) for slug, code in db.session.execute(statement)]
    return pd.DataFrame(rows, columns=["ti", column], dtype="str")
