"""What the demonstration holds: coherent, complete, varied. These tests only read, so that one load serves them all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from fichetrack import clock, workflow
from fichetrack.config import DEMO_DOMAIN, DEMO_PASSWORD
from fichetrack.demo import load
from fichetrack.demo.people import ACCOUNTS
from fichetrack.extensions import db
from fichetrack.models import Event, Fiche, Mandat, NamedVersion, Personne, Subscription
from fichetrack.passwords import verify
from fichetrack.vocabulary import PUBLISHED, Diffusion, Etat, MotifCloture, Role
from tests.demo.ground import lay_the_ground, silent

REACHED = set(Etat) - {Etat.AVENANT_EN_INSTRUCTION}
FILED = REACHED - {Etat.BROUILLON}


@pytest.fixture(scope="module")
def demonstration(database: Any) -> Iterator[list[Fiche]]:
    database.clean()
    with database.app.app_context(), clock.at(datetime(2026, 3, 2, 9, tzinfo=UTC)):
        lay_the_ground(db)
        load(260, seed=7, progress=silent)
        yield list(db.session.scalars(select(Fiche).order_by(Fiche.id)))
        db.session.remove()


def test_every_etat_and_every_class_is_shown_and_only_drafts_are_amont(demonstration: list[Fiche]) -> None:
    assert {fiche.etat for fiche in demonstration} == REACHED
    assert {fiche.diffusion for fiche in demonstration} == set(Diffusion)
    assert {fiche.etat for fiche in demonstration if fiche.diffusion == Diffusion.AMONT} == {Etat.BROUILLON}
    assert {fiche.motif_cloture for fiche in demonstration} == {
        None,
        MotifCloture.REALISEE,
        MotifCloture.HORS_PROGRAMME,
    }


def test_a_fiche_holds_what_its_etat_demanded(demonstration: list[Fiche]) -> None:
    gates = [(workflow.fields_to_file, lambda fiche: fiche.etat in FILED)]
    gates += [(workflow.fields_to_validate, lambda fiche: fiche.etat in PUBLISHED)]
    gates += [(workflow.fields_to_close, lambda fiche: fiche.motif_cloture == MotifCloture.REALISEE)]
    missing = [
        (fiche.code, row) for guard, holds in gates for fiche in demonstration if holds(fiche) for row in guard(fiche)
    ]
    assert missing == []


def test_the_journal_leads_to_the_etat_by_transitions_the_workflow_knows(demonstration: list[Fiche]) -> None:
    for fiche in demonstration:
        etat = Etat.BROUILLON.value
        for event in sorted(fiche.events, key=lambda event: event.id):
            if event.etat_after:
                row = workflow.BY_ACTION[event.kind]  # type: ignore[index]
                assert (event.etat_before, event.etat_after) == (etat, row.to)
                assert etat in row.froms
                etat = event.etat_after
        assert etat == fiche.etat


def test_the_journal_is_in_the_order_of_time_and_never_ahead_of_today(demonstration: list[Fiche]) -> None:
    moments = list(db.session.scalars(select(Event.at).order_by(Event.id)))
    assert moments == sorted(moments)
    assert moments[-1] < clock.now()


def test_each_edit_says_what_it_changed_and_the_last_one_is_what_the_fiche_holds(demonstration: list[Fiche]) -> None:
    for fiche in demonstration:
        for event in fiche.events:
            assert event.kind != "edit" or event.changes
            assert all(before != after for _name, before, after in event.changes)
        changed = [change for event in fiche.events for change in event.changes if change[0] == "avancement"]
        if changed and fiche.etat == Etat.VALIDEE:
            assert changed[0][2] == fiche.avancement


def test_who_acted_had_the_mandat_that_day(demonstration: list[Fiche]) -> None:
    for event in db.session.scalars(select(Event).where(Event.actor_id.is_not(None))):
        assert any(mandat.is_valid_on(event.at.date()) for mandat in event.actor.mandats), event.kind


def test_versions_are_named_after_the_transitions_that_made_them(demonstration: list[Fiche]) -> None:
    filed = next(fiche for fiche in demonstration if fiche.motif_cloture == MotifCloture.REALISEE)
    events = Counter(event.kind for event in filed.events)
    labels = db.session.scalars(select(NamedVersion.label).where(NamedVersion.fiche_id == filed.id))
    assert sorted(label.split()[0] for label in labels) == sorted(
        ["dépôt"] * events["submit"] + ["validée"] * events["validate"] + ["clôture"] * events["close"]
    )


def test_codes_follow_the_order_of_filing(demonstration: list[Fiche]) -> None:
    coded = [fiche for fiche in demonstration if fiche.code]
    assert {fiche.etat for fiche in coded} == FILED
    ales = sorted((fiche.filed_at, fiche.code) for fiche in coded if fiche.code.startswith("TI-ales-2025-"))
    assert [code for _at, code in ales] == [f"TI-ales-2025-{number:03d}" for number in range(1, len(ales) + 1)]


def test_a_wait_has_its_deadline_and_nothing_else_has(demonstration: list[Fiche]) -> None:
    waiting = {Etat.EN_INSTRUCTION, Etat.A_COMPLETER}
    assert all((fiche.due_on is not None) == (fiche.etat in waiting) for fiche in demonstration)
    asked = [fiche for fiche in demonstration if fiche.etat == Etat.A_COMPLETER]
    assert all(fiche.requested_fields and fiche.days_left is not None and fiche.taken_by_id for fiche in asked)


def test_money_never_exceeds_the_cost(demonstration: list[Fiche]) -> None:
    assert all(sum(row.montant for row in f.financements) <= f.cout_total for f in demonstration if f.cout_total)
    assert all(len({row.financeur for row in f.financements}) > 1 for f in demonstration if f.etat == Etat.VALIDEE)


def test_freshness_and_lateness_are_all_shown(demonstration: list[Fiche]) -> None:
    validated = [fiche for fiche in demonstration if fiche.etat == Etat.VALIDEE]
    ages = {min((clock.now() - fiche.confirmed_at).days // 90, 2) for fiche in validated}
    assert ages == {0, 1, 2}
    assert any(fiche.date_fin < clock.today() for fiche in validated)
    assert any(row.date < clock.today() and row.fait_le is None for fiche in validated for row in fiche.jalons)


def test_texts_are_typographic_french_and_titles_vary(demonstration: list[Fiche]) -> None:
    texts = [
        text for f in demonstration for text in (f.intitule, f.resume, f.constat, f.description, f.objectifs) if text
    ]
    wrong = [text for text in texts if re.search(r"['\"{}\[\]|]| [:;?!»%]|« |\b(?:de|à) Les? ", text)]
    assert wrong == []
    assert len({fiche.intitule for fiche in demonstration}) > 220
    assert max(len(fiche.intitule) for fiche in demonstration) == 200


def test_everybody_announced_may_sign_in_with_the_one_password(demonstration: list[Fiche]) -> None:
    people = {person.courriel: person for person in db.session.scalars(select(Personne))}
    for login, nom, *_ in ACCOUNTS:
        person = people[f"{login}@{DEMO_DOMAIN}"]
        assert (person.nom, verify(person.password_hash, DEMO_PASSWORD)) == (nom, True)
    assert all(person.password_hash for person in people.values())  # the others too: their territoires have editors


def test_a_chef_handed_over_and_one_territoire_is_left_with_a_single_editor(demonstration: list[Fiche]) -> None:
    editors = select(Mandat).where(Mandat.role.in_([Role.CHEF_DE_PROJET, Role.CONTRIBUTEUR]))
    mandats = list(db.session.scalars(editors))
    alive = Counter(mandat.territoire.slug for mandat in mandats if mandat.is_valid_on(clock.today()))
    assert alive["grand-chatellerault"] == 1
    ended = [mandat for mandat in mandats if mandat.ends_on]
    assert {mandat.role for mandat in ended} == {Role.CHEF_DE_PROJET, Role.CONTRIBUTEUR}


def test_the_subscriber_has_nothing_old_to_be_told(demonstration: list[Fiche]) -> None:
    last = db.session.scalar(select(func.max(Event.id)))
    assert [row.position for row in db.session.scalars(select(Subscription))] == [last, last]


def test_fictitious_siret_satisfy_their_key(demonstration: list[Fiche]) -> None:
    sirets = [fiche.maitre_ouvrage_siret for fiche in demonstration if fiche.maitre_ouvrage_siret]
    assert all(len(siret) == 14 and luhn(siret) for siret in sirets)


def luhn(digits: str) -> bool:
    doubled = [int(d) * (2 if place % 2 else 1) for place, d in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
