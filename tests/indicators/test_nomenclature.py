"""The nomenclature: sums from APE to larger sectors lose nothing and guess nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from fichetrack.indicators import nomenclature
from fichetrack.indicators.contracts import InputRefused

SOUS_CLASSES = pd.DataFrame(
    [
        ("2711Z", "27", "CJ", "C3"),
        ("2811Z", "28", "CK", "C3"),
        ("1071C", "10", "CA", "C1"),
        ("7820Z", "78", "NZ", "MN"),
    ],
    columns=["ape", "a88", "a38", "a17"],
)
ROWS = pd.DataFrame(
    {"commune": "30007", "ape": ["2711Z", "2811Z", "1071C", "7820Z"], "effectifs": [395.0, 5, 0, np.nan]}
)


@pytest.mark.parametrize(
    ("level", "expected"), [("a17", {"C1": 0.0, "C3": 400.0}), ("a38", {"CA": 0.0, "CJ": 395.0, "CK": 5.0})]
)
def test_sums_follow_the_nomenclature(level: str, expected: dict[str, float]) -> None:
    found = nomenclature.aggregate(ROWS, SOUS_CLASSES, level, ["commune"], ["effectifs"]).set_index("secteur")[
        "effectifs"
    ]
    assert found.dropna().to_dict() == expected
    assert found.isna().sum() == 1  # the agency without a figure stays without one


@pytest.mark.parametrize("level", nomenclature.LEVELS)
def test_every_level_adds_up_to_the_same_whole(level: str) -> None:
    found = nomenclature.aggregate(ROWS, SOUS_CLASSES, level, [], ["effectifs"])
    assert found["effectifs"].sum() == ROWS["effectifs"].sum()


def test_an_unknown_ape_is_refused_rather_than_lost() -> None:
    rows = ROWS.assign(ape=["2711Z", "9999X", "1071C", "7820Z"])
    with pytest.raises(InputRefused, match="9999X"):
        nomenclature.aggregate(rows, SOUS_CLASSES, "a88", ["commune"], ["effectifs"])


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(InputRefused, match="a17"):
        nomenclature.aggregate(ROWS, SOUS_CLASSES, "a10", ["commune"], ["effectifs"])


def test_divisions_are_read_as_published() -> None:
    assert nomenclature.divisions("05-09,35-39") == ["05", "06", "07", "08", "09", "35", "36", "37", "38", "39"]
    assert nomenclature.divisions("  19") == ["19"]
    assert nomenclature.divisions("13-18,20-25, 31-33")[-1] == "33"
    with pytest.raises(InputRefused):
        nomenclature.divisions("A-B")


def test_temporary_work_can_be_left_out_of_details_and_of_sums() -> None:
    assert list(nomenclature.without_interim(ROWS)["ape"]) == ["2711Z", "2811Z", "1071C"]
    assert len(nomenclature.without_interim(pd.DataFrame({"a88": ["78", "78"], "interim": [True, False]}))) == 1
