"""Going back in time: what an edit changed, and the content as it was before. Lists are replaced, never changed in place."""

from __future__ import annotations

from typing import Any

from fichetrack.demo.fiches import Content
from fichetrack.demo.lives import CLOSING, COMPLETION, DRAFT, Step
from fichetrack.demo.scene import Scene
from fichetrack.fields import BY_NAME, Section, fields_of, section_of
from fichetrack.vocabulary import METEO_NEEDS_HELP, Action, Avancement, Diffusion, EtatMontant, EventKind, Meteo

Change = list[Any]

_WRITTEN_LATER = {
    Section.OBJECTIFS: (
        "resultats_attendus",
        "emplois_a_creer",
        "emplois_a_maintenir",
        "emplois_source",
        "indicateurs",
    ),
    Section.CALENDRIER: ("date_debut", "date_fin", "jalons"),
    Section.MOYENS: ("cout_total", "investissement_prive", "financements"),
    Section.ACTEURS: ("maitre_ouvrage", "maitre_ouvrage_siret", "partenaires"),
    Section.IDENTITE: (
        "transition_ecologique",
        "transition_justification",
        "norme_visee",
        "proposition_simplification",
    ),
}


def as_of(state: Content, step: Step) -> Content:
    """The content without what happened after the day of a step."""
    until = step.day.isoformat()
    state["jalons"] = [{**row, "fait_le": _until(row["fait_le"], until)} for row in state["jalons"]]
    state["mesures"] = [row for row in state["mesures"] if row["date"] <= until]
    state["notes"] = [row for row in state["notes"] if row["date"] <= until]
    state["sollicitations"] = [
        {**row, "accusee_le": _until(row["accusee_le"], until)} | _answer_until(row, until)
        for row in state["sollicitations"]
        if row["demandee_le"] <= until
    ]
    state["financements"] = [_promise_until(row, until) for row in state["financements"]]
    if _until(state["referent_verifie_le"], until) is None:
        state["referent_verifie_le"] = None
    if step.kind not in {Action.CLOSE, Action.EXPEL, Action.ARCHIVE}:
        state["motif_cloture"] = None
    return state


def _until(value: str | None, until: str) -> str | None:
    return value if value and value <= until else None


def _answer_until(row: dict[str, Any], until: str) -> dict[str, Any]:
    answered = _until(row["repondue_le"], until)
    return {
        "repondue_le": answered,
        "issue": row["issue"] if answered else None,
        "motif_refus": row["motif_refus"] if answered else None,
    }


def _promise_until(row: dict[str, Any], until: str) -> dict[str, Any]:
    if row["date"] is None or row["date"] <= until:
        return row
    return {**row, "etat_montant": EtatMontant.ENVISAGE.value, "date": None, "justificatif": None}


def rewind(scene: Scene, step: Step, state: Content, pointed: list[str]) -> tuple[str | None, list[Change]]:
    """What a step changed; `state` goes back to what it was before."""
    if step.kind == Action.CREATE:
        return None, [
            [name, None, value]
            for name, value in state.items()
            if value not in (None, False, [], "") and not (name in BY_NAME and BY_NAME[name].personal)
        ]
    if step.kind == EventKind.RESTRICT:
        before = Diffusion.PUBLIQUE if state["diffusion"] == Diffusion.RESEAU else Diffusion.RESEAU
        return Section.IDENTITE.value, _change(state, {"diffusion": before.value})
    if step.kind != EventKind.EDIT:
        return None, []
    if step.phase == DRAFT:
        return _rewind_draft(scene, state)
    if step.phase == COMPLETION:
        return _rewind_completion(state, pointed)
    if step.phase == CLOSING:
        closing = {f.name: None for f in fields_of(Section.CLOTURE) if f.name != "motif_cloture"}
        changes = _change(state, closing)
        state["avancement"] = Avancement.EN_COURS.value
        return Section.CLOTURE.value, changes
    return _rewind_update(scene, step, state)


def _change(state: Content, before: dict[str, Any]) -> list[Change]:
    changes = [[name, value, state[name]] for name, value in before.items() if state[name] != value]
    state |= before
    return changes


def _rewind_draft(scene: Scene, state: Content) -> tuple[str, list[Change]]:
    """A section that was still empty before this edit; at least the title was looser."""
    filled = [
        section for section, names in _WRITTEN_LATER.items() if any(state[name] not in (None, []) for name in names)
    ]
    if not filled:
        return Section.IDENTITE.value, _change(state, {"intitule": f"Projet : {state['intitule']}"[:200]})
    section = scene.rng.choice(filled)
    return section.value, _change(state, {name: _blank(state[name]) for name in _WRITTEN_LATER[section]})


def _rewind_completion(state: Content, pointed: list[str]) -> tuple[str, list[Change]]:
    """The author filled in one of the fields pointed at."""
    name = next((name for name in pointed if state[name] not in (None, [])), None)
    if name is None:
        return Section.IDENTITE.value, _change(state, {"resume": _shorter(state["resume"])})
    return section_of(name).value, _change(state, {name: _blank(state[name])})


def _blank(value: Any) -> Any:
    return [] if isinstance(value, list) else None


def _rewind_update(scene: Scene, step: Step, state: Content) -> tuple[str, list[Change]]:
    """Once validated: a note, a step forward, another météo, or a jalon reached."""
    before: dict[str, Any] = {}
    if state["notes"] and state["notes"][-1]["date"] == step.day.isoformat():
        before["notes"] = state["notes"][:-1]
    stages = [stage.value for stage in Avancement]
    place = stages.index(state["avancement"])
    if place > 1 and scene.rng.random() < 0.5:
        before["avancement"] = stages[place - 1]
    if scene.rng.random() < 0.3:
        before |= _other_meteo(scene, state)
    if before:
        return Section.SUIVI.value, _change(state, before)
    done = [row for row in state["jalons"] if row["fait_le"]]
    if done:
        latest = max(done, key=lambda row: row["fait_le"])
        undone = [{**row, "fait_le": None} if row is latest else row for row in state["jalons"]]
        return Section.CALENDRIER.value, _change(state, {"jalons": undone})
    return Section.IDENTITE.value, _change(state, {"resume": _shorter(state["resume"])})


def _other_meteo(scene: Scene, state: Content) -> dict[str, Any]:
    if state["meteo"] in METEO_NEEDS_HELP:
        return {"meteo": Meteo.COUVERT.value, "frein": None, "appui_demande_a": None}
    return {"meteo": (Meteo.SOLEIL if state["meteo"] == Meteo.COUVERT else Meteo.COUVERT).value}


def _shorter(text: str | None) -> str | None:
    """An earlier, briefer wording: without its last clause."""
    return text.rsplit(",", 1)[0].rstrip(" .") + "." if text and "," in text else f"{text} (à préciser)"
