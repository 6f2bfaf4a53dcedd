"""Home-to-work mobility: values computed by hand, a partition that adds up, thresholds on exact flows."""

from __future__ import annotations

import pandas as pd
import pytest

from fichetrack.indicators.contracts import InputRefused
from fichetrack.indicators.mobilite import INDICATORS, main_flows, profile

FLOWS = pd.DataFrame(
    [
        ("A", "A", None, "commune", 100.25),
        ("A", "B", None, "commune", 60.5),
        ("B", "A", None, "commune", 39.5),
        ("B", "C", None, "commune", 199.999),
        ("C", "A", None, "commune", 400.0),
        ("C", "C", None, "commune", 1000.0),
        ("A", "99140", "Suisse", "etranger", 50.0),
        ("A", "ZZZZZ", None, "inconnue", 1.5),
    ],
    columns=["origine", "destination", "destination_nom", "nature", "flux"],
)
HOME = pd.Index(["A", "B"])
UNITS = pd.Series({"A": "E1", "B": "E2", "C": "E2"})


def test_the_profile_is_that_computed_by_hand() -> None:
    values = profile(FLOWS, HOME)
    assert values["residents"] == pytest.approx(451.749)
    assert values["emplois"] == pytest.approx(600.25)
    assert values["stables"] == pytest.approx(200.25)
    assert values["sortants"] == pytest.approx(251.499) and values["entrants"] == pytest.approx(400.0)
    assert (values["vers_etranger"], values["vers_inconnu"]) == (50.0, 1.5)
    assert values["part_stables"] == pytest.approx(44.3277, abs=1e-4)
    assert values["emplois_pour_100_actifs"] == pytest.approx(132.8725, abs=1e-4)


def test_residents_and_jobs_of_a_partition_add_up_to_the_whole() -> None:
    parts = [profile(FLOWS, pd.Index([one])) for one in "ABC"]
    everything = profile(FLOWS, pd.Index(["A", "B", "C"]))
    assert sum(one["residents"] for one in parts) == pytest.approx(everything["residents"])
    assert sum(one["emplois"] for one in parts) == pytest.approx(everything["emplois"])
    assert everything["residents"] == pytest.approx(FLOWS["flux"].sum())


def test_a_territoire_the_census_does_not_speak_of_is_unknown_and_not_zero() -> None:
    assert profile(FLOWS, pd.Index(["Z"])).isna().all()
    assert profile(FLOWS.iloc[:0], HOME).isna().all()


def test_a_territoire_where_nobody_lives_has_no_share() -> None:
    only_jobs = profile(FLOWS.loc[FLOWS["origine"] == "C"], HOME)
    assert only_jobs["residents"] == 0.0 and pd.isna(only_jobs["part_stables"])


def test_the_threshold_applies_to_the_exact_flow() -> None:
    assert list(main_flows(FLOWS, HOME, UNITS)["flux"]) == [400.0]
    assert len(main_flows(FLOWS, HOME, UNITS, 200)) == 1
    assert list(main_flows(FLOWS, HOME, UNITS, 199.9)["fragile"]) == [False, True]
    with pytest.raises(InputRefused, match="50"):
        main_flows(FLOWS, HOME, UNITS, 49)


def test_a_unit_cut_by_the_border_counts_as_two_and_what_stays_within_one_is_no_flow() -> None:
    rows = main_flows(FLOWS, HOME, UNITS, 50).to_dict("records")
    told = [(r["origine"], r["origine_dedans"], r["destination"], r["destination_dedans"], r["flux"]) for r in rows]
    assert told == [
        ("E2", False, "E1", True, 400.0),
        ("E2", True, "E2", False, 199.999),
        ("E1", True, "E2", True, 60.5),
        ("E1", True, "99140", False, 50.0),
    ]
    assert rows[-1]["destination_nom"] == "Suisse"


def test_permuting_rows_changes_nothing() -> None:
    mixed = FLOWS.sample(frac=1, random_state=3)
    pd.testing.assert_series_equal(profile(mixed, HOME), profile(FLOWS, HOME))
    pd.testing.assert_frame_equal(main_flows(mixed, HOME, UNITS, 50), main_flows(FLOWS, HOME, UNITS, 50))


def test_a_missing_column_is_refused() -> None:
    with pytest.raises(InputRefused, match="nature"):
        profile(FLOWS.drop(columns="nature"), HOME)


def test_each_indicator_has_every_line_of_its_bulle() -> None:
    texts = [getattr(one, name) for one in INDICATORS for name in ("label", "treatment", "formula", "limits", "source")]
    assert all(texts) and not any("'" in text for text in texts)
