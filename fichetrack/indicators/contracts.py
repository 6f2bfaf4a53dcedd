"""What an input must be before anything is computed from it, and what is said when it is not."""

from __future__ import annotations

from typing import Any

import pandas as pd


class InputRefused(ValueError):
    """An input cannot be computed from: a column is missing, a unit or a projection is not the one expected."""


def require_columns(frame: pd.DataFrame, *names: str) -> None:
    """Raise InputRefused naming every column of `names` that `frame` lacks."""
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise InputRefused(f"missing columns: {', '.join(missing)}")


def require_crs(frame: Any, epsg: int) -> None:
    """Raise InputRefused unless the GeoDataFrame is in this projection."""
    if frame.crs is None or frame.crs.to_epsg() != epsg:
        raise InputRefused(f"EPSG:{epsg} expected, {frame.crs} found")


def require_unique(frame: pd.DataFrame, *key: str) -> None:
    """Raise InputRefused when two rows share a key that must name one row."""
    twice = frame.duplicated(list(key))
    if twice.any():
        first = frame.loc[twice, list(key)].iloc[0].to_dict()
        raise InputRefused(f"{int(twice.sum())} rows repeat the key {', '.join(key)}, for instance {first}")
