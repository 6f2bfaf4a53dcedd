"""Territoires and their geography, written: the official code, the demonstration's territoires, lists brought in.

Each verb is one transaction. The plan of an import (who is who, what changes) is geography.plan's; what is read and where
is geography's too; this module writes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Table, insert, select, update

from fichetrack import clock
from fichetrack.config import ROOT
from fichetrack.extensions import Model, db
from fichetrack.geography.members import Directory, Member
from fichetrack.geography.reference import Reference, read_reference
from fichetrack.models import (
    Commune,
    Departement,
    Epci,
    GeographyRelease,
    Perimetre,
    PerimetreCommune,
    PerimetreMember,
    Region,
    Territoire,
)
from fichetrack.transactions import transaction

DEMONSTRATION = ROOT / "imports" / "territoires" / "demonstration.toml"

Progress = Callable[[str], Any]


def load_reference(user: Any = None, progress: Progress = print, reference: Reference | None = None) -> None:
    """Load the official geographic code of the installed package; again, it only writes what changed.

    Raises Refusal when the package is absent or unknown.
    """
    _load_reference(user, reference or read_reference(), progress)


def load_demonstration(user: Any = None, progress: Progress = print) -> None:
    """Load the 25 real territoires of the demonstration, with their phase 1 perimeters; those already there are kept.

    Raises ImportRefused, naming the close matches, when the name of a member does not resolve.
    """
    _load_demonstration(user, progress)


@transaction
def _load_reference(user: Any, reference: Reference, progress: Progress) -> None:
    tables: list[tuple[type[Model], str, list[dict[str, Any]]]] = [
        (Region, "régions", reference.regions),
        (Departement, "départements", reference.departements),
        (Epci, "EPCI et EPT", reference.epcis),
        (Commune, "communes", reference.communes),
    ]
    changed = 0
    for model, label, rows in tables:
        added, updated = _upsert(model, rows)
        changed += added + updated
        progress(f"{len(rows)} {label} : {added} ajoutés, {updated} modifiés")
    release = db.session.scalars(select(GeographyRelease).order_by(GeographyRelease.id.desc())).first()
    if changed or release is None or release.package != reference.package:
        db.session.add(GeographyRelease(cog_year=reference.cog_year, package=reference.package, loaded_at=clock.now()))


def _upsert(model: type[Model], rows: list[dict[str, Any]]) -> tuple[int, int]:
    """(added, updated). A code that left the official list keeps its row: perimeters and fiches may name it."""
    table: Any = model.__table__
    assert isinstance(table, Table)
    names = list(rows[0]) if rows else []
    columns = [table.c[name] for name in names]
    known = {row.code: tuple(row) for row in db.session.execute(select(*columns))} if rows else {}
    new = [row for row in rows if row["code"] not in known]
    changed = [row for row in rows if row["code"] in known and known[row["code"]] != tuple(row[name] for name in names)]
    if new:
        db.session.execute(insert(table), new)
    for row in changed:
        db.session.execute(update(table).where(table.c.code == row["code"]).values(**row))
    return len(new), len(changed)


@transaction
def _load_demonstration(user: Any, progress: Progress) -> None:
    declared = tomllib.loads(DEMONSTRATION.read_text("utf-8"))
    directory = Directory(read_reference())
    present = set(db.session.scalars(select(Territoire.slug)))
    added = 0
    for row in declared["territoire"]:
        members = [directory.find_named(nom) for nom in row["membres"]]
        if row["slug"] in present:
            continue
        territoire = Territoire(slug=row["slug"], nom=row["nom"], region_instructrice_code=row["region"])
        db.session.add(territoire)
        version = Perimetre(
            territoire=territoire,
            phase=declared["phase"],
            id_ti=row["id_ti"],
            nom=row["nom"],
            valid_from=declared["valid_from"],
        )
        _fill(version, members, directory.expand(members))
        _settle(territoire, directory)
        added += 1
    progress(f"{len(declared['territoire'])} territoires d’industrie : {added} ajoutés")


def _fill(version: Perimetre, members: Iterable[Member], communes: list[str]) -> None:
    """Write the members of a version and the communes they come down to."""
    version.members = [
        PerimetreMember(kind=member.kind, code=member.code, nom=member.nom)
        for member in {member.key: member for member in members}.values()
    ]
    db.session.add(version)
    db.session.flush()
    db.session.execute(
        insert(PerimetreCommune), [{"perimetre_id": version.id, "commune_code": code} for code in communes]
    )


def _settle(territoire: Territoire, directory: Directory) -> None:
    """Name, régions and départements follow the perimeter in force; the région instructrice stays unless it left."""
    version = territoire.perimetre_at(clock.today()) or territoire.perimetres[0]
    communes = list(
        db.session.scalars(select(PerimetreCommune.commune_code).where(PerimetreCommune.perimetre_id == version.id))
    )
    regions = directory.regions_of(communes)
    territoire.nom = version.nom
    territoire.regions = [db.session.get_one(Region, code) for code in regions]
    territoire.departements = [db.session.get_one(Departement, code) for code in directory.departements_of(communes)]
    if territoire.region_instructrice_code not in regions and regions:
        territoire.region_instructrice_code = regions[0]
