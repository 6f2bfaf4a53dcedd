"""What is drawn once and kept: a panel never changes, and how it looks depends on little.

Everything a template of figures reads must be in the key: the panels, what the caller names, whether the reader signed in,
the day (« en retard »).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any
from weakref import ReferenceType, ref

from flask_login import current_user
from markupsafe import Markup

from fichetrack import clock
from fichetrack.queries.panels.shapes import Panel

KEPT = 200
# A page of France weighs 0.4 million: whoever changes its address each time keeps no more than this.
KEPT_CHARACTERS = 12_000_000


class Drawings:
    """Drawings by what they show, the last used kept; safe between threads."""

    def __init__(self, kept: int = KEPT, characters: int = KEPT_CHARACTERS) -> None:
        self.kept, self.characters = kept, characters
        # Panels are held weakly: who computes them says how many are kept.
        self._drawn: OrderedDict[Any, tuple[tuple[ReferenceType[Panel], ...], Markup]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, panels: tuple[Panel, ...], about: Hashable, draw: Callable[[], str]) -> Markup:
        """The drawing of these panels, made by `draw` the first time."""
        key = (tuple(map(id, panels)), about, current_user.is_authenticated, clock.today())
        with self._lock:
            # An id may be given again to another panel: those kept are compared themselves.
            if key in self._drawn and all(one is held() for one, held in zip(panels, self._drawn[key][0], strict=True)):
                self._drawn.move_to_end(key)
                return self._drawn[key][1]
        html = Markup(draw())  # noqa: S704 — a template's own output
        with self._lock:
            self._drawn[key] = (tuple(map(ref, panels)), html)
            while len(self._drawn) > self.kept or self.weight() > self.characters:
                self._drawn.popitem(last=False)
        return html

    def weight(self) -> int:
        """How many characters are kept."""
        return sum(len(html) for _panels, html in self._drawn.values())

    def clear(self) -> None:
        """Forget them all: for tests and measures."""
        with self._lock:
            self._drawn.clear()


DRAWINGS = Drawings()
