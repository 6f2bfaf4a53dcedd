"""Métiers en tension: bassins shared with a territoire, three states kept, ranks, and the published figures."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from fichetrack.geography.layouts import read_listing
from fichetrack.geography.members import Directory
from fichetrack.geography.reference import read_reference
from fichetrack.indicators import metiers
from fichetrack.indicators.allocation import Allocation
from fichetrack.indicators.contracts import InputRefused
from fichetrack.indicators.metiers import Mode
from fichetrack.indicators.quantities import State
from fichetrack.sources import bmo
from fichetrack.sources.reading import Ground

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
NEEDED = pytest.mark.skipif(not DATA.exists(), reason="place the public files in ../shared/data to run it")

COMMUNES = pd.DataFrame({"population": [800.0, 200.0, 300.0, 700.0, float("nan")]}, index=list("abcde"))
BASSINS = pd.DataFrame(
    {
        "commune": list("abcde"),
        "bassin": ["0001", "0001", "0002", "0002", "0003"],
        "nom": ["Un", "Un", "Deux", "Deux", "Trois"],
    }
)


def row(
    bassin: str, fap: str, met: float | None, xmet: float | None, smet: float | None, departement: str = "01"
) -> dict:
    """A row of the survey; None is a secret."""
    cells = {"met": met, "xmet": xmet, "smet": smet}
    known = {name: float("nan") if value is None else float(value) for name, value in cells.items()}
    secrets = {f"{name}_secret": int(value is None) for name, value in cells.items()}
    labels = {"metier": f"Métier {fap}", "famille": "S", "region": "84", "departement": departement}
    return {"bassin": bassin, "fap": fap, **labels, **known, **secrets}


PROJETS = pd.DataFrame(
    [
        row("0001", "A", 100, 60, 20),
        row("0001", "B", 10, None, 5),
        row("0002", "A", 50, 40, None),
        row("0002", "B", 30, 25, 0, departement="02"),
        row("0002", "C", None, None, None),
    ]
)


def allocation(*members: str) -> Allocation:
    return metiers.allocate_bassins(members, COMMUNES, BASSINS)


def test_a_territoire_says_which_bassins_it_touches_and_with_what_share() -> None:
    shared = allocation("a", "b", "c")
    assert shared.parts.index.tolist() == ["0001", "0002"]
    assert shared.parts["part_territoire"].round(4).tolist() == [0.7692, 0.2308]
    assert shared.parts["part_zone"].tolist() == [1.0, 0.3]
    assert (shared.covered, shared.outside, shared.is_split, shared.is_whole) == (1.0, (), True, False)


def test_a_commune_without_bassin_is_told_and_lowers_the_coverage() -> None:
    table = BASSINS[BASSINS["commune"] != "b"]
    shared = metiers.allocate_bassins(["a", "b"], COMMUNES, table)
    assert (shared.covered, shared.outside) == (0.8, ("b",))


def test_an_unknown_population_makes_shares_unknown_not_zero() -> None:
    shared = allocation("e")
    assert shared.covered is None and shared.parts["part_zone"].isna().all()
    assert metiers.rows_for(PROJETS.assign(bassin="0003"), shared, Mode.PRORATA)["met"].isna().all()


def test_no_member_gives_an_empty_allocation() -> None:
    shared = allocation()
    assert (len(shared.parts), shared.covered, shared.is_split) == (0, None, False)
    assert metiers.totals(metiers.rows_for(PROJETS, shared, Mode.ENTIERS))["met"].state is State.ABSENT


def test_whole_bassins_are_added_up_and_a_secret_makes_a_lower_bound() -> None:
    sums = metiers.totals(metiers.rows_for(PROJETS, allocation("a", "c"), Mode.ENTIERS))
    assert (sums["met"].value, sums["met"].secrets, sums["met"].state) == (190, 1, State.AT_LEAST)
    assert (sums["xmet"].value, sums["xmet"].secrets) == (125, 2)


def test_the_prorata_weighs_each_bassin_by_its_inhabitants_of_the_territoire() -> None:
    sums = metiers.totals(metiers.rows_for(PROJETS, allocation("a", "c"), Mode.PRORATA))
    assert sums["met"].value == pytest.approx(0.8 * 110 + 0.3 * 80)
    assert sums["met"].secrets == 1


def test_a_bassin_without_inhabitants_of_the_territoire_weighs_nothing_in_the_prorata() -> None:
    empty = COMMUNES.assign(population=[800.0, 200.0, 0.0, 700.0, 1.0])
    shared = metiers.allocate_bassins(["a", "c"], empty, BASSINS)
    assert set(metiers.rows_for(PROJETS, shared, Mode.PRORATA)["bassin"]) == {"0001"}


def test_both_readings_agree_when_the_bassins_are_wholly_inside() -> None:
    shared = allocation("a", "b", "c", "d")
    both = [metiers.totals(metiers.rows_for(PROJETS, shared, mode)) for mode in Mode]
    assert both[0] == both[1]
    assert metiers.explain(allocation("a", "b"), Mode.PRORATA).startswith("Chaque bassin")
    assert "estimation" in metiers.explain(allocation("a"), Mode.PRORATA)
    assert "plus large" in metiers.explain(allocation("a", "c"), Mode.ENTIERS)


def test_a_share_is_given_only_when_both_parts_are_known_whole() -> None:
    table = metiers.by_metier(PROJETS)
    assert table.loc["A", "part_difficile"] == pytest.approx(100 / 150)
    assert pd.isna(table.loc["B", "part_difficile"]) and pd.isna(table.loc["A", "part_saisonniere"])
    assert table.loc["B", "part_saisonniere"] == pytest.approx(5 / 40)


def test_the_rank_is_difficulty_times_volume_and_a_secret_has_none() -> None:
    table = metiers.by_metier(PROJETS)
    assert table["tension"].dropna().tolist() == [100, 25]
    assert table.index.tolist() == ["A", "B", "C"] and pd.isna(table.loc["C", "rang"])
    assert "xmet ÷ met" in metiers.FORMULA


def test_permuting_the_rows_changes_nothing() -> None:
    shuffled = PROJETS.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(metiers.by_metier(PROJETS), metiers.by_metier(shuffled))


def test_the_whole_is_the_sum_of_its_departements() -> None:
    parts = [metiers.totals(metiers.rows_of(PROJETS, "departement", code)) for code in ("01", "02")]
    whole = metiers.totals(metiers.rows_of(PROJETS, "france"))
    assert all(parts[0][name] + parts[1][name] == whole[name] for name in metiers.QUANTITIES)
    assert metiers.totals(metiers.rows_of(PROJETS, "region", "84")) == whole


def test_secrecy_leaves_a_share_of_what_is_published_and_two_bounds() -> None:
    share = metiers.share(PROJETS, "xmet")
    assert share.exact.state is State.SECRET
    assert share.published == pytest.approx(125 / 180) and share.covers == pytest.approx(180 / 190)
    assert share.low == pytest.approx(125 / 190) and share.high == pytest.approx(135 / 190)


def test_a_share_without_secret_is_exact_and_its_bounds_meet() -> None:
    share = metiers.share(PROJETS.iloc[[0, 3]], "xmet")
    assert share.exact.value == share.published == share.low == share.high == pytest.approx(85 / 130)


def test_secrets_alone_give_no_share() -> None:
    share = metiers.share(PROJETS.iloc[[4]], "xmet")
    assert (share.exact.state, share.published, share.low) == (State.SECRET, None, None)


def test_an_empty_survey_gives_empty_tables() -> None:
    assert metiers.by_metier(PROJETS.iloc[:0]).empty
    assert metiers.share(PROJETS.iloc[:0], "smet").exact.state is State.ABSENT


def test_wrong_inputs_are_refused() -> None:
    with pytest.raises(InputRefused, match="xmet"):
        metiers.totals(PROJETS.drop(columns="xmet"))
    with pytest.raises(InputRefused, match="level"):
        metiers.rows_of(PROJETS, "commune", "01001")
    with pytest.raises(InputRefused, match="repeat"):
        metiers.allocate_bassins(["a"], COMMUNES, pd.concat([BASSINS, BASSINS]))


def test_every_figure_has_its_row_in_the_catalogue() -> None:
    codes = [indicator.code for indicator in metiers.INDICATORS]
    assert codes == ["projets_recrutement", "part_difficile", "part_saisonniere", "tension"]
    assert all(one.formula and one.limits and one.treatment and one.source == "bmo" for one in metiers.INDICATORS)


@NEEDED
def test_106_territoires_straddle_bassins_by_their_groupements_and_107_with_their_communes(tmp_path: Path) -> None:
    reference = read_reference()
    communes = pd.DataFrame(reference.communes).set_index("code")
    ground = Ground(communes, reference.successors, reference.cog_year)
    file = DATA / "bmo" / "bassins-emploi-bmo_communes.csv"
    reading = bmo.read(file, ground, tmp_path, {"millesime": "2024"}, lambda _said: None)
    bassins, directory = pd.read_parquet(reading.tables["bassins"]), Directory(reference)
    listing = read_listing(DATA / "territoires-industrie" / "ti-149_phase1_anct-2026-07_polygones.geojson")
    members = [[directory.find(code, nom) for code, nom in one.members] for one in listing.territoires]

    def straddling(kinds: set[str]) -> int:
        chosen = [directory.expand([one for one in few if one.kind in kinds]) for few in members]
        return sum(metiers.allocate_bassins(codes, communes, bassins).is_split for codes in chosen)

    assert (len(members), straddling({"epci"}), straddling({"epci", "ept", "commune"})) == (149, 106, 107)
