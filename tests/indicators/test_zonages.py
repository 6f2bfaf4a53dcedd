"""Overlap of a territoire with zonages: values counted by hand, nothing and unknown told apart."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from fichetrack.indicators.contracts import InputRefused
from fichetrack.indicators.zonages import INDICATORS, list_zones, overlap

ZONES = pd.DataFrame(
    [
        ("acv", "a1", "Aurillac", "15014", "2018-09-27"),
        ("acv", "a1", "Aurillac", "15012", None),
        ("acv", "a2", "Alès", "30007", None),
        ("qpv", "q1", "Quartier", "30007", None),
        ("qpv", "q2", "Entre deux", "30007", None),
        ("qpv", "q2", "Entre deux", "30189", None),
        ("pvd", "p1", "Ailleurs", "76540", "2021-01-01"),
    ],
    columns=["programme", "zone_id", "zone_nom", "commune", "signe_le"],
)
COMMUNES = pd.DataFrame(
    {"population": [600.0, 300.0, 100.0, math.nan]}, index=pd.Index(["30007", "15014", "30010", "30011"], name="code")
)


def test_the_overlap_is_that_counted_by_hand() -> None:
    table = overlap(ZONES, COMMUNES)
    assert list(table.index) == ["acv", "pvd", "qpv"]
    assert list(table.loc["acv", ["zones", "communes", "part_communes", "population", "part_population"]]) == [
        2, 2, 50.0, 900.0, 90.0,
    ]  # fmt: skip
    assert list(table.loc["qpv", ["zones", "communes", "part_communes", "part_population"]]) == [2, 1, 25.0, 60.0]
    assert (table["population_inconnue"] == 1).all() and str(table["zones"].dtype) == "int64"


def test_a_programme_that_touches_nothing_is_zero_and_one_never_imported_is_absent() -> None:
    table = overlap(ZONES, COMMUNES)
    assert list(table.loc["pvd", ["zones", "communes", "part_communes", "part_population"]]) == [0, 0, 0.0, 0.0]
    assert "crte" not in table.index


def test_an_unknown_population_gives_no_share() -> None:
    table = overlap(ZONES, COMMUNES.loc[["30011"]])
    assert table["part_population"].isna().all() and (table["part_communes"] == 0.0).all()


def test_a_concerned_commune_of_unknown_population_is_not_a_zero() -> None:
    communes = pd.DataFrame({"population": [math.nan, 50.0]}, index=["30007", "30010"])
    assert math.isnan(overlap(ZONES, communes).loc["acv", "population"])


def test_empty_inputs_give_empty_or_unknown() -> None:
    assert overlap(ZONES.iloc[:0], COMMUNES).empty
    nowhere = overlap(ZONES, COMMUNES.iloc[:0])
    assert nowhere["part_communes"].isna().all() and (nowhere["communes"] == 0).all()


def test_zones_say_how_far_they_go_beyond_the_territoire() -> None:
    listed = list_zones(ZONES, COMMUNES)
    assert list(listed["zone_id"]) == ["a2", "a1", "q2", "q1"]
    assert list(listed["hors"]) == [0, 1, 1, 0]
    assert listed.loc[1, "signe_le"] == "2018-09-27" and listed.loc[1, "communes"] == ["15014"]


def test_permuting_rows_changes_nothing() -> None:
    mixed = ZONES.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(overlap(mixed, COMMUNES.iloc[::-1]), overlap(ZONES, COMMUNES))


def test_a_missing_column_or_a_commune_twice_is_refused() -> None:
    with pytest.raises(InputRefused, match="zone_id"):
        overlap(ZONES.drop(columns="zone_id"), COMMUNES)
    with pytest.raises(InputRefused, match="repeat"):
        overlap(ZONES, pd.concat([COMMUNES, COMMUNES]))


def test_each_indicator_has_every_line_of_its_bulle() -> None:
    texts = [getattr(one, name) for one in INDICATORS for name in ("label", "treatment", "formula", "limits", "source")]
    assert all(texts) and not any("'" in text for text in texts)
