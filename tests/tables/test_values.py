"""Values: what people and their spreadsheets write in a cell, and what is refused with advice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from fichetrack.tables import Column
from fichetrack.tables.french import share_of
from fichetrack.tables.shapes import DateCell, ErrorCell, NumberCell
from fichetrack.tables.values import parse_cell

AXES = [("attirer", "Attirer"), ("ecologie", "Écologie & énergie"), ("simplifier", "Simplifier")]


def read(kind: Any, cell: str, **options: Any) -> Any:
    return parse_cell(cell, Column("champ", "Champ", kind, **options))


ACCEPTED: list[tuple[str, str, Any]] = [
    ("amount", "1 234 567,50 €", Decimal("1234567.50")),
    ("amount", "1\u00a0234\u202f567,5", Decimal("1234567.5")),
    ("amount", "1234567.50", Decimal("1234567.50")),
    ("amount", "1.234,56", Decimal("1234.56")),
    ("amount", "1,234.56 €", Decimal("1234.56")),
    ("amount", "1.234.567", Decimal(1234567)),
    ("amount", "1,2 M€", Decimal(1200000)),
    ("amount", "1,234 M€", Decimal(1234000)),
    ("amount", "350 k€", Decimal(350000)),
    ("amount", "1,4 Md€", Decimal(1400000000)),
    ("amount", "2 millions d’euros", Decimal(2000000)),
    ("amount", "-12,5", Decimal("-12.5")),
    ("amount", "\u2212 12", Decimal(-12)),
    ("amount", "0,500", Decimal("0.5")),
    ("amount", NumberCell("1.234"), Decimal("1.23")),
    ("amount", NumberCell("0.30000000000000004"), Decimal("0.30")),
    ("integer", "1 250", 1250),
    ("integer", NumberCell("12"), 12),
    ("integer", "3,0", 3),
    ("date", "31/12/2026", date(2026, 12, 31)),
    ("date", " 1-2-2026 ", date(2026, 2, 1)),
    ("date", "31.12.2026", date(2026, 12, 31)),
    ("date", "31/12/2026 14:05", date(2026, 12, 31)),
    ("date", "2026-12-31", date(2026, 12, 31)),
    ("date", DateCell("2026-12-31T14:05:00"), date(2026, 12, 31)),
    ("date", "3 mars 2026", date(2026, 3, 3)),
    ("date", "mardi 1er Août\u00a02026", date(2026, 8, 1)),
    ("date", "4 févr. 2026", date(2026, 2, 4)),
    ("date", NumberCell("46387"), date(2026, 12, 31)),
    ("date", "46387", date(2026, 12, 31)),
    ("date", "29/02/2028", date(2028, 2, 29)),
    ("boolean", "OUI", True),
    ("boolean", "VRAI", True),
    ("boolean", "x", True),
    ("boolean", "Non", False),
    ("boolean", NumberCell("0"), False),
    ("siret", "356 000 000 00048", "35600000000048"),
    ("siret", "732\u00a0829\u202f320 00074", "73282932000074"),
    ("siret", NumberCell("5580050100011"), "05580050100011"),
    ("code", "01001", "01001"),
    ("code", "2A004", "2A004"),
    ("email", " Jeanne.Martin@exemple.fr ", "Jeanne.Martin@exemple.fr"),
    ("url", "www.exemple.fr/a", "https://www.exemple.fr/a"),
    ("text", "  deux espaces ", "  deux espaces "),
    ("text", "   ", None),
]


@pytest.mark.parametrize(("kind", "cell", "expected"), ACCEPTED)
def test_a_cell_is_understood(kind: str, cell: str, expected: Any) -> None:
    value = read(kind, cell)
    assert (value, type(value)) == (expected, type(expected))


REFUSED = [
    ("amount", "1.234", "deux façons"),
    ("amount", "1,234 €", "deux façons"),
    ("amount", "12 34", "mal groupés"),
    ("amount", "1,5,2", "mal groupés"),
    ("amount", "12,3456", "plus de deux décimales"),
    ("amount", "environ 3 M€", "n’est pas un montant"),
    ("amount", "12 €/an", "n’est pas un montant"),
    ("amount", "99999999999999999", "trop grand"),
    ("amount", NumberCell("nan"), "n’est pas un montant"),
    ("integer", "2,5", "n’est pas un nombre entier"),
    ("integer", "douze", "n’est pas un nombre entier"),
    ("date", "31/02/2026", "31/02/2026 n’existe pas"),
    ("date", "12/31/2026", "jour/mois/année"),
    ("date", "31-12-26", "quatre chiffres"),
    ("date", "mars 2026", "n’est pas une date"),
    ("date", NumberCell("2026"), "est un nombre"),
    ("date", "à définir", "n’est pas une date"),
    ("boolean", "peut-être", "ni oui ni non"),
    ("siret", "1,23457E+13", "chiffres"),
    ("siret", "73282932000075", "un chiffre est faux"),
    ("siret", "732829320", "14 chiffres"),
    ("code", "1,23457E+13", "chiffres"),
    ("email", "jeanne chez exemple.fr", "courriel"),
    ("url", "javascript:alert(1)", "https://"),
    ("text", ErrorCell("#REF!"), "#REF!"),
]


@pytest.mark.parametrize(("kind", "cell", "expected"), REFUSED)
def test_a_cell_is_refused_with_advice(kind: str, cell: str, expected: str) -> None:
    with pytest.raises(ValueError, match=r"\.$|\?$") as refusal:
        read(kind, cell)
    assert expected in str(refusal.value)
    assert "'" not in str(refusal.value)


@pytest.mark.parametrize(
    "cell", ["ecologie", "Écologie & énergie", "ECOLOGIE  et".replace("  et", ""), "ecologie energie"]
)
def test_a_choice_is_known_by_code_or_label_whatever_its_accents(cell: str) -> None:
    assert read("choice", cell, choices=AXES) == "ecologie"


def test_an_unknown_choice_is_refused_with_the_nearest_or_the_list() -> None:
    with pytest.raises(ValueError, match=r"Vouliez-vous dire «\u00a0Simplifier\u00a0»"):
        read("choice", "simplifer", choices=AXES)
    with pytest.raises(ValueError, match="Choisissez parmi"):
        read("choice", "zzz", choices=AXES)


def test_a_cell_of_several_values_accepts_three_separators_and_drops_repeats() -> None:
    assert read("choices", "Attirer; simplifier |attirer\n Ecologie énergie", choices=AXES) == [
        "attirer",
        "simplifier",
        "ecologie",
    ]
    assert read("choices", " a ;; b ") == ["a", "b"]


def test_a_resolver_judges_each_value() -> None:
    column = Column("lieux", "Lieux", "choices")
    assert parse_cell("12; 13", column, int) == [12, 13]


def test_bounds_lengths_and_eaten_zeros() -> None:
    assert read("code", NumberCell("1001"), width=5) == "01001"
    with pytest.raises(ValueError, match="400 au plus"):
        read("text", "x" * 401, max_length=400)
    with pytest.raises(ValueError, match="trop petit"):
        read("amount", "-1", minimum=0)
    with pytest.raises(ValueError, match="01/01/2100"):
        read("date", "01/01/2101", maximum=date(2100, 1, 1))


@pytest.mark.parametrize(
    ("part", "said"),
    [(0, "0 %"), (0.002, "moins de 1 %"), (0.42, "42 %"), (0.998, "plus de 99 %"), (1 - 1e-12, "100 %"), (1, "100 %")],
)
def test_a_share_is_never_told_as_nothing_or_all_when_it_is_not(part: float, said: str) -> None:
    assert share_of(part).replace("\u00a0", " ") == said
