"""Territoires read: one at a date, its people, its perimeter; the contours of the map."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import joinedload, selectinload

from fichetrack import clock
from fichetrack.extensions import db
from fichetrack.models import Mandat, Perimetre, PerimetreCommune, Personne, Region, Territoire
from fichetrack.models.territoire import Commune, TerritoireRegion
from fichetrack.search import words
from fichetrack.vocabulary import Role

PREFIX = "ti-"


@dataclass(frozen=True)
class MemberRow:
    kind: str
    code: str
    nom: str
    communes: int
    population: int

    @property
    def kind_label(self) -> str:
        return "commune" if self.kind == "commune" else self.kind.upper()

    @property
    def place_code(self) -> str | None:
        """The address of its figures; None for what today's official code no longer has."""
        return f"{'com' if self.kind == 'commune' else 'epci'}-{self.code}" if self.communes else None


@dataclass(frozen=True)
class Perimeter:
    """A perimeter version laid out: its members and what they add up to."""

    version: Perimetre
    members: list[MemberRow]
    communes: int
    population: int


def get_territoire(code: str) -> Territoire | None:
    """The territoire at this address, « ti-ales »; None for anything else."""
    if not code.startswith(PREFIX):
        return None
    wanted = select(Territoire).where(Territoire.slug == code.removeprefix(PREFIX))
    return db.session.scalars(_with_regions(wanted)).first()


def get_whole_territoire(code: str) -> Territoire | None:
    """The same with its départements and every version of its perimeter, in two queries: for its page."""
    places = (
        joinedload(Territoire.region_instructrice),
        joinedload(Territoire.regions),
        joinedload(Territoire.departements),
    )
    versions = selectinload(Territoire.perimetres).joinedload(Perimetre.members)
    wanted = select(Territoire).where(Territoire.slug == code.removeprefix(PREFIX)).options(*places, versions)
    return db.session.scalars(wanted).unique().first() if code.startswith(PREFIX) else None


def find_territoire(text: str) -> Territoire | None:
    """The only territoire with this code, slug or name, however it is accented or punctuated: for workbooks."""
    found = get_territoire(text.strip()) or get_territoire(PREFIX + text.strip())
    if found:
        return found
    named = [one for one in list_territoires() if words(one.nom) == words(text)]
    return named[0] if len(named) == 1 else None


def list_territoires(q: str = "", region: str | None = None) -> list[Territoire]:
    """All territoires in order; `q` keeps those whose name holds each of its words, `region` those that touch it."""
    wanted = select(Territoire)
    if region:
        touched = select(TerritoireRegion.territoire_id).where(TerritoireRegion.region_code == region)
        wanted = wanted.where(Territoire.id.in_(touched))
    territoires = db.session.scalars(_with_regions(wanted)).all()
    return sorted((one for one in territoires if _holds(one.nom, words(q))), key=_by_name)


def list_regions() -> list[Region]:
    """The régions that carry a territoire's perimeter, by name: the others have nothing to filter."""
    carrying = select(TerritoireRegion.region_code)
    return sorted(db.session.scalars(select(Region).where(Region.code.in_(carrying))), key=_by_name)


def _by_name(place: Region | Territoire) -> tuple[list[str], str]:
    """In alphabetical order on both databases: « Évry » stands at E, « Île-de-France » at I; namesakes stay in order."""
    return words(place.nom), place.code


def get_perimeter(territoire: Territoire, day: date | None = None) -> Perimeter | None:
    """The perimeter in force on `day` (today), with its members' communes and population."""
    version = territoire.perimetre_at(day or clock.today())
    if version is None:
        return None
    resolved = select(Commune.code, Commune.epci_code, Commune.ept_code, Commune.population)
    inside = resolved.join(PerimetreCommune, PerimetreCommune.commune_code == Commune.code)
    communes = db.session.execute(inside.where(PerimetreCommune.perimetre_id == version.id)).all()
    members = [_member_row(member.kind, member.code, member.nom, communes) for member in version.members]
    return Perimeter(version, members, len(communes), sum(commune.population or 0 for commune in communes))


def list_people(territoire: Territoire) -> list[Mandat]:
    """The valid mandats on a territoire, chefs first, then those who instruct for its régions."""
    regions = [region.code for region in territoire.regions]
    on_it = or_(
        Mandat.territoire_id == territoire.id,
        (Mandat.role == Role.INSTRUCTEUR_REGION.value) & Mandat.region_code.in_(regions),
    )
    person = joinedload(Mandat.personne).joinedload(Personne.organisation)
    valid = _valid_mandats().where(on_it).options(person, joinedload(Mandat.region), joinedload(Mandat.territoire))
    order = list(Role)
    return sorted(
        db.session.scalars(valid), key=lambda mandat: (_rank(mandat.role, order), mandat.personne.nom, mandat.id)
    )


def contours_geojson(url_of: Callable[[str], str], day: date | None = None) -> str:
    """The map's GeoJSON: the régions' outlines behind, then each territoire drawn in force on `day` (today)."""
    day = day or clock.today()
    grounds = select(Region.nom, Region.contour).where(Region.contour.is_not(None)).order_by(Region.code)
    drawn = (
        select(Territoire.slug, Territoire.nom, Perimetre.contour)
        .join(Perimetre, Perimetre.territoire_id == Territoire.id)
        .where(Perimetre.contour.is_not(None), Perimetre.valid_from <= day)
        .where(or_(Perimetre.valid_to.is_(None), Perimetre.valid_to >= day))
        .order_by(Territoire.slug)
    )
    features = [_feature(contour, {"fond": True, "nom": nom}) for nom, contour in db.session.execute(grounds)]
    for slug, nom, contour in db.session.execute(drawn):
        features.append(_feature(contour, {"code": PREFIX + slug, "nom": nom, "url": url_of(PREFIX + slug)}))
    return f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'


def _with_regions(statement: Select[Any]) -> Select[Any]:
    return statement.options(selectinload(Territoire.regions), joinedload(Territoire.region_instructrice))


def _holds(nom: str, wanted: list[str]) -> bool:
    return all(any(word.startswith(start) for word in words(nom)) for start in wanted)


def _member_row(kind: str, code: str, nom: str, communes: Iterable[Any]) -> MemberRow:
    column = {"epci": "epci_code", "ept": "ept_code"}.get(kind, "code")
    mine = [commune for commune in communes if getattr(commune, column) == code]
    return MemberRow(kind, code, nom, len(mine), sum(commune.population or 0 for commune in mine))


def _rank(role: str, order: list[Role]) -> int:
    """Chefs de projet, then contributeurs, then the others in the order of the vocabulary."""
    return -1 if role == Role.CHEF_DE_PROJET else order.index(Role(role))


def _valid_mandats() -> Select[Any]:
    today = clock.today()
    in_force = (Mandat.starts_on <= today, or_(Mandat.ends_on.is_(None), Mandat.ends_on >= today))
    people = select(Mandat).join(Personne, Personne.id == Mandat.personne_id)
    return people.where(*in_force, Personne.closed_at.is_(None))


def _feature(contour: str | None, properties: dict[str, Any]) -> str:
    """Contours are stored as GeoJSON text: they are put in place without being read again."""
    return f'{{"type":"Feature","properties":{json.dumps(properties, ensure_ascii=False)},"geometry":{contour}}}'
