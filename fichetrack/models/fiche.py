"""The fiche action and its rows. What each column means, its label, gate and readers: fields.py."""

from __future__ import annotations

import datetime as dt
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fichetrack.extensions import Model
from fichetrack.models.personne import Organisation, Personne
from fichetrack.models.territoire import Territoire
from fichetrack.models.types import Euros, Moment
from fichetrack.search import searchable
from fichetrack.vocabulary import Action, Avancement, Diffusion, Etat

if TYPE_CHECKING:
    from fichetrack.models.journal import Event


class FicheTerritoire(Model):
    """The territoires associés of a fiche."""

    __tablename__ = "fiche_territoire"

    fiche_id: Mapped[int] = mapped_column(ForeignKey("fiche.id", ondelete="CASCADE"), primary_key=True)
    territoire_id: Mapped[int] = mapped_column(ForeignKey("territoire.id"), primary_key=True, index=True)


class FicheThematique(Model):
    __tablename__ = "fiche_thematique"

    fiche_id: Mapped[int] = mapped_column(ForeignKey("fiche.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True, index=True)


class FicheReader(Model):
    """A person or an operator named one by one to read a nominative or amont fiche."""

    __tablename__ = "fiche_reader"

    id: Mapped[int] = mapped_column(primary_key=True)
    fiche_id: Mapped[int] = mapped_column(ForeignKey("fiche.id", ondelete="CASCADE"), index=True)
    personne_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    personne: Mapped[Personne | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()


class Row:
    """What the rows of a fiche share: their fiche, and their place."""

    id: Mapped[int] = mapped_column(primary_key=True)
    fiche_id: Mapped[int] = mapped_column(ForeignKey("fiche.id", ondelete="CASCADE"), index=True)
    place: Mapped[int] = mapped_column(default=0)


class Partenaire(Row, Model):
    __tablename__ = "partenaire"

    organisation: Mapped[str] = mapped_column(String(200))
    siret: Mapped[str | None] = mapped_column(String(14))
    role: Mapped[str | None] = mapped_column(String(200))


class Indicateur(Row, Model):
    __tablename__ = "indicateur"

    libelle: Mapped[str] = mapped_column(String(200))
    unite: Mapped[str | None] = mapped_column(String(60))
    base: Mapped[str | None] = mapped_column(String(30))  # exact decimal text
    cible: Mapped[str | None] = mapped_column(String(30))


class Mesure(Row, Model):
    __tablename__ = "mesure"

    indicateur: Mapped[str] = mapped_column(String(200))
    valeur: Mapped[str] = mapped_column(String(30))
    date: Mapped[date]
    source: Mapped[str | None] = mapped_column(String(200))


class Jalon(Row, Model):
    __tablename__ = "jalon"
    __table_args__ = (Index("ix_jalon_date_fait_le", "date", "fait_le"),)

    libelle: Mapped[str] = mapped_column(String(200))
    date: Mapped[dt.date]
    fait_le: Mapped[dt.date | None]
    responsable: Mapped[str | None] = mapped_column(String(200))


class Financement(Row, Model):
    __tablename__ = "financement"
    __table_args__ = (Index("ix_financement_etat_montant", "etat_montant"),)

    financeur: Mapped[str] = mapped_column(String(200))
    dispositif: Mapped[str | None] = mapped_column(String(200))
    nature: Mapped[str] = mapped_column(String(20))
    etat_montant: Mapped[str] = mapped_column(String(20))
    montant: Mapped[Decimal] = mapped_column(Euros)
    base: Mapped[str | None] = mapped_column(String(3))
    date: Mapped[date | None]
    justificatif: Mapped[str | None] = mapped_column(String(300))


class Note(Row, Model):
    __tablename__ = "note"

    date: Mapped[date]
    fait: Mapped[str | None] = mapped_column(Text)
    difficulte: Mapped[str | None] = mapped_column(Text)
    prochaine_etape: Mapped[str | None] = mapped_column(Text)


class Sollicitation(Row, Model):
    """A request to an operator; naming an organisation that exists lets its people read the fiche."""

    __tablename__ = "sollicitation"

    operateur: Mapped[str] = mapped_column(String(200))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    demandee_le: Mapped[date]
    accusee_le: Mapped[date | None]
    repondue_le: Mapped[date | None]
    issue: Mapped[str | None] = mapped_column(String(20))
    motif_refus: Mapped[str | None] = mapped_column(String(30))


class Document(Row, Model):
    __tablename__ = "document"

    titre: Mapped[str] = mapped_column(String(200))
    lien: Mapped[str] = mapped_column(String(1000))
    nature: Mapped[str | None] = mapped_column(String(100))
    publie: Mapped[bool] = mapped_column(default=False)


class Comment(Model):
    __tablename__ = "comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    fiche_id: Mapped[int] = mapped_column(ForeignKey("fiche.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("personne.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    body: Mapped[str] = mapped_column(Text)
    author: Mapped[Personne] = relationship()


def _rows(cls: type[Any]) -> Any:
    return relationship(cls, cascade="all, delete-orphan", order_by=(cls.place, cls.id), passive_deletes=True)


class Fiche(Model):
    __tablename__ = "fiche"
    __table_args__ = (
        Index("ix_fiche_etat_diffusion", "etat", "diffusion"),
        Index("ix_fiche_territoire_id_etat", "territoire_id", "etat"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str | None] = mapped_column(String(80), unique=True)  # given at first filing, kept for ever
    draft_id: Mapped[str] = mapped_column(String(40), unique=True)  # random; the address until then

    # The five axes (PRODUCT §2.1); fraîcheur is computed from confirmed_at.
    etat: Mapped[str] = mapped_column(String(30), default=Etat.BROUILLON.value, index=True)
    avancement: Mapped[str] = mapped_column(String(30), default=Avancement.EMERGENCE.value, index=True)
    suspendue: Mapped[bool] = mapped_column(default=False)
    meteo: Mapped[str | None] = mapped_column(String(10), index=True)
    meteo_region: Mapped[str | None] = mapped_column(String(10))
    diffusion: Mapped[str] = mapped_column(String(12), default=Diffusion.PUBLIQUE.value, index=True)
    confirmed_at: Mapped[datetime] = mapped_column(Moment, index=True)
    # The widest class allowed since a région restricted the fiche: its territoire may close it further, not open it again.
    diffusion_max: Mapped[str | None] = mapped_column(String(12))

    # Identité
    intitule: Mapped[str] = mapped_column(String(200))
    resume: Mapped[str | None] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    axe: Mapped[str | None] = mapped_column(String(12), index=True)
    axes_secondaires: Mapped[list[str]] = mapped_column(JSON, default=list)
    mots_cles: Mapped[list[str]] = mapped_column(JSON, default=list)
    secteurs: Mapped[list[str]] = mapped_column(JSON, default=list)
    transition_ecologique: Mapped[str | None] = mapped_column(String(10))
    transition_justification: Mapped[str | None] = mapped_column(Text)
    norme_visee: Mapped[str | None] = mapped_column(Text)
    proposition_simplification: Mapped[str | None] = mapped_column(Text)

    # Territoire
    territoire_id: Mapped[int] = mapped_column(ForeignKey("territoire.id"), index=True)
    lieux: Mapped[list[str]] = mapped_column(JSON, default=list)
    point: Mapped[str | None] = mapped_column(String(40))

    # Acteurs
    pilote: Mapped[str | None] = mapped_column(String(200))
    maitre_ouvrage: Mapped[str | None] = mapped_column(String(200))
    maitre_ouvrage_siret: Mapped[str | None] = mapped_column(String(14))
    referent_nom: Mapped[str | None] = mapped_column(String(200))
    referent_fonction: Mapped[str | None] = mapped_column(String(200))
    referent_courriel: Mapped[str | None] = mapped_column(String(254))
    referent_telephone: Mapped[str | None] = mapped_column(String(40))
    referent_publie: Mapped[bool] = mapped_column(default=False)
    referent_verifie_le: Mapped[date | None]
    elu_referent: Mapped[str | None] = mapped_column(String(200))
    industriel_referent: Mapped[str | None] = mapped_column(String(200))
    referent_region: Mapped[str | None] = mapped_column(String(200))
    referent_etat: Mapped[str | None] = mapped_column(String(200))

    # Objectifs
    constat: Mapped[str | None] = mapped_column(Text)
    objectifs: Mapped[str | None] = mapped_column(Text)
    resultats_attendus: Mapped[str | None] = mapped_column(Text)
    emplois_a_creer: Mapped[int | None]
    emplois_a_maintenir: Mapped[int | None]
    emplois_unite: Mapped[str | None] = mapped_column(String(10))
    emplois_source: Mapped[str | None] = mapped_column(String(300))

    # Calendrier, moyens
    date_debut: Mapped[date | None]
    date_fin: Mapped[date | None] = mapped_column(index=True)
    cout_total: Mapped[Decimal | None] = mapped_column(Euros)
    investissement_prive: Mapped[Decimal | None] = mapped_column(Euros)

    # Suivi
    frein: Mapped[str | None] = mapped_column(String(20))
    appui_demande_a: Mapped[str | None] = mapped_column(String(200))

    # Clôture
    motif_cloture: Mapped[str | None] = mapped_column(String(20))
    emplois_crees: Mapped[int | None]
    emplois_maintenus: Mapped[int | None]
    resultat_non_mesure: Mapped[str | None] = mapped_column(Text)
    ce_qui_a_marche: Mapped[str | None] = mapped_column(Text)
    ce_qui_na_pas_marche: Mapped[str | None] = mapped_column(Text)
    a_refaire: Mapped[str | None] = mapped_column(Text)

    # The workflow's own memory.
    created_by_id: Mapped[int] = mapped_column(ForeignKey("personne.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment, index=True)
    etat_since: Mapped[datetime] = mapped_column(Moment, index=True)
    filed_at: Mapped[datetime | None] = mapped_column(Moment)
    validated_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("personne.id"))
    due_on: Mapped[date | None] = mapped_column(index=True)  # the deadline of the present wait, stored when it starts
    days_left: Mapped[int | None]  # what remained of the région's clock when it stopped
    requested_fields: Mapped[list[str]] = mapped_column(JSON, default=list)  # pointed at by « demander un complément »
    abandon_demande_le: Mapped[date | None]
    section_versions: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    search_text: Mapped[str] = mapped_column(Text, default="")  # public fields only, see search.searchable

    territoire: Mapped[Territoire] = relationship(foreign_keys=[territoire_id])
    territoires_associes: Mapped[list[Territoire]] = relationship(
        secondary="fiche_territoire", order_by=Territoire.nom, passive_deletes=True
    )
    created_by: Mapped[Personne] = relationship(foreign_keys=[created_by_id])
    taken_by: Mapped[Personne | None] = relationship(foreign_keys=[taken_by_id])
    thematique_rows: Mapped[list[FicheThematique]] = relationship(
        cascade="all, delete-orphan", order_by=FicheThematique.code, passive_deletes=True
    )
    readers: Mapped[list[FicheReader]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    partenaires: Mapped[list[Partenaire]] = _rows(Partenaire)
    indicateurs: Mapped[list[Indicateur]] = _rows(Indicateur)
    mesures: Mapped[list[Mesure]] = _rows(Mesure)
    jalons: Mapped[list[Jalon]] = _rows(Jalon)
    financements: Mapped[list[Financement]] = _rows(Financement)
    notes: Mapped[list[Note]] = _rows(Note)
    sollicitations: Mapped[list[Sollicitation]] = _rows(Sollicitation)
    documents: Mapped[list[Document]] = _rows(Document)
    comments: Mapped[list[Comment]] = relationship(cascade="all, delete-orphan", order_by=Comment.id)
    events: Mapped[list[Event]] = relationship(
        back_populates="fiche", cascade="all, delete-orphan", order_by="Event.id.desc()"
    )

    @property
    def address(self) -> str:
        """What stands for the fiche in addresses: its code, or its random draft identifier."""
        return self.code or self.draft_id

    @property
    def thematiques(self) -> list[str]:
        return [row.code for row in self.thematique_rows]

    @thematiques.setter
    def thematiques(self, codes: list[str]) -> None:
        kept = {row.code: row for row in self.thematique_rows}
        self.thematique_rows = [kept.get(code) or FicheThematique(code=code) for code in sorted(set(codes))]

    @property
    def requested_changed(self) -> bool:
        """Whether a field pointed at by the last « demander un complément » has changed since."""
        for past in self.events:  # the newest first
            if past.kind == Action.ASK_MORE:
                return False
            if any(change[0] in self.requested_fields for change in past.changes):
                return True
        return False

    def version_of(self, section: str) -> int:
        """How many times a section was saved: what a form carries so that nobody overwrites anybody."""
        return self.section_versions.get(section, 0)

    def bump(self, section: str) -> None:
        self.section_versions = {**self.section_versions, section: self.version_of(section) + 1}


@event.listens_for(Fiche, "before_insert")
@event.listens_for(Fiche, "before_update")
def _index_for_search(_mapper: Any, _connection: Any, fiche: Fiche) -> None:
    fiche.search_text = searchable(fiche)
