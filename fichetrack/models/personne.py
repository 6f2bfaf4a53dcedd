"""People, their organisations, and the dated mandats every right comes from."""

from __future__ import annotations

from datetime import date, datetime

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fichetrack.extensions import Model
from fichetrack.models.territoire import Departement, Region, Territoire
from fichetrack.models.types import Moment
from fichetrack.vocabulary import PerimeterKind, Role


class Organisation(Model):
    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    nom: Mapped[str] = mapped_column(String(200), unique=True)
    siren: Mapped[str | None] = mapped_column(String(9))
    siret: Mapped[str | None] = mapped_column(String(14))
    is_operateur: Mapped[bool] = mapped_column(default=False)


class Personne(UserMixin, Model):
    """A person exists once; without a password hash it cannot sign in yet."""

    __tablename__ = "personne"

    id: Mapped[int] = mapped_column(primary_key=True)
    courriel: Mapped[str] = mapped_column(String(254), unique=True)  # always lower case
    nom: Mapped[str] = mapped_column(String(200))
    fonction: Mapped[str | None] = mapped_column(String(200))
    telephone: Mapped[str | None] = mapped_column(String(40))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Moment)
    activated_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    organisation: Mapped[Organisation | None] = relationship()
    mandats: Mapped[list[Mandat]] = relationship(
        back_populates="personne", foreign_keys="Mandat.personne_id", order_by="Mandat.id"
    )

    @property
    def is_active(self) -> bool:
        return self.closed_at is None and self.password_hash is not None


class Mandat(Model):
    """A role, on one perimeter, between two dates (both included; no end means until further notice)."""

    __tablename__ = "mandat"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        Index("ix_mandat_territoire_id_role", "territoire_id", "role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    personne_id: Mapped[int] = mapped_column(ForeignKey("personne.id"), index=True)
    role: Mapped[str] = mapped_column(String(40))
    territoire_id: Mapped[int | None] = mapped_column(ForeignKey("territoire.id"))
    region_code: Mapped[str | None] = mapped_column(ForeignKey("region.code"), index=True)
    departement_code: Mapped[str | None] = mapped_column(ForeignKey("departement.code"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"))
    granted_at: Mapped[datetime] = mapped_column(Moment)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"))
    personne: Mapped[Personne] = relationship(back_populates="mandats", foreign_keys=[personne_id])
    territoire: Mapped[Territoire | None] = relationship()
    region: Mapped[Region | None] = relationship()
    departement: Mapped[Departement | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()

    def is_valid_on(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    @property
    def role_label(self) -> str:
        return Role(self.role).label

    @property
    def perimeter_label(self) -> str:
        """Where it holds, in French: « Bassin d’Alès », « Occitanie », « France »."""
        for subject in (self.territoire, self.region, self.departement, self.organisation):
            if subject is not None:
                return subject.nom
        return PerimeterKind.NATIONAL.label
