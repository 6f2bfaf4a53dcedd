"""What /donnees says: the catalogue of indicators with their sources, the datasets imported, the reports of readers."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from fichetrack import permissions
from fichetrack.extensions import db
from fichetrack.indicators import CATALOGUE
from fichetrack.indicators.catalogue import Indicator
from fichetrack.models import DatasetRelease, FigureReport
from fichetrack.queries.paging import page_of
from fichetrack.queries.panels.shapes import SourceLine
from fichetrack.queries.places import names_of
from fichetrack.queries.releases import Shelf, list_releases
from fichetrack.sources.layouts import Source, get_source
from fichetrack.sources.registry import DECLARED, SOURCES
from fichetrack.tables import write_model
from fichetrack.vocabulary import Action

REPORTS_PER_PAGE = 50
BY_CODE = {indicator.code: indicator for indicator in CATALOGUE}


@dataclass(frozen=True)
class DatasetRow:
    """A source, its last release if there is one, how many it had, its indicators."""

    source: Source
    line: SourceLine | None
    releases: list[DatasetRelease]
    indicators: list[Indicator]

    @property
    def has_model(self) -> bool:
        return self.source.name in DECLARED

    @property
    def newest(self) -> DatasetRelease | None:
        """The release its line speaks of: of the newest millésime, the last imported; figures before tables of reference."""
        return max(self.releases, key=self._rank, default=None)

    def _rank(self, one: DatasetRelease) -> tuple[bool, str, int]:
        return one.lot not in self.source.lots, one.millesime, one.id


def list_datasets() -> list[DatasetRow]:
    """Every source in the order an operator loads them."""
    held: dict[str, list[DatasetRelease]] = {}
    for release in list_releases():
        held.setdefault(release.source, []).append(release)
    return [_row(name, held.get(name, [])) for name in SOURCES]


@dataclass(frozen=True)
class FileRow:
    """A file imported, and what became of it: shown, kept to be read, or replaced."""

    release: DatasetRelease
    state: str


def list_files(user: Any) -> dict[str, list[FileRow]]:
    """The files of each source, newest millésime first. Raises PermissionRefused but for who animates the data."""
    permissions.require(user, Action.MANAGE_DATA)
    readable = Shelf().readable()
    words = {True: "montré", False: "encore lisible", None: "remplacé"}
    held: dict[str, list[FileRow]] = {}
    for release in sorted(list_releases(), key=lambda one: (one.millesime, one.id), reverse=True):
        held.setdefault(release.source, []).append(FileRow(release, words[readable.get(release.id)]))
    return held


def _row(name: str, releases: list[DatasetRelease]) -> DatasetRow:
    row = DatasetRow(get_source(name), None, releases, [one for one in CATALOGUE if one.source == name])
    return replace(row, line=SourceLine.of(row.newest)) if row.newest else row


def model_of(source: str) -> bytes | None:
    """The workbook to fill for a declared source; None for a source that has its published layout."""
    if source not in DECLARED:
        return None
    declared, stream = get_source(source), io.BytesIO()
    write_model(stream, declared.layouts[source], declared.title[:31], [declared.where])
    return stream.getvalue()


def get_indicator(code: str) -> Indicator | None:
    """The catalogue row of this code."""
    return BY_CODE.get(code)


@dataclass(frozen=True)
class ReportPage:
    """A page of reports; places: names by code. waiting: how many wait for an answer, on every page."""

    items: list[FigureReport]
    page: int
    pages: int
    count: int
    waiting: int
    places: dict[str, str]


def list_reports(user: Any, page: int = 1, size: int = REPORTS_PER_PAGE) -> ReportPage:
    """What readers reported, what waits first. Raises PermissionRefused but for who animates the data."""
    permissions.require(user, Action.MANAGE_DATA)
    count = db.session.scalar(select(func.count()).select_from(FigureReport)) or 0
    page, pages = page_of(count, page, size)
    wanted = select(FigureReport).options(joinedload(FigureReport.personne), joinedload(FigureReport.answered_by))
    order = (FigureReport.answered_at.is_not(None), FigureReport.id.desc())
    items = list(db.session.scalars(wanted.order_by(*order).limit(size).offset((page - 1) * size)))
    return ReportPage(items, page, pages, count, count_waiting(user), names_of(one.place for one in items))


def count_waiting(user: Any) -> int:
    """How many reports wait for this person's answer: none for who does not animate the data."""
    if not permissions.can(user, Action.MANAGE_DATA):
        return 0
    return db.session.scalar(select(func.count()).where(FigureReport.answered_at.is_(None))) or 0


def get_report(user: Any, report_id: int) -> FigureReport | None:
    """One report, for who animates the data."""
    permissions.require(user, Action.MANAGE_DATA)
    return db.session.get(FigureReport, report_id)
