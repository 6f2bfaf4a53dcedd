"""How much computing one reader may ask for: figures nobody has kept yet cost up to seconds of processor.

What is counted is the processor time of the thread that answers: pages already kept cost next to nothing, and are never
refused to somebody who reads. Each process counts on its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import current_app, request
from flask_login import current_user

from fichetrack.addresses import network_of
from fichetrack.errors import TooMuchAsked

READERS = 5_000  # remembered at most; the forgotten begin anew
REFUSAL = (
    "Beaucoup de calculs ont été demandés en peu de temps depuis cette adresse ou ce compte. Attendez une minute, puis "
    "rechargez la page : les chiffres déjà calculés s’affichent tout de suite."
)


class Budget:
    """Seconds spent by reader; they are given back little by little, a whole budget in a minute."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._spent: dict[str, tuple[float, float]] = {}  # (seconds, when they were counted)
        self._lock = threading.Lock()

    def spent(self, reader: str, seconds: float) -> float:
        """What is still counted of what this reader spent, for a budget of `seconds` a minute."""
        held, at = self._spent.get(reader, (0.0, 0.0))
        return max(0.0, held - (self._now() - at) * seconds / 60)

    def add(self, reader: str, cost: float, seconds: float) -> None:
        """Count what an answer cost."""
        with self._lock:
            self._spent[reader] = (self.spent(reader, seconds) + cost, self._now())
            if len(self._spent) > READERS:
                self._spent.clear()


BUDGET = Budget()


def paced(view: Callable[..., Any]) -> Callable[..., Any]:
    """Refuses a reader whose pages of figures cost more than FIGURES_SECONDS of processor a minute; 0: nobody."""

    @wraps(view)
    def slowed(*args: Any, **kwargs: Any) -> Any:
        seconds = current_app.config["FIGURES_SECONDS"]
        if not seconds:
            return view(*args, **kwargs)
        reader = _reader()
        if BUDGET.spent(reader, seconds) >= seconds:
            raise TooMuchAsked(REFUSAL)
        begun = time.thread_time()
        try:
            return view(*args, **kwargs)
        finally:
            BUDGET.add(reader, time.thread_time() - begun, seconds)

    return slowed


def _reader() -> str:
    """An account, else an address."""
    return f"compte {current_user.id}" if current_user.is_authenticated else network_of(request.remote_addr or "")
