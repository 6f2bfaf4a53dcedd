"""What a list of territoires would change: each is matched to a known territoire, compared, and said. Pure.

The programme's `id_ti` is reused between phases, so it identifies a territoire only inside its own phase. Across
phases, the same territoire is the one whose population overlaps most, when more than half of each is in the other, or
when both bear the same name and share at least a commune.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from fichetrack.geography.layouts import Listed, Listing
from fichetrack.geography.members import Directory, Member, Status
from fichetrack.geography.reference import search_key, slugify

SMALLEST_OVERLAP = 0.5


class Outcome(StrEnum):
    ADDED = "ajouté"
    CHANGED = "modifié"
    UNCHANGED = "inchangé"
    REFUSED = "refusé"


@dataclass(frozen=True)
class Version:
    """A perimeter version already stored."""

    id: int
    phase: str
    id_ti: str
    nom: str
    valid_from: date
    valid_to: date | None
    members: frozenset[tuple[str, str]]
    communes: frozenset[str]

    def holds(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Known:
    """A territoire already stored, its versions oldest first."""

    slug: str
    nom: str
    versions: list[Version]

    def nearest(self, day: date) -> Version:
        """The version in force that day, else the last before, else the first after."""
        before = [version for version in self.versions if version.valid_from <= day]
        return before[-1] if before else self.versions[0]


@dataclass
class Line:
    """What the file says of one territoire, and what would be done."""

    id_ti: str
    nom: str
    members: list[Member]
    communes: list[str]
    followed: list[Member] = field(default_factory=list)
    unresolved: list[Member] = field(default_factory=list)
    slug: str = ""
    outcome: Outcome = Outcome.ADDED
    words: str = ""
    replaces: int | None = None  # the version corrected in place

    @property
    def keys(self) -> frozenset[tuple[str, str]]:
        return frozenset(member.key for member in self.members)


@dataclass
class Report:
    """The check of a list: its lines, and the known territoires it does not name (never removed)."""

    filename: str
    layout: str
    phase: str
    valid_from: date
    lines: list[Line]
    missing: list[str] = field(default_factory=list)

    def count(self, outcome: Outcome) -> int:
        return sum(line.outcome is outcome for line in self.lines)

    @property
    def unresolved(self) -> list[Member]:
        return [member for line in self.lines for member in line.unresolved]

    @property
    def followed(self) -> list[Member]:
        return [member for line in self.lines for member in line.followed]

    @property
    def member_kinds(self) -> Counter[str]:
        """Distinct members by kind: epci, ept, commune."""
        return Counter(kind for kind, _code in {key for line in self.lines for key in line.keys})

    @property
    def is_applicable(self) -> bool:
        return not self.unresolved and not self.count(Outcome.REFUSED)

    @property
    def changes(self) -> list[Line]:
        return [line for line in self.lines if line.outcome in (Outcome.ADDED, Outcome.CHANGED)]

    def __str__(self) -> str:
        return "\n".join(self.sentences())

    def sentences(self) -> list[str]:
        """The whole report in French, one sentence a line."""
        written = [line for line in self.lines if line.outcome is not Outcome.UNCHANGED]
        return [
            f"{self.filename} : {self.layout}, phase {self.phase}, valable dès le {self.valid_from:%d/%m/%Y}.",
            self._count_of_territoires(),
            self._count_of_members(),
            *[f"Suivi, {line.nom} : {member.sentence}" for line in self.lines for member in line.followed],
            *[f"INTROUVABLE, {line.nom} : {member.sentence}" for line in self.lines for member in line.unresolved],
            *[f"{line.outcome.capitalize()} : {line.nom} ({line.id_ti}), {line.words}" for line in written],
            *[f"Absent du fichier, laissé tel quel : {nom}." for nom in self.missing],
        ]

    def _count_of_territoires(self) -> str:
        counts = (
            f"{self.count(Outcome.ADDED)} à ajouter",
            f"{self.count(Outcome.CHANGED)} à modifier",
            count(self.count(Outcome.UNCHANGED), "inchangé"),
            count(self.count(Outcome.REFUSED), "refusé"),
        )
        return f"{count(len(self.lines), 'territoire')} : {', '.join(counts)}."

    def _count_of_members(self) -> str:
        kinds = self.member_kinds
        return (
            f"{count(kinds.total(), 'membre')} : {kinds['epci']} EPCI, {kinds['ept']} EPT, "
            f"{count(kinds['commune'], 'commune')} ; {count(len(self.followed), 'suivi')}, "
            f"{count(len(self.unresolved), 'introuvable')}."
        )


def make_report(
    filename: str, listing: Listing, known: list[Known], directory: Directory, phase: str, valid_from: date
) -> Report:
    """Resolve every member, match every territoire, compare: nothing is written."""
    lines = [_line(listed, listing.by_commune, directory) for listed in listing.territoires]
    matches = _match(lines, known, directory, phase, valid_from)
    slugs = {one.slug for one in known}
    for index, line in enumerate(lines):
        if index in matches:
            _compare(line, matches[index], phase, valid_from)
        else:
            line.slug = _free_slug(line.nom, slugs)
            size = f"{count(len(line.keys), 'membre')}, {count(len(line.communes), 'commune')}"
            line.words = f"nouveau territoire ti-{line.slug}, {size}."
    matched = {one.slug for one in matches.values()}
    missing = [one.nom for one in known if one.slug not in matched]
    return Report(filename, listing.layout, phase, valid_from, lines, missing)


def _line(listed: Listed, by_commune: bool, directory: Directory) -> Line:
    found = dict.fromkeys(directory.find(code, nom) for code, nom in listed.members)
    resolved = list({member.key: member for member in found if member.code}.values())
    return Line(
        listed.id_ti,
        listed.nom,
        directory.roll_up(resolved) if by_commune else resolved,
        directory.expand(resolved),
        followed=[member for member in found if member.status is Status.FOLLOWED],
        unresolved=[member for member in found if member.status is Status.UNRESOLVED],
    )


def _match(lines: list[Line], known: list[Known], directory: Directory, phase: str, day: date) -> dict[int, Known]:
    """The known territoire of each line, by position. First its own (phase, id_ti); then the largest overlap."""
    owner = {(version.phase, version.id_ti): one for one in known for version in one.versions}
    matches = {index: owner[phase, line.id_ti] for index, line in enumerate(lines) if (phase, line.id_ti) in owner}
    taken = {one.slug for one in matches.values()}
    candidates = []
    for index, line in enumerate(lines):
        for one in known if index not in matches else ():
            if one.slug not in taken:
                overlap = _overlap(line.communes, one.nearest(day).communes, directory)
                if overlap > SMALLEST_OVERLAP or (overlap > 0 and _same_name(line, one)):
                    candidates.append((overlap, index, one))
    for _overlap_found, index, one in sorted(candidates, key=lambda row: (-row[0], row[1])):
        if index not in matches and one.slug not in taken:
            matches[index] = one
            taken.add(one.slug)
    return matches


def _overlap(ours: Iterable[str], theirs: Iterable[str], directory: Directory) -> float:
    """The smaller of the two shares of population the perimeters have in common."""
    shared = directory.population(set(ours) & set(theirs))
    return shared / max(directory.population(ours), directory.population(theirs), 1)


def _same_name(line: Line, one: Known) -> bool:
    return search_key(line.nom) in {search_key(version.nom) for version in one.versions}


def _compare(line: Line, one: Known, phase: str, day: date) -> None:
    """Say what the line changes of a known territoire."""
    line.slug = one.slug
    current = next((version for version in one.versions if version.holds(day)), None)
    if current and current.phase == phase and _same_content(line, current):
        line.outcome, line.words = Outcome.UNCHANGED, "sans changement."
    elif current and current.valid_from == day and current.phase != phase:
        line.outcome = Outcome.REFUSED
        line.words = f"la phase {current.phase} y commence déjà le {day:%d/%m/%Y}. Choisissez une autre date."
    elif current and current.valid_from == day:
        line.outcome, line.replaces = Outcome.CHANGED, current.id
        line.words = f"la version du {day:%d/%m/%Y} est corrigée : {_differences(line, current)}"
    else:
        nearest = one.nearest(day)
        line.outcome = Outcome.CHANGED
        line.words = f"nouvelle version de ti-{one.slug} ({_origin(nearest)}) : {_differences(line, nearest)}"


def _same_content(line: Line, version: Version) -> bool:
    return (line.id_ti, line.nom, line.keys) == (version.id_ti, version.nom, version.members)


def _origin(version: Version) -> str:
    return f"phase {version.phase}, {version.id_ti}, « {version.nom} »"


def _differences(line: Line, version: Version) -> str:
    came, gone = len(line.keys - version.members), len(version.members - line.keys)
    renamed = f", nom « {line.nom} » au lieu de « {version.nom} »" if line.nom != version.nom else ""
    return f"{count(came, 'membre')} de plus, {gone} de moins{renamed}."


def _free_slug(nom: str, taken: set[str]) -> str:
    base = slug = slugify(nom)
    number = 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    taken.add(slug)
    return slug


def count(number: int, noun: str) -> str:
    """« 1 membre », « 12 membres »."""
    return f"{number} {noun}{'s' if number > 1 else ''}"


def end_before(day: date) -> date:
    """The last day of a version followed by one that begins on `day`."""
    return day - timedelta(days=1)
