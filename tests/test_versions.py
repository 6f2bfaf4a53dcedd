"""Plain values: what is blank, what differs, what contradicts, what the journal keeps of a person."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from fichetrack import versions


def test_contradictions_are_said() -> None:
    assert set(versions.incoherences({"date_debut": "2027-01-02", "date_fin": "2027-01-01"})) == {"date_fin"}
    strange = {"indicateurs": [{"libelle": "Emplois"}], "mesures": [{"indicateur": "emplois"}]}
    assert "« emplois »" in versions.incoherences(strange)["mesures"]


def test_zero_and_no_are_answers_and_blanks_are_not() -> None:
    assert [versions.is_empty(value) for value in (None, "", "  ", [], 0, False)] == [True] * 4 + [False] * 2


def test_blanks_of_any_kind_are_no_difference() -> None:
    before = {"resume": None, "thematiques": [], "emplois_a_creer": None}
    assert versions.diff(before, {"resume": "", "thematiques": None, "emplois_a_creer": 0}) == [
        ("emplois_a_creer", None, 0)
    ]


def test_values_have_one_spelling() -> None:
    assert versions.plain(Decimal("1200.5")) == "1200.50"
    assert versions.plain([date(2026, 3, 2)]) == ["2026-03-02"]


def test_the_journal_keeps_a_digest_of_personal_data() -> None:
    kept = versions.journal_value("referent_courriel", "camille@exemple.fr", "secret")
    assert "camille" not in kept
    assert kept == versions.journal_value("referent_courriel", "camille@exemple.fr", "secret")
    assert kept != versions.journal_value("referent_courriel", "camille@exemple.fr", "autre secret")
    assert versions.journal_value("pilote", "CA Alès", "secret") == "CA Alès"
