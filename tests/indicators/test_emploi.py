"""Unemployment by zone d'emploi side by side, never averaged; trends against the same quarter; events added up."""

from __future__ import annotations

import pandas as pd
import pytest

from fichetrack.indicators import emploi
from fichetrack.indicators.contracts import InputRefused
from fichetrack.indicators.quantities import State

COMMUNES = pd.DataFrame({"population": [900.0, 100.0, 500.0]}, index=list("abc"))
ZONES = pd.DataFrame({"commune": list("abc"), "ze": ["0051", "7603", "7603"], "ze_nom": ["Alençon", "Alès", "Alès"]})


def rate(code: str, trimestre: str, taux: float | None, niveau: str = "ze", secret: int = 0) -> dict:
    value = float("nan") if taux is None else taux
    row = {"niveau": niveau, "code": code, "nom": f"Zone {code}", "trimestre": trimestre, "taux": value}
    return row | {"taux_secret": secret, "provisoire": trimestre == "2025-T4"}


TAUX = pd.DataFrame(
    [
        rate("0051", "2020-T4", 8.0),
        rate("0051", "2024-T4", 6.6),
        rate("0051", "2025-T4", 7.2),
        rate("7603", "2024-T4", 11.7),
        rate("7603", "2025-T4", 12.7),
        rate("30", "2025-T4", 10.1, niveau="departement"),
    ]
)


def rates(*members: str, taux: pd.DataFrame = TAUX) -> emploi.Rates:
    return emploi.rates_of_zones(taux, emploi.allocate_zones(members, COMMUNES, ZONES))


def test_each_zone_keeps_its_own_rate_and_says_its_share_of_the_inhabitants() -> None:
    found = rates("a", "b")
    assert found.zones["taux"].to_dict() == {"0051": 7.2, "7603": 12.7}
    assert found.zones["part_territoire"].to_dict() == {"0051": 0.9, "7603": 0.1}
    assert (found.trimestre, found.low, found.high, found.covered) == ("2025-T4", 7.2, 12.7, 1.0)
    assert "jamais moyennés" in emploi.SENTENCE


def test_a_trend_compares_the_same_quarter_and_is_absent_without_it() -> None:
    zones = rates("a", "b").zones
    assert zones["evolution_1_an"].round(6).tolist() == [0.6, 1.0]
    assert zones.loc["0051", "evolution_5_ans"] == pytest.approx(-0.8)
    assert pd.isna(zones.loc["7603", "evolution_5_ans"])


def test_a_secret_or_missing_rate_is_not_in_the_range() -> None:
    hidden = TAUX[~((TAUX["code"] == "7603") & (TAUX["trimestre"] == "2025-T4"))]
    hidden = pd.concat([hidden, pd.DataFrame([rate("7603", "2025-T4", None, secret=1)])])
    found = rates("a", "b", taux=hidden)
    assert (found.low, found.high, found.covered) == (7.2, 7.2, 0.9)
    assert found.zones.loc["7603", "taux_secret"] == 1


def test_a_zone_late_by_a_quarter_is_not_compared_with_an_older_one() -> None:
    late = TAUX[~((TAUX["code"] == "7603") & (TAUX["trimestre"] == "2025-T4"))]
    assert pd.isna(rates("a", "b", taux=late).zones.loc["7603", "taux"])


def test_nothing_imported_gives_nothing_known() -> None:
    found = rates("a", taux=TAUX.iloc[:0])
    assert (found.trimestre, found.low, found.high, found.covered) == (None, None, None, 0.0)
    assert rates().zones.empty and rates().covered is None


def test_other_levels_are_described_the_same_way() -> None:
    described = emploi.describe(TAUX, "departement", ["30", "99"])
    assert described["taux"].tolist()[0] == 10.1 and pd.isna(described.loc["99", "taux"])
    assert described["provisoire"].tolist() == [True, False]


def test_a_series_is_in_the_order_of_its_quarters() -> None:
    shuffled = TAUX.sample(frac=1, random_state=1)
    assert emploi.series(shuffled, "ze", "0051").to_dict() == {"2020-T4": 8.0, "2024-T4": 6.6, "2025-T4": 7.2}


def test_permuting_the_rows_changes_nothing() -> None:
    shuffled = rates("a", "b", taux=TAUX.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(rates("a", "b").zones, shuffled.zones)


def test_a_commune_listed_by_two_imports_follows_the_last() -> None:
    both = pd.concat([ZONES, ZONES.iloc[[0]].assign(ze="7603", ze_nom="Alès")])
    assert emploi.allocate_zones(["a"], COMMUNES, both).parts.index.tolist() == ["7603"]


def test_a_zone_its_communes_do_not_name_takes_the_name_of_its_rate() -> None:
    allocation = emploi.allocate_zones(["a"], COMMUNES, ZONES.assign(ze_nom=""))
    assert emploi.rates_of_zones(TAUX, allocation).zones["nom"].tolist() == ["Zone 0051"]


EVENTS = pd.DataFrame(
    {
        "commune": ["a", "a", "b", "c"],
        "date": ["2026-01-02", "2026-03-04", "2025-01-01", "2026-01-01"],
        "nature": ["creation", "creation", "suppression", "creation"],
        "emplois": [40.0, float("nan"), 12.0, 500.0],
        "emplois_secret": [0, 1, 0, 0],
    }
)


def test_jobs_created_with_a_secret_are_at_least() -> None:
    sums = emploi.summarise_events(EVENTS, ["a", "b"])
    assert (sums["creation"].value, sums["creation"].state) == (40, State.AT_LEAST)
    assert (sums["suppression"].value, sums["suppression"].state) == (12, State.VALUE)
    assert emploi.summarise_events(EVENTS, ["a"])["suppression"].state is State.ABSENT


def test_jobs_by_year_count_the_events_whose_number_is_not_said() -> None:
    table = emploi.events_by_year(EVENTS, ["a", "b"])
    assert table.loc[("2026", "creation"), ["emplois", "emplois_secret", "evenements", "sans_nombre"]].tolist() == [
        40,
        1,
        2,
        1,
    ]
    assert emploi.events_by_year(EVENTS, []).empty


def test_wrong_inputs_are_refused() -> None:
    with pytest.raises(InputRefused, match="2025-T4"):
        emploi.before("avant", 1)
    with pytest.raises(InputRefused, match="taux"):
        emploi.describe(TAUX.drop(columns="taux"), "ze", ["0051"])
    with pytest.raises(InputRefused, match="ze_nom"):
        emploi.allocate_zones(["a"], COMMUNES, ZONES.drop(columns="ze_nom"))


def test_every_figure_has_its_row_in_the_catalogue() -> None:
    codes = {indicator.code for indicator in emploi.INDICATORS}
    assert codes == {"taux_chomage", "evolution_chomage", "emplois_crees_annonces", "emplois_supprimes_annonces"}
