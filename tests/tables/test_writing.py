"""Writing: what leaves opens without running anything, and reads back byte for byte."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fichetrack.errors import ImportRefused
from fichetrack.tables import (
    Column,
    Sheet,
    count_recognised,
    diff,
    map_columns,
    map_rows,
    read_table,
    safe_filename,
    write_csv,
    write_model,
    write_xlsx,
)

TEXT = [Column("cle", "Clé", "code"), Column("texte", "Texte libre", "long_text")]
FULL = [
    Column("code", "Code", "code", required=True),
    Column("intitule", "Intitulé", required=True),
    Column("description", "Description", "long_text"),
    Column("axe", "Axe", "choice", choices=[("innover", "Innover"), ("attirer", "Attirer")]),
    Column("thematiques", "Thématiques", "choices", choices=[("eau", "Eau"), ("rd", "Innovation et R&D")]),
    Column("suspendue", "Suspendue", "boolean"),
    Column("emplois", "Emplois à créer", "integer"),
    Column("cout_total", "Coût total", "amount"),
    Column("date_fin", "Date de fin", "date"),
    Column("siret", "SIRET", "siret"),
]


def as_xlsx(columns: Sequence[Column], rows: Sequence[dict[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    write_xlsx(buffer, [Sheet("Fiches", columns, rows)])
    return buffer.getvalue()


def as_csv(columns: Sequence[Column], rows: Sequence[dict[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    write_csv(buffer, columns, rows)
    return buffer.getvalue()


Writer = Callable[[Sequence[Column], Sequence[dict[str, Any]]], bytes]
both = pytest.mark.parametrize("write", [as_xlsx, as_csv])


def read_back(data: bytes, columns: Sequence[Column]) -> list[dict[str, Any]]:
    table = read_table(data, "export", accepted=count_recognised(columns))
    rows, errors = map_rows(table, map_columns(table.columns, columns), columns)
    assert errors == []
    return [row.values for row in rows]


STARTS = [
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
    "\u2212",
    "﹢",
    "﹣",
    " =",
    "\u00a0=",
    "\u200b=",
    "\ufeff=",
    "'=",
    "''",
]
ENDS = [
    "1+1", "cmd|'/c calc'!A0", 'HYPERLINK("https://exemple.fr";"ici")', "A1", "", "SOMME(A1:A9)", '"', "\n=1", "01/02",
    "é😀",
]  # fmt: skip
PAYLOADS = [start + end for start in STARTS for end in ENDS] + [
    "_x000D_", "_x005F_x000D_", "_x005F__x0041_", "a_x000d_b", "<r><t>x</t></r>", "<r>&mauvais;</r>", "\x01\x1f\x7f",
    "\x0b\x0c",
    " avant et après ", "\n", "a\r\nb\rc\nd", "👩‍🔬🇫🇷", "مرحبا\u202e", "'bonjour", "'",
    "01001", "1E10", "VRAI", "#REF!",
    "sep=;",
    "a;b,c\td|e", '"guillemets" ""', "Œuvre n° 1 – « été »", "x" * 32_767, "\u0085\u2028",
]  # fmt: skip


@both
def test_hostile_texts_reopen_without_formula_and_read_back_byte_for_byte(write: Writer) -> None:
    assert len(PAYLOADS) >= 200
    rows = [{"cle": f"k{index}", "texte": text} for index, text in enumerate(PAYLOADS)]
    found = {row["cle"]: row["texte"] for row in read_back(write(TEXT, rows), TEXT)}
    for index, text in enumerate(PAYLOADS):
        assert found[f"k{index}"] == (text if text.strip() else None), repr(text)


def test_a_workbook_holds_no_formula_and_no_link() -> None:
    data = as_xlsx(TEXT, [{"cle": "k", "texte": text} for text in [*PAYLOADS, "https://exemple.fr", "mailto:a@b.fr"]])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert not re.search(r"<f[ >]|hyperlink", sheet)
    cells = openpyxl.load_workbook(io.BytesIO(data)).active["B"]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}


def test_no_cell_of_a_csv_starts_a_formula() -> None:
    data = as_csv(TEXT, [{"cle": "k", "texte": text} for text in PAYLOADS]).decode("utf-8-sig")
    for record in csv.reader(io.StringIO(data, newline=""), delimiter=";"):
        assert (
            not record[1].lstrip("\u00a0\u200b\ufeff \t\r\n").startswith(tuple("=+-@＝＋－＠")) or record[1][0] == "'"
        )
        assert not record[1].startswith(("\t", "\r", "\n"))


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufffe\uffff"), max_size=40)
EVIL_TEXT = st.text(st.sampled_from("='\"+-@;,\t\r\n_x05FD|<r>&\ufeff \u00a0é😀"), max_size=12)


@both
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(ANY_TEXT | EVIL_TEXT, min_size=20, max_size=60))
def test_any_text_reads_back(write: Writer, texts: list[str]) -> None:
    rows = [{"cle": f"k{index}", "texte": text} for index, text in enumerate(texts)]
    found = [row["texte"] for row in read_back(write(TEXT, rows), TEXT)]
    assert found == [text if text.strip() else None for text in texts]


def register(count: int) -> list[dict[str, Any]]:
    days = [date(1, 1, 1), date(1900, 1, 1), date(1900, 3, 1), date(2028, 2, 29), date(9999, 12, 31), None]
    amounts = [Decimal("0.00"), Decimal("1234567.89"), Decimal("-12.5"), Decimal("9999999999999.99"), None]
    return [
        {
            "code": f"TI-{index:05}",
            "intitule": f"Œuvre n° {index} – « été » 😀",
            "description": [None, "ligne\r\nligne", "=1+1", "ÀÉÈÊËÎÏÔŒÙÛÜŸÇæ", "", "'cité'"][index % 6],
            "axe": ["innover", "attirer", None][index % 3],
            "thematiques": [["eau", "rd"], ["rd"], []][index % 3],
            "suspendue": [True, False, None][index % 3],
            "emplois": [0, index, None][index % 3],
            "cout_total": amounts[index % 5],
            "date_fin": days[index % 6],
            "siret": ["73282932000074", None][index % 2],
        }
        for index in range(count)
    ]


@both
def test_checking_an_export_as_an_import_changes_nothing(write: Writer) -> None:
    rows = register(1_800)
    table = read_table(write(FULL, rows), "export", accepted=count_recognised(FULL))
    back, errors = map_rows(table, map_columns(table.columns, FULL), FULL)
    result = diff(back, {row["code"]: row for row in rows}, "code", FULL)
    assert (errors, result.changed, result.added, result.missing, len(result.unchanged)) == ([], [], [], [], 1_800)


@pytest.mark.stress
@both
def test_18000_records_make_the_round_trip(write: Writer) -> None:
    rows = register(18_000)
    table = read_table(write(FULL, rows), "export", accepted=count_recognised(FULL))
    back, errors = map_rows(table, map_columns(table.columns, FULL), FULL)
    assert errors == []
    assert diff(back, {row["code"]: row for row in rows}, "code", FULL).is_empty


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (as_xlsx, "x" * 32_768),
        (as_xlsx, "😀" * 16_384),
        (as_xlsx, "a\uffff"),
        (as_xlsx, "\ud800"),
        (as_csv, "\0"),
        (as_csv, "\udfff"),
        (as_csv, "x" * 140_000),
    ],
)
def test_what_a_format_cannot_hold_is_refused_naming_the_cell(write: Writer, text: str) -> None:
    with pytest.raises(ImportRefused, match="Ligne 2, colonne «\u00a0Texte libre\u00a0»"):
        write(TEXT, [{"cle": "k", "texte": text}])


def test_a_workbook_is_typed_frozen_and_filtered() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(FULL, register(3))))
    sheet = book["Fiches"]
    assert [cell.value for cell in sheet[1]][:3] == ["Code", "Intitulé", "Description"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:J4")
    assert (sheet["D2"].value, sheet["E2"].value, sheet["F2"].value) == ("Innover", "Eau; Innovation et R&D", "oui")
    assert sheet["H3"].value == 1234567.89
    assert sheet["I4"].is_date


def test_sheet_names_are_made_acceptable(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_xlsx(path, [Sheet("Fiches", TEXT, []), Sheet("Sources et filtres: [axe/région] au 31/12/2026", TEXT, [])])
    assert openpyxl.load_workbook(path).sheetnames == ["Fiches", "Sources et filtres   axe région"]


def test_the_model_offers_lists_explains_each_column_and_reads_as_an_empty_import() -> None:
    buffer = io.BytesIO()
    write_model(buffer, FULL, "Fiches", ["Une ligne par fiche.", "=1+1"])
    book = openpyxl.load_workbook(io.BytesIO(buffer.getvalue()))
    lists = [one for one in book["Fiches"].data_validations.dataValidation if one.type == "list"]
    assert [(str(one.sqref), one.formula1) for one in lists] == [
        ("D2:D2000", "Listes!$D$1:$D$2"), ("F2:F2000", "Listes!$F$1:$F$2")
    ]  # fmt: skip
    assert book["Listes"].sheet_state == "hidden"
    assert book["Mode d’emploi"]["A2"].data_type == "s"
    table = read_table(buffer.getvalue(), "modele.xlsx", accepted=count_recognised(FULL))
    assert (table.sheet, table.rows) == ("Fiches", [])
    assert map_columns(table.columns, FULL).problems() == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Étude d’œuvre n° 1.xlsx", "Etude-doeuvre-n-1.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Temp\\a.csv", "a.csv"),
        ("facture\u202efdp.exe", "facturefdp.exe"),
        (".htaccess", "htaccess"),
        ("..", "fichier"),
        ("", "fichier"),
        ("日本", "fichier"),
        ("CON", "fichier-CON"),
        ("a\r\nb.csv", "a-b.csv"),
        ("x" * 300 + ".xlsx", "x" * 95 + ".xlsx"),
    ],
)
def test_file_names_are_safe(name: str, expected: str) -> None:
    assert safe_filename(name) == expected


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (as_xlsx, "x" * 32_768),
        (as_xlsx, "ligne\n" * 9_000),
        (as_xlsx, "a\uffff"),
        (as_csv, "\0"),
        (as_csv, "=ligne\n" * 30_000),
    ],
)
def test_a_marked_column_says_what_it_could_not_hold_and_changes_nothing_when_read(write: Writer, text: str) -> None:
    columns = [replace(column, marked=True) for column in TEXT]
    data = write(columns, [{"cle": "k", "texte": text}, {"cle": "l", "texte": "court"}])
    table = read_table(data, "export", accepted=count_recognised(columns))
    rows, errors = map_rows(table, map_columns(table.columns, columns), columns)
    assert errors == [] and [row.values.get("texte") for row in rows] == [None, "court"]
    assert "texte" not in rows[0].values and "lisez la fiche" in rows[0].raw["texte"]
