"""One fiche as its page shows it to one reader: its sections, its journal, and what may be done next.

Whatever is not in `permissions.readable_names` never reaches a template.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fichetrack import clock, permissions, versions, workflow
from fichetrack.fields import FIELDS, ROWS_BY_NAME, Field, Rows, Section, fields_of, rows_of
from fichetrack.models import Event, Fiche, NamedVersion
from fichetrack.models.computed import is_late, reste_a_financer, shown_fraicheur
from fichetrack.queries import lieux
from fichetrack.queries.fiches import changes_since_request, list_events, list_versions
from fichetrack.vocabulary import Action, Diffusion, Etat, EtatMontant, Fraicheur, Nature, Source

# A visitor's journal: what became of the fiche, without names or reasons.
PUBLIC_EVENTS = frozenset({Action.SUBMIT, Action.VALIDATE, Action.CONFIRM, Action.CLOSE, Action.EXPEL, Action.ARCHIVE})


@dataclass(frozen=True)
class SectionView:
    """A section: its filled and empty fields, its lists of rows, whether this reader may edit it."""

    section: Section
    values: list[tuple[Field, Any]]
    rows: list[tuple[Rows, list[dict[str, Any]]]]
    may_edit: bool
    requested: list[str]

    @property
    def is_empty(self) -> bool:
        filled = any(not versions.is_empty(value) for _field, value in self.values)
        return not filled and not any(lines or one.name in self.requested for one, lines in self.rows)


@dataclass(frozen=True)
class EventView:
    """One event, its changes limited to what the reader may read."""

    event: Event
    changes: list[tuple[str, Any, Any]]
    actor: str
    motif: str | None
    champs: list[str]
    via: str  # « un classeur »; nothing for what was done on the page


@dataclass
class FicheView:
    fiche: Fiche
    fraicheur: Fraicheur | None
    late: bool
    internal: bool
    waiting: str
    diffusion_words: str
    sections: list[SectionView]
    journal: list[EventView]
    named_versions: list[NamedVersion]
    transitions: list[permissions.Available]
    read_only_reason: str | None
    may_edit: bool
    may_comment: bool
    may_name_readers: bool
    restrictions: list[Diffusion]
    may_give_meteo: bool
    reste_a_financer: Decimal | None
    totals: list[tuple[Nature, EtatMontant, Decimal]]
    request: EventView | None = None  # what the région asked for, while it is waited for
    answer: str | None = None  # what the author wrote in reply, while the région reads it
    answer_changes: list[tuple[str, Any, Any]] = field(default_factory=list)


# Whom the fiche waits for.
_WAITING = {
    Etat.BROUILLON: "Ce brouillon n’est pas encore déposé.",
    Etat.DEPOSEE: "La fiche attend que la région la prenne en charge.",
    Etat.EN_INSTRUCTION: "La région instruit la fiche.",
    Etat.A_COMPLETER: "La région a demandé un complément : la réponse du territoire est attendue.",
}
_DIFFUSION_WORDS = {
    Diffusion.PUBLIQUE: "Une fois validée, tout le monde lit ses champs publics.",
    Diffusion.RESEAU: "Une fois validée, tous les comptes du programme la lisent ; le public, non.",
    Diffusion.NOMINATIVE: "L’équipe du territoire, sa région, la délégation et les personnes désignées la lisent.",
    Diffusion.AMONT: "Vous et les personnes désignées une à une, personne d’autre. Elle ne peut pas être déposée ainsi.",
}


def get_page(user: Any, fiche: Fiche) -> FicheView:
    """The view of a fiche somebody may read (queries.fiches.get_fiche), in a constant number of queries."""
    readable = permissions.readable_names(user, fiche)
    internal = permissions.can(user, Action.READ_INTERNAL, fiche)
    events = list_events(fiche)
    may_edit = permissions.can(user, Action.EDIT, fiche)
    read_only = workflow.read_only_reason(fiche) if may_edit else None
    return FicheView(
        fiche=fiche,
        fraicheur=shown_fraicheur(fiche, clock.now()),
        late=is_late(fiche, clock.today()),
        internal=internal,
        waiting=_WAITING.get(Etat(fiche.etat), "") if internal else "",
        diffusion_words=_DIFFUSION_WORDS[Diffusion(fiche.diffusion)],
        sections=[_section(fiche, section, readable, may_edit and not read_only) for section in Section],
        journal=[_event(event, readable, internal) for event in events if internal or event.kind in PUBLIC_EVENTS],
        named_versions=list_versions(fiche) if internal else [],
        transitions=permissions.available_transitions(user, fiche),
        read_only_reason=read_only,
        may_edit=may_edit and not read_only,
        may_comment=permissions.can(user, Action.COMMENT, fiche),
        may_name_readers=_may_name_readers(user, fiche),
        restrictions=_restrictions(user, fiche),
        may_give_meteo=permissions.can(user, Action.GIVE_METEO, fiche),
        reste_a_financer=reste_a_financer(fiche),
        totals=_totals(fiche),
        **(_exchange(fiche, events, readable) if internal and fiche.requested_fields else {}),
    )


def _exchange(fiche: Fiche, events: list[Event], readable: set[str]) -> dict[str, Any]:
    """The last « demander un complément » and what the territoire did about it."""
    asked = next((event for event in events if event.kind == Action.ASK_MORE), None)
    replied = next((event for event in events if event.kind in {Action.ANSWER, Action.ASK_MORE}), None)
    waiting = fiche.etat == Etat.A_COMPLETER
    return {
        "request": _event(asked, readable, True) if asked and waiting else None,
        "answer": replied.motif if replied and replied.kind == Action.ANSWER else None,
        "answer_changes": visible_changes(changes_since_request(fiche, events), readable - {"meteo_region"}),
    }


def _section(fiche: Fiche, section: Section, readable: set[str], may_edit: bool) -> SectionView:
    values = [(one, _shown(fiche, one)) for one in fields_of(section) if one.name in readable and _matters(one, fiche)]
    rows = [(one, versions.value_of(fiche, one.name)) for one in rows_of(section) if one.name in readable]
    if section == Section.DOCUMENTS and "documents" not in readable:
        published = [row for row in versions.value_of(fiche, "documents") if row["publie"]]
        rows = [(ROWS_BY_NAME["documents"], published)] if published else []
    requested = [name for name in fiche.requested_fields if name in readable]
    return SectionView(section, values, rows, may_edit, requested)


def _shown(fiche: Fiche, one: Field) -> Any:
    if one.name == "territoire":
        return fiche.territoire.nom
    if one.name == "territoires_associes":
        return [territoire.nom for territoire in fiche.territoires_associes]
    if one.name == "lieux":
        return [lieu.label for lieu in lieux.list_lieux(fiche.lieux)]
    return versions.value_of(fiche, one.name)


def _matters(one: Field, fiche: Fiche) -> bool:
    """A field asked only of some fiches is shown for those, or once it is filled in."""
    condition = one.only_if
    applies = condition is None or getattr(fiche, condition[0]) == condition[1]
    return applies or not versions.is_empty(versions.value_of(fiche, one.name))


def _event(event: Event, readable: set[str], internal: bool) -> EventView:
    return EventView(
        event=event,
        changes=visible_changes(event.changes, readable) if internal else [],
        actor=(event.actor.nom if event.actor else "FicheTrack") if internal else "",
        motif=event.motif if internal else None,
        champs=[name for name in event.details.get("champs", []) if name in readable] if internal else [],
        via="" if event.source in {Source.PAGE, Source.DEMO} else Source(event.source).label,
    )


def visible_changes(changes: list[Any], readable: set[str]) -> list[tuple[str, Any, Any]]:
    """The changes of the fields and rows this reader may read."""
    return [(name, before, after) for name, before, after in changes if name in readable]


def _may_name_readers(user: Any, fiche: Fiche) -> bool:
    named_classes = {Diffusion.AMONT, Diffusion.NOMINATIVE}
    return fiche.diffusion in named_classes and permissions.can(user, Action.NAME_READER, fiche)


def _restrictions(user: Any, fiche: Fiche) -> list[Diffusion]:
    return permissions.restrictions_of(fiche) if permissions.can(user, Action.RESTRICT, fiche) else []


def _totals(fiche: Fiche) -> list[tuple[Nature, EtatMontant, Decimal]]:
    """The plan by kind, never summed across kinds: these totals are public, the lines are not."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in fiche.financements:
        sums[line.nature, line.etat_montant] += line.montant
    return [(n, e, sums[n, e]) for n in Nature for e in EtatMontant if (n, e) in sums]


@dataclass(frozen=True)
class ListRow:
    """A fiche in a list, with what is computed about it."""

    fiche: Fiche
    fraicheur: Fraicheur | None
    late: bool
    show_diffusion: bool


def list_rows(fiches: list[Fiche]) -> list[ListRow]:
    """Fiches loaded by queries.fiches, ready to be listed."""
    now, day = clock.now(), clock.today()
    return [
        ListRow(one, shown_fraicheur(one, now), is_late(one, day), one.diffusion != Diffusion.PUBLIQUE)
        for one in fiches
    ]


def form_values(fiche: Fiche, section: Section) -> dict[str, Any]:
    """The plain values a section's form starts from; places and territoires by name, as somebody would type them."""
    values = versions.section_values(fiche, section)
    if "lieux" in values:
        values["lieux"] = [lieu.label for lieu in lieux.list_lieux(fiche.lieux)]
    if "territoires_associes" in values:
        values["territoires_associes"] = [territoire.nom for territoire in fiche.territoires_associes]
    return values


def engaged_names(fiche: Fiche) -> set[str]:
    """The fields a validated fiche may only change by avenant (but for the tolerances of the workflow)."""
    return {one.name for one in FIELDS if one.substantial} if fiche.etat == Etat.VALIDEE else set()


def autosaves(fiche: Fiche) -> bool:
    """Drafts and fiches sent back save themselves; a validated one only when its author says so."""
    return fiche.etat in {Etat.BROUILLON, Etat.A_COMPLETER}
