"""What /donnees says: the catalogue of indicators with their sources, the datasets imported, the reports of readers."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from fichetrack import permissions
from fichetrack.extensions import db
from fichetrack.indicators import CATALOGUE
from fichetrack.indicators.catalogue import Indicator
from fichetrack.models import DatasetRelease, FigureReport
from fichetrack.queries.panels.shapes import SourceLine
from fichetrack.queries.releases import list_releases
from fichetrack.sources.layouts import Source, get_source
from fichetrack.sources.registry import DECLARED, SOURCES
from fichetrack.tables import write_model
from fichetrack.vocabulary import Action

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
        """The release its line speaks of: of the newest millésime, the last imported."""
        return max(self.releases, key=lambda one: (one.millesime, one.id), default=None)


def list_datasets() -> list[DatasetRow]:
    """Every source in the order an operator loads them."""
    held: dict[str, list[DatasetRelease]] = {}
    for release in list_releases():
        held.setdefault(release.source, []).append(release)
    return [_row(name, held.get(name, [])) for name in SOURCES]


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


def list_reports(user: Any) -> list[FigureReport]:
    """What readers reported, what waits first. Raises PermissionRefused but for who animates the data."""
    permissions.require(user, Action.MANAGE_DATA)
    wanted = select(FigureReport).options(joinedload(FigureReport.personne), joinedload(FigureReport.answered_by))
    order = (FigureReport.answered_at.is_not(None), FigureReport.id.desc())
    return list(db.session.scalars(wanted.order_by(*order).limit(200)))


def get_report(user: Any, report_id: int) -> FigureReport | None:
    """One report, for who animates the data."""
    permissions.require(user, Action.MANAGE_DATA)
    return db.session.get(FigureReport, report_id)
