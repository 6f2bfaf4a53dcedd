"""The life of each fiche: which états it went through, and when.

Planned forwards from its situation, dated backwards from today; no content here (fiches.py), no event yet (journal.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from fichetrack.clock import PARIS
from fichetrack.vocabulary import Action, Etat, EventKind, MotifCloture

LONGEST_LIFE = timedelta(days=1090)
LONGEST_ARCHIVED_LIFE = timedelta(days=1450)  # It was closed more than two years ago, and lived before that.
ARCHIVE_AFTER_DAYS = 736
_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)})


@dataclass(frozen=True)
class Situation:
    """Where a fiche has come to. `age` is how many days ago its last step was."""

    name: str
    etat: Etat
    age: tuple[int, int]
    count: int  # how many of them in sixty fiches
    motif: MotifCloture | None = None


SITUATIONS: tuple[Situation, ...] = (
    Situation("brouillon", Etat.BROUILLON, (1, 60), 5),
    Situation("brouillon_dormant", Etat.BROUILLON, (110, 260), 1),
    Situation("amont", Etat.BROUILLON, (2, 70), 2),
    Situation("deposee", Etat.DEPOSEE, (1, 24), 3),
    Situation("deposee_en_attente", Etat.DEPOSEE, (30, 55), 1),
    Situation("en_instruction", Etat.EN_INSTRUCTION, (2, 26), 3),
    Situation("instruction_longue", Etat.EN_INSTRUCTION, (34, 60), 1),
    Situation("rouverte", Etat.EN_INSTRUCTION, (3, 25), 1),
    Situation("a_completer", Etat.A_COMPLETER, (2, 25), 3),
    Situation("complement_en_retard", Etat.A_COMPLETER, (35, 70), 1),
    Situation("validee_a_jour", Etat.VALIDEE, (2, 82), 12),
    Situation("validee_a_confirmer", Etat.VALIDEE, (95, 174), 8),
    Situation("validee_perimee", Etat.VALIDEE, (186, 400), 5),
    Situation("non_retenue", Etat.NON_RETENUE, (10, 500), 2),
    Situation("retiree", Etat.RETIREE, (10, 500), 2),
    Situation("realisee", Etat.CLOTUREE, (8, 640), 7, MotifCloture.REALISEE),
    Situation("hors_programme", Etat.CLOTUREE, (20, 600), 1, MotifCloture.HORS_PROGRAMME),
    Situation("archivee", Etat.ARCHIVEE, (2, 150), 2, MotifCloture.REALISEE),
)

DRAFT, COMPLETION, LIFE, CLOSING = "draft", "completion", "life", "closing"

# Days since the step before, by step (phase first when the same act takes another pace).
_GAPS: dict[str, tuple[int, int]] = {
    f"{EventKind.EDIT}/{DRAFT}": (1, 18),
    f"{EventKind.EDIT}/{COMPLETION}": (3, 22),
    f"{EventKind.EDIT}/{LIFE}": (25, 80),
    f"{EventKind.EDIT}/{CLOSING}": (60, 170),
    f"{EventKind.COMMENT}": (1, 9),
    f"{EventKind.RESTRICT}": (3, 30),
    f"{Action.SUBMIT}": (2, 25),
    f"{Action.TAKE_UP}": (1, 12),
    f"{Action.ASK_MORE}": (4, 18),
    f"{Action.ANSWER}": (0, 2),
    f"{Action.VALIDATE}": (6, 26),
    f"{Action.REJECT}": (9, 28),
    f"{Action.WITHDRAW}": (5, 40),
    f"{Action.CONFIRM}": (35, 88),
    f"{Action.CLOSE}": (0, 6),
    f"{Action.EXPEL}": (30, 150),
    f"{Action.REOPEN}": (15, 60),
    f"{Action.ARCHIVE}": (ARCHIVE_AFTER_DAYS, ARCHIVE_AFTER_DAYS + 2),
}
_AFTER: dict[str, Etat] = {
    Action.SUBMIT: Etat.DEPOSEE,
    Action.TAKE_UP: Etat.EN_INSTRUCTION,
    Action.ASK_MORE: Etat.A_COMPLETER,
    Action.ANSWER: Etat.EN_INSTRUCTION,
    Action.VALIDATE: Etat.VALIDEE,
    Action.REJECT: Etat.NON_RETENUE,
    Action.WITHDRAW: Etat.RETIREE,
    Action.CONFIRM: Etat.VALIDEE,
    Action.CLOSE: Etat.CLOTUREE,
    Action.EXPEL: Etat.CLOTUREE,
    Action.REOPEN: Etat.EN_INSTRUCTION,
    Action.ARCHIVE: Etat.ARCHIVEE,
}


@dataclass(frozen=True)
class Step:
    kind: str
    phase: str
    at: datetime
    before: str | None = None
    after: str | None = None

    @property
    def day(self) -> date:
        return self.at.astimezone(PARIS).date()


@dataclass(frozen=True)
class Life:
    """A situation and the dated steps that led to it."""

    situation: Situation
    steps: tuple[Step, ...]
    by_kind: dict[str, list[Step]] = field(default_factory=dict)

    def first(self, kind: str) -> Step | None:
        return next(iter(self.by_kind.get(kind, [])), None)

    def last(self, kind: str) -> Step | None:
        return next(iter(reversed(self.by_kind.get(kind, []))), None)

    def life_edits(self) -> list[Step]:
        """The updates made once validated."""
        return [step for step in self.by_kind.get(EventKind.EDIT, []) if step.phase == LIFE]


def deal(count: int, rng: Random) -> list[Situation]:
    """Situations for `count` fiches: sixty hold them all, in a random order."""
    deck = [situation for situation in SITUATIONS for _ in range(situation.count)]
    dealt: list[Situation] = []
    while len(dealt) < count:
        rng.shuffle(deck)
        dealt += deck
    return dealt[:count]


def plan(situation: Situation, today: date, rng: Random) -> Life:
    """The dated steps of a life; none is later than yesterday."""
    path = _PATHS[situation.name](rng)
    gaps = [0] + [rng.randint(*_gap(kind, phase)) for kind, phase in path[1:]]
    age = rng.randint(*situation.age)
    longest = LONGEST_ARCHIVED_LIFE if situation.etat == Etat.ARCHIVEE else LONGEST_LIFE
    while timedelta(days=age + sum(gaps)) > longest and (LIFE in (phase for _, phase in path)):
        index = next(index for index, (_, phase) in enumerate(path) if phase == LIFE)
        del path[index], gaps[index]
    start = today - timedelta(days=age + sum(gaps))
    steps = _dated(path, gaps, start, rng)
    steps += _afterword(situation, steps[-1], today, rng)
    steps = _with_etats(steps)
    by_kind: dict[str, list[Step]] = {}
    for step in steps:
        by_kind.setdefault(step.kind, []).append(step)
    return Life(situation, tuple(steps), by_kind)


Path = list[tuple[str, str]]


def _draft(rng: Random) -> Path:
    return [(Action.CREATE, DRAFT)] + [(EventKind.EDIT, DRAFT)] * rng.randint(1, 3)


def _filed(rng: Random) -> Path:
    return [*_draft(rng), (Action.SUBMIT, "")]


def _taken(rng: Random) -> Path:
    comment = [(EventKind.COMMENT, "")] if rng.random() < 0.2 else []
    return [*_filed(rng), (Action.TAKE_UP, ""), *comment]


def _asked(rng: Random) -> Path:
    return [*_taken(rng), (Action.ASK_MORE, "")]


def _answered(rng: Random) -> Path:
    return [*_asked(rng), (EventKind.EDIT, COMPLETION), (Action.ANSWER, "")]


def _instructed(rng: Random) -> Path:
    return _answered(rng) if rng.random() < 0.4 else _taken(rng)


def _reopened(rng: Random) -> Path:
    return [*_instructed(rng), (Action.REJECT, ""), (Action.REOPEN, "")]


def _validated(rng: Random) -> Path:
    before = _reopened(rng) if rng.random() < 0.04 else _instructed(rng)
    return [*before, (Action.VALIDATE, "")]


def _lived(fewest: int, most: int) -> Callable[[Random], Path]:
    """Validated, then updated or confirmed a few times."""

    def path(rng: Random) -> Path:
        restricted = [(EventKind.RESTRICT, "")] if rng.random() < 0.05 else []
        kinds = rng.choices((EventKind.EDIT, Action.CONFIRM, EventKind.COMMENT), (5, 4, 2), k=rng.randint(fewest, most))
        if kinds and kinds[-1] == EventKind.COMMENT:
            kinds[-1] = Action.CONFIRM  # The last sign of life is what freshness is counted from.
        return [*_validated(rng), *restricted, *((kind, LIFE) for kind in kinds)]

    return path


def _closed(fewest: int, most: int) -> Callable[[Random], Path]:
    """Lived, then closed once its results were written down."""
    return lambda rng: [*_lived(fewest, most)(rng), (EventKind.EDIT, CLOSING), (Action.CLOSE, "")]


_PATHS: dict[str, Callable[[Random], Path]] = {
    "brouillon": lambda rng: _draft(rng)[: rng.randint(1, 4)],
    "brouillon_dormant": _draft,
    "amont": _draft,
    "deposee": _filed,
    "deposee_en_attente": _filed,
    "en_instruction": _instructed,
    "instruction_longue": _taken,
    "rouverte": _reopened,
    "a_completer": _asked,
    "complement_en_retard": _asked,
    "validee_a_jour": _lived(0, 7),
    "validee_a_confirmer": _lived(0, 5),
    "validee_perimee": _lived(0, 3),
    "non_retenue": lambda rng: [*_instructed(rng), (Action.REJECT, "")],
    "retiree": lambda rng: [*rng.choice((_filed, _taken, _asked))(rng), (Action.WITHDRAW, "")],
    "realisee": _closed(2, 5),
    "hors_programme": lambda rng: [*_lived(1, 3)(rng), (Action.EXPEL, "")],
    "archivee": lambda rng: [*_closed(1, 2)(rng), (Action.ARCHIVE, "")],
}


def _gap(kind: str, phase: str) -> tuple[int, int]:
    return _GAPS.get(f"{kind}/{phase}") or _GAPS[f"{kind}"]


def _dated(path: Path, gaps: list[int], start: date, rng: Random) -> list[Step]:
    """Give each step a moment of a working day, later than the one before."""
    steps: list[Step] = []
    day = start
    for (kind, phase), gap in zip(path, gaps, strict=True):
        day += timedelta(days=gap)
        at = _moment(day, rng)
        if steps and at <= steps[-1].at:
            at = steps[-1].at + timedelta(minutes=rng.randint(3, 50))
        steps.append(Step(str(kind), phase, at))
    return steps


def _moment(day: date, rng: Random) -> datetime:
    worked = day
    while worked.weekday() > 4 or (worked.month, worked.day) in _HOLIDAYS:
        worked -= timedelta(days=1)
    moment = time(rng.randint(8, 17), rng.randint(0, 59), rng.randint(0, 59))
    return datetime.combine(worked, moment, PARIS).astimezone(UTC)


def _afterword(situation: Situation, last: Step, today: date, rng: Random) -> list[Step]:
    """Sometimes a comment since: it changes neither the état nor the freshness."""
    age = (today - last.day).days
    if situation.etat in {Etat.BROUILLON, Etat.ARCHIVEE} or age < 4 or rng.random() > 0.25:
        return []
    at = _moment(today - timedelta(days=rng.randint(1, min(age - 3, 45))), rng)
    return [Step(str(EventKind.COMMENT), LIFE, at)] if at > last.at else []


def _with_etats(steps: list[Step]) -> list[Step]:
    """Transitions carry the états they leave and reach; other events carry none."""
    etat, told = str(Etat.BROUILLON), []
    for step in steps:
        if step.kind in _AFTER:
            after = str(_AFTER[step.kind])
            step, etat = replace(step, before=etat, after=after), after
        told.append(step)
    return told
