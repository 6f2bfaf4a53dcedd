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
from fichetrack.models import Commune, Perimetre, PerimetreCommune, PerimetreMember, Territoire
from fichetrack.queries.panels import jobs
from fichetrack.queries.panels.jobs import Reading
from fichetrack.queries.places import FRANCE, Place
from fichetrack.queries.releases import UNREADABLE, Shelf
from fichetrack.vocabulary import PlaceKind

LEVEL = "a38"
NEAREST = 8
METHOD = (
    "Les profils sont comparés par le cosinus de l’angle entre leurs vecteurs d’indices de spécificité (38 secteurs, "
    "référence France), chaque indice s ramené à (s − 1) / (s + 1) : 1 pour deux profils identiques, −1 pour deux profils "
    "opposés. La taille des territoires n’y entre pas."
)

_kept: dict[tuple[str, date, str], pd.DataFrame] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Similar:
    """A territoire and how near its profile is, from −1 to 1."""

    code: str
    nom: str
    similarity: float


def list_similar(place: Place, shelf: Shelf, number: int = NEAREST) -> list[Similar]:
    """The territoires d'industrie whose profile is nearest; none for another kind of place, or without the dataset."""
    try:
        years = jobs.years(shelf) if place.kind == PlaceKind.TI else []
        indices = _indices(shelf, years[0]) if years else None
    except UNREADABLE:  # a table this host lacks: the panels say so
        return []
    if indices is None or place.code not in indices.index:
        return []
    nearest = specificite.similarity(indices, place.code).dropna().head(number)
    names = {f"ti-{slug}": nom for slug, nom in db.session.execute(select(Territoire.slug, Territoire.nom))}
    return [Similar(str(code), names.get(str(code), str(code)), float(value)) for code, value in nearest.items()]


def _indices(shelf: Shelf, year: int) -> pd.DataFrame:
    """Specificity of every TI against France, kept until a dataset or the day changes (perimeters are dated)."""
    key = (shelf.signature, clock.today(), str(db.engine.url))
    with _lock:
        if key not in _kept:
            _kept.clear()
            _kept[key] = _compute(shelf, Reading(LEVEL, year), clock.today())
        return _kept[key]


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
