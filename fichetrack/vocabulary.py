"""The words of the field, once: every enum of the register with its French labels.

Glossary (the French nouns kept in code): fiche, a planned action of a territoire; axe, one of the four axes of the programme;
territoire, a « Territoire d'industrie »; périmètre, its dated list of members; région, commune, as in the official code;
mandat, a dated right of a person on a perimeter; personne, organisation; état, where the workflow is; avancement, how far the
action is; météo, how it feels; diffusion, who may read; fraîcheur, how recently somebody confirmed it; jalon, a milestone;
financement, one funding line; frein, what blocks; appui, the help asked for; sollicitation, a request to an operator;
avenant, a substantial change of a validated fiche; instruction, a région's examination; pilotage, national steering;
campagne, a « faire le point » round; dispositif, an aid or a service; friche, a derelict site; métier, an occupation;
millésime, the vintage of a dataset; motif, a coded reason; reprise, taking over fiches that lived elsewhere.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A coded value and its French label: `Axe.INNOVER == "innover"`, `Axe.INNOVER.label == "Innover"`."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        return [(member.value, member.label) for member in cls]


class Etat(Labelled):
    BROUILLON = "brouillon", "Brouillon"
    DEPOSEE = "deposee", "Déposée"
    EN_INSTRUCTION = "en_instruction", "En instruction"
    A_COMPLETER = "a_completer", "À compléter"
    VALIDEE = "validee", "Validée"
    AVENANT_EN_INSTRUCTION = "avenant_en_instruction", "Avenant en instruction"
    NON_RETENUE = "non_retenue", "Non retenue"
    RETIREE = "retiree", "Retirée"
    CLOTUREE = "cloturee", "Clôturée"
    ARCHIVEE = "archivee", "Archivée"


# Once a fiche has been validated, its class alone decides who reads it (PRODUCT §2.4).
PUBLISHED = frozenset({Etat.VALIDEE, Etat.AVENANT_EN_INSTRUCTION, Etat.CLOTUREE, Etat.ARCHIVEE})


class MotifCloture(Labelled):
    REALISEE = "realisee", "Réalisée"
    ABANDONNEE = "abandonnee", "Abandonnée"
    FUSIONNEE = "fusionnee", "Fusionnée"
    TRANSFEREE = "transferee", "Transférée"
    HORS_PROGRAMME = "hors_programme", "Hors programme"


class Axe(Labelled):
    ATTIRER = "attirer", "Attirer"
    INNOVER = "innover", "Innover"
    RECRUTER = "recruter", "Recruter"
    SIMPLIFIER = "simplifier", "Simplifier"


class Thematique(Labelled):
    COMPETENCES_FORMATION = "competences_formation", "Compétences et formation"
    ATTRACTIVITE_METIERS = "attractivite_metiers", "Attractivité des métiers"
    FONCIER_IMMOBILIER = "foncier_immobilier", "Foncier et immobilier"
    FRICHES = "friches", "Friches"
    DECARBONATION = "decarbonation", "Décarbonation"
    ENERGIE_HYDROGENE = "energie_hydrogene", "Énergie et hydrogène"
    EAU = "eau", "Eau"
    ECONOMIE_CIRCULAIRE_EIT = "economie_circulaire_eit", "Économie circulaire et EIT"
    INDUSTRIE_NUMERIQUE = "industrie_numerique", "Industrie 4.0 et numérique"
    INNOVATION_RD = "innovation_rd", "Innovation et R&D"
    MOBILITE = "mobilite", "Mobilité"
    LOGEMENT_ACCUEIL = "logement_accueil", "Logement et accueil"
    FILIERES_RESEAUX = "filieres_reseaux", "Filières et réseaux d’entreprises"
    SIMPLIFICATION_REGLEMENTATION = "simplification_reglementation", "Simplification et réglementation"
    FINANCEMENT = "financement", "Financement"


class Avancement(Labelled):
    EMERGENCE = "emergence", "Émergence"
    ETUDE = "etude", "Étude"
    MONTAGE_FINANCIER = "montage_financier", "Montage financier"
    PRETE = "prete", "Prête"
    EN_COURS = "en_cours", "En cours"
    TERMINEE = "terminee", "Terminée"


class Meteo(Labelled):
    SOLEIL = "soleil", "Soleil : objectifs sécurisés"
    COUVERT = "couvert", "Couvert : objectifs atteignables"
    NUAGE = "nuage", "Nuage : appuis nécessaires"
    ORAGE = "orage", "Orage : objectifs compromis"


# A fiche in one of these must say what blocks it and from whom help is asked (PRODUCT §2.1).
METEO_NEEDS_HELP = frozenset({Meteo.NUAGE, Meteo.ORAGE})


class Frein(Labelled):
    FONCIER = "foncier", "Foncier"
    FINANCEMENT = "financement", "Financement"
    REGLEMENTAIRE = "reglementaire", "Réglementaire"
    COMPETENCES = "competences", "Compétences"
    PARTENAIRE = "partenaire", "Partenaire"
    DECISION = "decision", "Décision"
    AUTRE = "autre", "Autre"


class Diffusion(Labelled):
    PUBLIQUE = "publique", "Publique"
    RESEAU = "reseau", "Réseau"
    NOMINATIVE = "nominative", "Nominative"
    AMONT = "amont", "Amont"


# From the most open to the most closed: a région may move down this list, never up.
DIFFUSION_ORDER = (Diffusion.PUBLIQUE, Diffusion.RESEAU, Diffusion.NOMINATIVE, Diffusion.AMONT)


class Fraicheur(Labelled):
    A_JOUR = "a_jour", "À jour"
    A_CONFIRMER = "a_confirmer", "À confirmer"
    PERIMEE = "perimee", "Périmée"


FRAICHEUR_A_CONFIRMER_DAYS = 90
FRAICHEUR_PERIMEE_DAYS = 180


class Transition(Labelled):
    OUI = "oui", "Oui"
    PARTIELLE = "partielle", "Partielle"
    NON = "non", "Non"


class EmploiUnite(Labelled):
    PERSONNES = "personnes", "Personnes"
    ETP = "etp", "Équivalents temps plein"


class Nature(Labelled):
    SUBVENTION = "subvention", "Subvention"
    AVANCE = "avance", "Avance"
    PRET = "pret", "Prêt"
    FONDS_PROPRES = "fonds_propres", "Fonds propres"
    INGENIERIE = "ingenierie", "Ingénierie"


class EtatMontant(Labelled):
    ENVISAGE = "envisage", "Envisagé"
    DEMANDE = "demande", "Demandé"
    ACCORDE = "accorde", "Accordé"
    ENGAGE = "engage", "Engagé"
    NOTIFIE = "notifie", "Notifié"
    VERSE = "verse", "Versé"


# What one may count on when computing « reste à financer »: money promised by a decision, not hoped for.
ETATS_MONTANT_ACQUIS = frozenset({EtatMontant.ACCORDE, EtatMontant.ENGAGE, EtatMontant.NOTIFIE, EtatMontant.VERSE})


class Base(Labelled):
    HT = "ht", "HT"
    TTC = "ttc", "TTC"


class IssueSollicitation(Labelled):
    ACCORD = "accord", "Accord"
    ACCORD_PARTIEL = "accord_partiel", "Accord partiel"
    REFUS = "refus", "Refus"
    SANS_OBJET = "sans_objet", "Sans objet"


class MotifRefus(Labelled):
    HORS_PERIMETRE = "hors_perimetre", "Hors du périmètre d’intervention"
    CREDITS_EPUISES = "credits_epuises", "Crédits épuisés"
    DOSSIER_INCOMPLET = "dossier_incomplet", "Dossier incomplet"
    PROJET_PREMATURE = "projet_premature", "Projet prématuré"
    AUTRE = "autre", "Autre"


class Role(Labelled):
    CONTRIBUTEUR = "contributeur", "Contributeur"
    CHEF_DE_PROJET = "chef_de_projet", "Chef de projet"
    ELU_REFERENT = "elu_referent", "Élu référent"
    INDUSTRIEL_REFERENT = "industriel_referent", "Industriel référent"
    INSTRUCTEUR_REGION = "instructeur_region", "Instructeur région"
    CORRESPONDANT_ETAT = "correspondant_etat", "Correspondant État"
    OPERATEUR = "operateur", "Opérateur"
    DTI = "dti", "Délégation aux Territoires d’industrie"
    ANIMATEUR_DATA = "animateur_data", "Animateur data"
    ADMINISTRATEUR = "administrateur", "Administrateur technique"


class PerimeterKind(Labelled):
    """What a mandat is given on; each role accepts exactly one kind (permissions.ROLE_PERIMETER)."""

    TERRITOIRE = "territoire", "Territoire d’industrie"
    REGION = "region", "Région"
    DEPARTEMENT = "departement", "Département"
    ORGANISATION = "organisation", "Organisation"
    NATIONAL = "national", "France"


class PlaceKind(Labelled):
    """The kinds of places whose figures are shown; the value is the prefix of their address."""

    TI = "ti", "Territoire d’industrie"
    EPCI = "epci", "Intercommunalité"
    COMMUNE = "com", "Commune"
    DEPARTEMENT = "dep", "Département"
    REGION = "reg", "Région"
    FRANCE = "france", "Pays"


class Action(Labelled):
    """Every act a person may do; those of the workflow carry PRODUCT §2.3's form values."""

    # The life of a fiche.
    CREATE = "create", "Créer une fiche"
    DELETE = "delete", "Supprimer le brouillon"
    SUBMIT = "submit", "Déposer"
    TAKE_UP = "take_up", "Prendre en charge"
    ASK_MORE = "ask_more", "Demander un complément"
    ANSWER = "answer", "Répondre"
    VALIDATE = "validate", "Valider"
    REJECT = "reject", "Ne pas retenir"
    WITHDRAW = "withdraw", "Retirer"
    CONFIRM = "confirm", "Toujours vrai"
    CLOSE = "close", "Clôturer"
    EXPEL = "expel", "Sortir du programme"
    REOPEN = "reopen", "Rouvrir"
    ARCHIVE = "archive", "Archiver"
    # Beside the workflow.
    READ = "read", "Lire la fiche"
    READ_INTERNAL = "read_internal", "Lire le suivi interne"
    EDIT = "edit", "Modifier la fiche"
    COMMENT = "comment", "Commenter"
    RESTRICT = "restrict", "Restreindre la diffusion"
    GIVE_METEO = "give_meteo", "Donner la météo de la région"
    NAME_READER = "name_reader", "Désigner un lecteur"
    FOLLOW = "follow", "Suivre"
    # Around fiches.
    INSTRUCT = "instruct", "Instruire les fiches"
    IMPORT = "import", "Importer un classeur"
    IMPORT_REPRISE = "import_reprise", "Importer une reprise"
    STEER = "steer", "Piloter le programme"
    MANAGE_MANDATS = "manage_mandats", "Gérer les mandats"
    ADMINISTER = "administer", "Administrer"
    # Figures of a territoire.
    READ_DETAILED_FIGURES = "read_detailed_figures", "Lire les chiffres détaillés"
    READ_NETWORK_FIGURES = "read_network_figures", "Lire les chiffres réservés au réseau"
    MANAGE_DATA = "manage_data", "Animer les données"


class EventKind(Labelled):
    """What the journal may tell beside the workflow's actions."""

    EDIT = "edit", "Modification"
    COMMENT = "comment", "Commentaire"
    RESTRICT = "restrict", "Diffusion restreinte"
    NAME_READER = "name_reader", "Lecteur désigné"
    UNNAME_READER = "unname_reader", "Lecteur retiré"
    IMPORT = "import", "Import"
    REPRISE = "reprise", "Reprise"
    UNDO_IMPORT = "undo_import", "Annulation d’import"


class Source(Labelled):
    """Where an event came from."""

    PAGE = "page", "la page"
    IMPORT = "import", "un classeur"
    EMAIL = "email", "un courriel"
    JOB = "job", "le système"
    DEMO = "demo", "la démonstration"


class Frequency(Labelled):
    DAILY = "quotidien", "Chaque jour"
    WEEKLY = "hebdomadaire", "Chaque semaine"


class Phase(Labelled):
    PHASE_1 = "1", "Phase 1 (2018-2022)"
    PHASE_2 = "2", "Phase 2 (2023-2027)"


# NAF rev. 2, level A17 (INSEE): the sectors a fiche may name.
SECTEURS_A17: dict[str, str] = {
    "AZ": "Agriculture, sylviculture et pêche",
    "C1": "Denrées alimentaires, boissons et produits à base de tabac",
    "C2": "Cokéfaction et raffinage",
    "C3": "Équipements électriques, électroniques, informatiques ; machines",
    "C4": "Matériels de transport",
    "C5": "Autres produits industriels",
    "DE": "Industries extractives, énergie, eau, gestion des déchets et dépollution",
    "FZ": "Construction",
    "GZ": "Commerce ; réparation d’automobiles et de motocycles",
    "HZ": "Transports et entreposage",
    "IZ": "Hébergement et restauration",
    "JZ": "Information et communication",
    "KZ": "Activités financières et d’assurance",
    "LZ": "Activités immobilières",
    "MN": "Activités scientifiques et techniques ; services administratifs et de soutien",
    "OQ": "Administration publique, enseignement, santé humaine et action sociale",
    "RU": "Autres activités de services",
}

MOIS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_MILLESIME = re.compile(
    r"(?<!\d)(?P<year>\d{4})-(?:T(?P<quarter>[1-4])|(?P<end>\d{4})|(?P<month>0[1-9]|1[0-2])(?:-(?P<day>[0-3]\d))?)(?!\d)"
    r"|rev(?P<revision>\d)-(?P<since>\d{4})"
)


def millesime_label(text: str | None) -> str:
    """A millésime in words: « octobre 2025 », « 4e trimestre 2025 », « de 2019 à 2024 », « révision 2, 2008 »; « 2024 » stays.

    Several put together (« 2025-06 à 2025-10 », « 2025-10, 2025-11 ») are each said; anything else is left as it is.
    """
    return _MILLESIME.sub(_said, text or "")


def _said(found: re.Match[str]) -> str:
    part = found.groupdict()
    if part["revision"]:
        return f"révision {part['revision']}, {part['since']}"
    if part["quarter"]:
        return f"{_first(int(part['quarter']), 'e')} trimestre {part['year']}"
    if part["end"]:
        return f"de {part['year']} à {part['end']}"
    month = f"{MOIS[int(part['month']) - 1]} {part['year']}"
    return f"{_first(int(part['day']))} {month}" if part["day"] else month


def _first(number: int, suffix: str = "") -> str:
    """« 1er », « 2 »; with a suffix, « 2e »."""
    return "1er" if number == 1 else f"{number}{suffix}"
