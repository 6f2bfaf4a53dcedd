"""Rows of local lists that carry a class of diffusion: what a reader may see of them.

Such rows name nobody: « nominative » and « amont » have no reader here, and are shown to no one.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from fichetrack.vocabulary import Diffusion

SAID_FROM = 5  # fewer hidden rows are not even counted: the number would tell too much


@dataclass(frozen=True)
class Readable:
    """The rows a reader may see, and how many others there are; those « amont » are never counted."""

    rows: pd.DataFrame
    hidden: int

    def unread(self, what: str) -> str:
        """« et 12 événements non consultables », or nothing."""
        return f"Et {self.hidden} {what} non consultables." if self.hidden >= SAID_FROM else ""


def readable(rows: pd.DataFrame, network: bool, key: str | None = None) -> Readable:
    """Keep what a reader may see of `rows` (column diffusion); `key` names what is counted when rows repeat it.

    A class nobody knows is treated as the most closed.
    """
    classes = {Diffusion.PUBLIQUE.value} | ({Diffusion.RESEAU.value} if network else set())
    shown = rows["diffusion"].isin(classes)
    counted = rows[~shown & rows["diffusion"].isin({Diffusion.RESEAU.value, Diffusion.NOMINATIVE.value})]
    return Readable(rows[shown], len(counted) if key is None else int(counted[key].nunique()))
