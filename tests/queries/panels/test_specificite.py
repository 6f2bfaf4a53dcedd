"""The panel « Spécificité économique », recounted by hand from a file of seven lines, through the real importer."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fichetrack.indicators.quantities import Quantity
from fichetrack.queries import panels, places
from fichetrack.queries.panels.shapes import Panel
from tests.factories import PersonneFactory
from tests.small_gard import JOBS, load, load_jobs, settle, write_jobs
from tests.statements import counted


@pytest.fixture
def country(db: Any, tmp_path: Path) -> Any:
    ales = settle()
    load_jobs(tmp_path)
    return ales


def shown(code: str, day: date | None = None, user: Any = None, **args: str) -> Panel:
    place = places.get_place(code, day)
    assert place is not None
    panel = panels.get_panel(user, "specificite", place, args)
    assert panel is not None
    return panel


def indices(panel: Panel) -> dict[str, float | None]:
    """Index by code of sector: « … (C3) »."""
    rows = panel.grids[0].rows
    values = {str(row["secteur"]).rpartition("(")[2].rstrip(")"): row["indice"] and row["indice"].value for row in rows}
    return {code: None if value is None else round(value, 4) for code, value in values.items()}


@pytest.mark.parametrize(
    ("place", "reference", "expected"),
    [
        ("ti-ales", "france", {"C3": 2.6667, "C1": 0.4762}),  # (40/60) / (50/200), (20/60) / (140/200)
        ("ti-ales", "reg-76", {"C3": 1.6667, "C1": 0.6667}),  # … / (40/100), … / (50/100)
        ("ti-ales", "dep-30", {"C3": 1.0, "C1": 1.0}),
        ("ti-ales", "metropole", {"C3": 2.6667, "C1": 0.4762}),
        ("ti-ales", "tous-ti", {"C3": 1.0, "C1": 1.0}),
        ("epci-200066918", "france", {"C3": 2.6667, "C1": 0.4762}),
        ("epci-200057867", "france", {"C1": 1.2857, "C3": 0.4}),  # an EPT: (90/100) / (140/200)
        ("com-30007", "france", {"C3": 3.2, "C1": 0.2857}),  # (40/50) / (50/200)
        ("dep-48", "reg-76", {"GZ": 2.5, "C1": 1.5}),  # (10/40) / (10/100), (30/40) / (50/100)
        ("reg-76", "france", {"GZ": 2.0, "C3": 1.6, "C1": 0.7143}),
        ("france", "france", {"C3": 1.0, "C1": 1.0, "GZ": 1.0}),
    ],
)
def test_the_index_is_the_share_here_over_the_share_there(
    country: Any, place: str, reference: str, expected: dict[str, float]
) -> None:
    assert indices(shown(place, reference=reference)) == expected


def test_the_rest_of_the_reference_leaves_the_place_out(country: Any) -> None:
    panel = shown("ti-ales", formule="reste")
    assert indices(panel) == {"C3": 9.3333, "C1": 0.3889}  # (40/60) / (10/140), (20/60) / (120/140)
    assert "le reste de : France" in panel.sentence
    assert panel.figures[3].indicator.code == "specificite_reste"


@pytest.mark.parametrize(
    ("place", "reference"), [("france", "france"), ("com-48095", "tous-ti"), ("dep-30", "tous-ti")]
)
def test_a_place_that_is_no_part_of_the_reference_has_no_rest(country: Any, place: str, reference: str) -> None:
    panel = shown(place, reference=reference, formule="reste")
    assert set(indices(panel).values()) == {None}
    assert any("n’a pas de « reste » ici" in warning for warning in panel.warnings)


def test_with_the_rest_the_columns_beside_an_index_give_it_again(country: Any) -> None:
    panel = shown("ti-ales", reference="reg-76", formule="reste")
    labels = [one.label for one in panel.grids[0].columns]
    assert "Part dans le reste de la référence" in labels and "Évolution du reste de la référence" in labels
    for row in panel.grids[0].rows:
        if row["indice"].value is not None:
            assert row["part"].value / row["part_reference"].value == pytest.approx(row["indice"].value)
    assert "prise entière, ce lieu compris : région Occitanie" in panel.grids[1].note


def test_the_sectors_of_the_reference_that_are_not_here_are_named(country: Any) -> None:
    note = shown("ti-ales", reference="reg-76").grids[0].note
    assert note.startswith("1 secteur de la référence n’a aucun établissement ici, son indice est 0 :")
    assert note.endswith("(GZ).")
    assert shown("reg-76", reference="reg-76").grids[0].note == ""


def test_a_sector_the_reference_lacks_still_counts_among_the_jobs_of_the_place(country: Any) -> None:
    panel = shown("com-48095", reference="tous-ti")
    assert indices(panel) == {"C1": 2.25, "GZ": None}  # (30/40) / (20/60)
    assert panel.figures[0].quantity == Quantity(40.0)
    assert any("1 secteur présent ici" in warning for warning in panel.warnings)


def test_a_territoire_is_read_in_its_perimeter_of_the_day(country: Any) -> None:
    before, now = shown("ti-ales", date(2022, 12, 31)), shown("ti-ales")
    assert [panel.figures[0].quantity.value for panel in (before, now)] == [50.0, 60.0]
    assert "périmètre du 31/12/2022" in before.sentence
    assert indices(before)["C3"] == 3.2


def test_before_its_first_perimeter_a_territoire_has_no_figure_and_says_so(country: Any) -> None:
    assert "Aucun emploi" in shown("ti-ales", date(2015, 1, 1)).missing


def test_territory_year_reference_and_level_stand_beside_every_index(country: Any) -> None:
    sentence = shown("ti-ales", reference="reg-76").sentence
    for words in ("Bassin d’Alès", "31 décembre 2024", "17 secteurs", "Référence : région Occitanie"):
        assert words in sentence


def test_the_year_is_chosen_and_an_unknown_one_is_the_newest(country: Any) -> None:
    assert shown("ti-ales", annee="2019").figures[0].quantity == Quantity(40.0)
    assert shown("ti-ales", annee="1900").figures[0].quantity == Quantity(60.0)


def test_the_evolution_is_counted_and_decomposed(country: Any) -> None:
    panel = shown("ti-ales")
    assert panel.figures[2].quantity == Quantity(50.0)  # from 40 to 60
    effects = [row["emplois"].value for row in panel.grids[1].rows]
    # G = 200/180; C3 went from 30 to 50, C1 from 140 to 140: 20 × (5/3) + 20 × 1 = 53.33 expected
    assert effects == pytest.approx([20, 40 * 20 / 180, 53.3333 - 40 - 40 * 20 / 180, 60 - 53.3333], abs=1e-3)
    assert effects[0] == pytest.approx(sum(effects[1:]))


def test_a_year_without_the_one_five_years_before_has_no_evolution(country: Any) -> None:
    panel = shown("ti-ales", annee="2019")
    assert panel.figures[2].quantity == Quantity()
    assert {row["evolution"].value for row in panel.grids[0].rows} == {None}


def test_below_the_threshold_no_index_is_shown_and_the_page_says_how_many(country: Any) -> None:
    panel = shown("ti-ales", seuil="30")
    assert indices(panel) == {"C3": 2.6667, "C1": None}
    # Known and withheld: « – », not the « n. d. » of what nobody knows.
    assert any("« – » à la place" in warning for warning in panel.warnings)
    assert [row["indice"] for row in panel.grids[0].rows] == [Quantity(pytest.approx(2.6667, rel=1e-4)), None]


def test_a_chart_of_the_first_sectors_says_how_many_there_are(app: Any) -> None:
    draw = app.jinja_env.get_template("macros/indicators.html").module.lollipop
    points = [{"label": "A (C1)", "value": 2.0, "x": 1.0, "below": False}]
    assert "Les 1 premiers" not in draw(points, "Indices", "t", 1)
    assert "premiers secteurs sur 50" in draw(points * 16, "Indices", "t", 50)


@pytest.mark.parametrize("seuil", ["-5", "abc", "1e3", "٣", "9" * 40, ""])
def test_an_odd_threshold_is_no_threshold(country: Any, seuil: str) -> None:
    assert indices(shown("ti-ales", seuil=seuil))["C1"] == 0.4762


def test_a_visitor_gets_17_sectors_whatever_the_address_asks(country: Any) -> None:
    for level in ("a38", "a88", "a732"):
        assert indices(shown("ti-ales", niveau=level)) == indices(shown("ti-ales"))
    assert indices(shown("ti-ales", user=PersonneFactory(), niveau="a732")) == {"2711Z": 2.6667, "1071C": 0.4762}
    assert indices(shown("ti-ales", niveau="a732")) == {"C3": 2.6667, "C1": 0.4762}  # even just after


@pytest.mark.parametrize("level", ["a38", "a88", "a732"])
def test_every_level_adds_up_to_the_same_jobs(country: Any, level: str) -> None:
    panel = shown("ti-ales", user=PersonneFactory(), niveau=level)
    assert sum(row["effectifs"].value for row in panel.grids[0].rows) == panel.figures[0].quantity.value == 60


@pytest.mark.parametrize("reference", ["reg-11", "dep-48", "reg-76", "reg-", "xx", "com-30007", "dep-30"])
def test_any_reference_is_answered_and_a_stranger_is_france(country: Any, reference: str) -> None:
    for place in ("reg-76", "dep-30", "ti-ales", "com-30007", "france"):
        assert shown(place, reference=reference).sentence
    if reference in {"reg-11", "dep-48", "reg-", "xx", "com-30007"}:
        assert "Référence : France." in shown("ti-ales", reference=reference).sentence


def test_france_against_itself_is_told_and_not_drawn(country: Any) -> None:
    panel = shown("france")
    assert panel.extra["lollipop"] == [] and "sa propre référence" in panel.warnings[-1]
    assert shown("ti-ales").extra["lollipop"]


def test_a_region_is_not_its_own_reference(country: Any) -> None:
    assert "Référence : France." in shown("reg-76", reference="reg-76").sentence


def test_a_panel_costs_as_many_queries_whatever_was_imported(country: Any, db: Any, tmp_path: Path) -> None:
    place = places.get_place("ti-ales")
    assert place is not None
    costs = []
    for number in (1, 20):
        for year in range(number):
            load_jobs_again(tmp_path, year)
        panels._kept.clear()
        with counted(db.engine) as statements:
            panels.get_panel(None, "specificite", place, {})
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 6


def load_jobs_again(folder: Path, number: int) -> None:
    rows = [(*row[:5], row[5] + number) for row in JOBS]
    load("urssaf", write_jobs(folder, rows, (2018 - number, 2023 - number)))
