"""Factories: one per model, with traits for situations — FicheFactory(deposee=True, nominative=True).

Everything is committed: services begin by ending the transaction that was open, and pages have their own session.
People with a mandat come from the short functions below: chef(territoire), instructeur(region), dti()…
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import factory
from argon2 import PasswordHasher
from factory.alchemy import SQLAlchemyModelFactory
from sqlalchemy import inspect

from fichetrack import clock, versions
from fichetrack.extensions import db
from fichetrack.fields import FIELDS, ROWS, Field, Kind, Rows
from fichetrack.models import (
    Commune,
    Departement,
    Epci,
    Event,
    Fiche,
    FicheReader,
    Financement,
    Jalon,
    Mandat,
    NamedVersion,
    Organisation,
    Partenaire,
    Perimetre,
    Personne,
    Region,
    Subscription,
    Territoire,
)
from fichetrack.vocabulary import Axe, Diffusion, Etat, EventKind, Frequency, MotifCloture, Role, Source
from tests.browser import PASSWORD

HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
SIRET = "20006691800018"
WORD = "Zygomorphe"  # what all_fields=True writes in each field


class BaseFactory(SQLAlchemyModelFactory):
    class Meta:
        abstract = True
        sqlalchemy_session = db.session
        sqlalchemy_session_persistence = "commit"


# --- territoires ---------------------------------------------


class RegionFactory(BaseFactory):
    class Meta:
        model = Region

    code = factory.Sequence(lambda n: f"{n % 1000:03d}")
    nom = factory.Sequence(lambda n: f"Région {n}")
    instruction_days, completion_days, opinion_days = 30, 30, 15


class DepartementFactory(BaseFactory):
    class Meta:
        model = Departement

    code = factory.Sequence(lambda n: f"{n % 1000:03d}")
    nom = factory.Sequence(lambda n: f"Département {n}")
    region = factory.SubFactory(RegionFactory)


class EpciFactory(BaseFactory):
    class Meta:
        model = Epci

    code = factory.Sequence(lambda n: f"2{n:08d}")
    nom = factory.Sequence(lambda n: f"CC du Canton {n}")
    kind = "CC"
    search_key = factory.LazyAttribute(lambda one: one.nom.lower())


class CommuneFactory(BaseFactory):
    class Meta:
        model = Commune

    code = factory.Sequence(lambda n: f"{n:05d}")
    nom = factory.Sequence(lambda n: f"Commune {n}")
    departement = factory.SubFactory(DepartementFactory)
    search_key = factory.LazyAttribute(lambda one: one.nom.lower())


class TerritoireFactory(BaseFactory):
    """`associees` are the other régions its perimeter touches."""

    class Meta:
        model = Territoire

    class Params:
        associees: Any = ()

    slug = factory.Sequence(lambda n: f"bassin-{n}")
    nom = factory.Sequence(lambda n: f"Bassin {n}")
    region_instructrice = factory.SubFactory(RegionFactory)
    regions = factory.LazyAttribute(lambda one: [one.region_instructrice, *one.associees])
    departements = factory.List([])


class PerimetreFactory(BaseFactory):
    class Meta:
        model = Perimetre

    territoire = factory.SubFactory(TerritoireFactory)
    phase = "2"
    id_ti = factory.Sequence(lambda n: f"ti-{n:04d}")
    nom = factory.LazyAttribute(lambda one: one.territoire.nom)
    valid_from = date(2023, 1, 1)


# --- people ---------------------------------------------


class OrganisationFactory(BaseFactory):
    class Meta:
        model = Organisation

    nom = factory.Sequence(lambda n: f"Organisation {n}")
    is_operateur = False


class PersonneFactory(BaseFactory):
    """Somebody who can sign in with the tests' password; no right until a mandat."""

    class Meta:
        model = Personne

    class Params:
        invited = factory.Trait(password_hash=None, activated_at=None)
        closed = factory.Trait(closed_at=factory.LazyFunction(clock.now))

    nom = factory.Sequence(lambda n: f"Camille Martin {n}")
    courriel = factory.Sequence(lambda n: f"camille.{n}@exemple.fr")
    password_hash = HASH
    created_at = factory.LazyFunction(clock.now)
    activated_at = factory.LazyFunction(clock.now)


class MandatFactory(BaseFactory):
    class Meta:
        model = Mandat

    class Params:
        ended = factory.Trait(ends_on=factory.LazyFunction(lambda: clock.today() - timedelta(days=1)))
        future = factory.Trait(starts_on=factory.LazyFunction(lambda: clock.today() + timedelta(days=1)))

    personne = factory.SubFactory(PersonneFactory)
    role = Role.CHEF_DE_PROJET.value
    starts_on = date(2020, 1, 1)
    granted_at = factory.LazyFunction(clock.now)


def holder(role: Role, **mandat: Any) -> Personne:
    """A new person holding one mandat."""
    return MandatFactory(role=role.value, **mandat).personne


def chef(territoire: Territoire, **mandat: Any) -> Personne:
    return holder(Role.CHEF_DE_PROJET, territoire=territoire, **mandat)


def contributeur(territoire: Territoire, **mandat: Any) -> Personne:
    return holder(Role.CONTRIBUTEUR, territoire=territoire, **mandat)


def elu(territoire: Territoire, **mandat: Any) -> Personne:
    return holder(Role.ELU_REFERENT, territoire=territoire, **mandat)


def industriel(territoire: Territoire, **mandat: Any) -> Personne:
    return holder(Role.INDUSTRIEL_REFERENT, territoire=territoire, **mandat)


def instructeur(region: Region, **mandat: Any) -> Personne:
    return holder(Role.INSTRUCTEUR_REGION, region=region, **mandat)


def etat(departement: Departement, **mandat: Any) -> Personne:
    return holder(Role.CORRESPONDANT_ETAT, departement=departement, **mandat)


def operateur(organisation: Organisation | None = None, **mandat: Any) -> Personne:
    return holder(Role.OPERATEUR, organisation=organisation or OrganisationFactory(is_operateur=True), **mandat)


def dti(**mandat: Any) -> Personne:
    return holder(Role.DTI, **mandat)


def animateur(**mandat: Any) -> Personne:
    return holder(Role.ANIMATEUR_DATA, **mandat)


def admin(**mandat: Any) -> Personne:
    return holder(Role.ADMINISTRATEUR, **mandat)


# --- fiches ---------------------------------------------


def a_day(days: int = 0) -> Any:
    return factory.LazyFunction(lambda: clock.today() + timedelta(days=days))


def now() -> Any:
    return factory.LazyFunction(clock.now)


def filler(field: Field, word: str) -> Any:
    """A value for a field of any kind, holding the word wherever text may be typed."""
    by_kind = {
        Kind.CHOICE: field.options[-1][0] if field.options else None,
        Kind.CHOICES: [code for code, _label in field.options[:2]],
        Kind.WORDS: [word],
        Kind.FLAG: False,
        Kind.INTEGER: 12,
        Kind.DECIMAL: "12.5",
        Kind.AMOUNT: Decimal("120000.00"),
        Kind.DATE: date(2026, 6, 30),
        Kind.SIRET: SIRET,
        Kind.EMAIL: f"{word}@exemple.fr",
        Kind.URL: f"https://exemple.fr/{word}",
        Kind.POINT: "44.128, 4.081",
        Kind.LIEUX: [],
    }
    return by_kind.get(field.kind, f"{word} {field.label}"[: field.max_length])


def filled_row(rows: Rows, word: str) -> Any:
    """One row with each of its columns filled in; texts hold the word alone, so that mesures name their indicateur."""
    row_class = inspect(Fiche).relationships[rows.name].mapper.class_
    texts = {column.name: word for column in rows.columns if column.kind in {Kind.TEXT, Kind.LONG}}
    return row_class(**{column.name: filler(column, word) for column in rows.columns} | texts)


def every_field() -> dict[str, Any]:
    """The trait all_fields: read from fields.py, so that a new field is filled in too."""
    chosen_elsewhere = {"territoire", "territoires_associes", "diffusion", "motif_cloture", "avancement"}
    wanted = [field for field in FIELDS if field.name not in chosen_elsewhere]
    values: dict[str, Any] = {
        field.name: factory.LazyAttribute(partial(lambda field, one: filler(field, one.word), field))
        for field in wanted
    }
    return values | {
        rows.name: factory.LazyAttribute(partial(lambda rows, one: [filled_row(rows, one.word)], rows)) for rows in ROWS
    }


class FicheFactory(BaseFactory):
    """By default a minimal brouillon. A trait of état also fills in what that état supposes."""

    class Meta:
        model = Fiche

    class Params:
        word = WORD
        year = factory.LazyFunction(lambda: clock.today().year)
        number = factory.Sequence(lambda n: n)
        # diffusion; « publique » otherwise
        amont = factory.Trait(diffusion=Diffusion.AMONT.value)
        nominative = factory.Trait(diffusion=Diffusion.NOMINATIVE.value)
        reseau = factory.Trait(diffusion=Diffusion.RESEAU.value)
        # content
        complete_to_file = factory.Trait(
            resume="Une école où l’on apprend en produisant.",
            description="L’école accueille quarante jeunes dans une halle rénovée.",
            axe=Axe.RECRUTER.value,
            thematiques=["competences_formation"],
            pilote="Alès Agglomération",
            constat="Les entreprises ne trouvent pas d’usineurs.",
            objectifs="Former quarante jeunes par an.",
        )
        complete_to_validate = factory.Trait(
            complete_to_file=True,
            transition_ecologique="partielle",
            transition_justification="La halle est rénovée plutôt que construite.",
            maitre_ouvrage="Syndicat mixte du bassin",
            maitre_ouvrage_siret=SIRET,
            resultats_attendus="Trente diplômés embauchés chaque année.",
            emplois_a_creer=12,
            emplois_a_maintenir=0,
            date_debut=a_day(30),
            date_fin=a_day(700),
            cout_total=Decimal("1200000.00"),
            partenaires=factory.LazyFunction(lambda: [Partenaire(organisation="UIMM", role="Pédagogie")]),
            financements=factory.LazyFunction(lambda: [a_financement()]),
        )
        complete_to_close = factory.Trait(
            complete_to_validate=True,
            emplois_crees=10,
            emplois_maintenus=0,
            resultat_non_mesure="La première promotion sort l’an prochain.",
            ce_qui_a_marche="Le tutorat en atelier.",
            ce_qui_na_pas_marche="Le recrutement des formateurs.",
            a_refaire="Associer les lycées plus tôt.",
        )
        late = factory.Trait(jalons=factory.LazyFunction(lambda: [a_late_jalon()]))
        all_fields = factory.Trait(**every_field())
        # état
        deposee = factory.Trait(filed=True, etat=Etat.DEPOSEE.value)
        en_instruction = factory.Trait(filed=True, etat=Etat.EN_INSTRUCTION.value, due_on=a_day(30))
        a_completer = factory.Trait(
            filed=True, etat=Etat.A_COMPLETER.value, due_on=a_day(30), days_left=20, requested_fields=["resume"]
        )
        non_retenue = factory.Trait(filed=True, etat=Etat.NON_RETENUE.value)
        retiree = factory.Trait(filed=True, etat=Etat.RETIREE.value)
        validee = factory.Trait(validated=True, etat=Etat.VALIDEE.value)
        avenant_en_instruction = factory.Trait(validated=True, etat=Etat.AVENANT_EN_INSTRUCTION.value)
        cloturee = factory.Trait(closed=True, etat=Etat.CLOTUREE.value)
        archivee = factory.Trait(closed=True, etat=Etat.ARCHIVEE.value)
        # what these états share
        filed = factory.Trait(
            complete_to_file=True,
            filed_at=now(),
            code=factory.LazyAttribute(lambda one: f"TI-{one.territoire.slug}-{one.year}-{one.number:03d}"),
        )
        validated = factory.Trait(filed=True, complete_to_validate=True, validated_at=now())
        closed = factory.Trait(
            validated=True, complete_to_close=True, closed_at=now(), motif_cloture=MotifCloture.REALISEE.value
        )

    intitule = factory.Sequence(lambda n: f"Créer une école de production {n}")
    draft_id = factory.Sequence(lambda n: f"brouillon-{n}")
    territoire = factory.SubFactory(TerritoireFactory)
    created_by = factory.SubFactory(PersonneFactory)
    etat = Etat.BROUILLON.value
    diffusion = Diffusion.PUBLIQUE.value
    created_at = now()
    updated_at = factory.SelfAttribute("created_at")
    etat_since = factory.SelfAttribute("created_at")
    confirmed_at = factory.SelfAttribute("created_at")

    @factory.post_generation
    def version(self, create: bool, _extracted: Any) -> None:
        """A validated fiche has its named version: substantial changes are measured against it."""
        if create and self.validated_at:
            content = versions.snapshot(self)
            db.session.add(NamedVersion(fiche_id=self.id, label="validée 1", at=self.validated_at, content=content))
            db.session.commit()


def a_financement(montant: str = "300000.00", etat_montant: str = "accorde") -> Financement:
    return Financement(
        financeur="Région", nature="subvention", etat_montant=etat_montant, montant=Decimal(montant), base="ht"
    )


def a_late_jalon() -> Jalon:
    return Jalon(libelle="Ouvrir la halle", date=clock.today() - timedelta(days=10))


class FicheReaderFactory(BaseFactory):
    class Meta:
        model = FicheReader


class EventFactory(BaseFactory):
    class Meta:
        model = Event

    fiche = factory.SubFactory(FicheFactory)
    kind = EventKind.EDIT.value
    at = now()
    source = Source.PAGE.value


class SubscriptionFactory(BaseFactory):
    class Meta:
        model = Subscription

    personne = factory.SubFactory(PersonneFactory)
    filters: Any = factory.Dict({})
    frequency = Frequency.DAILY.value
    created_at = now()
