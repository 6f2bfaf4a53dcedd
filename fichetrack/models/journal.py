"""The append-only journal of fiches, and the versions it names."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, event
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column, relationship

from fichetrack.extensions import Model
from fichetrack.models.fiche import Fiche
from fichetrack.models.personne import Personne
from fichetrack.models.types import Moment


class Event(Model):
    """One change: who, when, from where, and each field's value before and after. `id` is the journal's position.

    `changes` is a list of [field, before, after], values as in versions.snapshot. Personal data is kept as a salted
    digest only (versions.journal_value), so that a person may be erased while the history stays readable.
    """

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_fiche_id_id", "fiche_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    fiche_id: Mapped[int] = mapped_column(ForeignKey("fiche.id"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40), index=True)  # an Action of the workflow, or an EventKind
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    source: Mapped[str] = mapped_column(String(20))
    section: Mapped[str | None] = mapped_column(String(20))
    etat_before: Mapped[str | None] = mapped_column(String(40))
    etat_after: Mapped[str | None] = mapped_column(String(40))
    motif: Mapped[str | None] = mapped_column(Text)
    changes: Mapped[list[Any]] = mapped_column(JSON, default=list)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # fields pointed at, due date, batch…
    fiche: Mapped[Fiche] = relationship(back_populates="events")
    actor: Mapped[Personne | None] = relationship()


class NamedVersion(Model):
    """What a fiche held when it was filed or validated: « dépôt 1 », « validée 1 »…"""

    __tablename__ = "named_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    fiche_id: Mapped[int] = mapped_column(ForeignKey("fiche.id"), index=True)
    label: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Moment)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


@event.listens_for(Session, "before_flush")
def _journal_is_append_only(session: Session, _context: Any, _instances: Any) -> None:
    if any(isinstance(row, Fiche) and row.code for row in session.deleted):
        raise RuntimeError("a fiche that was filed is never deleted")
    changed = [row for row in session.dirty if isinstance(row, Event) and session.is_modified(row)]
    if changed or any(isinstance(row, Event) and row.fiche not in session.deleted for row in session.deleted):
        raise RuntimeError("the journal is append-only")


@event.listens_for(Session, "do_orm_execute")
def _no_statement_rewrites_it(state: ORMExecuteState) -> None:
    """The same for a statement over many rows, which no flush sees; only drafts never filed take their events away."""
    rewrites = state.is_update or (state.is_delete and not state.execution_options.get("of_drafts"))
    if rewrites and state.bind_mapper is not None and state.bind_mapper.class_ is Event:
        raise RuntimeError("the journal is append-only")
