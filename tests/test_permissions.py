"""Who may do what: the policy read as tables, and the same rules as predicates and as SQL.

PRODUCT §2.4 is written again here, by hand, as READERS: neither side of permissions.py is taken at its word.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pytest
from flask_login import AnonymousUserMixin

from fichetrack import clock, permissions
from fichetrack.errors import NotVisible, PermissionRefused
from fichetrack.models import Fiche, FicheReader, Personne, Sollicitation
from fichetrack.permissions import RULES, can, explain, require, visible_fiches
from fichetrack.vocabulary import PUBLISHED, Action, Diffusion, Etat, Role
from tests.factories import (
    DepartementFactory,
    FicheFactory,
    MandatFactory,
    OrganisationFactory,
    PersonneFactory,
    RegionFactory,
    TerritoireFactory,
    admin,
    animateur,
    chef,
    contributeur,
    dti,
    elu,
    etat,
    industriel,
    instructeur,
    operateur,
)

ALL = "publique reseau nominative amont"
SHARED = "publique reseau"
NOT_AMONT = "publique reseau nominative"

# reader → the classes read in a brouillon, once filed, once published; on a fiche where nobody is named nor solicited.
READERS: dict[str, tuple[str, str, str]] = {
    "visitor": ("", "", "publique"),
    "account": ("", "", "publique"),
    "chef": (NOT_AMONT, NOT_AMONT, NOT_AMONT),
    "contributeur": (NOT_AMONT, NOT_AMONT, NOT_AMONT),
    "elu": (NOT_AMONT, NOT_AMONT, NOT_AMONT),
    "industriel": (NOT_AMONT, NOT_AMONT, NOT_AMONT),
    "chef of the associated": (NOT_AMONT, NOT_AMONT, NOT_AMONT),
    "elu of the associated": (NOT_AMONT, NOT_AMONT, NOT_AMONT),
    "chef elsewhere": ("", "", SHARED),
    "contributeur elsewhere": ("", "", SHARED),
    "elu elsewhere": ("", "", SHARED),
    "instructeur": ("", NOT_AMONT, NOT_AMONT),
    "instructeur of an associated region": ("", SHARED, SHARED),
    "instructeur of the associated": ("", "", SHARED),
    "instructeur elsewhere": ("", "", SHARED),
    "etat": ("", "", SHARED),
    "operateur": ("", "", SHARED),
    "dti": ("", NOT_AMONT, NOT_AMONT),
    "animateur": ("", "", "publique"),
    "admin": ("", "", "publique"),
    "author": ("amont", "amont", "publique amont"),
    "named": ("", "", "publique"),
    "named operateur": ("", "", SHARED),
    "solicited operateur": ("", "", SHARED),
    "chef whose account is closed": ("", "", "publique"),
    "chef not yet signed up": ("", "", "publique"),
    "chef whose mandat ended": ("", "", "publique"),
    "chef whose mandat comes": ("", "", "publique"),
    "dti whose mandat ended": ("", "", "publique"),
    "chef and admin": (NOT_AMONT, NOT_AMONT, NOT_AMONT),
}
# What being named or solicited adds to the line above.
NAMED: dict[str, tuple[str, str, str]] = {
    "named": ("amont", "nominative amont", "nominative amont"),
    "named operateur": ("", "nominative", "nominative"),
    "solicited operateur": ("", NOT_AMONT, NOT_AMONT),
}


class World:
    """A territoire, its associated one, another; everybody who could read; a fiche of each état and class."""

    def __init__(self) -> None:
        self.regions = [RegionFactory() for _ in range(4)]
        lead, associated, far, elsewhere = self.regions
        self.territoire = TerritoireFactory(region_instructrice=lead, associees=[associated])
        self.associated = TerritoireFactory(region_instructrice=far)
        self.elsewhere = TerritoireFactory(region_instructrice=elsewhere)
        self.operators = [OrganisationFactory(is_operateur=True) for _ in range(3)]
        self.readers = {**self._team(), **self._others(), **self._without_right()}

    @cached_property
    def plain(self) -> list[Fiche]:
        return [self._fiche(one, diffusion) for one in Etat for diffusion in Diffusion]

    @cached_property
    def named(self) -> list[Fiche]:
        """The same, where a person and an operator are named, and another operator is solicited."""
        return [self._fiche(one, diffusion, **self._names()) for one in Etat for diffusion in Diffusion]

    def _team(self) -> dict[str, Any]:
        here, beside, away = self.territoire, self.associated, self.elsewhere
        both = chef(here)
        MandatFactory(personne=both, role=Role.ADMINISTRATEUR.value)
        return {
            "chef": chef(here),
            "contributeur": contributeur(here),
            "elu": elu(here),
            "industriel": industriel(here),
            "chef of the associated": chef(beside),
            "elu of the associated": elu(beside),
            "chef elsewhere": chef(away),
            "contributeur elsewhere": contributeur(away),
            "elu elsewhere": elu(away),
            "chef and admin": both,
        }

    def _others(self) -> dict[str, Any]:
        lead, associated, far, elsewhere = self.regions
        other, named, solicited = self.operators
        return {
            "instructeur": instructeur(lead),
            "instructeur of an associated region": instructeur(associated),
            "instructeur of the associated": instructeur(far),
            "instructeur elsewhere": instructeur(elsewhere),
            "etat": etat(DepartementFactory(region=lead)),
            "operateur": operateur(other),
            "named operateur": operateur(named),
            "solicited operateur": operateur(solicited),
            "dti": dti(),
            "animateur": animateur(),
            "admin": admin(),
        }

    def _without_right(self) -> dict[str, Any]:
        closed, invited = PersonneFactory(closed=True), PersonneFactory(invited=True)
        return {
            "visitor": AnonymousUserMixin(),
            "account": PersonneFactory(),
            "author": PersonneFactory(),
            "named": PersonneFactory(),
            "chef whose account is closed": chef(self.territoire, personne=closed),
            "chef not yet signed up": chef(self.territoire, personne=invited),
            "chef whose mandat ended": chef(self.territoire, ended=True),
            "chef whose mandat comes": chef(self.territoire, future=True),
            "dti whose mandat ended": dti(ended=True),
        }

    def _names(self) -> dict[str, Any]:
        _other, named, solicited = self.operators
        readers = [FicheReader(personne=self.readers["named"]), FicheReader(organisation=named)]
        request = Sollicitation(operateur=solicited.nom, organisation_id=solicited.id, demandee_le=clock.today())
        return {"readers": readers, "sollicitations": [request]}

    def _fiche(self, one: Etat, diffusion: Diffusion, **more: Any) -> Fiche:
        return FicheFactory(
            etat=one.value,
            diffusion=diffusion.value,
            territoire=self.territoire,
            territoires_associes=[self.associated],
            created_by=self.readers["author"],
            **more,
        )


def expected(reader: str, fiche: Fiche, named: bool) -> bool:
    phase = 0 if fiche.etat == Etat.BROUILLON else 2 if fiche.etat in PUBLISHED else 1
    classes = READERS[reader][phase].split()
    if named:
        classes += NAMED.get(reader, ("", "", ""))[phase].split()
    return fiche.diffusion in classes


def test_reading_is_the_products_table_for_everybody_and_in_sql(db: Any) -> None:
    """Every reader × état × class × named or not: the table, `can` and `visible_fiches` say the same."""
    world = World()
    both = world.plain + world.named
    assert set(world.readers) == set(READERS)
    for reader, user in world.readers.items():
        wanted = {fiche.id for fiche in world.plain if expected(reader, fiche, False)}
        wanted |= {fiche.id for fiche in world.named if expected(reader, fiche, True)}
        by_rule = {fiche.id for fiche in both if can(user, Action.READ, fiche)}
        in_sql = [fiche.id for fiche in db.session.scalars(visible_fiches(user))]
        assert told(by_rule, world) == told(wanted, world), reader
        assert sorted(in_sql) == sorted(by_rule), reader


def told(ids: set[int], world: World) -> list[str]:
    named = [f"{fiche.etat} {fiche.diffusion} named" for fiche in world.named if fiche.id in ids]
    return named + [f"{fiche.etat} {fiche.diffusion}" for fiche in world.plain if fiche.id in ids]


# Acts on a fiche réseau they may all read → who may do them. The others get a refusal.
PEOPLE = (
    "chef", "contributeur", "elu", "industriel", "chef of the associated", "chef elsewhere", "instructeur",
    "instructeur of an associated region", "instructeur elsewhere", "etat", "operateur", "dti", "animateur", "admin",
)  # fmt: skip
CHEF, AUTHORS, REGION = {"chef"}, {"chef", "contributeur"}, {"instructeur", "dti"}
ACTS: dict[Action, tuple[Etat, set[str]]] = {
    Action.EDIT: (Etat.VALIDEE, AUTHORS),
    Action.DELETE: (Etat.BROUILLON, CHEF),
    Action.SUBMIT: (Etat.BROUILLON, CHEF),
    Action.TAKE_UP: (Etat.DEPOSEE, REGION),
    Action.ASK_MORE: (Etat.EN_INSTRUCTION, REGION),
    Action.ANSWER: (Etat.A_COMPLETER, CHEF),
    Action.VALIDATE: (Etat.EN_INSTRUCTION, REGION),
    Action.REJECT: (Etat.EN_INSTRUCTION, REGION),
    Action.WITHDRAW: (Etat.EN_INSTRUCTION, CHEF),
    Action.CONFIRM: (Etat.VALIDEE, AUTHORS),
    Action.CLOSE: (Etat.VALIDEE, CHEF),
    Action.EXPEL: (Etat.VALIDEE, {"dti"}),
    Action.REOPEN: (Etat.CLOTUREE, REGION),
    Action.ARCHIVE: (Etat.CLOTUREE, set()),
    Action.RESTRICT: (Etat.VALIDEE, REGION),
    Action.GIVE_METEO: (Etat.VALIDEE, {"instructeur"}),
    Action.NAME_READER: (Etat.VALIDEE, CHEF),
}


def test_each_act_is_for_those_the_product_names(db: Any) -> None:
    world = World()
    shared = {fiche.etat: fiche for fiche in world.plain if fiche.diffusion == Diffusion.RESEAU}
    for act, (one, wanted) in ACTS.items():
        assert {who for who in PEOPLE if can(world.readers[who], act, shared[one])} == wanted, act


def test_a_withdrawn_fiche_is_reopened_by_its_chef_alone(db: Any) -> None:
    world = World()
    withdrawn = FicheFactory(retiree=True, territoire=world.territoire)
    assert {who for who in PEOPLE if can(world.readers[who], Action.REOPEN, withdrawn)} == CHEF


# Acts on a territoire, and acts without a subject.
ON_TERRITOIRE: dict[Action, set[str]] = {
    Action.CREATE: AUTHORS,
    Action.IMPORT: AUTHORS | REGION,
    Action.IMPORT_REPRISE: REGION,
    Action.MANAGE_MANDATS: REGION | {"admin"},
}
SOMEWHERE: dict[Action, set[str]] = {
    Action.INSTRUCT: {name for name in PEOPLE if name.startswith("instructeur")} | {"dti"},
    Action.STEER: set(PEOPLE) - {"animateur", "admin"},
    Action.ADMINISTER: {"admin"},
    Action.READ_DETAILED_FIGURES: set(PEOPLE),
    Action.READ_NETWORK_FIGURES: set(PEOPLE) - {"admin"},
    Action.MANAGE_DATA: {"animateur"},
}


def test_acts_around_fiches_are_for_those_the_product_names(db: Any) -> None:
    world = World()
    for act, wanted in ON_TERRITOIRE.items():
        assert {who for who in PEOPLE if can(world.readers[who], act, world.territoire)} == wanted, act
    for act, wanted in SOMEWHERE.items():
        assert {who for who in PEOPLE if can(world.readers[who], act)} == wanted, act


def test_every_action_has_its_line() -> None:
    assert set(RULES) == set(Action)
    assert all(callable(predicate) for predicates in RULES.values() for predicate in predicates)
    reading = {Action.READ, Action.READ_INTERNAL, Action.COMMENT, Action.FOLLOW}
    assert set(ACTS) | set(ON_TERRITOIRE) | set(SOMEWHERE) | reading == set(Action)


def test_every_role_has_its_perimeter() -> None:
    assert set(permissions.ROLE_PERIMETER) == set(Role)


def test_nothing_is_done_to_what_cannot_be_read(db: Any) -> None:
    """The chef of the territoire may not even be told that somebody's amont fiche exists."""
    fiche = FicheFactory(amont=True)
    user = chef(fiche.territoire)
    assert [act for act in RULES if can(user, act, fiche)] == []
    with pytest.raises(NotVisible):
        require(user, Action.EDIT, fiche)


def test_a_refusal_tells_what_is_lacking(db: Any) -> None:
    fiche = FicheFactory(validee=True)
    with pytest.raises(PermissionRefused, match="« Clôturer »"):
        require(contributeur(fiche.territoire), Action.CLOSE, fiche)


def test_a_right_is_explained_by_its_mandat(db: Any) -> None:
    fiche = FicheFactory(reseau=True, en_instruction=True)
    user = instructeur(fiche.territoire.region_instructrice)
    assert [(reason.predicate, reason.mandat) for reason in explain(user, Action.VALIDATE, fiche)] == [
        ("instructs_region", user.mandats[0])
    ]


def test_the_delegation_stands_in_for_the_region_and_says_why(db: Any) -> None:
    fiche = FicheFactory(en_instruction=True)
    needs = {one.row.action: one.needs_motif for one in permissions.available_transitions(dti(), fiche)}
    assert needs == {Action.ASK_MORE: True, Action.VALIDATE: True, Action.REJECT: True}


def test_transitions_offered_are_those_of_the_etat_and_of_the_person(db: Any) -> None:
    fiche = FicheFactory(validee=True)
    offered = {
        who.__name__: {one.row.action for one in permissions.available_transitions(who(fiche.territoire), fiche)}
        for who in (chef, contributeur, elu)
    }
    assert offered == {"chef": {Action.CONFIRM, Action.CLOSE}, "contributeur": {Action.CONFIRM}, "elu": set()}


def test_a_region_restricts_and_never_opens(db: Any) -> None:
    assert [permissions.restrictions_of(FicheFactory(diffusion=one.value)) for one in Diffusion] == [
        [Diffusion.RESEAU, Diffusion.NOMINATIVE],
        [Diffusion.NOMINATIVE],
        [],
        [],
    ]


def test_the_public_reads_published_fields_only(db: Any) -> None:
    fiche = FicheFactory(validee=True)
    hidden = permissions.readable_names(dti(), fiche) - permissions.readable_names(AnonymousUserMixin(), fiche)
    assert {"referent_courriel", "financements", "notes", "sollicitations", "frein", "meteo_region"} <= hidden
    assert permissions.readable_names(admin(), fiche) == permissions.readable_names(AnonymousUserMixin(), fiche)


def test_a_person_of_an_ended_mandat_acts_no_more(db: Any) -> None:
    fiche = FicheFactory(validee=True)
    gone: Personne = chef(fiche.territoire, ended=True)
    assert [act for act in RULES if can(gone, act, fiche)] == [
        Action.READ, Action.READ_INTERNAL, Action.FOLLOW, Action.READ_DETAILED_FIGURES
    ]  # fmt: skip
