"""Territoires and their geography, written: the official code, the demonstration's territoires, lists brought in.

Each verb is one transaction. Who is who and what would change is geography's work (members.py, plan.py); this writes.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.orm import selectinload

from fichetrack import clock
from fichetrack.config import ROOT
from fichetrack.errors import ImportRefused
from fichetrack.extensions import Model, db
from fichetrack.geography.contours import read_contours
from fichetrack.geography.layouts import read_listing
from fichetrack.geography.members import Directory, Member
from fichetrack.geography.plan import Known, Line, Report, Version, end_before, make_report
from fichetrack.geography.reference import Reference, installed_package, read_reference
from fichetrack.indicators import geo
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
from fichetrack.vocabulary import Phase

DEMONSTRATION = ROOT / "imports" / "territoires" / "demonstration.toml"

# In degrees: details of about 500 m may go from a perimeter, 800 m from a région; islets below these surfaces too.
PERIMETER_TOLERANCE, PERIMETER_ISLET = 0.005, 0.0001
REGION_TOLERANCE, REGION_ISLET = 0.008, 0.0005

Progress = Callable[[str], Any]
Contours = Callable[[], Mapping[str, Any]]


def load_reference(
    user: Any = None,
    progress: Progress = print,
    reference: Reference | None = None,
    contours: Contours = read_contours,
) -> None:
    """Load the official geographic code of the installed package; again, it only writes what changed.

    The edition already there is not read again: `flask init` runs before every start. Raises Refusal when a package is
    absent or unknown.
    """
    if reference is None and _is_loaded(package := installed_package()):
        progress(f"Géographie de référence déjà chargée ({package}).")
        return
    _load_reference(user, reference or read_reference(), contours, progress)


def load_demonstration(
    user: Any = None,
    progress: Progress = print,
    reference: Reference | None = None,
    contours: Contours = read_contours,
) -> None:
    """Load the 25 real territoires of the demonstration, with their phase 1 perimeters; those already there are kept.

    Raises ImportRefused, naming the close matches, when the name of a member does not resolve.
    """
    _load_demonstration(user, Directory(reference or read_reference()), contours, progress)


def check_import(file: Path | str, phase: str, valid_from: date, reference: Reference | None = None) -> Report:
    """What importing this list would do; nothing is written. Raises ImportRefused when it is not such a list."""
    return _check(Path(file), phase, valid_from, Directory(reference or read_reference()))


def apply_import(
    file: Path | str,
    phase: str,
    valid_from: date,
    user: Any = None,
    progress: Progress = print,
    reference: Reference | None = None,
    contours: Contours = read_contours,
) -> Report:
    """Check the list again and write what it changes, whole or not at all.

    Raises ImportRefused when it is not such a list, when a member is not found, or when a version cannot be placed.
    """
    directory = Directory(reference or read_reference())
    report: Report = _apply(user, Path(file), phase, valid_from, directory, contours, progress)
    return report


def _is_loaded(package: str) -> bool:
    release = db.session.scalars(select(GeographyRelease.package).order_by(GeographyRelease.id.desc())).first()
    return release == package and db.session.scalar(_A_REGION_DRAWN) is not None


_A_REGION_DRAWN = select(Region.code).where(Region.contour.is_not(None)).limit(1)


@transaction
def _load_reference(user: Any, reference: Reference, contours: Contours, progress: Progress) -> None:
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
    if db.session.scalar(_A_REGION_DRAWN) is None:
        progress("Contours des régions…")
        _draw_regions(Directory(reference), contours())


def _upsert(model: type[Model], rows: list[dict[str, Any]]) -> tuple[int, int]:
    """(added, updated). A code that left the official list keeps its row: perimeters and fiches may name it."""
    table = cast(Table, model.__table__)
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


def _draw_regions(directory: Directory, contours: Mapping[str, Any]) -> None:
    """The background of the map: once, since régions do not move."""
    shapes = geo.simplify(geo.union(contours, directory.communes_by_region()), REGION_TOLERANCE, REGION_ISLET)
    for code, shape in shapes.items():
        db.session.execute(update(Region).where(Region.code == code).values(contour=geo.to_geojson(shape)))


@transaction
def _load_demonstration(user: Any, directory: Directory, contours: Contours, progress: Progress) -> None:
    declared = tomllib.loads(DEMONSTRATION.read_text("utf-8"))
    resolved = {row["slug"]: [directory.find_named(nom) for nom in row["membres"]] for row in declared["territoire"]}
    present = set(db.session.scalars(select(Territoire.slug)))
    new = [row for row in declared["territoire"] if row["slug"] not in present]
    for row in new:
        territoire = Territoire(slug=row["slug"], nom=row["nom"], region_instructrice_code=row["region"])
        version = _add_version(territoire, declared["phase"], row["id_ti"], row["nom"], declared["valid_from"])
        members = resolved[row["slug"]]
        _fill(version, members, directory.expand(members))
        _settle(territoire, directory)
    progress(f"{len(resolved)} territoires d’industrie : {len(new)} ajoutés")
    if new:
        _draw_perimeters(declared["phase"], contours, progress)


def _check(path: Path, phase: str, valid_from: date, directory: Directory) -> Report:
    if phase not in set(Phase):
        raise ImportRefused(f"Phase inconnue : {phase}. Phases possibles : {', '.join(Phase)}.")
    if db.session.scalar(select(GeographyRelease.id).limit(1)) is None:
        raise ImportRefused("Le code officiel géographique n’est pas chargé : lancez « flask init ».")
    return make_report(path.name, read_listing(path), _known(), directory, phase, valid_from)


def _known() -> list[Known]:
    communes: dict[int, set[str]] = defaultdict(set)
    for perimetre_id, code in db.session.execute(select(PerimetreCommune.perimetre_id, PerimetreCommune.commune_code)):
        communes[perimetre_id].add(code)
    territoires = select(Territoire).options(selectinload(Territoire.perimetres).selectinload(Perimetre.members))
    return [
        Known(one.slug, one.nom, [_as_version(version, communes[version.id]) for version in one.perimetres])
        for one in db.session.scalars(territoires.order_by(Territoire.nom))
        if one.perimetres
    ]


def _as_version(version: Perimetre, communes: set[str]) -> Version:
    return Version(
        id=version.id,
        phase=version.phase,
        id_ti=version.id_ti,
        nom=version.nom,
        valid_from=version.valid_from,
        valid_to=version.valid_to,
        members=frozenset((member.kind, member.code) for member in version.members),
        communes=frozenset(communes),
    )


@transaction
def _apply(
    user: Any, path: Path, phase: str, valid_from: date, directory: Directory, contours: Contours, progress: Progress
) -> Report:
    report = _check(path, phase, valid_from, directory)
    if not report.is_applicable:
        faults = [sentence for sentence in report.sentences() if sentence.startswith(("INTROUVABLE", "Refusé"))]
        raise ImportRefused("\n".join([f"{path.name} : rien n’a été écrit.", *faults]), faults)
    for line in report.changes:
        _write_line(line, phase, valid_from, directory)
    progress(f"{len(report.changes)} territoires écrits")
    if report.changes:
        _draw_perimeters(phase, contours, progress)
    return report


def _write_line(line: Line, phase: str, valid_from: date, directory: Directory) -> None:
    territoire = db.session.scalars(select(Territoire).where(Territoire.slug == line.slug)).first()
    if territoire is None:
        region = _instructing_region(line, directory)
        territoire = Territoire(slug=line.slug, nom=line.nom, region_instructrice_code=region)
    if line.replaces is None:
        version = _add_version(territoire, phase, line.id_ti, line.nom, valid_from)
    else:
        version = db.session.get_one(Perimetre, line.replaces)
        version.id_ti, version.nom = line.id_ti, line.nom
    _fill(version, line.members, line.communes)
    _settle(territoire, directory)


def _instructing_region(line: Line, directory: Directory) -> str:
    """The région of the programme's identifier (« ti-RRNN ») when the perimeter touches it, else the most populated."""
    regions, named = directory.regions_of(line.communes), line.id_ti[3:5]
    if not regions:
        raise ImportRefused(f"{line.nom} ({line.id_ti}) : aucun membre, donc aucune région. Vérifiez le fichier.")
    return named if named in regions else regions[0]


def _add_version(territoire: Territoire, phase: str, id_ti: str, nom: str, valid_from: date) -> Perimetre:
    """Place a version in time: the one before ends the day before, the one after ends this one."""
    earlier = [version for version in territoire.perimetres if version.valid_from < valid_from]
    later = [version for version in territoire.perimetres if version.valid_from > valid_from]
    if earlier and (earlier[-1].valid_to is None or earlier[-1].valid_to >= valid_from):
        earlier[-1].valid_to = end_before(valid_from)
    valid_to = end_before(later[0].valid_from) if later else None
    version = Perimetre(phase=phase, id_ti=id_ti, nom=nom, valid_from=valid_from, valid_to=valid_to)
    territoire.perimetres = [*earlier, version, *later]
    db.session.add(territoire)
    return version


def _fill(version: Perimetre, members: Iterable[Member], communes: list[str]) -> None:
    """Write the members of a version and the communes they come down to, in place of what it held."""
    version.members = [
        PerimetreMember(kind=member.kind, code=member.code, nom=member.nom)
        for member in {member.key: member for member in members}.values()
    ]
    db.session.flush()
    db.session.execute(delete(PerimetreCommune).where(PerimetreCommune.perimetre_id == version.id))
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


def _draw_perimeters(phase: str, contours: Contours, progress: Progress) -> None:
    """Draw the last version of each territoire in this phase, all together: what they share stays one border."""
    progress("Contours des territoires…")
    groups: dict[str, list[str]] = {}
    for one in db.session.scalars(select(Territoire).options(selectinload(Territoire.perimetres))):
        versions = [version for version in one.perimetres if version.phase == phase]
        if versions:
            groups[str(versions[-1].id)] = []
    rows = select(PerimetreCommune).where(PerimetreCommune.perimetre_id.in_([int(key) for key in groups]))
    for row in db.session.scalars(rows):
        groups[str(row.perimetre_id)].append(row.commune_code)
    shapes = geo.simplify(geo.union(contours(), groups), PERIMETER_TOLERANCE, PERIMETER_ISLET)
    for key, shape in shapes.items():
        db.session.execute(update(Perimetre).where(Perimetre.id == int(key)).values(contour=geo.to_geojson(shape)))
