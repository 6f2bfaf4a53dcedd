"""The life of a fiche: every transition of the workflow goes through change_etat; a job archives.

The table (workflow.TRANSITIONS) says what is allowed; here is what a transition does: état, moments, deadline, named version.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from fichetrack import clock, permissions, versions, workflow
from fichetrack.errors import TransitionRefused
from fichetrack.extensions import db
from fichetrack.fields import ITEMS
from fichetrack.models import Fiche, FicheContext, NamedVersion, Territoire
from fichetrack.queries import context
from fichetrack.services._writing import lock, record
from fichetrack.transactions import transaction
from fichetrack.vocabulary import Action, Avancement, Etat, MotifCloture, Source


@transaction
def change_etat(
    user: Any, address: str, action: Action, answers: dict[str, Any] | None = None, source: Source = Source.PAGE
) -> str | None:
    """Any transition of the workflow. Returns the fiche's address, None once a draft is deleted."""
    answers = _known(answers or {})
    fiche = lock(user, address)
    row = workflow.transition_for(fiche, action)
    permissions.require(user, action, fiche)
    stands_in = permissions.acts_in_place_of_region(user, action, fiche)
    if stands_in and versions.is_empty(answers.get("motif")):
        raise TransitionRefused("Vous agissez à la place de la région.", [_MOTIF_OF_DELEGATION])
    workflow.check(fiche, row, answers)
    if row.to is None:
        db.session.delete(fiche)
        return None
    _move(fiche, row, user, answers, source, stands_in)
    return fiche.address


@transaction
def archive_due(user: Any = None) -> int:
    """Archive the fiches closed more than 24 months ago; returns how many. Run by a job: nobody is asked."""
    row = workflow.BY_ACTION[Action.ARCHIVE]
    limit = clock.now() - workflow.ARCHIVE_AFTER
    closed = select(Fiche).where(Fiche.etat == Etat.CLOTUREE, Fiche.closed_at < limit).with_for_update(of=Fiche)
    fiches = list(db.session.scalars(closed))
    for fiche in fiches:
        _move(fiche, row, None, {}, Source.JOB, False)
    return len(fiches)


def _known(answers: dict[str, Any]) -> dict[str, Any]:
    """The answers, with the fields pointed at that exist, each once, in the order of the fiche."""
    pointed = answers.get("champs") or []
    return answers | {"champs": [item.name for item in ITEMS if item.name in pointed]}


_MOTIF_OF_DELEGATION = workflow.Missing("", "Il manque le motif : il sera inscrit au journal avec votre décision.")


def _move(
    fiche: Fiche, row: workflow.Transition, user: Any, answers: dict[str, Any], source: Source, stands_in: bool
) -> None:
    now, before = clock.now(), fiche.etat
    if row.action == Action.SUBMIT and fiche.code is None:
        fiche.code = next_code(fiche)
    fiche.updated_at = now
    fiche.etat = str(row.to)
    if fiche.etat != before:
        fiche.etat_since = now
    _set_moments(fiche, row, user, now)
    changes = _finish(fiche, row)
    _set_deadline(fiche, row, answers)
    if row.version:
        _name_version(fiche, row.version)
    if row.action == Action.SUBMIT:
        _freeze_context(fiche, now)
    record(
        fiche, user, row.action, source,
        motif=answers.get("motif") or answers.get("reponse") or None,
        changes=changes, details=_details(fiche, row, stands_in), etat_before=before, etat_after=fiche.etat,
    )  # fmt: skip


def _details(fiche: Fiche, row: workflow.Transition, stands_in: bool) -> dict[str, Any]:
    details: dict[str, Any] = {"due_on": fiche.due_on.isoformat()} if fiche.due_on else {}
    if row.clock == workflow.Clock.COMPLETION:
        details["champs"] = fiche.requested_fields
    return details | ({"stands_in": True} if stands_in else {})


def _finish(fiche: Fiche, row: workflow.Transition) -> list[list[Any]]:
    """An action closed as done is finished, whatever its author last said of its progress."""
    before = fiche.avancement
    if row.motif_cloture != MotifCloture.REALISEE or before == Avancement.TERMINEE:
        return []
    fiche.avancement = Avancement.TERMINEE.value
    return [["avancement", before, fiche.avancement]]


def _set_moments(fiche: Fiche, row: workflow.Transition, user: Any, now: datetime) -> None:
    if row.action == Action.SUBMIT:
        fiche.filed_at = fiche.filed_at or now
    if row.action in {Action.TAKE_UP, Action.REOPEN}:
        fiche.taken_by_id = user.id
    if row.action == Action.VALIDATE:
        fiche.validated_at = now
    if row.action in {Action.VALIDATE, Action.CONFIRM}:
        fiche.confirmed_at = now
    if row.motif_cloture or row.action == Action.REOPEN:
        fiche.closed_at = now if row.motif_cloture else None
        fiche.motif_cloture = row.motif_cloture.value if row.motif_cloture else None


def _set_deadline(fiche: Fiche, row: workflow.Transition, answers: dict[str, Any]) -> None:
    """A deadline is stored when it starts; the durations are the région's settings."""
    region, today = fiche.territoire.region_instructrice, clock.today()
    if row.clock == workflow.Clock.COMPLETION:
        fiche.days_left = max((fiche.due_on - today).days, 0) if fiche.due_on else region.instruction_days
        fiche.due_on = today + timedelta(days=region.completion_days)
        fiche.requested_fields = answers.get("champs", [])
    elif row.clock == workflow.Clock.RESUME:
        days = region.instruction_days if fiche.days_left is None else fiche.days_left
        fiche.due_on, fiche.days_left = today + timedelta(days=days), None
    elif row.clock == workflow.Clock.INSTRUCTION:
        fiche.due_on, fiche.days_left = today + timedelta(days=region.instruction_days), None
    elif row.action != Action.CONFIRM:
        fiche.due_on = fiche.days_left = None
        fiche.requested_fields = []


def _name_version(fiche: Fiche, stem: str) -> None:
    known = select(func.count()).where(NamedVersion.fiche_id == fiche.id, NamedVersion.label.like(f"{stem} %"))
    number = (db.session.scalar(known) or 0) + 1
    label = f"{stem} {number}"
    db.session.add(NamedVersion(fiche_id=fiche.id, label=label, at=clock.now(), content=versions.snapshot(fiche)))


def _freeze_context(fiche: Fiche, now: datetime) -> None:
    """The figures of the territoire as they are shown at the first filing; filing never waits for a dataset."""
    if db.session.get(FicheContext, fiche.id) is None and (figures := context.list_figures(fiche)):
        db.session.add(FicheContext(fiche_id=fiche.id, at=now, figures=[one.as_dict() for one in figures]))


def next_code(fiche: Fiche) -> str:
    """« TI-slug-year-number », the number taken under the territoire's lock."""
    slug = db.session.scalars(
        select(Territoire.slug).where(Territoire.id == fiche.territoire_id).with_for_update(of=Territoire)
    ).one()
    prefix = f"TI-{slug}-{clock.today().year}-"
    codes = db.session.scalars(select(Fiche.code).where(Fiche.code.startswith(prefix, autoescape=True)))
    numbers = [int(code.removeprefix(prefix)) for code in codes if code and code.removeprefix(prefix).isdigit()]
    return f"{prefix}{max(numbers, default=0) + 1:03d}"
