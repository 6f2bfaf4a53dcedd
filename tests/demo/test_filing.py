"""What the demonstration says was read at a filing: of an edition out that day, the same for every fiche."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from fichetrack.demo import filing
from fichetrack.demo.published.editions import editions_on
from fichetrack.indicators.quantities import Quantity
from fichetrack.models import DatasetRelease
from fichetrack.queries import context
from fichetrack.queries.panels.shapes import SourceLine
from tests.small_gard import IMPORTS, JOBS, load, settle, write_jobs


def of(source: str, indicator: str, value: float, millesime: str, unit: str = "") -> context.Held:
    release = DatasetRelease(source=source, lot="", millesime=millesime, filename="", fictitious=True, report={})
    release.imported_at = datetime(2026, 11, 22, tzinfo=UTC)
    return context.Held(
        indicator, indicator, Quantity(value), unit, 0, millesime, "foncier", True, SourceLine.of(release)
    )


def test_an_edition_that_came_out_after_the_filing_is_never_said() -> None:
    friches = of("friches", "friches_nombre", 40, "2026-10")
    then = filing._of_edition("ti-ales", friches, editions_on(date(2026, 1, 20)), 1)
    assert then.millesime == "2025-10"
    assert then == filing._of_edition("ti-ales", friches, editions_on(date(2026, 3, 2)), 1)  # the same for every fiche
    assert filing._of_edition("ti-ales", friches, editions_on(date(2026, 11, 20)), 1) == friches


def test_a_figure_of_several_files_says_the_edition_of_each() -> None:
    land = of("friches", "terrain_disponible", 80, "2026-10, 2026-06, 2026-05")
    then = filing._of_edition("ti-ales", land, editions_on(date(2026, 5, 11)), 1)
    assert then.millesime == "2026-04, 2025-06, 2025-11"


def test_a_share_stays_a_share() -> None:
    stable = of("mobilite", "mobilite.part_stables", 99.8, "2023", "%")
    for day in (date(2023, 10, 1), date(2024, 10, 1), date(2025, 10, 1)):
        assert 97 <= (filing._of_edition("ti-ales", stable, editions_on(day), 1).quantity.value or 0) <= 100


def test_a_year_that_the_file_holds_is_read_in_it(db: Any, tmp_path: Path) -> None:
    settle()
    load("urssaf", write_jobs(tmp_path, [(*row[:5], row[5] + 10) for row in JOBS], (2019, 2024)))
    context._kept.clear()
    jobs = {
        day: {one.indicator: one for one in reversed(filing.Filings(1).figures_on("ti-ales", day))}
        for day in (date(2020, 7, 1), date(2021, 1, 1), date(2025, 7, 1))
    }
    first, same, last = (one["effectifs"] for one in jobs.values())
    assert first == same and (first.millesime, last.millesime) == ("2019", "2024")
    assert replace(last, millesime="") != replace(first, millesime="")
    assert filing.Filings(1).figures_on("ti-ales", date(2022, 7, 1)) == []  # 2021 is not in the file


def test_the_rate_of_a_filing_is_that_of_the_quarter_then_published(db: Any) -> None:
    settle()
    for name in ("exemple.csv", "exemple_departements.csv"):
        load("chomage", IMPORTS / "chomage" / name)
    load("chomage", IMPORTS / "chomage" / "exemple_communes.csv", millesime="2025")
    context._kept.clear()
    figures = filing.Filings(1).figures_on("ti-ales", date(2025, 5, 22))
    assert {one.millesime for one in figures if one.indicator == "taux_chomage"} == {"2024-T4"}
    assert {one.millesime for one in context.figures_of("ti-ales") if one.indicator == "taux_chomage"} == {"2025-T1"}
