"""Two to four places side by side: the same figures of each panel, and where they differ, in words.

The rules are here and in `differences`: what is compared (COMPARED), which lines come first (RULE and `gap`), what is told
apart (APART), when a line that a place lacks is a zero (Compared.counted).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fichetrack.indicators.catalogue import Indicator
from fichetrack.indicators.quantities import Quantity, State
from fichetrack.queries import panels, territoires
from fichetrack.queries.differences import AS_THEY_ARE, FEW, Line, counted_line, gap, line, unit_of, wholes_of
from fichetrack.queries.panels import references
from fichetrack.queries.panels.shapes import Column, Figure, Grid, Panel
from fichetrack.queries.places import FRANCE, Place, get_place, search_places
from fichetrack.queries.releases import Shelf
from fichetrack.vocabulary import PlaceKind

MOST = 4
FIRST = 10  # lines of a grid at once
ROWS = 60  # and behind « les autres lignes »; panels have them all
RATES = frozenset({"taux_chomage", "evolution_chomage"})  # a place has that of each of its zones
RULE = (
    f"Au-delà de {FIRST} lignes, les {FIRST} premières sont celles où l’écart entre le territoire le plus haut et le plus bas "
    "est le plus grand. Les lignes d’un tableau de nombres (projets, sites) se comparent par leur part dans le total du "
    "territoire, dite « part la plus forte », pour que la taille ne décide pas. Ce total additionne les mêmes lignes pour "
    "chacun, sans celles qui sont tout à fait secrètes ou inconnues quelque part. Le mot ne se dit pas de moins de "
    f"{FEW}. Ces mots se disent à partir d’un quart d’écart, et seulement quand, sur la ligne, ni un "
    "secret ni un minimum (« au moins ») ne peut les démentir."
)


@dataclass(frozen=True)
class Compared:
    """The grid and the column of a panel that mean the same everywhere; other grids list things of one place.

    counted: the dataset lists what there is, so that a line a covered place lacks is a zero: a sector without jobs, a
    métier nobody recruits (the published totals leave nothing to rows that are not there), a status without a site.
    """

    grid: str
    column: str
    counted: bool = False


COMPARED = {
    "specificite": Compared("secteurs", "indice", counted=True),
    "metiers": Compared("metiers", "xmet", counted=True),
    "foncier": Compared("statuts", "nombre", counted=True),
    "zonages": Compared("programmes", "part_population"),
    "mobilite": Compared("profil", "part"),
}
# Figures whose label names a thing of one place: its first zone, its most specific sector. Others share their label.
NAMED = frozenset({"specificite", "specificite_reste", "taux_chomage", "evolution_chomage"})
# A figure that a place lacks is a zero when this other one counts everything: no amount of this kind among its projects.
COUNTED_FIGURES = {"financements.montants": "financements.projets"}


@dataclass(frozen=True)
class Block:
    """A panel compared: what is said of it once, key figures, then the lines of one grid.

    common: sentences true of every place; own: (names of places, text) for the rest.   lines: those that differ most,
    rest: the others, the first of them; left_out: how many more there are.
    """

    panels: tuple[Panel, ...]
    common: str = ""
    own: tuple[tuple[str, str], ...] = ()
    figures: tuple[Line, ...] = ()
    grid: Grid | None = None
    column: Column | None = None
    lines: tuple[Line, ...] = ()
    rest: tuple[Line, ...] = ()
    left_out: int = 0

    @property
    def shown(self) -> Panel:
        """What stands at the foot: the sources of every place, the bulles of what is compared alone."""
        held = [panel for panel in self.panels if not panel.missing]
        if not held:
            return self.panels[0]
        sources = {line.sentence: line for panel in held for line in panel.sources}
        columns = [self.column] if self.column else []
        grids = [replace(self.grid, columns=columns, rows=())] if self.grid else []
        figures = [figure for panel in held for figure in panel.figures]
        return held[0].holding(sources=list(sources.values()), grids=grids, figures=figures)


def find_places(user: Any, text: str) -> list[Place]:
    """The places a typed text may mean: the one with this code (« ti-ales », « 30 »), else all whose name holds its words."""
    for code in (text.lower(), text, f"dep-{text.upper()}"):
        if found := get_place(code):
            return [found]
    named = [Place(one.code, PlaceKind.TI, one.nom) for one in territoires.list_territoires(text)]
    return [*named, *search_places(user, text)]


def common_settings(places: Sequence[Place], args: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """The settings that mean the same for every place, and what is to be said of one that does not.

    An index against a région and one against France are not comparable: a reference that some place lacks is left out, and
    France is everybody's.
    """
    asked = args.get("reference", FRANCE)
    without = [place.nom for place in places if asked != FRANCE and not references.is_reference(asked, place)]
    if not without:
        return dict(args), ""
    kept = {name: text for name, text in args.items() if name != "reference"}
    return (
        kept,
        f"La référence demandée ne vaut pas pour tous ({', '.join(without)}) : ici, la référence de chacun est la France.",
    )


def read(user: Any, places: Sequence[Place], args: Mapping[str, str], shelf: Shelf) -> list[tuple[Panel, ...]]:
    """Every panel, as many times as there are places, with the same options."""
    settings, _said_of_it = common_settings(places, args)
    by_place = [panels.get_panels(user, place, settings, shelf) for place in places]
    return list(zip(*by_place, strict=True))


def compare(same_panels: Sequence[tuple[Panel, ...]]) -> list[Block]:
    """What `read` gave, side by side."""
    return [_block(same) for same in same_panels]


def list_parts(block: Block) -> list[Panel]:
    """What a block shows of each place, as a panel of its own: what goes out is what is seen."""
    if block.grid is None or block.column is None:
        return [panel.holding(grids=[]) for panel in block.panels]
    first, shown = block.grid.columns[0], (*block.lines, *block.rest)
    kept = (
        f"Les {len(shown)} lignes où l’écart est le plus grand ; chaque territoire a les autres."
        if block.left_out
        else ""
    )
    told = replace(block.grid, columns=(first, block.column), note=" ".join(filter(None, (block.grid.note, kept))))
    rows = [
        [{first.key: one.label, block.column.key: one.cells[rank].quantity} for one in shown]
        for rank in range(len(block.panels))
    ]
    return [
        panel.holding(grids=[] if panel.missing else [replace(told, rows=held)])
        for panel, held in zip(block.panels, rows, strict=True)
    ]


def _block(same: tuple[Panel, ...]) -> Block:
    shown = [panel for panel in same if not panel.missing]
    common, own = _said(same)
    if not shown:
        return Block(same, common, own)
    grid, column = _compared(shown)
    lines = _lines(same, grid, column) if grid and column else []
    first, rest = lines[:FIRST], lines[FIRST:ROWS]
    return Block(
        same, common, own, tuple(_figures(same)), grid, column, tuple(first), tuple(rest), max(0, len(lines) - ROWS)
    )


def _said(same: tuple[Panel, ...]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """(sentences of every place, (names, what is said of these alone)): nothing is said twice."""
    pieces = [_sentences(panel) for panel in same]
    common = [one for one in pieces[0] if all(one in others for others in pieces[1:])]
    own: dict[tuple[str, ...], list[str]] = {}
    for text in dict.fromkeys(one for held in pieces for one in held if one not in common):
        names = tuple(panel.place.nom for panel, held in zip(same, pieces, strict=True) if text in held)
        own.setdefault(names, []).append(text)
    return " ".join(common), tuple((", ".join(names), " ".join(texts)) for names, texts in own.items())


def _sentences(panel: Panel) -> list[str]:
    """The sentences of a panel, without the name and the day it begins with: those head the page."""
    if panel.missing:
        return [panel.missing]
    day = f" (périmètre du {panel.place.as_of:%d/%m/%Y})" if panel.place.as_of else ""
    text = panel.sentence.removeprefix(f"{panel.place.nom}{day}, ")
    whole = f"{text[:1].upper()}{text[1:]}".removesuffix(".").split(". ")
    return [*(f"{one}." for one in whole if one), *panel.warnings]


def _figures(same: tuple[Panel, ...]) -> list[Line]:
    """The key figures: one line per label; one that names a thing of its own place says which beside its value."""
    shown = [panel for panel in same if not panel.missing]
    names = {_name(figure): figure.indicator for panel in shown for figure in panel.figures}
    order = list(dict.fromkeys(code for code, _label in names))
    lines = []
    for name, indicator in sorted(names.items(), key=lambda one: order.index(one[0][0])):
        found = [next((one for one in panel.figures if _name(one) == name), None) for panel in same]
        values = [one.quantity if one else _lacked(indicator, panel) for one, panel in zip(found, same, strict=True)]
        told = line(name[1] or indicator.label, indicator, values, [_note(one) for one in found])
        lines.append(_unsaid(told) if any(_is_one_of_several(indicator, panel) for panel in same) else told)
    return lines


def _lacked(indicator: Indicator, panel: Panel) -> Quantity:
    """What a figure that a panel has not is: a zero when everything it could be made of was read, else not known."""
    counted = [one.quantity for one in panel.figures if one.indicator.code == COUNTED_FIGURES.get(indicator.code)]
    return Quantity(0.0) if counted and counted[0].exact is not None else Quantity()


def _is_one_of_several(indicator: Indicator, panel: Panel) -> bool:
    """Whether what is shown of a place is the rate of one of its zones d’emploi: another may say the contrary."""
    zones = {one.named for one in panel.figures if one.indicator.code == "taux_chomage"} - {"France"}
    return indicator.code in RATES and len(zones) > 1


def _unsaid(one: Line) -> Line:
    """The same line without its words."""
    return replace(one, cells=tuple(replace(cell, word="") for cell in one.cells))


def _name(figure: Figure) -> tuple[str, str]:
    if figure.indicator.code not in NAMED:
        return figure.indicator.code, figure.label
    return figure.indicator.code, figure.short_label if figure.named else ""


def _note(figure: Figure | None) -> str:
    if figure is None:
        return ""
    own = (figure.named or figure.label) if figure.indicator.code in NAMED else ""
    return ", ".join(one for one in (own, figure.note) if one)


def _compared(shown: Sequence[Panel]) -> tuple[Grid | None, Column | None]:
    """The grid that is compared, of the first place that has it, and which of its columns."""
    wanted = COMPARED.get(shown[0].code)
    if wanted is None:
        return None, None
    grid = next((one for panel in shown for one in panel.grids if one.code == wanted.grid), None)
    return grid, next((one for one in grid.columns if one.key == wanted.column), None) if grid else None


def _lines(same: tuple[Panel, ...], grid: Grid, column: Column) -> list[Line]:
    """The rows of every place joined by name; when they are many, those that differ most come first."""
    held = [_named_rows(panel, grid, column) for panel in same]
    labels = list(dict.fromkeys(label for rows in held for label in rows))
    table = {label: [_value(rows, label, same[0].code) for rows in held] for label in labels}
    wholes = [None] * len(held) if unit_of(column) in AS_THEY_ARE else wholes_of(list(table.values()))
    lines = [counted_line(label, found, column, wholes) for label, found in table.items()]
    # A row without a value anywhere (the whole that others are a part of) says nothing of a difference.
    told = [one for one in lines if any(cell.quantity.state != State.ABSENT for cell in one.cells)]
    if len(told) <= FIRST:
        return told
    return sorted(told, key=lambda one: -gap(one, wholes))


def _named_rows(panel: Panel, grid: Grid, column: Column) -> dict[str, Quantity]:
    """The column by the name of its row; « dont … » is said of the row it is a part of."""
    rows: dict[str, Quantity] = {}
    whole, first = "", grid.columns[0].key
    for row in next((one.rows for one in panel.grids if one.code == grid.code and not panel.missing), ()):
        label = str(row[first])
        if label.startswith(("dont ", "parmi ")):
            label = f"{whole}, {label}"
        else:
            whole = label
        rows[label] = row.get(column.key) or Quantity()
    return rows


def _value(rows: Mapping[str, Quantity], label: str, code: str) -> Quantity:
    """A covered place that lacks a counted line has none of it; where nothing is known, nothing is a zero."""
    known = COMPARED[code].counted and any(one.state != State.ABSENT for one in rows.values())
    return rows.get(label, Quantity(0.0) if known else Quantity())
