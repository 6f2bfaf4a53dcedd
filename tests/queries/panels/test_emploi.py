"""The panel « Emploi et chômage », from the example files: one rate per zone, never a mean; events within their class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from fichetrack.indicators.quantities import Quantity, State
from fichetrack.queries.panels import lines
from tests.browser import Browser
from tests.factories import PersonneFactory, dti
from tests.queries.panels.scene import ALES, DATA, bring, figure, grid, load, panel_of, row, settle, straddling
from tests.statements import counted

HEADER = "Libellé;Commune;Date;Nature;Emplois;Secteur;Source;Diffusion;Entreprise\n"


@pytest.fixture
def rates(db: Any) -> None:
    settle()
    load("chomage", "exemple.csv", "exemple_departements.csv")
    load("chomage", "exemple_communes.csv", millesime="2025")


def test_each_zone_has_its_rate_and_no_mean_is_made(rates: None) -> None:
    panel = panel_of("emploi", "dep-30")
    values = {one["lieu"]: one["taux"].value for one in grid(panel, "taux").rows}
    assert values == {"Département : Gard": 10.1, "Zone d’emploi : Nîmes": 10.3, "Zone d’emploi : Alès-Le Vigan": 11.0}
    assert figure(panel, "taux_chomage").shown_label == "Taux de chômage, département Gard"


def test_a_zone_says_how_many_inhabitants_it_holds(rates: None) -> None:
    panel = panel_of("emploi", ALES, PersonneFactory())
    zone = row(panel, "taux", "Zone d’emploi : Alès-Le Vigan")
    assert zone["habitants"].value == pytest.approx(100 * 49_000 / 55_500)
    assert zone["trimestre"] == "1er trimestre 2025 (provisoire)"
    assert "jamais moyennés" in panel.sentence
    assert "2 communes du lieu ne sont dans aucune zone" in " ".join(panel.warnings)


def test_a_trend_without_its_first_quarter_is_not_known(rates: None) -> None:
    zone = row(panel_of("emploi", "com-30007", PersonneFactory()), "taux", "Zone d’emploi : Alès-Le Vigan")
    assert zone["un_an"].state == zone["cinq_ans"].state == State.ABSENT


def test_a_territoire_across_two_zones_has_both_rates_and_their_spread(rates: None) -> None:
    straddling("ales-nimes", "30007", "30189")
    panel = panel_of("emploi", "ti-ales-nimes")
    assert [one.quantity.value for one in panel.figures] == [10.3, 11.0]
    assert "de 10,3 à 11,0 % selon la zone" in panel.sentence
    assert row(panel, "taux", "Département : Gard")["taux"] == Quantity(10.1)
    # Weighted or not, a mean would be between the two: none is anywhere.
    shown = [one["taux"].value for one in grid(panel, "taux").rows if "Zone" in one["lieu"]]
    assert shown == [10.3, 11.0]


def test_the_levels_nobody_imported_are_said(rates: None) -> None:
    warnings = " ".join(panel_of("emploi", "dep-30").warnings)
    assert "de la région" in warnings
    assert "de la France" in warnings


def test_the_table_of_the_chart_has_its_quarters(rates: None) -> None:
    panel = panel_of("emploi", "com-30007", PersonneFactory())
    quarters = grid(panel, "trimestres")
    assert [one["trimestre"] for one in quarters.rows] == [
        "1er trimestre 2025",
        "4e trimestre 2024",
        "3e trimestre 2024",
    ]
    assert [one["s0"].value for one in quarters.rows] == [11.0, 10.8, 10.9]
    assert len(panel.extra["chart"].lines) == len(quarters.columns) - 1


def test_a_file_with_france_gives_the_comparison_and_a_hole_stays_a_hole(db: Any) -> None:
    settle()
    load("chomage", "exemple.json")
    panel = panel_of("emploi", "com-30007", PersonneFactory())
    assert row(panel, "taux", "France")["taux"] == Quantity(7.2)
    assert row(panel, "taux", "Zone d’emploi : Alès-Le Vigan")["taux"].state == State.ABSENT
    france = panel_of("emploi", "france")
    assert [one["lieu"] for one in grid(france, "taux").rows] == ["France"]


def test_events_of_the_network_stay_in_it(rates: None) -> None:
    load("evenements-emploi", "exemple.csv")
    public, network = panel_of("emploi", "dep-30"), panel_of("emploi", "dep-30", dti())
    assert [one["libelle"] for one in grid(public, "evenements").rows] == ["Extension inventée d’un atelier"]
    assert figure(network, "emplois_supprimes_annonces").quantity == Quantity(12.0)
    # A row « nominative » names nobody: nobody reads it here.
    assert len(grid(network, "evenements").rows) == 2
    assert panel_of("emploi", "dep-30", PersonneFactory()).figures == public.figures


def test_a_visitor_is_told_that_public_events_are_a_minimum_whatever_is_hidden(rates: None) -> None:
    load("evenements-emploi", "exemple.csv")
    public, network = panel_of("emploi", "dep-30"), panel_of("emploi", "dep-30", dti())
    told = figure(public, "emplois_crees_annonces")
    assert told.quantity.state == State.AT_LEAST and told.note == "1 événement public"
    assert "que les événements publics" in " ".join(public.warnings)
    for line in grid(public, "evenements-annees").rows:
        held = [one for one in line.values() if isinstance(one, Quantity)]
        assert held and all(one.state == State.AT_LEAST for one in held)
    assert figure(network, "emplois_crees_annonces").quantity.state == State.VALUE
    assert "événements" not in " ".join(network.warnings)


def test_a_secret_number_of_jobs_makes_a_lower_bound_never_a_zero(rates: None, tmp_path: Path) -> None:
    rows = "A;30007;12/03/2026;Création;40;;x;Publique;\nB;30007;13/03/2026;Création;secret;;x;Publique;\n"
    file = tmp_path / "evenements.csv"
    file.write_text(HEADER + rows + "C;30007;14/03/2026;Suppression;secret;;x;Publique;\n", "utf-8")
    bring("evenements-emploi", file)
    panel = panel_of("emploi", "dep-30")
    assert figure(panel, "emplois_crees_annonces").quantity.state == State.AT_LEAST
    assert figure(panel, "emplois_supprimes_annonces").quantity.state == State.SECRET


def test_events_are_shown_without_any_rate_and_nothing_without_either(db: Any) -> None:
    settle()
    assert "n’est pas encore importé" in panel_of("emploi", "dep-30").missing
    load("evenements-emploi", "exemple.csv")
    panel = panel_of("emploi", "dep-30")
    assert not panel.missing
    assert figure(panel, "emplois_crees_annonces").quantity == Quantity(40.0, unknown=1)


def test_as_many_statements_for_a_commune_as_for_a_departement(rates: None, db: Any) -> None:
    load("evenements-emploi", "exemple.csv")
    numbers = []
    for code in ("com-30007", "dep-30"):
        user = PersonneFactory()
        with counted(db.engine) as sent:
            panel_of("emploi", code, user)
        numbers.append(len(sent))
    assert abs(numbers[0] - numbers[1]) <= 1  # looking the place up differs


def test_a_page_draws_its_chart_and_its_tables(rates: None, browser: Browser) -> None:
    page = browser.get("/territoires/dep-30/emploi").text
    assert 'role="img"' in page
    assert "Taux de chômage, trimestre par trimestre" in page


@pytest.mark.skipif(not DATA.exists(), reason="place the public files in ../shared/data to run it")
def test_the_published_rates_of_ales_are_shown(db: Any) -> None:
    settle()
    bring("chomage", DATA / "chomage" / "chomage-localise_zones-emploi-2020_2021T1-2025T4.json")
    panel = panel_of("emploi", "com-30007", PersonneFactory())
    zone = row(panel, "taux", "Zone d’emploi : Alès-Le Vigan")
    assert (zone["taux"].value, zone["un_an"].value) == (12.7, pytest.approx(12.7 - 11.7))
    assert row(panel, "taux", "France")["taux"].value == pytest.approx(7.83)
    assert len(grid(panel, "trimestres").rows) == 20


def test_a_line_stops_where_nothing_is_published() -> None:
    quarters = ["2024-T1", "2024-T2", "2024-T3", "2024-T4"]
    chart = lines.draw({"Ici": pd.Series([7.0, None, 8.0, 8.5], index=quarters)})
    assert chart is not None
    assert chart.lines[0].path.count("M") == 2
    assert [text for _y, text in chart.upward] == ["7,0", "7,5", "8,0", "8,5"]
    assert lines.draw({"Ici": pd.Series([None, None], index=quarters[:2], dtype="float64")}) is None
