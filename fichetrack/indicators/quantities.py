"""Quantities in three states: a value, a statistical secret, nothing. A secret is never a zero.

In a frame, the quantity `met` is two columns: `met`, float64, the sum of the known parts (NaN when none is known), and
`met_secret`, int64, how many parts are secret. Known parts beside secret ones make a lower bound, « au moins ».
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from fichetrack.indicators.contracts import require_columns

SECRET_MARKS = frozenset({"*", "s", "nd", "n/a - secret statistique", "secret", "c"})
ABSENT_MARKS = frozenset(
    {
        "", "na", "n/a", "nan", "null", "none", "-", "n/a - résultat non disponible", "n/a - resultat non disponible",
        "n/a - division par 0",
    }
)  # fmt: skip


class State(StrEnum):
    """What is known of a quantity."""

    VALUE = "valeur"
    AT_LEAST = "au moins"
    SECRET = "secret"  # noqa: S105 — a statistical secret
    ABSENT = "absent"


@dataclass(frozen=True)
class Quantity:
    """One figure: its known part, how many of its parts are secret, how many exist that nobody measured or may read."""

    value: float | None = None
    secrets: int = 0
    unknown: int = 0

    @property
    def state(self) -> State:
        if self.value is None:
            return State.SECRET if self.secrets else State.ABSENT
        return State.AT_LEAST if self.secrets or self.unknown else State.VALUE

    @property
    def exact(self) -> float | None:
        """The value when it is known whole; None for a lower bound, a secret or nothing."""
        return self.value if self.state == State.VALUE else None

    def __add__(self, other: Quantity) -> Quantity:
        known = [one for one in (self.value, other.value) if one is not None]
        value = sum(known) if known else None
        return Quantity(value, self.secrets + other.secrets, self.unknown + other.unknown)


def quantity(row: pd.Series, name: str) -> Quantity:
    """The quantity `name` of a row that holds its two columns."""
    value = row[name]
    return Quantity(None if pd.isna(value) else float(value), int(row.get(f"{name}_secret", 0)))


def ratio(part: Quantity, whole: Quantity) -> Quantity:
    """part / whole; secret as soon as one of them has a secret part, absent without a positive whole that is known."""
    if part.secrets or whole.secrets:
        return Quantity(None, 1)
    if part.value is None or not whole.value or part.unknown or whole.unknown:
        return Quantity()
    return Quantity(part.value / whole.value)


def parse_quantity(cells: pd.Series, name: str) -> tuple[pd.DataFrame, pd.Series]:
    """Read the text cells of a published column as a quantity.

    cells: str; a number (French or not), a mark of secrecy (SECRET_MARKS) or of absence (ABSENT_MARKS), case forgiven.
    Returns the frame of `name` (float64) and `<name>_secret` (int64, 0 or 1), same index, and a boolean Series, True
    where the cell is none of these: such rows are to be set aside and reported, never guessed.
    """
    text = cells.fillna("").astype("str").str.strip().str.casefold()
    secret = text.isin(SECRET_MARKS)
    absent = text.isin(ABSENT_MARKS)
    # A decimal comma; thousands separated by ordinary, no-break or narrow no-break spaces.
    plain = text.str.replace(r"[\s\u00a0\u202f]", "", regex=True).str.replace(",", ".", regex=False)
    numbers = pd.to_numeric(plain.where(~(secret | absent)), errors="coerce").astype("float64")
    odd = numbers.isna() & ~secret & ~absent | numbers.isin([float("inf"), float("-inf")])
    return pd.DataFrame({name: numbers.where(~odd), f"{name}_secret": secret.astype("int64")}), odd


def total(frame: pd.DataFrame, by: Sequence[str], names: Iterable[str]) -> pd.DataFrame:
    """Sum quantities by group: known parts together, secrets counted, NaN when no part is known.

    frame: the columns `by`, and for each of `names` the column itself and, optionally, `<name>_secret`.
    Returns one row per group, the keys as index (sorted), both columns of each quantity. An empty `by` is refused.
    Raises InputRefused if a column is missing.
    """
    names = list(names)
    require_columns(frame, *by, *names)
    secrets = [f"{name}_secret" for name in names]
    held = frame.assign(**{one: 0 for one in secrets if one not in frame.columns})
    groups = held.groupby(list(by), sort=True, observed=True)
    sums = groups[names].sum(min_count=1)
    return sums.join(groups[secrets].sum().astype("int64"))


def whole(frame: pd.DataFrame, name: str) -> Quantity:
    """The sum of a quantity over a frame."""
    known = frame[name].dropna()
    secrets = int(frame[f"{name}_secret"].sum()) if f"{name}_secret" in frame.columns else 0
    return Quantity(float(known.sum()) if len(known) else None, secrets)
