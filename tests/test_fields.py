"""fields.py and the models say the same thing: every field has its column, wide enough for what may be typed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from sqlalchemy import String, inspect

from fichetrack.fields import BY_NAME, FIELDS, NOT_IN_FORMS, PUBLIC_IF_REFERENT_PUBLIE, ROWS, Field, Kind, Rows, Section
from fichetrack.models import Fiche
from fichetrack.models.types import Euros

MAPPER = inspect(Fiche)
NAMES_OF_ROWS = [rows.name for rows in ROWS]
ROW_COLUMNS = [pytest.param(rows, column, id=f"{rows.name}.{column.name}") for rows in ROWS for column in rows.columns]


def column_of(table: Any, name: str) -> Any:
    return inspect(table).columns.get(name)


def row_class(rows: Rows) -> Any:
    return MAPPER.relationships[rows.name].mapper.class_


def width(column: Any) -> int | None:
    """How many characters the column takes; None when it takes any number, or none."""
    return column.type.length if column is not None and isinstance(column.type, String) else None


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_field_is_an_attribute_of_the_fiche(field: Field) -> None:
    assert hasattr(Fiche, field.name)


@pytest.mark.parametrize(("rows", "column"), ROW_COLUMNS)
def test_a_column_of_rows_is_a_column_of_their_table(rows: Rows, column: Field) -> None:
    assert column_of(row_class(rows), column.name) is not None


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_what_may_be_typed_fits_the_column(field: Field) -> None:
    fits(field, column_of(Fiche, field.name))


@pytest.mark.parametrize(("rows", "column"), ROW_COLUMNS)
def test_what_may_be_typed_in_a_row_fits_its_column(rows: Rows, column: Field) -> None:
    fits(column, column_of(row_class(rows), column.name))


def fits(field: Field, column: Any) -> None:
    room = width(column)
    if room is None:
        return
    assert all(len(code) <= room for code, _label in field.options)
    if not field.options and field.kind != Kind.DECIMAL:  # A decimal is measured by its own field.
        assert field.max_length <= room


@pytest.mark.parametrize(
    "field", [field for field in FIELDS if field.kind == Kind.AMOUNT], ids=lambda field: field.name
)
def test_an_amount_is_exact(field: Field) -> None:
    assert isinstance(column_of(Fiche, field.name).type, Euros)


@pytest.mark.parametrize(("rows", "column"), [one for one in ROW_COLUMNS if one.values[1].gate])
def test_a_row_asks_for_what_its_table_asks_for(rows: Rows, column: Field) -> None:
    assert not column_of(row_class(rows), column.name).nullable


@pytest.mark.parametrize("section", list(Section))
def test_a_label_is_used_once_in_its_section(section: Section) -> None:
    labels = Counter(item.label for item in (*FIELDS, *ROWS) if item.section == section)
    assert [label for label, times in labels.items() if times > 1] == []


def test_names_are_unique_and_ascii() -> None:
    names = [item.name for item in (*FIELDS, *ROWS)]
    assert len(set(names)) == len(names)
    assert all(name.isascii() and name.islower() for name in names)


def test_exceptions_name_known_fields() -> None:
    assert set(BY_NAME) >= NOT_IN_FORMS | PUBLIC_IF_REFERENT_PUBLIE
    assert all(field.only_if[0] in BY_NAME for field in FIELDS if field.only_if)


def test_personal_fields_are_never_public_by_themselves() -> None:
    assert [field.name for field in FIELDS if field.personal and field.reader == "pub"] == []


def test_every_column_of_content_is_a_field() -> None:
    """A column nobody describes would be exported, compared and published by nobody."""
    memory = {
        "id", "code", "draft_id", "etat", "confirmed_at", "territoire_id", "created_by_id", "created_at", "updated_at",
        "etat_since", "filed_at", "validated_at", "closed_at", "taken_by_id", "due_on", "days_left", "requested_fields",
        "abandon_demande_le", "diffusion_max", "section_versions", "search_text",
    }  # fmt: skip
    assert set(MAPPER.columns.keys()) - memory - set(BY_NAME) == set()
