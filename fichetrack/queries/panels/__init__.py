"""The panels of a place: « le territoire en chiffres ». Each module builds one, from the shelf of datasets.

A module has CODE, TITLE, SETTINGS and `in_force(panel)` (see asked.py), `options(args, place, reader) -> frozen dataclass`
(what the address asks, cleaned, within what this reader may see) and `build(place, shelf, options) -> Panel`. Nothing heavy
is computed twice: a panel is kept until a dataset, the place or the options change.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from fichetrack import clock, permissions
from fichetrack.queries.panels import asked, emploi, financements, foncier, metiers, mobilite, specificite, zonages
from fichetrack.queries.panels.shapes import Panel, Reader
from fichetrack.queries.places import Place
from fichetrack.queries.releases import UNREADABLE as TABLE_FAULTS
from fichetrack.queries.releases import Shelf
from fichetrack.vocabulary import Action

PANELS: tuple[ModuleType, ...] = (specificite, metiers, foncier, emploi, mobilite, zonages, financements)
BY_CODE = {module.CODE: module for module in PANELS}
TITLES: dict[str, str] = {module.CODE: module.TITLE for module in PANELS}

UNREADABLE = (
    "Les tables de ce panneau ne sont pas lisibles sur ce serveur. Un administrateur peut les réimporter ; « flask doctor » "
    "dit lesquelles manquent."
)
KEPT = 600
KEPT_CELLS = 700_000  # of a hundred to two hundred bytes each
_kept: OrderedDict[Any, Panel] = OrderedDict()
_lock = threading.Lock()


def get_panels(user: Any, place: Place, args: Mapping[str, str], shelf: Shelf | None = None) -> list[Panel]:
    """Every panel of a place, as its reader may see it; the parameters of the address go to all of them."""
    shelf = shelf or Shelf()
    return [_get(module, user, place, shelf, args) for module in PANELS]


def get_panel(user: Any, code: str, place: Place, args: Mapping[str, str]) -> Panel | None:
    """One panel; None when there is none of this name."""
    module = BY_CODE.get(code)
    return _get(module, user, place, Shelf(), args) if module else None


def settings_of(panel: Panel) -> list[str]:
    """The settings a panel follows, each in words; none for a panel that is not of PANELS."""
    module = BY_CODE.get(panel.code)
    return asked.followed(module, panel) if module else []


def reader_of(user: Any) -> Reader:
    """What somebody may see of figures."""
    detailed = permissions.can(user, Action.READ_DETAILED_FIGURES)
    return Reader(detailed, permissions.can(user, Action.READ_NETWORK_FIGURES))


def _get(module: ModuleType, user: Any, place: Place, shelf: Shelf, args: Mapping[str, str]) -> Panel:
    """A panel, and before its own warnings what it does not follow of the address: that is not kept."""
    reader = reader_of(user)
    panel = _built(module, place, shelf, module.options(args, place, reader))
    said = asked.unmet(module, args, panel, reader)
    return panel.holding(warnings=[*said, *panel.warnings]) if said else panel


def _built(module: ModuleType, place: Place, shelf: Shelf, options: Any) -> Panel:
    key = (module.CODE, place, options, shelf.signature, clock.today())  # perimeters of references are dated
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    try:
        panel: Panel = module.build(place, shelf, options)
    except TABLE_FAULTS:  # a table of another host, or a file somebody removed: said, and tried again next time
        return Panel(module.CODE, module.TITLE, place, options=options, missing=UNREADABLE)
    _keep(key, panel)
    return panel


def _keep(key: Any, panel: Panel) -> None:
    """Keep a panel while there is room: the projects of France, under each filter, would fill the memory of a server."""
    with _lock:
        _kept[key] = panel
        cells = sum(map(weigh, _kept.values()))
        while len(_kept) > KEPT or cells > KEPT_CELLS:
            cells -= weigh(_kept.popitem(last=False)[1])


def weigh(panel: Panel) -> int:
    """How many cells a panel keeps."""
    return sum(getattr(grid.rows, "weight", len(grid.rows) * len(grid.columns)) for grid in panel.grids)
