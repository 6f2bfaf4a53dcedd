"""What is stored. Re-exports every model, so that alembic sees them all."""

from fichetrack.models import search_index
from fichetrack.models.account import AccountToken, LoginAttempt, LoginSession, Submission
from fichetrack.models.dataset import DatasetRelease, DatasetTable, FicheContext, FigureReport, ImportBatch
from fichetrack.models.fiche import (
    Comment,
    Document,
    Fiche,
    FicheReader,
    FicheThematique,
    Financement,
    Indicateur,
    Jalon,
    Mesure,
    Note,
    Partenaire,
    Sollicitation,
)
from fichetrack.models.journal import Event, NamedVersion
from fichetrack.models.messaging import Delivery, JobRun, OutgoingEmail, Subscription
from fichetrack.models.personne import Mandat, Organisation, Personne
from fichetrack.models.territoire import (
    Commune,
    Departement,
    Epci,
    GeographyRelease,
    Perimetre,
    PerimetreCommune,
    PerimetreMember,
    Region,
    Territoire,
)

__all__ = [
    "AccountToken",
    "Comment",
    "Commune",
    "DatasetRelease",
    "DatasetTable",
    "Delivery",
    "Departement",
    "Document",
    "Epci",
    "Event",
    "Fiche",
    "FicheContext",
    "FicheReader",
    "FicheThematique",
    "FigureReport",
    "Financement",
    "GeographyRelease",
    "ImportBatch",
    "Indicateur",
    "Jalon",
    "JobRun",
    "LoginAttempt",
    "LoginSession",
    "Mandat",
    "Mesure",
    "NamedVersion",
    "Note",
    "Organisation",
    "OutgoingEmail",
    "Partenaire",
    "Perimetre",
    "PerimetreCommune",
    "PerimetreMember",
    "Personne",
    "Region",
    "Sollicitation",
    "Submission",
    "Subscription",
    "Territoire",
    "search_index",
]
