"""The life of a fiche: TRANSITIONS, one declarative table, and its guards. Pure: no database, no rights.

A guard takes the fiche and the answers typed (None when only showing what is missing) and returns what is missing; the same
list refuses on the server and shows on the page. A row runs no effect: services.fiches does, reading the row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from fichetrack.errors import TransitionRefused
from fichetrack.fields import BY_NAME, ITEMS, Gate, label_of, section_of
from fichetrack.versions import Change, is_empty, value_of
from fichetrack.vocabulary import METEO_NEEDS_HELP, Action, Diffusion, Etat, MotifCloture

DATE_FIN_TOLERANCE = timedelta(days=183)
COUT_TOLERANCE = Decimal("0.20")
ARCHIVE_AFTER = timedelta(days=730)


@dataclass(frozen=True)
class Missing:
    """One « il manque… »: the field to fill in (or "" ) and the sentence."""

    field: str
    sentence: str

    @property
    def section(self) -> str:
        return section_of(self.field).value if self.field else ""


Guard = Callable[[Any, dict[str, Any] | None], list[Missing]]


class Clock(StrEnum):
    """What a transition does to the deadline of the present wait; durations are settings of the région."""

    NONE = "none"
    INSTRUCTION = "instruction"  # the région's days start
    COMPLETION = "completion"  # the région's stop, the author's start
    RESUME = "resume"  # the région's go on with what was left


@dataclass(frozen=True)
class Transition:
    action: Action
    froms: frozenset[Etat]
    to: Etat | None  # None: the fiche goes away
    label: str
    guards: tuple[Guard, ...] = ()
    asks: tuple[str, ...] = ()  # answers that must be given: motif, champs
    offers: tuple[str, ...] = ()  # answers that may be given: motif, reponse
    version: str | None = None  # the named version it makes
    clock: Clock = Clock.NONE
    motif_cloture: MotifCloture | None = None
    by_job: bool = False  # never offered to a person
    hint: str = ""


def fields_to_file(fiche: Any, _answers: dict[str, Any] | None = None) -> list[Missing]:
    return _missing(fiche, {Gate.FILE}) + missing_help(fiche)


def fields_to_validate(fiche: Any, _answers: dict[str, Any] | None = None) -> list[Missing]:
    return _missing(fiche, {Gate.FILE, Gate.VALIDATE}) + missing_help(fiche)


def fields_to_close(fiche: Any, _answers: dict[str, Any] | None = None) -> list[Missing]:
    """C complete; the jobs made are asked for where jobs were announced; a result is measured, or one says why not."""
    announced = {"emplois_crees": fiche.emplois_a_creer, "emplois_maintenus": fiche.emplois_a_maintenir}
    missing = [row for row in _missing(fiche, {Gate.CLOSE}) if row.field not in announced or announced[row.field]]
    if not fiche.mesures and is_empty(fiche.resultat_non_mesure):
        missing.append(Missing("resultat_non_mesure", "Il manque un résultat mesuré, ou la raison de son absence."))
    return missing


def diffusion_chosen(fiche: Any, _answers: dict[str, Any] | None = None) -> list[Missing]:
    if fiche.diffusion != Diffusion.AMONT:
        return []
    return [Missing("diffusion", "Une fiche « amont » ne peut pas être déposée : choisissez une autre diffusion.")]


def answered(fiche: Any, answers: dict[str, Any] | None) -> list[Missing]:
    if answers is None or answers.get("reponse") or fiche.requested_changed:
        return []
    pointed = fiche.requested_fields[0] if fiche.requested_fields else ""
    return [Missing(pointed, "Il manque une réponse : modifiez un champ signalé, ou écrivez une réponse.")]


B, DEP, INS, COM = Etat.BROUILLON, Etat.DEPOSEE, Etat.EN_INSTRUCTION, Etat.A_COMPLETER
VAL, NON, RET, CLO, ARC = Etat.VALIDEE, Etat.NON_RETENUE, Etat.RETIREE, Etat.CLOTUREE, Etat.ARCHIVEE


def _row(action: Action, froms: set[Etat], to: Etat | None, **options: Any) -> Transition:
    return Transition(action, frozenset(froms), to, action.label, **options)


TRANSITIONS: tuple[Transition, ...] = (
    _row(
        Action.SUBMIT,
        {B},
        DEP,
        guards=(fields_to_file, diffusion_chosen),
        version="dépôt",
        hint="Elle entre dans la liste de la région ; chaque étape s’inscrira au journal.",
    ),
    _row(
        Action.TAKE_UP,
        {DEP},
        INS,
        clock=Clock.INSTRUCTION,
        hint="Le délai d’instruction commence ; l’auteur saura qui instruit.",
    ),
    _row(
        Action.ASK_MORE,
        {INS},
        COM,
        asks=("motif", "champs"),
        clock=Clock.COMPLETION,
        hint="Le délai de la région s’arrête, celui de l’auteur commence.",
    ),
    _row(
        Action.ANSWER,
        {COM},
        INS,
        guards=(answered,),
        offers=("reponse",),
        clock=Clock.RESUME,
        hint="Modifiez un champ signalé ou écrivez une réponse ; la région verra les différences.",
    ),
    _row(
        Action.VALIDATE,
        {INS},
        VAL,
        guards=(fields_to_validate,),
        offers=("motif",),
        version="validée",
        hint="La fiche est publiée selon sa diffusion.",
    ),
    _row(Action.REJECT, {INS}, NON, asks=("motif",)),
    _row(
        Action.WITHDRAW,
        {DEP, INS, COM},
        RET,
        offers=("motif",),
        hint="Elle quitte la liste de la région. Vous pourrez la rouvrir.",
    ),
    _row(Action.CONFIRM, {VAL}, VAL, hint="Rien n’a changé : la fiche redevient à jour."),
    _row(
        Action.CLOSE,
        {VAL},
        CLO,
        guards=(fields_to_close,),
        offers=("motif",),
        version="clôture",
        motif_cloture=MotifCloture.REALISEE,
        hint="L’action est réalisée. La région peut rouvrir la fiche.",
    ),
    _row(Action.EXPEL, {VAL}, CLO, asks=("motif",), motif_cloture=MotifCloture.HORS_PROGRAMME),
    _row(Action.REOPEN, {CLO, NON, RET}, INS, asks=("motif",), clock=Clock.INSTRUCTION),
    _row(Action.ARCHIVE, {CLO}, ARC, by_job=True),
    _row(Action.DELETE, {B}, None, hint="Le brouillon n’a jamais été déposé : il disparaît pour de bon."),
)

BY_ACTION: dict[Action, Transition] = {row.action: row for row in TRANSITIONS}

EDITABLE = frozenset({B, COM, VAL})
_READ_ONLY_REASONS = {
    DEP: "La fiche est déposée : elle attend que la région la prenne en charge.",
    INS: "La fiche est en instruction : la région peut vous demander un complément.",
    Etat.AVENANT_EN_INSTRUCTION: "Un avenant est en instruction.",
    NON: "La fiche n’a pas été retenue : la région peut la rouvrir.",
    RET: "La fiche est retirée : rouvrez-la pour la modifier.",
    CLO: "La fiche est clôturée : la région peut la rouvrir.",
    ARC: "La fiche est archivée.",
}


def transition_for(fiche: Any, action: Action) -> Transition:
    """The row of an action, allowed from the fiche's état; TransitionRefused in French otherwise."""
    row = BY_ACTION.get(action)
    if row is None or Etat(fiche.etat) not in row.froms:
        raise TransitionRefused(
            f"« {action.label} » n’est pas possible : la fiche est maintenant « {Etat(fiche.etat).label} ». "
            "Relisez-la avant de continuer."
        )
    return row


def check(fiche: Any, row: Transition, answers: dict[str, Any]) -> None:
    """Every guard and every asked answer; TransitionRefused listing all that is missing."""
    missing = missing_for(fiche, row, answers) + [
        Missing("", _ASKED[name]) for name in row.asks if is_empty(answers.get(name))
    ]
    if missing:
        raise TransitionRefused(f"« {row.label} » n’est pas encore possible.", missing)


def missing_for(fiche: Any, row: Transition, answers: dict[str, Any] | None = None) -> list[Missing]:
    """What the guards of a transition still wait for, without repeats."""
    found = [missing for guard in row.guards for missing in guard(fiche, answers)]
    return list(dict.fromkeys(found))


def read_only_reason(fiche: Any) -> str | None:
    """Why the fiche cannot be edited now, or None when it can."""
    return None if Etat(fiche.etat) in EDITABLE else _READ_ONLY_REASONS[Etat(fiche.etat)]


def substantial_changes(changes: list[Change], validated: dict[str, Any]) -> list[str]:
    """The names among `changes` that a validated fiche may only change by avenant, compared with its validated version."""
    return [name for name, _before, after in changes if _is_substantial(name, validated.get(name), after)]


_ASKED = {
    "motif": "Il manque le motif : dites pourquoi, en une phrase que l’auteur puisse suivre.",
    "champs": "Il manque les champs à compléter : cochez-en au moins un.",
}


def _is_substantial(name: str, validated: Any, after: Any) -> bool:
    field = BY_NAME.get(name)
    if field is None or not field.substantial or validated == after:
        return False
    if name == "date_fin" and validated and after:
        return date.fromisoformat(after) > date.fromisoformat(validated) + DATE_FIN_TOLERANCE
    if name == "cout_total" and validated and after and Decimal(validated):
        return abs(Decimal(after) - Decimal(validated)) > COUT_TOLERANCE * Decimal(validated)
    return True


def _missing(fiche: Any, gates: set[Gate]) -> list[Missing]:
    wanted = [item for item in ITEMS if item.gate in gates]
    return [
        Missing(item.name, f"Il manque : {_in_sentence(item.label)}.")
        for item in wanted
        if is_empty(value_of(fiche, item.name)) and _applies(fiche, item)
    ]


def _in_sentence(label: str) -> str:
    """A label after a colon: « Coût total » as « coût total », « SIRET » as it is."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _applies(fiche: Any, item: Any) -> bool:
    condition = getattr(item, "only_if", None)
    return condition is None or getattr(fiche, condition[0]) == condition[1]


def missing_help(fiche: Any) -> list[Missing]:
    """What a nuage or an orage must say: what blocks, and from whom help is asked."""
    if fiche.meteo not in METEO_NEEDS_HELP:
        return []
    names = [name for name in ("frein", "appui_demande_a") if is_empty(getattr(fiche, name))]
    return [Missing(name, f"La météo demande de préciser : {_in_sentence(label_of(name))}.") for name in names]
