"""Places side by side: the same figures, differences in words, and the territoires that resemble one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fichetrack.indicators.quantities import Quantity
from fichetrack.queries import comparison, places, profiles
from fichetrack.queries.places import Place
from fichetrack.queries.releases import Shelf
from tests.factories import TerritoireFactory
from tests.small_gard import load_jobs, perimetre, settle
from tests.statements import counted


@pytest.fixture
def country(db: Any, tmp_path: Path) -> None:
    settle()
    for slug, commune in (("mende", "48095"), ("denis", "93066")):
        perimetre(
            TerritoireFactory(slug=slug, nom=f"Bassin {slug}"),
            date(2023, 1, 1),
            None,
            [("commune", commune)],
            [commune],
        )
    load_jobs(tmp_path)


def found(*codes: str) -> list[Place]:
    held = [places.get_place(code) for code in codes]
    assert all(held)
    return [one for one in held if one]


def words(*values: Quantity) -> list[str]:
    return [cell.word for cell in comparison.line("x", None, values).cells]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([Quantity(10), Quantity(20)], ["le plus bas", "le plus élevé"]),
        ([Quantity(10), Quantity(11)], ["", ""]),  # less than a quarter apart
        ([Quantity(10), Quantity(10)], ["", ""]),
        ([Quantity(0), Quantity(3), Quantity(3)], ["le plus bas", "le plus élevé", "le plus élevé"]),
        ([Quantity(10), Quantity()], ["", ""]),
        ([Quantity(10), Quantity(None, 1)], ["", ""]),  # a secret may be anything
        ([Quantity(10), Quantity(50, 2), Quantity(20)], ["le plus bas", "", "le plus élevé"]),  # « at least 50 »
        ([Quantity(), Quantity()], ["", ""]),
    ],
)
def test_only_what_is_known_is_told_apart(values: list[Quantity], expected: list[str]) -> None:
    assert words(*values) == expected


def test_the_same_figures_stand_side_by_side(country: None) -> None:
    block = comparison.compare(None, found("ti-ales", "ti-mende", "france"), {})[0]
    jobs = next(line for line in block.figures if line.indicator and line.indicator.code == "effectifs")
    assert [cell.quantity.value for cell in jobs.cells] == [60, 40, 200]
    assert [cell.word for cell in jobs.cells] == ["", "le plus bas", "le plus élevé"]
    sectors = {line.label.rpartition("(")[2]: [cell.quantity.value for cell in line.cells] for line in block.lines}
    assert sectors["C3)"] == pytest.approx([8 / 3, None, 1.0]) or sectors["C3)"][1] is None
    assert sectors["GZ)"][0] is None


def test_comparing_costs_as_many_queries_per_place(country: None, db: Any) -> None:
    costs = []
    for codes in (("ti-ales", "ti-mende"), ("ti-ales", "ti-mende", "dep-30", "reg-76")):
        asked = found(*codes)
        with counted(db.engine) as statements:
            comparison.compare(None, asked, {})
        costs.append(len(statements) / len(codes))
    assert costs[1] <= costs[0] + 1


def test_similar_territoires_are_ranked_by_their_profile(country: None) -> None:
    similar = profiles.list_similar(found("ti-mende")[0], Shelf())
    assert [one.code for one in similar] == ["ti-denis", "ti-ales"]
    assert [round(one.similarity, 4) for one in similar] == sorted(
        (round(one.similarity, 4) for one in similar), reverse=True
    )
    assert all(-1 <= one.similarity <= 1 for one in similar)


def test_only_a_territoire_has_similar_ones(country: None) -> None:
    assert profiles.list_similar(found("dep-30")[0], Shelf()) == []


def test_without_the_dataset_nothing_is_similar(db: Any) -> None:
    settle()
    assert profiles.list_similar(found("ti-ales")[0], Shelf()) == []
