"""Places whose figures are shown: a TI at a date, an EPCI, a commune, a département, a région, France.

Addresses are those of the product: ti-ales, epci-200066918, com-30007, dep-30, reg-76, france.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, select

from fichetrack import clock, permissions
from fichetrack.extensions import db
from fichetrack.models import (
    Commune,
    Departement,
    Epci,
    Perimetre,
    PerimetreCommune,
    PerimetreMember,
    Region,
    Territoire,
)
from fichetrack.queries import lieux
from fichetrack.queries.ground import get_communes
from fichetrack.search import words
from fichetrack.vocabulary import Action, PlaceKind

FRANCE = "france"


@dataclass(frozen=True)
class Place:
    """A place and what its figures are summed from.

    communes: codes, sorted; empty for départements, régions and France, which published tables know by their own code.
    epcis: the EPCI wholly inside; lone: the communes that are not in one of them.   as_of: the day of a TI's perimeter.
    """

    code: str
    kind: PlaceKind
    nom: str
    communes: tuple[str, ...] = ()
    epcis: tuple[str, ...] = ()
    lone: tuple[str, ...] = ()
    departements: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    population: float | None = None
    as_of: date | None = None

    @property
    def key(self) -> str:
        """The code without its prefix: « 30 » for dep-30."""
        return self.code.partition("-")[2]

    @property
    def is_detailed(self) -> bool:
        """EPCI and communes are for signed-in readers."""
        return self.kind in {PlaceKind.EPCI, PlaceKind.COMMUNE}


def may_read(user: Any, place: Place) -> bool:
    """Visitors read TI, départements, régions and France; the rest takes an account."""
    return not place.is_detailed or permissions.can(user, Action.READ_DETAILED_FIGURES)


def get_place(code: str, day: date | None = None) -> Place | None:
    """The place at this address, a TI with its perimeter of `day` (today); None when there is none."""
    prefix, _dash, key = code.partition("-")
    if code == FRANCE:
        return Place(FRANCE, PlaceKind.FRANCE, "France", population=float(get_communes()["population"].sum()))
    finders = {"ti": _territoire, "epci": _epci, "com": _commune, "dep": _departement, "reg": _region}
    return finders[prefix](code, key, day or clock.today()) if prefix in finders and key else None


def _territoire(code: str, key: str, day: date) -> Place | None:
    """The last perimeter that had begun on `day`; a place without communes when none had."""
    begun = and_(Perimetre.territoire_id == Territoire.id, Perimetre.valid_from <= day)
    named = select(Territoire.nom, Perimetre.id).outerjoin(Perimetre, begun).where(Territoire.slug == key)
    found = db.session.execute(named.order_by(Perimetre.valid_from.desc(), Perimetre.id.desc()).limit(1)).first()
    if found is None:
        return None
    nom, version = found
    rows = _communes(_in_perimeter(version)) if version else []
    whole = select(PerimetreMember.code).where(PerimetreMember.perimetre_id == version, PerimetreMember.kind == "epci")
    return _built(code, PlaceKind.TI, nom, rows, set(db.session.scalars(whole)), day)


def _epci(code: str, key: str, day: date) -> Place | None:
    epci = db.session.get(Epci, key)
    if epci is None:
        return None
    column = Commune.ept_code if epci.kind == "EPT" else Commune.epci_code
    return _built(code, PlaceKind.EPCI, epci.nom, _communes(_rows().where(column == key)), {key})


def _commune(code: str, key: str, day: date) -> Place | None:
    rows = _communes(_rows().where(Commune.code == key))
    return _built(code, PlaceKind.COMMUNE, rows[0].nom, rows, set()) if rows else None


def _departement(code: str, key: str, day: date) -> Place | None:
    found = db.session.get(Departement, key)
    if found is None:
        return None
    people = db.session.scalar(select(func.sum(Commune.population)).where(Commune.departement_code == key))
    regions = (found.region_code,)
    return Place(code, PlaceKind.DEPARTEMENT, found.nom, departements=(key,), regions=regions, population=people)


def _region(code: str, key: str, day: date) -> Place | None:
    found = db.session.get(Region, key)
    if found is None:
        return None
    inside = select(func.sum(Commune.population)).join(Departement).where(Departement.region_code == key)
    return Place(code, PlaceKind.REGION, found.nom, regions=(key,), population=db.session.scalar(inside))


def search_places(user: Any, text: str) -> list[Place]:
    """Places other than TI whose name holds each word: régions and départements; with an account, EPCI and communes."""
    wanted = words(text)
    if not wanted:
        return []
    found = [Place("france", PlaceKind.FRANCE, "France")] if wanted == ["france"] else []
    for model, kind in ((Region, PlaceKind.REGION), (Departement, PlaceKind.DEPARTEMENT)):
        named = db.session.execute(select(model.code, model.nom).order_by(model.nom)).all()
        found += [Place(f"{kind}-{code}", kind, nom) for code, nom in named if _holds(nom, wanted)]
    if permissions.can(user, Action.READ_DETAILED_FIGURES):
        for lieu in lieux.search_lieux(text):
            kind = PlaceKind.EPCI if lieu.detail == "EPCI" else PlaceKind.COMMUNE
            found.append(Place(f"{kind}-{lieu.code}", kind, lieu.nom))
    return found


def _holds(nom: str, wanted: list[str]) -> bool:
    return all(any(word.startswith(start) for word in words(nom)) for start in wanted)


def names_of(codes: Iterable[str | None]) -> dict[str, str]:
    """The names of places by their code, one query per kind; an unknown one is left out."""
    asked: dict[str, set[str]] = {}
    for code in codes:
        prefix, _dash, key = (code or "").partition("-")
        asked.setdefault(prefix, set()).add(key)
    columns: dict[str, tuple[Any, Any]] = {
        "ti": (Territoire.slug, Territoire.nom),
        "epci": (Epci.code, Epci.nom),
        "com": (Commune.code, Commune.nom),
        "dep": (Departement.code, Departement.nom),
        "reg": (Region.code, Region.nom),
    }
    names = {FRANCE: "France"} if FRANCE in asked else {}
    for prefix, (column, nom) in columns.items():
        if prefix in asked:
            rows = db.session.execute(select(column, nom).where(column.in_(asked[prefix]))).all()
            names |= {f"{prefix}-{code}": str(name) for code, name in rows}
    return names


def list_all_ti(day: date | None = None) -> Place:
    """All the communes of a territoire d'industrie in force on `day`, each once: the reference « tous les TI »."""
    day = day or clock.today()
    inside = select(PerimetreCommune.commune_code).join(Perimetre, Perimetre.id == PerimetreCommune.perimetre_id)
    in_force = inside.where(Perimetre.valid_from <= day, func.coalesce(Perimetre.valid_to, date.max) >= day)
    rows = _communes(_rows().where(Commune.code.in_(in_force)))
    return _built("tous-ti", PlaceKind.TI, "l’ensemble des territoires d’industrie", rows, None, day)


def _rows() -> Select[Any]:
    wanted: Any = select(
        Commune.code,
        Commune.nom,
        Commune.epci_code,
        Commune.departement_code,
        Departement.region_code,
        Commune.population,
    )
    rows: Select[Any] = wanted.join(Departement)
    return rows


def _in_perimeter(version: int) -> Select[Any]:
    inside = select(PerimetreCommune.commune_code).where(PerimetreCommune.perimetre_id == version)
    return _rows().where(Commune.code.in_(inside))


def _communes(statement: Select[Any]) -> list[Any]:
    return list(db.session.execute(statement.order_by(Commune.code)))


def _built(
    code: str, kind: PlaceKind, nom: str, rows: list[Any], members: set[str] | None, day: date | None = None
) -> Place:
    """`members` are the EPCI known to be whole; None asks how many communes each has."""
    whole = _whole_epcis(rows) if members is None else members
    epcis = {row.epci_code for row in rows} & whole
    return Place(
        code, kind, nom,
        communes=tuple(row.code for row in rows),
        epcis=tuple(sorted(epcis)),
        lone=tuple(row.code for row in rows if row.epci_code not in epcis),
        departements=tuple(sorted({row.departement_code for row in rows})),
        regions=tuple(sorted({row.region_code for row in rows})),
        population=sum(row.population or 0 for row in rows),
        as_of=day if kind == PlaceKind.TI else None,
    )  # fmt: skip


def _whole_epcis(rows: list[Any]) -> set[str]:
    sizes = dict(db.session.execute(select(Commune.epci_code, func.count()).group_by(Commune.epci_code)).all())
    held: dict[str, int] = {}
    for row in rows:
        held[row.epci_code] = held.get(row.epci_code, 0) + 1
    return {code for code, number in held.items() if code and sizes[code] == number}
