"""/comparer: two to four places, those unknown said, similar ones one click away."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from fichetrack.blueprints import pacing
from fichetrack.queries import comparison, profiles
from tests.factories import PersonneFactory
from tests.small_gard import load_jobs, settle


@pytest.fixture
def country(db: Any, tmp_path: Path) -> None:
    settle()
    load_jobs(tmp_path)


def test_without_a_place_one_is_asked(country: Any, browser: Any) -> None:
    assert "Premier lieu" in browser.get("/comparer")


def test_places_are_added_then_taken_away(country: Any, browser: Any) -> None:
    page = browser.get("/comparer?t=ti-ales")
    both = page.submit("comparer", ajouter="France")
    assert "Bassin d’Alès" in both and "Spécificité économique" in both
    assert both.html.select(".ft-apart__word")
    assert "Urssaf Caisse nationale" in both
    assert "t=france" in both.follow("Retirer").url


def test_a_name_of_several_places_asks_which(country: Any, login_as: Any) -> None:
    page = login_as(PersonneFactory()).get("/comparer?t=france").submit("comparer", ajouter="alès")
    named = [one.get_text() for one in page.html.select(".ft-choices a")]
    assert named == ["Bassin d’Alès", "CA Alès Agglomération", "Alès"]
    assert "t=france&t=epci-200066918" in page.follow("CA Alès Agglomération").url


def test_an_unknown_name_is_said_and_kept(country: Any, browser: Any) -> None:
    page = browser.get("/comparer", t="france", ajouter="Xyz <b>")
    assert "Aucun lieu ne porte ce nom" in page and "demandent un compte" in page
    assert page.html.select_one("#comparer-ajouter")["value"] == "Xyz <b>"


def test_settings_are_carried_from_an_address_to_the_next(country: Any, login_as: Any) -> None:
    page = login_as(PersonneFactory()).get("/comparer", t=["ti-ales", "france"], niveau="a88")
    assert "niveau=a88" in page.follow("Retirer").url
    assert "niveau=a88" in page.submit("comparer", ajouter="30").url


def test_a_reference_that_is_not_everybody_s_is_said(country: Any, browser: Any) -> None:
    page = browser.get("/comparer", t=["ti-ales", "reg-76"], reference="reg-76")
    assert "La référence demandée ne vaut pas pour tous (Occitanie)" in page
    assert "reference" not in page.follow("Bassin d’Alès (Spécificité économique)").url


@pytest.mark.parametrize("path", ["/territoires/ti-ales/specificite", "/territoires/ti-ales", "/territoires/dep-30"])
def test_a_page_is_compared_with_its_own_settings(country: Any, browser: Any, path: str) -> None:
    page = browser.get(path, reference="reg-76", annee="2023").follow("Comparer")
    assert page.url.startswith("/comparer?t=") and page.url.endswith("&reference=reg-76&annee=2023")


def test_what_is_compared_goes_out_with_its_sources(country: Any, login_as: Any) -> None:
    reader = login_as(PersonneFactory())
    page = reader.get("/comparer", t=["ti-ales", "dep-30"], reference="reg-76")
    address = next(one["href"] for one in page.html.select("a[download]"))
    rows = list(csv.DictReader(io.StringIO(reader.client.get(address).data.decode("utf-8-sig")), delimiter=";"))
    indices = [row for row in rows if row["Tableau"].startswith("Secteurs")]
    assert {row["Lieu"] for row in indices} == {"Bassin d’Alès (ti-ales)", "Gard (dep-30)"}
    assert {row["Chiffre"] for row in indices} == {"Indice"}
    assert all("ODbL" in row["Source et licence"] and "Occitanie" in row["Réglages"] for row in indices)
    assert {row["Tableau"] for row in rows} == {"Chiffres clés", indices[0]["Tableau"], "À savoir"}
    assert all("reference=reg-76" in row["Adresse de la page"] for row in rows)


def test_a_download_asks_for_an_account_and_for_two_places(country: Any, client: Any, login_as: Any) -> None:
    assert client.get("/comparer.csv?t=ti-ales&t=dep-30").status_code in (302, 303, 401)
    assert login_as(PersonneFactory()).client.get("/comparer.csv?t=ti-ales").status_code == 404


def test_every_likeness_has_two_decimals(country: Any, browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    near = [profiles.Similar(f"ti-{value}", "X", value) for value in (0.7, 0.634, -0.2)]
    monkeypatch.setattr(profiles, "list_similar", lambda place, shelf: near)
    notes = [one.get_text() for one in browser.get("/comparer?t=ti-ales").html.select(".ft-similar .ft-note")]
    assert [note.rpartition(", ")[2] for note in notes] == ["0,70", "0,63", "−0,20"]


def test_a_visitor_never_goes_past_four_places(country: Any, browser: Any) -> None:
    page = browser.get("/comparer", t=["ti-ales", "france", "reg-76", "dep-30", "dep-48"])
    assert "au-delà du nombre permis" in page and "Lozère" in page
    assert not page.html.select("main form input[name=ajouter]")


@pytest.mark.parametrize("code", ["ti-x", "com-99999", "<b>", "é😀'\"", "x" * 500, "epci-"])
def test_an_unknown_place_is_said(country: Any, browser: Any, code: str) -> None:
    assert "Ce lieu est inconnu" in browser.get("/comparer", t=["ti-ales", code])


def test_a_member_compares_an_epci(country: Any, login_as: Any) -> None:
    page = login_as(PersonneFactory()).get("/comparer", t=["epci-200066918", "com-30007"], niveau="a732")
    assert "CA Alès Agglomération" in page and "2711Z" in page.text


def test_the_same_place_twice_is_once(country: Any, browser: Any) -> None:
    page = browser.get("/comparer", t=["ti-ales", "ti-ales"])
    assert len(page.html.select(".ft-compared li")) == 1


def test_the_comparison_is_drawn_once(country: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/comparer?t=ti-ales&t=france").status_code == 200
    monkeypatch.setattr(comparison, "compare", None)
    assert client.get("/comparer?t=ti-ales&t=france").status_code == 200


def test_whoever_asks_for_too_many_computations_waits(
    country: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(client.application.config, "FIGURES_SECONDS", 1e-9)
    monkeypatch.setattr(pacing, "BUDGET", pacing.Budget())
    assert client.get("/comparer?t=ti-ales&t=france").status_code == 200
    refused = client.get("/comparer?t=ti-ales&t=dep-30")
    assert refused.status_code == 429 and "Beaucoup de calculs" in refused.text
    assert client.get("/contact").status_code == 200


def test_a_budget_comes_back_within_a_minute() -> None:
    now = [0.0]
    budget = pacing.Budget(lambda: now[0])
    budget.add("somebody", 30, 20)
    assert budget.spent("somebody", 20) == 30 and budget.spent("another", 20) == 0
    now[0] = 45.0
    assert budget.spent("somebody", 20) == pytest.approx(15)
