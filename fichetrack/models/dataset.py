"""Files brought in: workbooks of fiches, published datasets with their tables, what readers say of a figure."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from fichetrack.extensions import Model
from fichetrack.models.personne import Personne
from fichetrack.models.types import Moment


class ImportBatch(Model):
    """An uploaded workbook: its bytes are kept, checked twice, applied whole or not at all, and may be undone."""

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(40))
    personne_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"), index=True)
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # mapping chosen by hand, motif of a reprise…
    created_at: Mapped[datetime] = mapped_column(Moment)
    applied_at: Mapped[datetime | None] = mapped_column(Moment)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    personne: Mapped[Personne | None] = relationship()


class DatasetRelease(Model):
    """A published file imported: where it comes from, what became of its rows. Never changed, never deleted."""

    __tablename__ = "dataset_release"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(40), index=True)
    # Files that complete each other (one list of sites per EPCI) are lots; a new file replaces those of its lot only.
    lot: Mapped[str] = mapped_column(String(80), default="")
    millesime: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int]
    producer: Mapped[str] = mapped_column(String(200))
    cog_year: Mapped[int | None]
    rows_read: Mapped[int]
    rows_kept: Mapped[int]
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    fictitious: Mapped[bool] = mapped_column(default=False)  # a demonstration file: its figures say so
    imported_at: Mapped[datetime] = mapped_column(Moment)
    tables: Mapped[list[DatasetTable]] = relationship(back_populates="release", order_by="DatasetTable.name")

    @property
    def rows_aside(self) -> int:
        return self.rows_read - self.rows_kept


class DatasetTable(Model):
    """A tidy table of a release: a Parquet file of the instance folder, named by the SHA-256 of what it holds."""

    __tablename__ = "dataset_table"

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("dataset_release.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    release: Mapped[DatasetRelease] = relationship(back_populates="tables")


class FigureReport(Model):
    """« Signaler une erreur »: what a reader says of a figure, and what was answered."""

    __tablename__ = "figure_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(String(60), index=True)
    place: Mapped[str | None] = mapped_column(String(90))
    millesime: Mapped[str | None] = mapped_column(String(20))
    page: Mapped[str | None] = mapped_column(
        Text
    )  # where it was read, with its settings: « /territoires/…?niveau=a88 »
    message: Mapped[str] = mapped_column(Text)
    personne_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"), index=True)
    courriel: Mapped[str | None] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(Moment)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(Moment, index=True)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"))
    personne: Mapped[Personne | None] = relationship(foreign_keys=[personne_id])
    answered_by: Mapped[Personne | None] = relationship(foreign_keys=[answered_by_id])

    @property
    def settings(self) -> str:
        """What the reader had chosen: « niveau = a88, reference = reg-76 »."""
        chosen = parse_qsl(urlsplit(self.page or "").query)
        return ", ".join(f"{name} = {value}" for name, value in chosen)


class FicheContext(Model):
    """The figures of its territoire when a fiche was first filed, as they were shown; never computed again."""

    __tablename__ = "fiche_context"

    fiche_id: Mapped[int] = mapped_column(ForeignKey("fiche.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    figures: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
