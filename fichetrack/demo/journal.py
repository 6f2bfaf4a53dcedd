"""The journal of one fiche: an event for each step of its life, its named versions, and what the workflow remembers.

Written backwards from today's content: each edit says what it changed, then the content goes back to what it was, so
that every « after » is the next « before » and every version holds what the fiche held that day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from fichetrack.demo.fiches import Content, missing_while_waiting
from fichetrack.demo.lives import Step
from fichetrack.demo.phrases import exchanges
from fichetrack.demo.rewinding import Change, as_of, rewind
from fichetrack.demo.scene import Scene
from fichetrack.vocabulary import Action, Etat, EventKind, Role, Source

VERSIONS = {str(Action.SUBMIT): "dépôt", str(Action.VALIDATE): "validée", str(Action.CLOSE): "clôture"}

_REGION = frozenset(
    {Action.TAKE_UP, Action.ASK_MORE, Action.VALIDATE, Action.REJECT, Action.REOPEN, EventKind.RESTRICT}
)
_LED = frozenset({Action.SUBMIT, Action.ANSWER, Action.WITHDRAW, Action.CLOSE})
_FRESHENS = frozenset({Action.CREATE, EventKind.EDIT, Action.VALIDATE, Action.CONFIRM})
_POINTED = (
    "resultats_attendus",
    "cout_total",
    "date_fin",
    "emplois_a_creer",
    "transition_justification",
    "partenaires",
)


@dataclass
class History:
    """Rows of events and versions (no identifier yet), comments, and the fiche's own memory of its life."""

    events: list[dict[str, Any]] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)
    comments: list[dict[str, Any]] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict)


def tell(scene: Scene, content: Content) -> History:
    """The whole history that leads to `content`."""
    history = History()
    actors = [_actor(scene, step) for step in scene.life.steps]
    details: list[dict[str, Any]] = [{} for _ in scene.life.steps]
    pointed = _pointed(scene, content)
    history.memory = _memory(scene, actors, details, pointed)
    state = dict(content)
    for step, actor, detail in reversed(list(zip(scene.life.steps, actors, details, strict=True))):
        state = as_of(state, step)
        if step.kind in VERSIONS:
            history.versions.append({"label": VERSIONS[step.kind], "at": step.at, "content": dict(state)})
        section, changes = rewind(scene, step, state, pointed)
        motif = _motif(scene, step, detail)
        history.events.append(_event(step, actor, section, motif, changes, detail))
        if step.kind == EventKind.COMMENT:
            history.comments.append({"author_id": actor, "at": step.at, "body": _comment(scene, actor)})
    for found in (history.events, history.versions, history.comments):
        found.reverse()
    _number(history.versions)
    return history


def _actor(scene: Scene, step: Step) -> int | None:
    region = scene.place.region_code
    if step.kind == Action.ARCHIVE:
        return None
    if step.kind == Action.EXPEL:
        return scene.cast.holders(Role.DTI, "", step.day)[0].id
    if step.kind in _REGION:
        holders = scene.cast.holders(Role.INSTRUCTEUR_REGION, region, step.day)
        return holders[scene.life.steps[0].at.second % len(holders)].id  # The same person follows the fiche to its end.
    if step.kind in _LED:
        return scene.leader(step.day).id
    if step.kind == EventKind.COMMENT:
        roles = ((Role.INSTRUCTEUR_REGION, region), (Role.ELU_REFERENT, scene.place.slug), (None, ""))
        role, where = scene.rng.choice(roles)
        person = scene.one_of(role, where, step.day) if role else None
        return (person or scene.editor(step.day)).id
    return scene.editor(step.day).id


def _pointed(scene: Scene, content: Content) -> list[str]:
    """The fields « demander un complément » points at: still missing while the answer is awaited."""
    if scene.etat == Etat.A_COMPLETER or scene.life.situation.etat == Etat.RETIREE:
        return missing_while_waiting(content)[:2]
    given = [name for name in _POINTED if content[name]]
    return scene.rng.sample(given, min(len(given), scene.rng.randint(1, 2))) or ["resultats_attendus"]


def _memory(
    scene: Scene, actors: list[int | None], details: list[dict[str, Any]], pointed: list[str]
) -> dict[str, Any]:
    """What the fiche remembers, replaying its steps forwards; fills the events' details on the way."""
    place, steps = scene.place, scene.life.steps
    memory: dict[str, Any] = {
        "created_by_id": actors[0], "created_at": steps[0].at, "updated_at": steps[0].at, "etat_since": steps[0].at,
        "confirmed_at": steps[0].at, "filed_at": None, "validated_at": None, "closed_at": None, "taken_by_id": None,
        "due_on": None, "days_left": None, "requested_fields": [],
    }  # fmt: skip
    for step, actor, detail in zip(steps, actors, details, strict=True):
        if step.kind in _FRESHENS:
            memory["confirmed_at"] = step.at
        if step.kind not in {EventKind.COMMENT, EventKind.RESTRICT}:
            memory["updated_at"] = step.at
        if step.after is None:
            continue
        if step.after != step.before:
            memory["etat_since"] = step.at
        _remember(memory, step, actor)
        _set_deadline(memory, step, place.instruction_days, place.completion_days, pointed)
        if memory["due_on"]:
            detail["due_on"] = memory["due_on"].isoformat()
        if step.kind == Action.ASK_MORE:
            detail["champs"] = pointed
    return memory


def _remember(memory: dict[str, Any], step: Step, actor: int | None) -> None:
    if step.kind == Action.SUBMIT:
        memory["filed_at"] = memory["filed_at"] or step.at
    if step.kind in {Action.TAKE_UP, Action.REOPEN}:
        memory["taken_by_id"] = actor
    if step.kind == Action.VALIDATE:
        memory["validated_at"] = step.at
    if step.kind in {Action.CLOSE, Action.EXPEL}:
        memory["closed_at"] = step.at


def _set_deadline(memory: dict[str, Any], step: Step, instruction: int, completion: int, pointed: list[str]) -> None:
    """As the workflow does: a clock starts, stops or goes on with what was left."""
    due: date | None = memory["due_on"]
    if step.kind == Action.ASK_MORE:
        memory["days_left"] = max((due - step.day).days, 0) if due else instruction
        memory |= {"due_on": step.day + timedelta(days=completion), "requested_fields": pointed}
    elif step.kind == Action.ANSWER:
        memory |= {"due_on": step.day + timedelta(days=memory["days_left"]), "days_left": None}
    elif step.kind in {Action.TAKE_UP, Action.REOPEN}:
        memory |= {"due_on": step.day + timedelta(days=instruction), "days_left": None}
    elif step.kind != Action.CONFIRM:
        memory |= {"due_on": None, "days_left": None, "requested_fields": []}


def _motif(scene: Scene, step: Step, detail: dict[str, Any]) -> str | None:
    known = exchanges()
    if step.kind == Action.ASK_MORE:
        reasons: dict[str, str] = known["ask_more"]
        return reasons[detail["champs"][0]]
    if step.kind not in known:
        return None
    if step.kind == Action.VALIDATE and scene.rng.random() < 0.03:
        detail["stands_in"] = True
        return "La région a donné son accord par écrit ; la délégation enregistre la décision."
    if step.kind in {Action.VALIDATE, Action.ANSWER, Action.CLOSE} and scene.rng.random() < 0.4:
        return None
    return scene.tell(scene.rng.choice(known[step.kind]))


def _comment(scene: Scene, actor: int | None) -> str:
    regional = {m.id for m in scene.cast.members.get((Role.INSTRUCTEUR_REGION.value, scene.place.region_code), [])}
    elected = {m.id for m in scene.cast.members.get((Role.ELU_REFERENT.value, scene.place.slug), [])}
    pool = "comment_region" if actor in regional else "comment_elu" if actor in elected else "comment_territoire"
    return scene.tell(scene.rng.choice(exchanges()[pool]))


def _event(
    step: Step,
    actor: int | None,
    section: str | None,
    motif: str | None,
    changes: list[Change],
    details: dict[str, Any],
) -> dict[str, Any]:
    return {
        "actor_id": actor, "kind": step.kind, "at": step.at, "source": Source.DEMO.value, "section": section,
        "etat_before": step.before, "etat_after": step.after, "motif": motif, "changes": changes, "details": details,
    }  # fmt: skip


def _number(versions: list[dict[str, Any]]) -> None:
    counts: dict[str, int] = {}
    for version in versions:
        counts[version["label"]] = counts.get(version["label"], 0) + 1
        version["label"] = f"{version['label']} {counts[version['label']]}"
