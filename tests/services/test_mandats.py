"""Giving and ending mandats where pages do not reach: the command line, two people at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from fichetrack import clock, permissions
from fichetrack.errors import EditRefused, PermissionRefused
from fichetrack.models import Mandat, OutgoingEmail, Personne
from fichetrack.queries import personnes, rights
from fichetrack.services import mandats
from fichetrack.vocabulary import Action, Role
from tests.factories import MandatFactory, PersonneFactory, TerritoireFactory, admin, chef, dti, instructeur


def given(perimetre: str = "ti-ales", role: str = "chef_de_projet") -> mandats.Given:
    return mandats.Given(role, perimetre, clock.today())


def test_the_first_administrator_is_invited_from_the_command_line(app: Flask, db: Any, outbox: Any) -> None:
    link = mandats.invite_national(None, "Admin@Exemple.fr")
    assert link.startswith("http://localhost/invitation/")
    person = db.session.scalars(select(Personne)).one()
    assert person.courriel == "admin@exemple.fr"
    assert [mandat.role for mandat in person.mandats] == [Role.ADMINISTRATEUR]
    assert link in outbox()[0].body_text


def test_inviting_the_administrator_again_gives_a_new_link_and_no_second_mandat(app: Flask, db: Any) -> None:
    first = mandats.invite_national(None, "admin@exemple.fr")
    second = mandats.invite_national(None, "admin@exemple.fr")
    assert first != second
    assert db.session.scalar(select(func.count()).select_from(Mandat)) == 1


def test_an_administrator_with_a_password_is_sent_to_the_sign_in_page(app: Flask) -> None:
    assert mandats.invite_national(None, admin().courriel) == "http://localhost/connexion"


def test_the_command_line_gives_national_roles_only(app: Flask) -> None:
    with pytest.raises(EditRefused):
        mandats.invite_national(None, "paul@ales.fr", Role.CHEF_DE_PROJET)


def test_two_ends_of_one_mandat_are_one(app: Flask, db: Any) -> None:
    leaving, boss = chef(TerritoireFactory()), dti()
    mandat = leaving.mandats[0].id
    assert mandats.end(boss, mandat) == mandats.end(boss, mandat) == leaving.id
    assert db.session.scalar(select(func.count()).select_from(OutgoingEmail)) == 1


def test_a_mandat_given_today_by_mistake_ends_at_once(app: Flask, db: Any) -> None:
    TerritoireFactory(slug="ales")
    person, boss = PersonneFactory(), dti()
    mandat = mandats.grant(boss, person.id, given())
    assert permissions.valid_mandats(db.session.get_one(Personne, person.id))
    mandats.end(boss, mandat)
    assert not permissions.valid_mandats(db.session.get_one(Personne, person.id))


def test_the_same_role_may_come_back_after_an_end(app: Flask) -> None:
    territoire = TerritoireFactory(slug="ales")
    person = chef(territoire, ends_on=clock.today() - timedelta(days=1))
    assert mandats.grant(dti(), person.id, given())


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATEUR])
def test_a_region_gives_team_roles_and_no_other(app: Flask, role: Role) -> None:
    territoire = TerritoireFactory(slug="ales")
    region = instructeur(territoire.region_instructrice)
    chef(territoire, personne__courriel="paul@ales.fr")
    places = {"territoire": "ti-ales", "region": f"reg-{territoire.region_instructrice_code}", "national": "france"}
    place = places.get(permissions.ROLE_PERIMETER[role], "org-1")
    if role in permissions.TEAM - {Role.CHEF_DE_PROJET}:
        assert mandats.invite(region, "paul@ales.fr", "Paul", given(place, role))
    else:
        with pytest.raises((PermissionRefused, EditRefused)):
            mandats.invite(region, "paul@ales.fr", "Paul", given(place, role))


def test_what_the_lists_show_is_what_the_rules_say(app: Flask) -> None:
    """queries.personnes says MANAGE_MANDATS again as SQL; both must agree."""
    mine, other = TerritoireFactory(), TerritoireFactory()
    for user in (instructeur(mine.region_instructrice), dti(), admin(), chef(mine)):
        shown = {short.territoire.id for short in personnes.list_short_territoires(user)}
        managed = {one.id for one in (mine, other) if permissions.can(user, Action.MANAGE_MANDATS, one)}
        assert shown == managed


def test_every_predicate_of_the_rules_has_its_words() -> None:
    rules = [*permissions.RULES.values(), *permissions.ANYWHERE.values()]
    assert {predicate.__name__ for row in rules for predicate in row} == set(rights.HELD_BY)


@pytest.mark.parametrize("role", list(Role))
def test_the_roles_said_to_hold_a_predicate_are_the_only_ones_that_do(app: Flask, role: Role) -> None:
    territoire = TerritoireFactory()
    person = MandatFactory(role=role.value, territoire=territoire, region=territoire.region_instructrice).personne
    for name in ("leads_territoire", "contributes_to_territoire", "carries_territoire", "instructs_region",
                 "of_a_region", "steers_programme", "administers", "is_in_network", "edits_somewhere"):  # fmt: skip
        assert bool(getattr(permissions, name)(person, territoire)) == (role in rights.HELD_BY[name][0])
