"""The workflow as a table: every action from every état, what each guard waits for, and what a validation engages.

Pure: fiches are built in memory, no database is asked.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fichetrack import workflow
from fichetrack.errors import TransitionRefused
from fichetrack.fields import BY_NAME, FIELDS
from fichetrack.models import Event, Fiche, Mesure
from fichetrack.vocabulary import Action, Etat, MotifCloture
from tests.factories import FicheFactory

# PRODUCT §2.3, for the actions that exist: from which états, to which.
TABLE: dict[str, tuple[str, str | None]] = {
    "submit": ("brouillon", "deposee"),
    "take_up": ("deposee", "en_instruction"),
    "ask_more": ("en_instruction", "a_completer"),
    "answer": ("a_completer", "en_instruction"),
    "validate": ("en_instruction", "validee"),
    "reject": ("en_instruction", "non_retenue"),
    "withdraw": ("deposee en_instruction a_completer", "retiree"),
    "confirm": ("validee", "validee"),
    "close": ("validee", "cloturee"),
    "expel": ("validee", "cloturee"),
    "reopen": ("cloturee non_retenue retiree", "en_instruction"),
    "archive": ("cloturee", "archivee"),
    "delete": ("brouillon", None),
}
TO_FILE = {"resume", "description", "axe", "thematiques", "pilote", "constat", "objectifs"}
TO_VALIDATE = {
    "transition_ecologique", "transition_justification", "maitre_ouvrage", "maitre_ouvrage_siret", "partenaires",
    "resultats_attendus", "emplois_a_creer", "emplois_a_maintenir", "date_debut", "date_fin", "cout_total",
    "financements",
}  # fmt: skip
TO_CLOSE = {
    "emplois_crees",
    "ce_qui_a_marche",
    "ce_qui_na_pas_marche",
    "a_refaire",
    "resultat_non_mesure",
}


def built(**traits: Any) -> Fiche:
    return FicheFactory.build(**traits)


def missing(action: Action, fiche: Fiche, answers: dict[str, Any] | None = None) -> set[str]:
    return {one.field for one in workflow.missing_for(fiche, workflow.BY_ACTION[action], answers)}


@pytest.mark.parametrize("etat", list(Etat))
@pytest.mark.parametrize("action", list(workflow.BY_ACTION))
def test_an_action_goes_only_where_the_table_says(action: Action, etat: Etat) -> None:
    froms, to = TABLE[action.value]
    fiche = built(etat=etat.value)
    if etat.value in froms.split():
        assert workflow.transition_for(fiche, action).to == to
    else:
        with pytest.raises(TransitionRefused, match=f"« {action.label} » n’est pas possible"):
            workflow.transition_for(fiche, action)


def test_the_table_is_whole() -> None:
    assert {action.value for action in workflow.BY_ACTION} == set(TABLE)
    assert len(workflow.TRANSITIONS) == len(workflow.BY_ACTION)


def test_an_etat_is_left_or_final() -> None:
    left = {etat for row in workflow.TRANSITIONS for etat in row.froms}
    assert set(Etat) - left == {Etat.ARCHIVEE, Etat.AVENANT_EN_INSTRUCTION}  # The avenant comes later.


def test_only_the_archive_is_a_jobs() -> None:
    assert [row.action for row in workflow.TRANSITIONS if row.by_job] == [Action.ARCHIVE]


def test_closing_says_why() -> None:
    motifs = {row.action: row.motif_cloture for row in workflow.TRANSITIONS if row.to == Etat.CLOTUREE}
    assert motifs == {Action.CLOSE: MotifCloture.REALISEE, Action.EXPEL: MotifCloture.HORS_PROGRAMME}


def test_filing_waits_for_what_must_be_filled_in() -> None:
    assert missing(Action.SUBMIT, built()) == TO_FILE
    assert missing(Action.SUBMIT, built(complete_to_file=True)) == set()


def test_an_amont_fiche_cannot_be_filed() -> None:
    assert missing(Action.SUBMIT, built(complete_to_file=True, amont=True)) == {"diffusion"}


@pytest.mark.parametrize("name", sorted(TO_FILE - {"thematiques"}))
def test_blanks_do_not_fill_in_a_field(name: str) -> None:
    assert missing(Action.SUBMIT, built(complete_to_file=True, **{name: "  \n"})) == {name}


def test_validating_waits_for_more() -> None:
    assert missing(Action.VALIDATE, built(complete_to_file=True)) == TO_VALIDATE
    assert missing(Action.VALIDATE, built(complete_to_validate=True)) == set()


def test_zero_jobs_is_an_answer() -> None:
    assert missing(Action.VALIDATE, built(complete_to_validate=True, emplois_a_creer=0)) == set()


def test_simplifying_says_which_norm_and_what_is_proposed() -> None:
    fiche = built(complete_to_validate=True, axe="simplifier")
    assert missing(Action.VALIDATE, fiche) == {"norme_visee", "proposition_simplification"}


@pytest.mark.parametrize("meteo", ["nuage", "orage"])
def test_bad_weather_says_what_blocks_and_who_could_help(meteo: str) -> None:
    fiche = built(complete_to_validate=True, meteo=meteo)
    assert missing(Action.VALIDATE, fiche) == {"frein", "appui_demande_a"}


def test_closing_waits_for_results() -> None:
    assert missing(Action.CLOSE, built(complete_to_validate=True)) == TO_CLOSE
    assert missing(Action.CLOSE, built(complete_to_close=True)) == set()


def test_a_measure_stands_for_a_result() -> None:
    measured = [Mesure(indicateur="Apprentis", valeur="40", date=date(2026, 1, 1))]
    fiche = built(complete_to_close=True, resultat_non_mesure=None, mesures=measured)
    assert missing(Action.CLOSE, fiche) == set()


def test_an_answer_is_a_reply_or_a_change() -> None:
    fiche = built(a_completer=True)
    assert missing(Action.ANSWER, fiche, {}) == {"resume"}
    assert missing(Action.ANSWER, fiche, {"reponse": "Voici."}) == set()
    fiche.events = [edited("resume"), Event(kind="ask_more", changes=[])]
    assert missing(Action.ANSWER, fiche, {}) == set()


def test_what_was_changed_before_the_request_does_not_answer_it() -> None:
    fiche = built(a_completer=True)
    fiche.events = [edited("pilote"), Event(kind="ask_more", changes=[]), edited("resume")]
    assert missing(Action.ANSWER, fiche, {}) == {"resume"}


@pytest.mark.parametrize("action", [Action.REJECT, Action.EXPEL, Action.REOPEN])
@pytest.mark.parametrize("motif", [None, "", "   "])
def test_a_decision_has_a_motive(action: Action, motif: str | None) -> None:
    with pytest.raises(TransitionRefused) as refused:
        workflow.check(built(complete_to_validate=True), workflow.BY_ACTION[action], {"motif": motif})
    assert ["motif" in one.sentence for one in refused.value.missing] == [True]


def test_asking_for_more_says_why_and_where() -> None:
    row = workflow.BY_ACTION[Action.ASK_MORE]
    with pytest.raises(TransitionRefused) as refused:
        workflow.check(built(deposee=True), row, {})
    assert len(refused.value.missing) == 2
    workflow.check(built(deposee=True), row, {"motif": "Précisez", "champs": ["resume"]})


def test_what_is_missing_leads_to_its_section() -> None:
    found = workflow.missing_for(built(), workflow.BY_ACTION[Action.SUBMIT])
    assert {one.section for one in found} == {"identite", "acteurs", "objectifs"}
    assert all(one.sentence.startswith("Il manque") and one.sentence.endswith(".") for one in found)


def test_a_fiche_is_edited_only_in_three_etats() -> None:
    editable = {etat for etat in Etat if workflow.read_only_reason(built(etat=etat.value)) is None}
    assert editable == {Etat.BROUILLON, Etat.A_COMPLETER, Etat.VALIDEE}


# What a validation engages. The fiche was validated with these values.
VALIDATED = {
    "date_fin": "2027-01-31",
    "cout_total": "1000.00",
    "axe": "innover",
    "emplois_a_creer": 10,
    "pilote": "CCI",
    "territoire": "ti-ales",
    "emplois_a_maintenir": 0,
}
END = date(2027, 1, 31)


@pytest.mark.parametrize(
    ("name", "after", "engaged"),
    [
        ("date_fin", (END + timedelta(days=183)).isoformat(), False),
        ("date_fin", (END + timedelta(days=184)).isoformat(), True),
        ("date_fin", "2026-06-30", False),
        ("date_fin", None, True),
        ("cout_total", "1200.00", False),
        ("cout_total", "1200.01", True),
        ("cout_total", "800.00", False),
        ("cout_total", "799.99", True),
        ("cout_total", None, True),
        ("axe", "recruter", True),
        ("pilote", "Région", True),
        ("territoire", "ti-redon", True),
        ("emplois_a_creer", 11, True),
        ("emplois_a_maintenir", 1, True),
        ("emplois_a_creer", 10, False),
        ("resume", "Autre", False),
        ("diffusion", "reseau", False),
        ("jalons", [], False),
    ],
)
def test_a_substantial_change_waits_for_an_avenant(name: str, after: Any, engaged: bool) -> None:
    found = workflow.substantial_changes([(name, None, after)], VALIDATED)
    assert found == ([name] if engaged else [])


def test_small_steps_are_measured_from_the_validated_version() -> None:
    """1,150 then 1,300: the second step is small, the whole way is not."""
    assert workflow.substantial_changes([("cout_total", "1150.00", "1300.00")], VALIDATED) == ["cout_total"]


def test_substantial_fields_are_those_of_the_product() -> None:
    starred = {"axe", "territoire", "pilote", "emplois_a_creer", "emplois_a_maintenir", "date_fin", "cout_total"}
    assert {field.name for field in FIELDS if field.substantial} == starred
    assert Decimal("0.20") == workflow.COUT_TOLERANCE
    assert set(VALIDATED) == starred <= set(BY_NAME)


def edited(name: str) -> Event:
    return Event(kind="edit", changes=[[name, None, "x"]])
