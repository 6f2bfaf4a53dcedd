"""« Contexte du territoire »: the three or four figures that matter for a fiche, today's beside those of its filing."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fichetrack import clock
from fichetrack.extensions import db
from fichetrack.indicators.catalogue import Indicator
from fichetrack.indicators.quantities import Quantity, State
from fichetrack.models import Fiche, FicheContext
from fichetrack.queries import methods, panels, places
from fichetrack.queries.panels.shapes import Figure, Panel, SourceLine
from fichetrack.queries.releases import Shelf
from fichetrack.vocabulary import Thematique

MOST = 4
GENERAL = ("effectifs", "evolution_5_ans", "specificite", "projets_recrutement")
# For each thématique, the indicators that matter, the most telling first; the general ones complete them.
CHOSEN: dict[str, tuple[str, ...]] = {
    Thematique.COMPETENCES_FORMATION: ("projets_recrutement", "part_difficile", "taux_chomage"),
    Thematique.ATTRACTIVITE_METIERS: ("projets_recrutement", "part_difficile", "taux_chomage"),
    Thematique.FONCIER_IMMOBILIER: ("terrain_disponible", "zae_surface", "zae_vacance"),
    Thematique.FRICHES: ("friches_nombre", "friches_surface", "friches_potentielles"),
    Thematique.MOBILITE: ("mobilite.part_stables", "mobilite.residents", "mobilite.emplois"),
    Thematique.LOGEMENT_ACCUEIL: ("mobilite.part_stables", "mobilite.residents", "taux_chomage"),
    Thematique.FILIERES_RESEAUX: ("specificite", "etablissements", "effectifs"),
    Thematique.INDUSTRIE_NUMERIQUE: ("specificite", "effectifs", "part_difficile"),
    Thematique.FINANCEMENT: ("financements.projets", "effectifs"),
}


@dataclass(frozen=True)
class Held:
    """A figure as it was, or is: enough to be read alone."""

    indicator: str
    label: str
    quantity: Quantity
    unit: str
    digits: int
    millesime: str
    panel: str
    is_fictitious: bool = False
    source: SourceLine | None = field(default=None, compare=False)  # of today's figures: a fiche keeps the millésime

    def as_dict(self) -> dict[str, Any]:
        """As a fiche keeps it."""
        figure = {"value": self.quantity.value, "secrets": self.quantity.secrets, "unknown": self.quantity.unknown}
        return {name: value for name, value in vars(self).items() if name not in {"quantity", "source"}} | figure

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Held:
        rest = {name: value for name, value in kept.items() if name not in {"value", "secrets", "unknown"}}
        return cls(quantity=Quantity(kept["value"], kept["secrets"], kept.get("unknown", 0)), **rest)


@dataclass(frozen=True)
class Line:
    """A figure at filing and today; either may be missing."""

    filed: Held | None
    now: Held | None

    @property
    def shown(self) -> Held:
        one = self.now or self.filed
        if one is None:
            raise ValueError("a line holds a figure")
        return one

    @property
    def indicator(self) -> Indicator | None:
        """Its row of the catalogue; None for a figure that is no longer computed."""
        return methods.get_indicator(self.shown.indicator)

    @property
    def is_unchanged(self) -> bool:
        """Whether today's figure is that of the filing: the same value of the same thing, of the same millésime."""
        if self.filed is None or self.now is None:
            return False
        one, other = self.filed, self.now
        return (one.quantity, one.millesime, one.label) == (other.quantity, other.millesime, other.label)

    @property
    def filed_label(self) -> str:
        """What the figure of the filing spoke of, when today's speaks of something else: another sector, another zone."""
        return self.filed.label if self.filed and self.now and self.filed.label != self.now.label else ""


@dataclass(frozen=True)
class Bulles:
    """What the bulles of the lines are written from, as a panel gives it; each line names its source itself."""

    place: Any  # a territoire: its code is that of a place
    lines: Sequence[Line]
    code: str = "contexte"
    sources: Sequence[SourceLine] = ()

    @property
    def indicators(self) -> list[Indicator]:
        return [line.indicator for line in self.lines if line.indicator]

    def source_of(self, indicator: Indicator) -> SourceLine | None:
        """Where today's figure comes from; None for one that is no longer published."""
        return next((line.shown.source for line in self.lines if line.shown.indicator == indicator.code), None)


@dataclass(frozen=True)
class Context:
    """What the side panel of a fiche shows; `filed_at` is None as long as it was never filed."""

    lines: Sequence[Line]
    bulles: Bulles
    filed_at: Any = None

    @property
    def is_fictitious(self) -> bool:
        return any(line.shown.is_fictitious for line in self.lines)


_kept: dict[tuple[str, str, Any, str], list[Held]] = {}
_lock = threading.Lock()


def get_context(fiche: Fiche) -> Context:
    """The context of a fiche: public figures of its territoire, whoever reads."""
    frozen = db.session.get(FicheContext, fiche.id) if fiche.code else None
    filed = {one["indicator"]: Held.from_dict(one) for one in frozen.figures} if frozen else {}
    today = {one.indicator: one for one in list_figures(fiche)}
    codes = list(filed) or list(today)
    lines = [Line(filed.get(code), today.get(code)) for code in codes]
    return Context(lines, Bulles(fiche.territoire, lines), frozen.at if frozen else None)


def list_figures(fiche: Fiche) -> list[Held]:
    """The figures that matter for the thématiques of a fiche, today."""
    return choose(fiche.thematiques, figures_of(fiche.territoire.code))


def choose(thematiques: Sequence[str], figures: Sequence[Held]) -> list[Held]:
    """Among the figures of a territoire, those that matter for these thématiques, then the general ones."""
    held: dict[str, Held] = {}
    for one in figures:
        if one.quantity.state != State.ABSENT:
            held.setdefault(one.indicator, one)  # a panel says the place's own first, then what it is compared with
    wanted = [code for theme in thematiques for code in CHOSEN.get(Thematique(theme), ())]
    codes = dict.fromkeys([*wanted[: MOST + 2], *GENERAL])
    return [held[code] for code in codes if code in held][:MOST]


def figures_of(code: str) -> list[Held]:
    """Every key figure of a territoire as a visitor reads it; kept until a dataset or the day changes."""
    shelf = Shelf()
    key = (code, shelf.signature, clock.today(), str(db.engine.url))
    with _lock:
        if key in _kept:
            return _kept[key]
    place = places.get_place(code)
    shown = panels.get_panels(None, place, {}) if place else []
    figures = [hold(panel, figure) for panel in shown for figure in panel.figures]
    if any(panel.missing == panels.UNREADABLE for panel in shown):
        return figures  # tried again next time: the tables may be back
    with _lock:
        if len(_kept) > 400:
            _kept.clear()
        _kept[key] = figures
    return figures


def hold(panel: Panel, figure: Figure) -> Held:
    """A figure of a panel, as a fiche holds it."""
    one = figure.indicator
    return Held(
        one.code,
        figure.shown_label,
        figure.quantity,
        one.unit,
        one.digits,
        figure.millesime,
        panel.code,
        panel.is_fictitious,
        panel.source_of(one),
    )
