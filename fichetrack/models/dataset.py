"""Files brought in: what was uploaded, by whom, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
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
