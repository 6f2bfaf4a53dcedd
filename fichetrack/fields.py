"""Every field of a fiche, as rows: name, label, section, gate, who reads it, substantial or not (PRODUCT §2.2).

Forms, guards, the journal, public reading, the workbook and its model are all derived from this table; nothing else says
what a field is. The columns themselves are in models/fiche.py (a test holds the two together).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from fichetrack.vocabulary import (
    SECTEURS_A17,
    Avancement,
    Axe,
    Base,
    Diffusion,
    EmploiUnite,
    EtatMontant,
    Frein,
    IssueSollicitation,
    Labelled,
    Meteo,
    MotifCloture,
    MotifRefus,
    Nature,
    Thematique,
    Transition,
)

RESUME_MAX = 400


class Section(Labelled):
    IDENTITE = "identite", "Identité"
    TERRITOIRE = "territoire", "Territoire"
    ACTEURS = "acteurs", "Acteurs"
    OBJECTIFS = "objectifs", "Objectifs"
    CALENDRIER = "calendrier", "Calendrier"
    MOYENS = "moyens", "Moyens"
    SUIVI = "suivi", "Suivi"
    DOCUMENTS = "documents", "Documents"
    CLOTURE = "cloture", "Clôture"


class Kind(StrEnum):
    TEXT = "text"
    LONG = "long"  # Markdown
    CHOICE = "choice"
    CHOICES = "choices"
    WORDS = "words"  # free words, a list
    FLAG = "flag"
    INTEGER = "integer"
    DECIMAL = "decimal"
    AMOUNT = "amount"
    DATE = "date"
    SIRET = "siret"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    TERRITOIRE = "territoire"
    TERRITOIRES = "territoires"
    LIEUX = "lieux"  # codes of EPCI and communes
    POINT = "point"  # « latitude, longitude »


class Gate(StrEnum):
    """When a field must be filled in: to file, to validate, to close."""

    FILE = "F"
    VALIDATE = "V"
    CLOSE = "C"


class Reader(StrEnum):
    PUB = "pub"  # on the public page of a published fiche
    INT = "int"  # signed-in readers of the fiche


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    section: Section
    kind: Kind = Kind.TEXT
    gate: Gate | None = None
    reader: Reader = Reader.PUB
    substantial: bool = False
    choices: type[Labelled] | None = None
    max_length: int = 300
    personal: bool = False  # kept in the journal as a digest only
    help: str = ""
    only_if: tuple[str, str] | None = None  # the gate holds only when that other field has that value

    @property
    def options(self) -> list[tuple[str, str]]:
        if self.name == "secteurs":
            return [(code, f"{code} · {label}") for code, label in SECTEURS_A17.items()]
        return self.choices.choices() if self.choices else []


@dataclass(frozen=True)
class Rows:
    """A list of rows inside a section: jalons, financements… `columns` are Fields of their own."""

    name: str
    label: str
    singular: str
    section: Section
    columns: tuple[Field, ...]
    gate: Gate | None = None
    reader: Reader = Reader.PUB
    help: str = ""


IDE, T, A, OBJ = Section.IDENTITE, Section.TERRITOIRE, Section.ACTEURS, Section.OBJECTIFS
C, M, S, D, Z = Section.CALENDRIER, Section.MOYENS, Section.SUIVI, Section.DOCUMENTS, Section.CLOTURE
F, V, CLOSE = Gate.FILE, Gate.VALIDATE, Gate.CLOSE
INT = Reader.INT

FIELDS: tuple[Field, ...] = (
    # Identité
    Field(
        "intitule", "Intitulé", IDE, gate=F, max_length=200, help="Ce que l’on fait, pour qui : une phrase sans sigle."
    ),
    Field(
        "resume",
        "Résumé",
        IDE,
        Kind.LONG,
        F,
        max_length=RESUME_MAX,
        help="Lu en premier, dans les listes et les courriels.",
    ),
    Field("description", "Description", IDE, Kind.LONG, F, max_length=20_000),
    Field("axe", "Axe", IDE, Kind.CHOICE, F, substantial=True, choices=Axe),
    Field("axes_secondaires", "Axes secondaires", IDE, Kind.CHOICES, choices=Axe),
    Field("thematiques", "Thématiques", IDE, Kind.CHOICES, F, choices=Thematique),
    Field("mots_cles", "Mots-clés", IDE, Kind.WORDS, help="Séparés par des points-virgules : 30 au plus."),
    Field("secteurs", "Secteurs", IDE, Kind.CHOICES, help="Nomenclature d’activités française, 17 postes."),
    Field("transition_ecologique", "Transition écologique", IDE, Kind.CHOICE, V, choices=Transition),
    Field("transition_justification", "Justification de la transition", IDE, Kind.LONG, V, max_length=2_000),
    Field("norme_visee", "Norme visée", IDE, Kind.LONG, V, max_length=2_000, only_if=("axe", "simplifier")),
    Field(
        "proposition_simplification",
        "Proposition de simplification",
        IDE,
        Kind.LONG,
        V,
        max_length=4_000,
        only_if=("axe", "simplifier"),
    ),
    Field(
        "diffusion",
        "Diffusion",
        IDE,
        Kind.CHOICE,
        F,
        reader=INT,
        choices=Diffusion,
        help="Qui lira la fiche. « Amont » : vous et les personnes désignées, sans dépôt possible.",
    ),
    # Territoire
    Field("territoire", "Territoire chef de file", T, Kind.TERRITOIRE, F, substantial=True),
    Field("territoires_associes", "Territoires associés", T, Kind.TERRITOIRES, help="Un nom ou un code par ligne."),
    Field("lieux", "Lieux", T, Kind.LIEUX, help="EPCI ou communes : un nom ou un code par ligne."),
    Field("point", "Point sur la carte", T, Kind.POINT, max_length=40, help="Latitude, longitude : 44.128, 4.081."),
    # Acteurs
    Field("pilote", "Pilote", A, gate=F, substantial=True, max_length=200, help="L’organisation qui porte l’action."),
    Field("maitre_ouvrage", "Maître d’ouvrage", A, gate=V, max_length=200),
    Field("maitre_ouvrage_siret", "SIRET du maître d’ouvrage", A, Kind.SIRET, V, max_length=14),
    Field("referent_nom", "Référent : nom", A, reader=INT, personal=True, max_length=200),
    Field("referent_fonction", "Référent : fonction", A, reader=INT, personal=True, max_length=200),
    Field("referent_courriel", "Référent : courriel", A, Kind.EMAIL, reader=INT, personal=True, max_length=254),
    Field("referent_telephone", "Référent : téléphone", A, Kind.PHONE, reader=INT, personal=True, max_length=40),
    Field("referent_publie", "Publier les coordonnées du référent", A, Kind.FLAG, reader=INT),
    Field("referent_verifie_le", "Coordonnées vérifiées le", A, Kind.DATE, reader=INT),
    Field("elu_referent", "Élu référent", A, reader=INT, personal=True, max_length=200),
    Field("industriel_referent", "Industriel référent", A, reader=INT, personal=True, max_length=200),
    Field("referent_region", "Référent à la région", A, reader=INT, personal=True, max_length=200),
    Field("referent_etat", "Référent de l’État", A, reader=INT, personal=True, max_length=200),
    # Objectifs
    Field("constat", "Constat", OBJ, Kind.LONG, F, max_length=8_000),
    Field("objectifs", "Objectifs", OBJ, Kind.LONG, F, max_length=8_000),
    Field("resultats_attendus", "Résultats attendus", OBJ, Kind.LONG, V, max_length=8_000),
    Field("emplois_a_creer", "Emplois à créer", OBJ, Kind.INTEGER, V, substantial=True),
    Field("emplois_a_maintenir", "Emplois à maintenir", OBJ, Kind.INTEGER, V, substantial=True),
    Field("emplois_unite", "Unité des emplois", OBJ, Kind.CHOICE, choices=EmploiUnite),
    Field("emplois_source", "Source des emplois", OBJ, max_length=300),
    # Calendrier
    Field("date_debut", "Date de début", C, Kind.DATE, V),
    Field("date_fin", "Date de fin", C, Kind.DATE, V, substantial=True),
    # Moyens
    Field("cout_total", "Coût total", M, Kind.AMOUNT, V, substantial=True),
    Field("investissement_prive", "Investissement privé", M, Kind.AMOUNT),
    # Suivi
    Field("avancement", "Avancement", S, Kind.CHOICE, choices=Avancement),
    Field("suspendue", "Suspendue", S, Kind.FLAG),
    Field("meteo", "Météo", S, Kind.CHOICE, choices=Meteo),
    Field(
        "frein", "Frein", S, Kind.CHOICE, reader=INT, choices=Frein, help="Demandé quand la météo est nuage ou orage."
    ),
    Field(
        "appui_demande_a",
        "Appui demandé à",
        S,
        reader=INT,
        max_length=200,
        help="Demandé quand la météo est nuage ou orage.",
    ),
    Field("meteo_region", "Météo donnée par la région", S, Kind.CHOICE, reader=INT, choices=Meteo),
    # Clôture
    Field("motif_cloture", "Motif de clôture", Z, Kind.CHOICE, choices=MotifCloture),
    Field("emplois_crees", "Emplois créés", Z, Kind.INTEGER, CLOSE),
    Field("emplois_maintenus", "Emplois maintenus", Z, Kind.INTEGER, CLOSE),
    Field("resultat_non_mesure", "Pourquoi aucun résultat n’est mesuré", Z, Kind.LONG, max_length=2_000),
    Field("ce_qui_a_marche", "Ce qui a marché", Z, Kind.LONG, CLOSE, max_length=8_000),
    Field("ce_qui_na_pas_marche", "Ce qui n’a pas marché", Z, Kind.LONG, CLOSE, max_length=8_000),
    Field("a_refaire", "À refaire ailleurs", Z, Kind.LONG, CLOSE, max_length=8_000),
)

ROWS: tuple[Rows, ...] = (
    Rows(
        "partenaires",
        "Partenaires",
        "partenaire",
        A,
        gate=V,
        columns=(
            Field("organisation", "Organisation", A, max_length=200, gate=F),
            Field("siret", "SIRET", A, Kind.SIRET, max_length=14),
            Field("role", "Rôle", A, max_length=200),
        ),
    ),
    Rows(
        "indicateurs",
        "Indicateurs de résultat",
        "indicateur",
        OBJ,
        columns=(
            Field("libelle", "Indicateur", OBJ, max_length=200, gate=F),
            Field("unite", "Unité", OBJ, max_length=60),
            Field("base", "Valeur de départ", OBJ, Kind.DECIMAL),
            Field("cible", "Cible", OBJ, Kind.DECIMAL),
        ),
    ),
    Rows(
        "mesures",
        "Mesures",
        "mesure",
        OBJ,
        columns=(
            Field("indicateur", "Indicateur mesuré", OBJ, max_length=200, gate=F),
            Field("valeur", "Valeur", OBJ, Kind.DECIMAL, gate=F),
            Field("date", "Date", OBJ, Kind.DATE, gate=F),
            Field("source", "Source", OBJ, max_length=200),
        ),
        help="Une ligne par mesure ; l’indicateur porte le même nom qu’au-dessus.",
    ),
    Rows(
        "jalons",
        "Jalons",
        "jalon",
        C,
        columns=(
            Field("libelle", "Jalon", C, max_length=200, gate=F),
            Field("date", "Date prévue", C, Kind.DATE, gate=F),
            Field("fait_le", "Fait le", C, Kind.DATE),
            Field("responsable", "Responsable", C, max_length=200),
        ),
    ),
    Rows(
        "financements",
        "Plan de financement",
        "ligne de financement",
        M,
        gate=V,
        reader=INT,
        columns=(
            Field("financeur", "Financeur", M, max_length=200, gate=F),
            Field("dispositif", "Dispositif", M, max_length=200),
            Field("nature", "Nature", M, Kind.CHOICE, F, choices=Nature),
            Field("etat_montant", "État du montant", M, Kind.CHOICE, F, choices=EtatMontant),
            Field("montant", "Montant", M, Kind.AMOUNT, F),
            Field("base", "Base", M, Kind.CHOICE, choices=Base),
            Field("date", "Date", M, Kind.DATE),
            Field("justificatif", "Justificatif", M, max_length=300),
        ),
    ),
    Rows(
        "notes",
        "Notes de suivi",
        "note",
        S,
        reader=INT,
        columns=(
            Field("date", "Date", S, Kind.DATE, F),
            Field("fait", "Ce qui a été fait", S, Kind.LONG, max_length=4_000),
            Field("difficulte", "Difficulté", S, Kind.LONG, max_length=4_000),
            Field("prochaine_etape", "Prochaine étape", S, Kind.LONG, max_length=4_000),
        ),
    ),
    Rows(
        "sollicitations",
        "Sollicitations",
        "sollicitation",
        S,
        reader=INT,
        columns=(
            Field("operateur", "Opérateur", S, max_length=200, gate=F),
            Field("demandee_le", "Demandée le", S, Kind.DATE, F),
            Field("accusee_le", "Accusé de réception le", S, Kind.DATE),
            Field("repondue_le", "Répondue le", S, Kind.DATE),
            Field("issue", "Issue", S, Kind.CHOICE, choices=IssueSollicitation),
            Field("motif_refus", "Motif du refus", S, Kind.CHOICE, choices=MotifRefus),
        ),
    ),
    Rows(
        "documents",
        "Documents et liens",
        "document",
        D,
        reader=INT,
        columns=(
            Field("titre", "Titre", D, max_length=200, gate=F),
            Field("lien", "Adresse", D, Kind.URL, F, max_length=1_000),
            Field("nature", "Nature", D, max_length=100),
            Field("publie", "Visible du public", D, Kind.FLAG),
        ),
    ),
)

# Fields and lists of rows together, as a fiche holds them.
ITEMS: tuple[Field | Rows, ...] = (*FIELDS, *ROWS)

BY_NAME: dict[str, Field] = {field.name: field for field in FIELDS}
ROWS_BY_NAME: dict[str, Rows] = {rows.name: rows for rows in ROWS}

# Set by the workflow or by the région, never typed in a section form by the chef de projet.
NOT_IN_FORMS = frozenset({"motif_cloture", "meteo_region"})

# Public only once somebody chose to publish them (PRODUCT §2.2, acteurs).
PUBLIC_IF_REFERENT_PUBLIE = frozenset({"referent_nom", "referent_fonction", "referent_courriel", "referent_telephone"})


def fields_of(section: str) -> list[Field]:
    return [field for field in FIELDS if field.section == section]


def rows_of(section: str) -> list[Rows]:
    return [rows for rows in ROWS if rows.section == section]


def section_of(name: str) -> Section:
    """The section a field or a list of rows stands in; KeyError for an unknown name."""
    return BY_NAME[name].section if name in BY_NAME else ROWS_BY_NAME[name].section


def label_of(name: str) -> str:
    if name in BY_NAME:
        return BY_NAME[name].label
    return ROWS_BY_NAME[name].label if name in ROWS_BY_NAME else name
