"""Specificity: the documented example, the published index, and what must hold for any figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fichetrack.indicators import specificite
from fichetrack.indicators.contracts import InputRefused

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
PUBLISHED = DATA / "urssaf" / "urssaf_ze-x-a38_2019-2024_avec-indice-specificite.parquet"

# The example of the Observatoire des territoires: four zones, three categories.
ZONES = pd.DataFrame(
    [[22.0, 32, 41], [14, 17, 32], [7, 12, 10], [55, 9, 16]], index=list("abcd"), columns=["cat1", "cat2", "cat3"]
)
QUOTIENTS = [[0.6309, 1.2848, 1.1640], [0.6054, 1.0293, 1.3699], [0.6576, 1.5783, 0.9300], [1.8731, 0.4291, 0.5394]]
RESTS = [[0.5241, 1.5247, 1.2799], [0.5397, 1.0386, 1.5466], [0.6313, 1.6980, 0.9221], [2.9898, 0.3449, 0.4506]]

# A busy machine is no defect: what is checked is the figures, not the time.
QUICK = settings(max_examples=25, deadline=None)

numbers = st.integers(0, 5_000).map(float) | st.just(float("nan"))


@st.composite
def tables(draw: st.DrawFn, at_least: int = 1) -> pd.DataFrame:
    """Territoires × sectors, blanks and zeros included."""
    height, width = draw(st.integers(at_least, 5)), draw(st.integers(1, 6))
    cells = [[draw(numbers) for _ in range(width)] for _ in range(height)]
    return pd.DataFrame(cells, index=[f"t{i}" for i in range(height)], columns=[f"k{i}" for i in range(width)])


def test_the_documented_example_gives_the_published_index() -> None:
    assert np.allclose(specificite.index(ZONES, ZONES.sum()), QUOTIENTS, atol=5e-5)


def test_the_documented_example_gives_the_published_index_against_the_rest() -> None:
    assert np.allclose(specificite.index_rest(ZONES, ZONES.sum()), RESTS, atol=5e-5)


@pytest.mark.skipif(not PUBLISHED.exists(), reason="place the public files in ../shared/data to run it")
def test_every_published_index_is_found_again_within_its_rounding() -> None:
    rows = pd.read_parquet(PUBLISHED)
    wide = specificite.by_sector(rows, "code_ze", "a38", "eff_24")
    ours = specificite.index(wide, rows.groupby("a38")["eff_24"].sum()).stack()
    published = rows.set_index(["code_ze", "a38"])["is_24"].dropna()
    assert len(published) == 9_890
    assert (ours.reindex(published.index) - published).abs().max() <= 0.005 + 1e-9


def test_a_sector_with_ten_percent_here_and_five_there_has_an_index_of_two() -> None:
    here = pd.DataFrame({"a": [10.0], "b": [90.0]}, index=["t"])
    found = specificite.index(here, pd.Series({"a": 5.0, "b": 95.0}))
    assert found.at["t", "a"] == pytest.approx(2.0)


@QUICK
@given(tables())
def test_a_reference_against_itself_is_one(table: pd.DataFrame) -> None:
    whole = table.sum()
    found = specificite.index(whole.to_frame("t").T, whole)
    assert all(value == pytest.approx(1.0) for value in found.loc["t"].dropna())
    assert found.loc["t"].notna().tolist() == (whole > 0).tolist()


@QUICK
@given(tables())
def test_shares_of_a_territoire_add_up_to_one(table: pd.DataFrame) -> None:
    totals = specificite.shares(table).sum(axis=1)
    assert all(total == pytest.approx(1.0) for total in totals[table.sum(axis=1) > 0])


@QUICK
@given(tables())
def test_the_parts_weighted_by_their_jobs_give_back_the_whole(table: pd.DataFrame) -> None:
    whole, weights = table.sum(), table.sum(axis=1)
    mean = specificite.index(table, whole).mul(weights, axis=0).sum() / weights.sum() if weights.sum() else None
    if mean is not None:
        assert all(mean[sector] == pytest.approx(1.0) for sector in whole[whole > 0].index)


@QUICK
@given(tables(), st.randoms())
def test_the_order_of_rows_and_columns_changes_nothing(table: pd.DataFrame, dice: object) -> None:
    order = dice.sample(list(table.index), len(table)), dice.sample(list(table.columns), table.shape[1])  # type: ignore[attr-defined]
    whole, shuffled = table.sum(), table.loc[order[0], order[1]]
    for compute in (specificite.index, specificite.index_rest):
        pd.testing.assert_frame_equal(
            compute(shuffled, whole.sample(frac=1, random_state=1)).loc[table.index, table.columns],
            compute(table, whole),
        )


@QUICK
@given(tables())
def test_nothing_is_ever_infinite(table: pd.DataFrame) -> None:
    whole = table.sum()
    found = [
        specificite.index(table, whole),
        specificite.index_rest(table, whole),
        specificite.evolution(table, table[::-1]),
    ]
    found.append(specificite.shift_share(table, table, whole, whole))
    assert not any(np.isinf(frame.to_numpy()).any() for frame in found)


def test_no_establishment_is_not_an_establishment_without_staff() -> None:
    table = pd.DataFrame({"a": [np.nan, 0.0], "b": [5.0, 5.0]}, index=["none", "empty"])
    found = specificite.index(table, pd.Series({"a": 1.0, "b": 9.0}))
    assert np.isnan(found.at["none", "a"]) and found.at["empty", "a"] == 0.0


def test_a_reference_that_lacks_a_sector_is_refused() -> None:
    with pytest.raises(InputRefused, match="cat3"):
        specificite.index(ZONES, ZONES.sum().drop("cat3"))


def test_the_rest_of_what_one_is_no_part_of_is_refused() -> None:
    with pytest.raises(InputRefused, match="more jobs"):
        specificite.index_rest(ZONES, ZONES.loc["a"])


def test_indices_of_few_jobs_are_withheld() -> None:
    held = specificite.above(specificite.index(ZONES, ZONES.sum()), ZONES, 12)
    assert held.isna().sum().sum() == 3
    assert held.at["a", "cat1"] == pytest.approx(0.6309, abs=5e-5)


def test_an_evolution_from_nothing_or_to_a_blank_is_unknown() -> None:
    before = pd.DataFrame({"a": [100.0], "b": [0.0], "c": [10.0], "d": [10.0]})
    after = pd.DataFrame({"a": [150.0], "b": [4.0], "c": [np.nan], "d": [0.0]})
    found = specificite.evolution(before, after).loc[0]
    assert found["a"] == pytest.approx(50.0) and found["d"] == -100.0
    assert found[["b", "c"]].isna().all()


def test_the_effects_of_a_small_example_counted_by_hand() -> None:
    before = pd.DataFrame({"a": [100.0], "b": [100.0]}, index=["t"])
    after = pd.DataFrame({"a": [130.0], "b": [90.0]}, index=["t"])
    found = specificite.shift_share(
        before, after, pd.Series({"a": 1000.0, "b": 3000.0}), pd.Series({"a": 1200.0, "b": 3200.0})
    ).loc["t"]
    # The reference grew by 10 %, a by 20 %, b by 6.67 %: 20 jobs, then 6.67 for the structure, then what is left of 20.
    assert found["effet_reference"] == pytest.approx(20.0)
    assert found["effet_structurel"] == pytest.approx(100 * 0.1 + 100 * (200 / 3000 - 0.1))
    assert found["effet_local"] == pytest.approx(20 - 100 * 0.2 - 100 * 200 / 3000)
    assert found["variation_pct"] == pytest.approx(10.0)


@QUICK
@given(tables(at_least=2), st.randoms())
def test_the_three_effects_add_up_to_the_variation(before: pd.DataFrame, dice: object) -> None:
    after = before.map(lambda value: value if np.isnan(value) else float(dice.randint(0, 5_000)))  # type: ignore[attr-defined]
    found = specificite.shift_share(before, after, before.sum(), after.sum())
    effects = found[["effet_reference", "effet_structurel", "effet_local"]].sum(axis=1, skipna=False)
    known = found["avant"] > 0
    assert np.allclose(effects[known], found.loc[known, "variation"], atol=1e-6)


@QUICK
@given(tables())
def test_a_reference_owes_nothing_to_its_structure_nor_to_itself(table: pd.DataFrame) -> None:
    whole = table.sum().to_frame("t").T
    found = specificite.shift_share(whole, whole * 1.5, table.sum(), table.sum() * 1.5)
    if found.at["t", "avant"] > 0:
        assert np.allclose(found.loc["t", ["effet_structurel", "effet_local"]].astype("float64"), 0.0, atol=1e-6)


def test_a_job_in_a_sector_the_reference_had_none_in_makes_the_effects_unknown() -> None:
    one = pd.DataFrame({"a": [10.0]}, index=["t"])
    found = specificite.shift_share(one, one, pd.Series({"a": 0.0}), pd.Series({"a": 10.0}))
    assert found[["effet_structurel", "effet_local"]].isna().all(axis=None)


def test_twins_are_nearest_and_opposites_farthest() -> None:
    indices = pd.DataFrame(
        [[4.0, 0.5, 1.0], [3.0, 0.6, 1.0], [0.25, 2.0, 1.0], [1.0, 1.0, 1.0]],
        index=["me", "twin", "opposite", "average"], columns=list("abc"),
    )  # fmt: skip
    found = specificite.similarity(indices, "me")
    assert list(found.index) == ["twin", "opposite", "average"]
    assert found["twin"] > 0.95 and found["opposite"] == pytest.approx(-1.0, abs=0.02) and np.isnan(found["average"])


def test_similarity_goes_both_ways_and_the_same_profile_is_one() -> None:
    indices = specificite.index(pd.concat([ZONES, ZONES.loc[["a"]].set_axis(["z"])]), ZONES.sum())
    assert specificite.similarity(indices, "a")["z"] == pytest.approx(1.0)
    assert specificite.similarity(indices, "a")["d"] == pytest.approx(specificite.similarity(indices, "d")["a"])


def test_parts_are_gathered_into_territoires_even_shared_ones() -> None:
    rows = pd.DataFrame(
        {"epci": ["1", "1", "2", "3"], "secteur": ["a", "b", "a", "b"], "effectifs": [5.0, 0, 7, np.nan]}
    )
    members = pd.DataFrame({"territoire": ["x", "x", "y", "z", "w"], "epci": ["1", "2", "2", "3", "9"]})
    found = specificite.gather(rows, members, "epci")
    assert found.loc["x"].tolist() == [12.0, 0.0]
    assert found.at["y", "a"] == 7.0 and np.isnan(found.at["y", "b"])
    assert found.loc[["z", "w"]].isna().all(axis=None)


def test_a_part_counted_twice_in_a_territoire_is_refused() -> None:
    rows = pd.DataFrame({"epci": ["1"], "secteur": ["a"], "effectifs": [5.0]})
    with pytest.raises(InputRefused):
        specificite.gather(rows, pd.DataFrame({"territoire": ["x", "x"], "epci": ["1", "1"]}), "epci")


def test_the_profile_of_a_territoire_withholds_small_indices_and_keeps_blanks() -> None:
    names = ["effectifs", "etablissements", "effectifs_avant"]
    here = pd.DataFrame([[40.0, 4, 20], [2.0, 1, 2]], index=["a", "b"], columns=names)
    there = pd.DataFrame([[400.0, 9, 400], [500.0, 9, 400], [100.0, 3, 90]], index=["a", "b", "c"], columns=names)
    found = specificite.profile(here, there, minimum=5)
    assert found.at["a", "specificite"] == pytest.approx((40 / 42) / 0.4)
    assert found.at["a", "evolution"] == pytest.approx(100.0) and found.at["b", "evolution_reference"] == pytest.approx(
        25.0
    )
    assert found["sous_seuil"].tolist() == [False, True, False]
    assert found.loc[["b", "c"], "specificite"].isna().all() and np.isnan(found.at["c", "effectifs"])


def test_each_indicator_says_everything_its_bubble_shows() -> None:
    codes = [one.code for one in specificite.INDICATORS]
    assert len(set(codes)) == len(codes)
    for one in specificite.INDICATORS:
        assert one.source == "urssaf" and one.treatment and one.formula and one.limits
        assert not set("'\"") & set(one.label + one.treatment + one.formula + one.limits)
