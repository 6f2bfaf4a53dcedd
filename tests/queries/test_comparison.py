"""Places side by side: the same figures, differences in words, and the territoires that resemble one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from fichetrack.indicators import emploi, financements
from fichetrack.indicators.quantities import Quantity
from fichetrack.queries import comparison, differences, places, profiles
from fichetrack.queries.panels.shapes import Column, Figure, Grid, Panel, by_code
from fichetrack.queries.places import Place
from fichetrack.queries.releases import Shelf
from fichetrack.vocabulary import PlaceKind
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


def compared(*codes: str) -> list[comparison.Block]:
    return comparison.compare(comparison.read(None, found(*codes), {}, Shelf()))


def words(*values: Quantity) -> list[str]:
    return [cell.word for cell in differences.line("x", None, values).cells]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([Quantity(10), Quantity(20)], ["le plus bas", "le plus élevé"]),
        ([Quantity(10), Quantity(11)], ["", ""]),  # less than a quarter apart
        ([Quantity(10), Quantity(10)], ["", ""]),
        ([Quantity(0), Quantity(3), Quantity(3)], ["le plus bas", "le plus élevé", "le plus élevé"]),
        ([Quantity(10), Quantity()], ["", ""]),
        ([Quantity(10), Quantity(None, 1)], ["", ""]),  # a secret may be anything
        ([Quantity(10), Quantity(50, 2), Quantity(20)], ["le plus bas", "", ""]),  # « at least 50 » is above
        ([Quantity(10), Quantity(5, 2), Quantity(20)], ["", "", ""]),  # « at least 5 » may be anywhere
        ([Quantity(10), Quantity(None, 1), Quantity(20)], ["", "", ""]),
        ([Quantity(), Quantity()], ["", ""]),
    ],
)
def test_only_what_is_known_is_told_apart(values: list[Quantity], expected: list[str]) -> None:
    assert words(*values) == expected


def test_what_is_shown_as_equal_has_the_same_word() -> None:
    two = Column("i", "Indice", "quantity", unit="indice", digits=2)
    values = [Quantity(0.2349), Quantity(0.2251), Quantity(0.13), Quantity(0.1349)]
    told = differences.line("x", None, values, column=two)
    assert [cell.word for cell in told.cells] == ["le plus élevé", "le plus élevé", "le plus bas", "le plus bas"]
    near = differences.line("x", None, [Quantity(1.51), Quantity(1.49)])
    assert [cell.word for cell in near.cells] == ["", ""]  # 2 and 1 as shown, less than a quarter apart
    tied = differences.line("x", None, [Quantity(0.004), Quantity(0.001)], column=two)
    assert [cell.word for cell in tied.cells] == ["", ""]


def test_the_same_figures_stand_side_by_side(country: None) -> None:
    block = compared("ti-ales", "ti-mende", "france")[0]
    jobs = next(line for line in block.figures if line.indicator and line.indicator.code == "effectifs")
    assert [cell.quantity.value for cell in jobs.cells] == [60, 40, 200]
    assert [cell.word for cell in jobs.cells] == ["", "le plus bas", "le plus élevé"]
    sectors = {line.label.rpartition("(")[2]: [cell.quantity.value for cell in line.cells] for line in block.lines}
    assert sectors["C3)"] == pytest.approx([8 / 3, 0.0, 1.0])  # no job of the sector: an index of 0, not an unknown one
    assert sectors["GZ)"][0] == 0.0


def test_every_place_is_measured_against_the_same_reference(country: None) -> None:
    asked = found("ti-ales", "reg-76")
    same = comparison.read(None, asked, {"reference": "reg-76"}, Shelf())[0]
    assert [panel.options.reference for panel in same] == ["france", "france"]
    assert "(Occitanie)" in comparison.common_settings(asked, {"reference": "reg-76"})[1]


def test_a_reference_of_every_place_is_kept(country: None) -> None:
    for codes, reference in ((("ti-ales", "ti-mende"), "reg-76"), (("ti-ales", "france"), "france")):
        settings = {"reference": reference, "niveau": "a88"}
        assert comparison.common_settings(found(*codes), settings) == (settings, "")


def test_comparing_costs_as_many_queries_per_place(country: None, db: Any) -> None:
    costs = []
    for codes in (("ti-ales", "ti-mende"), ("ti-ales", "ti-mende", "dep-30", "reg-76")):
        asked = found(*codes)
        with counted(db.engine) as statements:
            comparison.compare(comparison.read(None, asked, {}, Shelf()))
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


def test_a_sentence_true_of_every_place_is_said_once(country: None) -> None:
    block = compared("ti-ales", "ti-mende")[0]
    assert block.common.startswith("Emplois salariés privés au 31 décembre 2024, 17 secteurs. Référence")
    assert "périmètre du" not in block.common
    assert block.own == ()


def test_what_is_said_of_one_place_is_under_its_name(country: None) -> None:
    block = compared("ti-ales", "france")[0]
    assert [names for names, _text in block.own] == ["France"]
    assert "sa propre référence" in block.own[0][1]


def test_what_some_places_share_is_said_once_for_them() -> None:
    said = [panel(a=Quantity(1.0)).holding(sentence=text) for text in ("Un. Deux.", "Un. Deux. Trois.", "Un.")]
    named = [replace(one, place=Place("ti-x", PlaceKind.TI, nom)) for one, nom in zip(said, "ABC", strict=True)]
    block = block_of(*named)
    assert (block.common, block.own) == ("Un.", (("A, B", "Deux."), ("B", "Trois.")))


MONTANTS = by_code(financements.INDICATORS)["financements.montants"]
PROJETS = by_code(financements.INDICATORS)["financements.projets"]
TAUX = by_code(emploi.INDICATORS)["taux_chomage"]
COUNTS = Column("xmet", "Jugés difficiles", "quantity", unit="projets")


def panel(**values: Quantity | None) -> Panel:
    """A panel « métiers » whose lines are named by the arguments; None: the line is not there."""
    lines = [{"nom": name, "xmet": value} for name, value in values.items() if value is not None]
    place = Place("ti-x", PlaceKind.TI, "X")
    return Panel("metiers", "x", place, grids=[Grid("metiers", "t", (Column("nom", "Métier"), COUNTS), lines)])


def block_of(*same: Panel) -> comparison.Block:
    return comparison.compare([same])[0]


def test_the_lines_that_differ_most_come_first_whatever_the_size_of_the_places() -> None:
    few = {f"m{rank}": Quantity(10.0) for rank in range(12)}
    many = {f"m{rank}": Quantity(1000.0) for rank in range(12)}
    block = block_of(panel(**few | {"m7": Quantity(60.0)}), panel(**many))
    assert block.lines[0].label == "m7"
    assert (len(block.lines), len(block.rest), block.left_out) == (10, 2, 0)


def test_a_count_stands_out_by_what_it_weighs_in_its_place() -> None:
    block = block_of(
        panel(a=Quantity(80.0), b=Quantity(20.0), c=Quantity(4.0)),
        panel(a=Quantity(400.0), b=Quantity(600.0), c=Quantity(1.0)),
    )
    words = {one.label: [cell.word for cell in one.cells] for one in block.lines}
    assert words == {"a": ["part la plus forte", ""], "b": ["", "part la plus forte"], "c": ["", ""]}


def test_a_secret_of_one_place_does_not_swell_the_shares_of_its_other_lines() -> None:
    hidden = {f"h{rank}": Quantity(None, 1) for rank in range(3)}
    block = block_of(
        panel(a=Quantity(50.0), b=Quantity(50.0), **{name: Quantity(300.0) for name in hidden}),
        panel(a=Quantity(40.0), b=Quantity(60.0), **hidden),
        panel(a=Quantity(70.0), b=Quantity(30.0), **hidden),
    )
    words = {one.label: [cell.word for cell in one.cells] for one in block.lines}
    assert words["a"] == ["", "", "part la plus forte"]  # of a + b alone: 50, 40 and 70 %
    assert words["b"] == ["", "part la plus forte", ""]
    assert words["h0"] == ["", "", ""]


def test_the_known_part_of_a_minimum_counts_in_the_total_of_its_place() -> None:
    block = block_of(
        panel(a=Quantity(30.0), b=Quantity(30.0), c=Quantity(40.0)),
        panel(a=Quantity(220.0), b=Quantity(30.0), c=Quantity(750.0, 2)),
    )
    words = {one.label: [cell.word for cell in one.cells] for one in block.lines}
    assert words["a"] == ["part la plus forte", ""]  # 30 and 22 %; without c, 50 and 88
    assert words["c"] == ["", ""]


def test_ten_lines_keep_their_order() -> None:
    values = {f"m{rank}": Quantity(float(rank)) for rank in range(10)}
    assert [one.label for one in block_of(panel(**values), panel(**values)).lines] == list(values)


def test_a_line_that_a_covered_place_lacks_is_a_zero() -> None:
    block = block_of(panel(a=Quantity(3.0), b=Quantity(None, 1)), panel(a=None, b=Quantity(2.0)))
    shown = {one.label: [cell.quantity for cell in one.cells] for one in block.lines}
    assert shown == {"a": [Quantity(3.0), Quantity(0.0)], "b": [Quantity(None, 1), Quantity(2.0)]}


def test_nothing_is_a_zero_where_nothing_is_known() -> None:
    missing = panel().without("Pas encore importé.")
    block = block_of(panel(a=Quantity(3.0)), missing)
    assert block.lines[0].cells[1].quantity == Quantity()
    assert block.own == (("X", "Pas encore importé."),)


def funded(projects: Quantity, **amounts: float) -> Panel:
    figures = [Figure(MONTANTS, Quantity(value), "2025", name) for name, value in amounts.items()]
    place = Place("ti-x", PlaceKind.TI, "X")
    return Panel("financements", "x", place, figures=[Figure(PROJETS, projects, "2025"), *figures])


def test_amounts_of_two_kinds_never_share_a_line() -> None:
    block = block_of(funded(Quantity(1.0), Subvention=5.0), funded(Quantity(1.0), Pret=7.0))
    shown = {one.label: [cell.quantity.value for cell in one.cells] for one in block.figures[1:]}
    assert shown == {"Subvention": [5.0, 0.0], "Pret": [0.0, 7.0]}


def test_where_some_projects_are_not_read_an_amount_nobody_sees_is_no_zero() -> None:
    block = block_of(funded(Quantity(1.0), Pret=5.0), funded(Quantity(1.0, 1)))
    assert [(cell.quantity, cell.word) for cell in block.figures[1].cells] == [(Quantity(5.0), ""), (Quantity(), "")]


def test_the_rate_of_one_zone_among_several_is_not_told_apart() -> None:
    def jobless(**rates: float) -> Panel:
        figures = [
            Figure(TAUX, Quantity(rate), "2026-T2", f"Taux de chômage, {zone}", named=zone)
            for zone, rate in rates.items()
        ]
        return Panel("emploi", "x", Place("ti-x", PlaceKind.TI, "X"), figures=figures)

    one = jobless(Nord=5.0, France=7.0)
    assert block_of(one, jobless(Sud=9.0, France=7.0)).figures[0].cells[1].word == "le plus élevé"
    assert [cell.word for cell in block_of(one, jobless(Sud=9.0, Est=4.0)).figures[0].cells] == ["", ""]


@pytest.mark.parametrize(
    ("typed", "codes"),
    [("ti-ales", ["ti-ales"]), ("30", ["dep-30"]), ("mende", ["ti-mende"]), ("France", ["france"]), ("zzz", [])],
)
def test_a_place_is_found_by_its_code_or_its_name(country: None, typed: str, codes: list[str]) -> None:
    assert [one.code for one in comparison.find_places(None, typed)] == codes


def test_the_likeness_is_said_in_words() -> None:
    said = [profiles.Similar("ti-x", "X", value).words for value in (0.92, 0.6, 0.3, -0.4)]
    assert said == ["profils très proches", "profils proches", "des points communs", "peu en commun"]
