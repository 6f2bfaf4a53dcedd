"""Rows of local lists that carry a class of diffusion: what a reader may see of them.

Such rows name nobody: « nominative » and « amont » have no reader here, and are shown to no one.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from fichetrack.indicators.quantities import Quantity
from fichetrack.tables.french import count
from fichetrack.vocabulary import DIFFUSION_ORDER, Diffusion

SAID_FROM = 5  # fewer hidden rows are not even counted: the number would tell too much
ORDER = [one.value for one in DIFFUSION_ORDER]


@dataclass(frozen=True)
class Readable:
    """The rows a reader may see, and how many others there are; those « amont » are never counted.

    is_minimum: a sum of these rows is a lower bound. It is always said to who reads the public rows alone: said only
    where rows are hidden, it would tell where they are.
    """

    rows: pd.DataFrame
    hidden: int
    network: bool = False

    @property
    def is_minimum(self) -> bool:
        return not self.network or self.hidden >= SAID_FROM

    def least(self, known: Quantity) -> Quantity:
        """What a sum over these rows tells: « au moins » when others are not read; nothing known stays nothing."""
        return known + Quantity(unknown=1) if self.is_minimum and known.exact is not None else known

    def said(self, what: str) -> list[str]:
        """What stands above their figures: that the public rows alone are counted, how many others there are."""
        public = f"Ne sont comptés ici que les {what} publics : ces nombres sont des minimums."
        return [one for one in ("" if self.network else public, self.unread(what)) if one]

    def unread(self, what: str) -> str:
        """« Et 12 événements non consultables. », or nothing."""
        return f"Et {count(self.hidden)} {what} non consultables." if self.hidden >= SAID_FROM else ""


def readable(rows: pd.DataFrame, network: bool, key: str | None = None) -> Readable:
    """Keep what a reader may see of `rows` (column diffusion); `key` names what is counted when rows repeat it.

    A class nobody knows is treated as the most closed.
    """
    classes = {Diffusion.PUBLIQUE.value} | ({Diffusion.RESEAU.value} if network else set())
    shown = rows["diffusion"].isin(classes)
    counted = rows[~shown & rows["diffusion"].isin({Diffusion.RESEAU.value, Diffusion.NOMINATIVE.value})]
    return Readable(rows[shown], len(counted) if key is None else int(counted[key].nunique()), network)


def most_closed(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    """The same rows, each with the most closed class among those of its `key`; an unknown class is the most closed."""
    rank = rows["diffusion"].map({name: number for number, name in enumerate(ORDER)}).fillna(len(ORDER) - 1)
    closed = rank.groupby(rows[key]).transform("max").astype("int64")
    return rows.assign(diffusion=closed.map(dict(enumerate(ORDER))))
