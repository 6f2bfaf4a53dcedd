"""The fiche as a row: every value written in a cell reads back the same, and what contradicts itself is said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fichetrack import workbook
from fichetrack.fields import BY_NAME, FIELDS, ROWS, ROWS_BY_NAME, Field, Kind

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
    lambda t: t == t.strip()
)
LONG = st.text(st.sampled_from("aé|\\\n;'=🚲 n"), min_size=1, max_size=30).filter(lambda t: t == t.strip())
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: WORDS,
    Kind.LONG: LONG,
    Kind.FLAG: st.booleans(),
    Kind.DATE: st.dates().map(str),
    Kind.AMOUNT: st.decimals(0, 10**9, places=2).map(lambda value: format(value, "f")),
    Kind.DECIMAL: st.decimals(-(10**6), 10**6, places=2).map(workbook.decimal_text),
    Kind.SIRET: st.just("73282932000074"),
    Kind.URL: st.just("https://exemple.fr/a|b"),
}


def value_of(column: Field) -> st.SearchStrategy[Any]:
    kind = st.sampled_from([code for code, _label in column.options]) if column.options else VALUES[column.kind]
    return kind if column.gate or column.kind == Kind.FLAG else st.none() | kind


@pytest.mark.parametrize("rows", ROWS, ids=lambda rows: rows.name)
def test_a_list_of_rows_reads_back_from_its_cell(rows):
    line = st.fixed_dictionaries({column.name: value_of(column) for column in rows.columns})

    @settings(max_examples=40, deadline=None)
    @given(st.lists(line, max_size=4))
    def check(values: list[dict[str, Any]]) -> None:
        assert workbook.cell_to_rows(rows, workbook.rows_to_cell(rows, values)) == values

    check()


def test_a_wrong_row_names_its_line_and_column():
    with pytest.raises(ValueError, match="jalon 2, « Date prévue »"):
        workbook.cell_to_rows(ROWS_BY_NAME["jalons"], "Étude | 31/12/2026\nTravaux | 31/02/2027")
    with pytest.raises(ValueError, match="« Date prévue » manque"):
        workbook.cell_to_rows(ROWS_BY_NAME["jalons"], "Étude")


def test_blanks_and_line_breaks_say_the_same():
    assert workbook.same("resume", "a\r\nb", "a\nb")
    assert workbook.same("resume", "", None)
    assert workbook.same("thematiques", ["eau", "friches"], ["friches", "eau"])
    assert workbook.same("suspendue", None, False)
    assert not workbook.same("emplois_a_creer", 0, None)


def test_every_field_and_list_of_rows_is_a_column_once():
    names = [column.name for column in workbook.columns()]
    assert len(names) == len(set(names))
    assert {item.name for item in (*FIELDS, *ROWS)} | {"code", "etat", "validee_le"} == set(names)
    labels = [column.label for column in (*workbook.columns(), *workbook.COMPUTED)]
    assert len(labels) == len(set(labels))


def test_no_heading_means_two_columns():
    seen: dict[str, str] = {}
    for name, names in workbook.SYNONYMS.items():
        for heading in names:
            assert seen.setdefault(heading.lower(), name) == name, heading


def test_only_texts_have_a_length():
    limited = {column.name for column in workbook.columns() if column.max_length}
    assert not {name for name in limited if BY_NAME[name].kind in {Kind.DATE, Kind.INTEGER, Kind.LIEUX, Kind.CHOICES}}


@pytest.mark.parametrize("typed", ["44.128, 4.081", "44,128 ; 4,081", "44,128, 4,081", " 44.128 4.081 "])
def test_a_point_is_read_however_it_is_typed(typed: str):
    assert workbook.parse(typed, BY_NAME["point"]) == "44.128, 4.081"


@pytest.mark.parametrize("typed", ["Alès", "44.128", "444, 4", "44, 444"])
def test_a_point_out_of_the_world_is_refused(typed: str):
    with pytest.raises(ValueError, match="latitude"):
        workbook.parse(typed, BY_NAME["point"])
