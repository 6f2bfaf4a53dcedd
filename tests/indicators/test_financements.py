"""Financed projects: counted once, amounts kind by kind, secrets as lower bounds."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from fichetrack.indicators.contracts import InputRefused
from fichetrack.indicators.financements import INDICATORS, count_projets, select, sum_montants

PROJETS = pd.DataFrame(
    [
        ("p1", "30007", "Électrique", "2021-03-15", "A ; B", "Bpifrance"),
        ("p1", "30305", "Électrique", "2021-03-15", "A ; B", "Bpifrance"),
        ("p2", "30007", "Énergie", "2022", "A", None),
        ("p3", None, "Énergie", None, "C", "Ademe"),
        ("p4", "76540", None, "2023-01-01", None, "Ademe"),
    ],
    columns=["projet_id", "commune", "theme", "date", "dispositifs", "operateurs"],
)
MONTANTS = pd.DataFrame(
    [
        ("p1", "subvention", 100.5, 0, "A ; B"),
        ("p1", "pret", 1000.0, 0, "A"),
        ("p2", "subvention", math.nan, 1, "A"),
        ("p2", "subvention", 50.0, 0, "A"),
        ("p4", "subvention", math.nan, 1, None),
        ("p4", "micro-crédit", 5.0, 0, None),
    ],
    columns=["projet_id", "nature", "montant", "montant_secret", "dispositif"],
)


def test_amounts_are_summed_kind_by_kind_and_a_secret_makes_a_lower_bound() -> None:
    mine = select(PROJETS, pd.Index(["30007", "30305"]))
    rows = sum_montants(mine, MONTANTS).to_dict("records")
    assert rows == [
        {"nature": "subvention", "projets": 2, "montant": 150.5, "montant_secret": 1},
        {"nature": "pret", "projets": 1, "montant": 1000.0, "montant_secret": 0},
    ]


def test_an_amount_that_is_only_secret_is_never_zero_and_an_unknown_kind_stays_itself() -> None:
    table = sum_montants(select(PROJETS, pd.Index(["76540"])), MONTANTS).set_index("nature")
    assert math.isnan(table.loc["subvention", "montant"]) and table.loc["subvention", "montant_secret"] == 1
    assert list(table.index) == ["subvention", "micro-crédit"]


def test_an_amount_under_two_measures_has_its_own_row() -> None:
    table = sum_montants(PROJETS, MONTANTS, ["dispositif"])
    rows = table.loc[table["nature"] == "subvention", ["dispositif", "montant_secret"]].to_numpy().tolist()
    assert rows == [["A", 1], ["A ; B", 0], ["non précisé", 1]]
    assert table["montant"].sum() == pytest.approx(1155.5)


def test_a_project_counts_once_however_many_communes_and_once_in_each_of_its_measures() -> None:
    assert count_projets(PROJETS, "dispositifs").to_dict() == {"A": 2, "B": 1, "C": 1, "non précisé": 1}
    assert count_projets(PROJETS, "theme").to_dict() == {"Énergie": 2, "non précisé": 1, "Électrique": 1}
    with pytest.raises(InputRefused, match="commune"):
        count_projets(PROJETS, "commune")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["p1", "p2", "p3", "p4"]),
        ({"communes": pd.Index(["30007"])}, ["p1", "p2"]),
        ({"theme": "Énergie"}, ["p2", "p3"]),
        ({"start": "2022-01-01"}, ["p2", "p4"]),
        ({"start": "2022-06-01"}, ["p4"]),
        ({"end": "2022-12-31"}, ["p1", "p2"]),
        ({"end": "2022-06-30"}, ["p1"]),
    ],
)
def test_projects_are_selected_by_zone_theme_and_period(filters: dict[str, object], expected: list[str]) -> None:
    assert sorted(set(select(PROJETS, **filters)["projet_id"])) == expected


def test_empty_inputs_give_empty_tables() -> None:
    nothing = PROJETS.iloc[:0]
    assert sum_montants(nothing, MONTANTS).empty and count_projets(nothing, "theme").empty


def test_permuting_rows_changes_nothing() -> None:
    mixed = MONTANTS.sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(sum_montants(PROJETS, mixed), sum_montants(PROJETS, MONTANTS))


def test_a_missing_column_is_refused() -> None:
    with pytest.raises(InputRefused, match="montant_secret"):
        sum_montants(PROJETS, MONTANTS.drop(columns="montant_secret"))


def test_each_indicator_has_every_line_of_its_bulle() -> None:
    texts = [getattr(one, name) for one in INDICATORS for name in ("label", "treatment", "formula", "limits", "source")]
    assert all(texts) and not any("'" in text for text in texts)
