"""Administrative geography (dated by its COG) and the territoires d'industrie with their versioned perimeters.

Codes are text everywhere: commune INSEE « 01001 », « 2A004 », « 97411 »; SIREN of an EPCI; région « 01 » to « 94 ».
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column, relationship

from fichetrack.extensions import Model
from fichetrack.models.types import Moment
from fichetrack.vocabulary import Phase


class GeographyRelease(Model):
    """Which edition of the official geographic code is loaded."""

    __tablename__ = "geography_release"

    id: Mapped[int] = mapped_column(primary_key=True)
    cog_year: Mapped[int]
    package: Mapped[str] = mapped_column(String(120))
    loaded_at: Mapped[datetime] = mapped_column(Moment)


class Region(Model):
    __tablename__ = "region"

    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    nom: Mapped[str] = mapped_column(String(120))
    # How long each step lasts here, in days: a lapse is a relance, never a decision.
    instruction_days: Mapped[int] = mapped_column(default=30)
    completion_days: Mapped[int] = mapped_column(default=30)
    opinion_days: Mapped[int] = mapped_column(default=15)
    # A light GeoJSON outline, the background of the map; read only by it.
    contour: Mapped[str | None] = deferred(mapped_column(Text))


class Departement(Model):
    __tablename__ = "departement"

    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    nom: Mapped[str] = mapped_column(String(120))
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    region: Mapped[Region] = relationship()


class Epci(Model):
    """An EPCI, or an établissement public territorial of the Grand Paris (kind « EPT »)."""

    __tablename__ = "epci"

    code: Mapped[str] = mapped_column(String(9), primary_key=True)
    nom: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(10))
    search_key: Mapped[str] = mapped_column(String(220))  # the name as search.words reads it


class Commune(Model):
    __tablename__ = "commune"

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    nom: Mapped[str] = mapped_column(String(120), index=True)
    siren: Mapped[str | None] = mapped_column(String(9), index=True)
    departement_code: Mapped[str] = mapped_column(ForeignKey("departement.code"), index=True)
    epci_code: Mapped[str | None] = mapped_column(ForeignKey("epci.code"), index=True)
    ept_code: Mapped[str | None] = mapped_column(ForeignKey("epci.code"), index=True)
    population: Mapped[int | None]
    search_key: Mapped[str] = mapped_column(String(140))
    departement: Mapped[Departement] = relationship()


class Territoire(Model):
    """A territoire d'industrie: a stable identity (our slug) whose perimeter changes with time."""

    __tablename__ = "territoire"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    nom: Mapped[str] = mapped_column(String(200))
    region_instructrice_code: Mapped[str] = mapped_column(ForeignKey("region.code"), index=True)
    # The next fiche number of each year is taken under this row's lock.
    region_instructrice: Mapped[Region] = relationship()
    perimetres: Mapped[list[Perimetre]] = relationship(back_populates="territoire", order_by="Perimetre.valid_from")
    regions: Mapped[list[Region]] = relationship(secondary="territoire_region", order_by="Region.nom")
    departements: Mapped[list[Departement]] = relationship(
        secondary="territoire_departement", order_by="Departement.code"
    )

    @property
    def code(self) -> str:
        """The address form of the slug: « ti-ales »."""
        return f"ti-{self.slug}"

    @property
    def regions_in_order(self) -> list[Region]:
        """The région instructrice first, then the régions associées by name."""
        return sorted(self.regions, key=lambda region: (region.code != self.region_instructrice_code, region.nom))

    def perimetre_at(self, day: date) -> Perimetre | None:
        """The version of the perimeter in force on `day`, else the last one before it."""
        started = [version for version in self.perimetres if version.valid_from <= day]
        return started[-1] if started else None


class TerritoireRegion(Model):
    """Every région a territoire's perimeter touches, the région instructrice included."""

    __tablename__ = "territoire_region"

    territoire_id: Mapped[int] = mapped_column(ForeignKey("territoire.id", ondelete="CASCADE"), primary_key=True)
    region_code: Mapped[str] = mapped_column(ForeignKey("region.code"), primary_key=True, index=True)


class TerritoireDepartement(Model):
    """Every département a territoire's perimeter touches."""

    __tablename__ = "territoire_departement"

    territoire_id: Mapped[int] = mapped_column(ForeignKey("territoire.id", ondelete="CASCADE"), primary_key=True)
    departement_code: Mapped[str] = mapped_column(ForeignKey("departement.code"), primary_key=True, index=True)


class Perimetre(Model):
    """One version of a territoire's perimeter. The programme's `id_ti` is reused between phases: never a key alone."""

    __tablename__ = "perimetre"
    __table_args__ = (UniqueConstraint("phase", "id_ti", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territoire_id: Mapped[int] = mapped_column(ForeignKey("territoire.id"), index=True)
    phase: Mapped[str] = mapped_column(String(10))
    id_ti: Mapped[str] = mapped_column(String(20), index=True)
    nom: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    # GeoJSON geometry (WGS84), simplified with shared borders kept; heavy, so read only by the map.
    contour: Mapped[str | None] = deferred(mapped_column(Text))
    territoire: Mapped[Territoire] = relationship(back_populates="perimetres")
    members: Mapped[list[PerimetreMember]] = relationship(
        back_populates="perimetre", cascade="all, delete-orphan", order_by="PerimetreMember.nom"
    )

    @property
    def phase_label(self) -> str:
        return Phase(self.phase).label


class PerimetreMember(Model):
    """A member as the programme names it: an EPCI, an EPT or a single commune."""

    __tablename__ = "perimetre_member"

    id: Mapped[int] = mapped_column(primary_key=True)
    perimetre_id: Mapped[int] = mapped_column(ForeignKey("perimetre.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))  # epci | ept | commune
    code: Mapped[str] = mapped_column(String(9), index=True)
    nom: Mapped[str] = mapped_column(String(200))
    perimetre: Mapped[Perimetre] = relationship(back_populates="members")


class PerimetreCommune(Model):
    """The communes a perimeter comes down to, resolved when it was loaded."""

    __tablename__ = "perimetre_commune"

    perimetre_id: Mapped[int] = mapped_column(ForeignKey("perimetre.id", ondelete="CASCADE"), primary_key=True)
    commune_code: Mapped[str] = mapped_column(ForeignKey("commune.code"), primary_key=True, index=True)
