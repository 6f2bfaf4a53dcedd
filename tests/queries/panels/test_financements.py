"""The panel « Financements », from the example list: amounts kind by kind, filters, classes, contacts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fichetrack.indicators.quantities import Quantity, State
from fichetrack.queries.panels import exporting
from fichetrack.queries.panels.shapes import Panel
from tests.browser import Browser
from tests.factories import PersonneFactory, dti
from tests.queries.panels.scene import ALES, bring, figure, grid, load, panel_of, row, settle
from tests.statements import counted

HEADER = "Projet;Entreprise;Commune;Code INSEE;Mesure;Opérateur;Nature du montant;Montant;Date;Thème;Diffusion\n"


@pytest.fixture
def funding(db: Any) -> None:
    settle()
    load("financements", "exemple_2026-06.csv")


def amounts(panel: Panel) -> dict[str, Quantity]:
    return {one.shown_label: one.quantity for one in panel.figures[1:]}


def listing(tmp_path: Path, name: str, *rows: str) -> Path:
    file = tmp_path / name
    file.write_text(HEADER + "\n".join(rows) + "\n", "utf-8")
    return file


@pytest.mark.parametrize("code", ["com-30007", "com-30305", ALES, "dep-30", "reg-76", "france"])
def test_a_project_on_two_sites_counts_whole_wherever_it_stands(funding: None, code: str) -> None:
    panel = panel_of("financements", code, PersonneFactory())
    assert figure(panel, "financements.projets").quantity.value == 1.0
    assert {name: held.value for name, held in amounts(panel).items()} == {"Subvention": 1_234_567.0, "Prêt": 800_000.0}
    assert grid(panel, "projets").rows[0]["communes"] == "Alès, Salindres"


def test_kinds_of_amounts_have_no_total(funding: None) -> None:
    panel = panel_of("financements", "dep-30")
    assert 2_034_567 not in [one.quantity.value for one in panel.figures]
    assert 2_034_567 not in [one["montant"].value for one in grid(panel, "montants").rows]


def test_a_project_of_the_network_is_read_by_the_network(funding: None) -> None:
    panel = panel_of("financements", "france", dti())
    assert figure(panel, "financements.projets").quantity == Quantity(2.0)
    held = amounts(panel)
    assert held["Subvention"] == Quantity(1_234_567.0, 1)
    assert held["Subvention"].state == State.AT_LEAST
    assert "1 confidentiel" in panel.figures[1].note
    assert "Four bas carbone" not in json.dumps(
        list(grid(panel_of("financements", "france"), "projets").rows), default=str
    )


def test_who_reads_the_public_projects_alone_is_told_that_there_may_be_others(funding: None) -> None:
    public, network = panel_of("financements", "dep-30"), panel_of("financements", "dep-30", dti())
    assert {one.quantity.state for one in public.figures} == {State.AT_LEAST}
    assert {row["projets"].state for row in grid(public, "repartition").rows} == {State.AT_LEAST}
    assert "que les projets publics" in public.warnings[0]
    assert figure(network, "financements.projets").quantity.state == State.VALUE
    assert "publics" not in " ".join(network.warnings)


def test_a_confidential_amount_alone_is_secret_never_zero(db: Any, tmp_path: Path) -> None:
    settle()
    bring("financements", listing(tmp_path, "f_2026.csv", "A;X;Alès;30007;M;O;Subvention;confidentiel;2023;T;publique"))
    assert amounts(panel_of("financements", "dep-30"))["Subvention"].state == State.SECRET


def test_the_most_closed_class_told_by_several_lists_wins(db: Any, tmp_path: Path) -> None:
    settle()
    told = "A;X;Alès;30007;M;O;Subvention;1000;2023-05-04;T;"
    bring("financements", listing(tmp_path, "un_2026-06.csv", told + "publique"), lot="un")
    bring("financements", listing(tmp_path, "deux_2026-06.csv", told + "réseau"), lot="deux")
    assert figure(panel_of("financements", "dep-30"), "financements.projets").quantity.value == 0.0
    assert amounts(panel_of("financements", "dep-30", dti())) == {"Subvention": Quantity(1000.0)}


def test_projects_are_filtered_by_theme_and_period(funding: None) -> None:
    def number(**args: str) -> float | None:
        return figure(panel_of("financements", "dep-30", **args), "financements.projets").quantity.value

    assert [number(theme="Électrique"), number(theme="Autre")] == [1, 0]
    assert [number(annee_min="2021", annee_max="2021"), number(annee_min="2022"), number(annee_max="2020")] == [1, 0, 0]
    assert number(annee_min="l’an passé") == 1


@pytest.mark.parametrize(
    ("by", "counts"),
    [
        ("dispositifs", {"(Re)localisation": 1, "Modernisation": 1}),
        ("operateurs", {"Bpifrance": 1, "Banque des Territoires": 1}),
        ("theme", {"Électrique": 1}),
        ("avancement", {"en cours": 1}),
    ],
)
def test_projects_are_counted_by_type(funding: None, by: str, counts: dict[str, int]) -> None:
    panel = panel_of("financements", "dep-30", repartition=by)
    assert {one["valeur"]: one["projets"].value for one in grid(panel, "repartition").rows} == counts
    assert sum(one["montant"].value for one in grid(panel, "montants").rows if one["nature"] == "Prêt") == 800_000


def test_a_sheet_has_description_progress_and_for_accounts_its_contact(funding: None) -> None:
    public, account = (row(panel_of("financements", "dep-30", who), "projets", "Ligne de bobinage")
                       for who in (None, PersonneFactory()))  # fmt: skip
    assert (public["description"], public["avancement"], public["date"]) == ("Atelier neuf", "en cours", "15/03/2021")
    assert "contact" not in public
    assert account["contact"] == "contact@exemple.fr"


def test_an_unconfirmed_commune_is_told_to_those_who_may_read_it(funding: None) -> None:
    assert "à confirmer" not in " ".join(panel_of("financements", "dep-30").warnings)
    assert "à confirmer" in panel_of("financements", "dep-30", dti()).warnings[0]


def test_exports_carry_the_sheets(funding: None) -> None:
    panel = panel_of("financements", "dep-30", PersonneFactory())
    sent = json.loads(exporting.export(panel, "json", "https://exemple.fr"))
    assert sent["tableaux"][3]["lignes"][0]["projet"] == "Ligne de bobinage"


def test_without_a_list_the_panel_says_so(db: Any) -> None:
    settle()
    assert "n’est pas encore importé" in panel_of("financements", "dep-30").missing


def test_as_many_statements_for_a_commune_as_for_a_departement(funding: None, db: Any) -> None:
    numbers = []
    for code in ("com-30007", "dep-30"):
        user = PersonneFactory()
        with counted(db.engine) as sent:
            panel_of("financements", code, user)
        numbers.append(len(sent))
    assert abs(numbers[0] - numbers[1]) <= 1  # looking the place up differs


def test_the_page_reads_without_javascript(funding: None, browser: Browser) -> None:
    assert "Ligne de bobinage" in browser.get("/territoires/dep-30/financements?annee_min=2020").text
