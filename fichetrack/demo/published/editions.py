"""Which edition of each published file is the last one on a given day, as its producer's calendar goes.

The demonstration loaded any day then looks like a service that is kept up: every source is up to date, save one. The
operators' lists of financed projects are late, so that one sees what a late source looks like.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

EXPECTED_LATE = frozenset({"financements"})


@dataclass(frozen=True, slots=True)
class Editions:
    """Years are those the figures speak of; a date is the day a file carries in its name."""

    urssaf: int  # employees on 31 December of that year
    bmo: int
    flows: int  # year of the census
    passage: int
    quarter: tuple[int, int]  # year, 1 to 4
    friches: date
    zae: date
    sites: date
    events: date
    zonages: date
    funding: date


def editions_on(day: date) -> Editions:
    """The editions one could download on `day`."""
    return Editions(
        urssaf=_year_out_since(day, month=6, years_after=1),
        bmo=_year_out_since(day, month=5, years_after=0),
        flows=_year_out_since(day, month=8, years_after=3),
        passage=_year_out_since(day, month=5, years_after=0),
        quarter=_quarter_out(day),
        friches=_last_ended(day, 4, 10).replace(day=15),
        zae=_last_ended(day, 6),
        sites=_last_ended(day, 5, 11),
        events=_last_ended(day, 3, 6, 9, 12),
        zonages=_last_ended(day, 9),
        # Due every six months: the one before the last, that nobody followed.
        funding=_last_ended(_months_before(day, 8), 6, 12),
    )


def _year_out_since(day: date, month: int, years_after: int) -> int:
    """The last year whose file came out by the first day of that month, so many years after."""
    return day.year - years_after - (day.month < month)


def _quarter_out(day: date) -> tuple[int, int]:
    """The last quarter that ended four whole months before this one."""
    ended = _months_before(day, 4)
    months = ended.year * 12 + ended.month - 1  # months before `ended` are over
    return (months // 3 - 1) // 4, (months // 3 - 1) % 4 + 1


def _last_ended(day: date, *months: int) -> date:
    """The last day of the last of these months that is over."""
    first = day.replace(day=1)
    while (end := first - timedelta(days=1)).month not in months:
        first = end.replace(day=1)
    return end


def _months_before(day: date, count: int) -> date:
    """The first day of the month that many months earlier."""
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)
