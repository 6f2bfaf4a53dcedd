"""Rows of a file that say the same thing twice, or two different things of the same thing."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from fichetrack.sources.reading import Report


def without_repeats(frame: pd.DataFrame, key: Sequence[str], said: Sequence[str], report: Report) -> pd.DataFrame:
    """One row per key: an identical repetition is set aside; rows that contradict each other all are, none is chosen.

    frame: `line`, the columns of `key`, and those `said` of it, whose differences make a contradiction.
    """
    if not frame.duplicated(list(key)).any():
        return frame
    sayings = frame.groupby([*key, *said], dropna=False, sort=False).ngroup()
    contradicted = sayings.groupby([frame[name] for name in key], dropna=False).transform("nunique") > 1
    frame = report.set_aside_where(frame, contradicted, "contredit une autre ligne : aucune n’est retenue")
    return report.set_aside_where(frame, frame.duplicated(list(key)), "répète une autre ligne")
