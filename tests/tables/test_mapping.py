"""Headings found by name, rows judged one by one, and what a file would change."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from fichetrack.tables import (
    Column,
    Row,
    Sheet,
    Table,
    count_recognised,
    diff,
    map_columns,
    map_rows,
    normalise_heading,
    read_table,
    write_xlsx,
)
from fichetrack.tables.mapping import MappedRow

COLUMNS = [
    Column("code", "Code", "code"),
    Column("intitule", "Intitulé", required=True, synonyms=("Titre", "Nom de l’action")),
    Column("maitre_ouvrage", "Maître d’ouvrage"),
    Column("cout_total", "Coût total", "amount"),
    Column("date_fin", "Date de fin", "date"),
]


@pytest.mark.parametrize(
    "heading",
    [
        "Maître d’ouvrage",
        "MAITRE D'OUVRAGE *",
        "\ufeffmaître\u00a0d ouvrage :",
        "maitre_ouvrage",
        "Maître  d’ouvrage (public)",
    ],
)
def test_a_heading_is_known_by_label_or_field_name(heading: str) -> None:
    mapping = map_columns(["Titre", heading], COLUMNS)
    assert mapping.columns == {0: "intitule", 1: "maitre_ouvrage"}


def test_œ_and_accents_are_forgiven() -> None:
    assert normalise_heading("  Mise en ŒUVRE – été * ") == "mise en oeuvre ete"


def test_what_cannot_be_placed_is_said() -> None:
    mapping = map_columns(["Cout totl", "Humeur", "Date de fin", "date_fin", ""], COLUMNS)
    assert mapping.unknown == [("Cout totl", "Coût total"), ("Humeur", None)]
    assert [column.name for column in mapping.missing] == ["intitule"]
    assert mapping.duplicates == [("Date de fin", ["Date de fin", "date_fin"])]
    assert len(mapping.problems()) == 2
    assert "Vouliez-vous dire «\u00a0Coût total\u00a0»" in mapping.remarks()[0]


def test_a_manual_mapping_wins_and_may_ignore_a_column() -> None:
    mapping = map_columns(["Objet", "Titre"], COLUMNS, {"Objet": "intitule", "Titre": ""})
    assert (mapping.columns, mapping.unknown, mapping.problems()) == ({0: "intitule"}, [], [])


def mapped(
    *rows: list[str], headings: tuple[str, ...] = ("Intitulé", "Coût total", "Date de fin"), **options: Any
) -> Any:
    table = Table(list(headings), [Row(line, cells) for line, cells in enumerate(rows, start=2)], **options)
    return map_rows(table, map_columns(headings, COLUMNS), COLUMNS)


def test_each_fault_names_its_line_its_column_and_what_to_do() -> None:
    rows, errors = mapped(["Halle", "12", "31/02/2026"], ["", "douze", ""], ["Usine", "1 500,50", "1/3/2026"])
    assert [row.values for row in rows] == [
        {"intitule": "Usine", "cout_total": Decimal("1500.50"), "date_fin": date(2026, 3, 1)}
    ]
    assert str(errors[0]) == (
        "Ligne 2, colonne «\u00a0Date de fin\u00a0»\u00a0: 31/02/2026 n’existe pas. "
        "Corrigez le jour, le mois ou l’année."
    )
    assert [(error.line, error.column) for error in errors[1:]] == [(3, "Intitulé"), (3, "Coût total")]


def test_a_separator_left_in_a_text_is_reported_not_shifted() -> None:
    _, errors = mapped(["Halle", "12", "", "reste"], delimiter=";")
    assert "4 cellules pour 3 titres" in str(errors[0])
    rows, errors = mapped(["Halle", "12", "", "une remarque à côté"])
    assert (len(rows), errors) == (1, [])


def test_a_resolver_turns_a_name_into_a_value_or_says_why_not() -> None:
    def resolve(text: str) -> int:
        if text != "Alès":
            raise ValueError("ce territoire n’existe pas. Vérifiez son nom.")
        return 7

    table = Table(["Intitulé"], [Row(2, ["Alès"]), Row(3, ["Ys"])])
    rows, errors = map_rows(table, map_columns(["Intitulé"], COLUMNS), COLUMNS, {"intitule": resolve})
    assert (rows[0].values, rows[0].raw) == ({"intitule": 7}, {"intitule": "Alès"})
    assert "territoire" in str(errors[0])


def row(line: int, **values: Any) -> MappedRow:
    return MappedRow(line, values, {})


def test_a_diff_tells_added_changed_unchanged_and_missing() -> None:
    existing = {"A": {"code": "A", "intitule": "Halle"}, "B": {"code": "B", "intitule": "Gare"}, "C": {"code": "C"}}
    rows = [row(2, code="A", intitule="Halle"), row(3, code="B", intitule="Port"), row(4, code="D"), row(5, code=None)]
    result = diff(rows, existing, "code", COLUMNS)
    assert [one.line for one in result.added] == [4, 5]
    assert [(one.line, changes) for one, changes in result.changed] == [(3, [("intitule", "Gare", "Port")])]
    assert ([one.line for one in result.unchanged], result.missing, result.is_empty) == ([2], ["C"], False)


def test_values_that_say_the_same_are_not_changes() -> None:
    before = {"a": None, "b": Decimal("1500.00"), "c": ["x", "y"], "d": "un\r\ndeux", "e": (), "f": 12.5}
    after = {"a": "", "b": 1500, "c": ("y", "x"), "d": "un\ndeux", "e": None, "f": Decimal("12.5")}
    assert diff([row(2, code="A", **after)], {"A": before}, "code", list("abcdef")).is_empty


def test_a_key_met_twice_is_an_error_of_the_later_line() -> None:
    result = diff([row(2, code="A"), row(3, code="A")], {}, "code", COLUMNS)
    assert str(result.errors[0]).startswith("Ligne 3, colonne «\u00a0Code\u00a0»\u00a0: A est déjà à la ligne 2")
    assert len(result.added) == 1


def test_a_key_may_be_several_fields_or_a_function() -> None:
    existing = {("t", 1): {"x": 1}}
    assert diff([row(2, t="t", n=1, x=1)], existing, ("t", "n"), ["x"]).is_empty
    assert diff([row(2, t="t", n=1, x=1)], existing, lambda one: (one.values["t"], one.values["n"]), ["x"]).is_empty


def test_of_18000_rows_with_200_faults_exactly_200_are_reported() -> None:
    columns = [*COLUMNS, *(Column(f"c{index}", f"Colonne {index}") for index in range(3))]
    texts = [Column(column.name, column.label) for column in columns]
    rows = [
        {"code": f"F{line}", "intitule": f"Action {line}", "cout_total": "12 500,50 €", "date_fin": "31/12/2026"}
        | {f"c{index}": f"texte {index}" for index in range(3)}
        for line in range(18_000)
    ]
    faults = {
        line * 89 + 2: ("cout_total", "12.34.5") if line % 2 else ("date_fin", "30/02/2026") for line in range(200)
    }
    for line, (name, value) in faults.items():
        rows[line - 2][name] = value
    buffer = io.BytesIO()
    write_xlsx(buffer, [Sheet("Fiches", texts, rows)])
    table = read_table(buffer.getvalue(), "fiches.xlsx", accepted=count_recognised(columns))
    good, errors = map_rows(table, map_columns(table.columns, columns), columns)
    labels = {"cout_total": "Coût total", "date_fin": "Date de fin"}
    assert [(error.line, error.column) for error in errors] == [
        (line, labels[name]) for line, (name, _) in faults.items()
    ]
    assert len(good) == 17_800
