"""The people of the demonstration: accounts to sign in with, fictitious colleagues, operators, their mandats."""

from __future__ import annotations

import hashlib
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache

from argon2 import PasswordHasher
from flask import current_app

from fichetrack.clock import PARIS
from fichetrack.config import DEMO_DOMAIN, DEMO_PASSWORD
from fichetrack.demo.dice import dice
from fichetrack.demo.places import TEXTS, Place, spell
from fichetrack.demo.writing import Writer
from fichetrack.models import Mandat, Organisation, Personne, Subscription
from fichetrack.vocabulary import Frequency, Role

OPERATORS = ("Banque des Territoires", "Bpifrance", "ADEME", "France Travail", "Business France", "Cerema")
YEARS_BACK = 6  # Older than any event, so that whoever acts had the right to.

# login, name, function, role, where (slug, code of a région or a département, operator).
ACCOUNTS: tuple[tuple[str, str, str, Role | None, str], ...] = (
    ("chef.ales", "Camille Roux", "Chef de projet Territoires d’industrie", Role.CHEF_DE_PROJET, "ales"),
    ("contributeur.ales", "Yanis Mazel", "Chargé de développement économique", Role.CONTRIBUTEUR, "ales"),
    ("elu.ales", "Brigitte Fabre", "Vice-présidente à l’industrie", Role.ELU_REFERENT, "ales"),
    (
        "chef.lacq",
        "Xavier Etcheverry",
        "Chef de projet Territoires d’industrie",
        Role.CHEF_DE_PROJET,
        "lacq-pau-tarbes",
    ),
    ("region.occitanie", "Nadia Benali", "Chargée de mission industrie", Role.INSTRUCTEUR_REGION, "76"),
    ("region.nouvelle-aquitaine", "Guillaume Lafitte", "Chargé de mission industrie", Role.INSTRUCTEUR_REGION, "75"),
    ("dti", "Hélène Marchand", "Déléguée adjointe", Role.DTI, ""),
    ("operateur.bdt", "Thomas Lecomte", "Directeur territorial", Role.OPERATEUR, "Banque des Territoires"),
    ("etat.gard", "Sophie Vidal", "Correspondante industrie à la préfecture", Role.CORRESPONDANT_ETAT, "30"),
    ("animateur", "Karim Haddad", "Animateur de données", Role.ANIMATEUR_DATA, ""),
    ("abonne", "Louise Perrin", "Journaliste", None, ""),
    ("admin", "Julien Moreau", "Administrateur technique", Role.ADMINISTRATEUR, ""),
)


# What each does, in the masculine and in the feminine.
_FUNCTIONS: dict[Role, tuple[str, str]] = {
    Role.CHEF_DE_PROJET: ("Chef de projet Territoires d’industrie", "Cheffe de projet Territoires d’industrie"),
    Role.CONTRIBUTEUR: ("Chargé de mission développement économique", "Chargée de mission développement économique"),
    Role.ELU_REFERENT: ("Vice-président au développement économique", "Vice-présidente au développement économique"),
    Role.INDUSTRIEL_REFERENT: ("Directeur de site", "Directrice de site"),
    Role.INSTRUCTEUR_REGION: ("Instructeur des projets industriels", "Instructrice des projets industriels"),
    Role.OPERATEUR: ("Référent industrie", "Référente industrie"),
    Role.DTI: ("Chargé de programme", "Chargée de programme"),
}
_TEAM = (Role.CHEF_DE_PROJET, Role.CONTRIBUTEUR, Role.ELU_REFERENT, Role.INDUSTRIEL_REFERENT)
Span = tuple[date, date | None]


@dataclass(frozen=True)
class Member:
    """Somebody who held a role somewhere between two dates."""

    id: int
    nom: str
    fonction: str
    courriel: str
    starts_on: date
    ends_on: date | None = None


@dataclass
class Cast:
    """Who may act: by role and place (slug, code of a région, "" for France)."""

    members: dict[tuple[str, str], list[Member]] = field(default_factory=dict)
    operators: dict[str, int] = field(default_factory=dict)  # organisations
    accounts: dict[str, int] = field(default_factory=dict)

    def holders(self, role: Role, where: str, day: date) -> list[Member]:
        """Those whose mandat was in force that day."""
        rows = self.members.get((role.value, where), [])
        return [row for row in rows if row.starts_on <= day and (row.ends_on is None or day <= row.ends_on)]


def write_people(writer: Writer, places: list[Place], today: date, seed: int) -> Cast:
    """Write organisations, persons and mandats; returns who may act where."""
    return _Casting(writer, places, today, seed).run()


class _Casting:
    def __init__(self, writer: Writer, places: list[Place], today: date, seed: int) -> None:
        self.writer, self.places, self.cast = writer, places, Cast()
        self.since = today - timedelta(days=365 * YEARS_BACK)
        self.rng = dice(seed, "people")
        self.names = self._names()
        self.password = _hash_password(seed)
        self.territoires = {place.slug: place.id for place in places}
        self.organisations: dict[str, int] = {}
        self.spans = self._special_spans(today)

    def run(self) -> Cast:
        for operator in OPERATORS:
            self.cast.operators[operator] = self.writer.add(Organisation, nom=operator, is_operateur=True)
        for account in ACCOUNTS:
            self._account(*account)
        for place in self.places:
            self._team(place)
        for code in sorted({place.region_code for place in self.places}):
            self._colleague(Role.INSTRUCTEUR_REGION, code)
            self._colleague(Role.INSTRUCTEUR_REGION, code)
        for operator, organisation in self.cast.operators.items():
            self._colleague(Role.OPERATEUR, operator, organisation)
        self._colleague(Role.DTI, "")
        return self.cast

    def _special_spans(self, today: date) -> dict[tuple[Role, str], list[Span]]:
        """A chef de projet who handed over, and a territoire whose contributeur left: one person edits there."""
        others = [place.slug for place in self.places if place.slug not in {"ales", "lacq-pau-tarbes"}]
        if not others:
            return {}
        handover, left = today - timedelta(days=240), today - timedelta(days=75)
        return {
            (Role.CHEF_DE_PROJET, others[0]): [(self.since, handover), (handover + timedelta(days=1), None)],
            (Role.CONTRIBUTEUR, others[-1]): [(self.since, left)],
        }

    def _account(self, login: str, nom: str, fonction: str, role: Role | None, where: str) -> None:
        organisation = self.cast.operators.get(where)
        person = self._person(f"{login}@{DEMO_DOMAIN}", nom, fonction, organisation, self.password)
        self.cast.accounts[login] = person.id
        if role:
            self._mandat(person, role, where)

    def _team(self, place: Place) -> None:
        organisation = self._organisation(place)
        for role in _TEAM:
            if not self.cast.members.get((role.value, place.slug)):
                own = None if role == Role.INDUSTRIEL_REFERENT else organisation
                for span in self.spans.get((role, place.slug), [(self.since, None)]):
                    self._colleague(role, place.slug, own, span)

    def _colleague(self, role: Role, where: str, organisation: int | None = None, span: Span | None = None) -> None:
        nom = next(self.names)
        fonction = _FUNCTIONS[role][nom.split()[0] in _given()["femmes"]]
        person = self._person(f"{_login(nom)}@{DEMO_DOMAIN}", nom, fonction, organisation, self.password, span)
        self._mandat(person, role, where)

    def _person(
        self,
        courriel: str,
        nom: str,
        fonction: str,
        organisation: int | None,
        password: str,
        span: Span | None = None,
    ) -> Member:
        starts_on, ends_on = span or (self.since, None)
        created = datetime.combine(starts_on, time(9), PARIS)
        person = self.writer.add(
            Personne, courriel=courriel, nom=nom, fonction=fonction, organisation_id=organisation,
            password_hash=password, created_at=created, activated_at=created,
        )  # fmt: skip
        return Member(person, nom, fonction, courriel, starts_on, ends_on)

    def _mandat(self, person: Member, role: Role, where: str) -> None:
        self.writer.add(
            Mandat, personne_id=person.id, role=role.value, starts_on=person.starts_on, ends_on=person.ends_on,
            granted_at=datetime.combine(person.starts_on, time(9, 30), PARIS), **self._perimeter(role, where),
        )  # fmt: skip
        self.cast.members.setdefault((role.value, where), []).append(person)

    def _perimeter(self, role: Role, where: str) -> dict[str, int | str]:
        if role == Role.INSTRUCTEUR_REGION:
            return {"region_code": where}
        if role == Role.CORRESPONDANT_ETAT:
            return {"departement_code": where}
        if role == Role.OPERATEUR:
            return {"organisation_id": self.cast.operators[where]}
        return {"territoire_id": self.territoires[where]} if where else {}

    def _organisation(self, place: Place) -> int | None:
        """The first EPCI of a territoire, once: several territoires may share one."""
        if not place.members:
            return None
        siren, nom = place.members[0]
        if siren not in self.organisations:
            self.organisations[siren] = self.writer.add(Organisation, nom=spell(nom), siren=siren, is_operateur=False)
        return self.organisations[siren]

    def _names(self) -> Iterator[str]:
        taken = {account[1] for account in ACCOUNTS}
        given = _given()
        pairs = [f"{first} {last}" for first in [*given["femmes"], *given["hommes"]] for last in given["noms"]]
        self.rng.shuffle(pairs)
        yield from (name for name in pairs if name not in taken)


@cache
def _given() -> dict[str, list[str]]:
    return tomllib.loads((TEXTS / "people.toml").read_text(encoding="utf-8"))


def _hash_password(seed: int) -> str:
    """The one password, public anyway, hashed once; a fixed salt gives the same bytes for the same seed."""
    salt = hashlib.sha256(f"fichetrack demo {seed}".encode()).digest()[:16]
    return PasswordHasher(**current_app.config["ARGON2"]).hash(DEMO_PASSWORD, salt=salt)


def _login(nom: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", nom.lower()) if not unicodedata.combining(c))
    return plain.replace(" ", ".")


def write_subscriptions(writer: Writer, cast: Cast, today: date, last_event: int) -> None:
    """What the abonnée follows; whatever is already in the journal has been told."""
    created = datetime.combine(today - timedelta(days=30), time(9), PARIS)
    followed = (({"axe": ["recruter"]}, Frequency.DAILY), ({"territoire": ["ti-ales"]}, Frequency.WEEKLY))
    for filters, frequency in followed:
        writer.add(
            Subscription, personne_id=cast.accounts["abonne"], filters=filters, frequency=frequency.value,
            position=last_event, created_at=created,
        )  # fmt: skip
