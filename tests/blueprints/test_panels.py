"""/territoires/<code>, /territoires/<code>/<panneau> and its exports: who sees what, odd addresses, constant cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fichetrack import store
from fichetrack.blueprints.drawings import DRAWINGS
from fichetrack.queries import panels
from fichetrack.queries.releases import list_known_tables
from tests.browser import same
from tests.factories import PersonneFactory
from tests.small_gard import JOBS, load, load_jobs, load_survey, settle, write_jobs
from tests.statements import counted

CODES = tuple(panels.BY_CODE)
OPEN = ("ti-ales", "dep-30", "reg-76", "france")
CLOSED = ("epci-200066918", "com-30007")
RESERVED = "code=x&panneau=y&kind=z&_external=1&_scheme=javascript&_anchor=a&_method=POST&self=1&endpoint=e&values=v"


@pytest.fixture
def country(db: Any, tmp_path: Path) -> None:
    DRAWINGS.clear()
    settle()
    load_jobs(tmp_path)
    load_survey()


@pytest.mark.parametrize("code", OPEN)
def test_a_visitor_reads_the_figures_of_territoires_departements_regions_and_france(
    country: Any, browser: Any, code: str
) -> None:
    page = browser.get(f"/territoires/{code}")
    assert "Le territoire en chiffres" in page
    assert "Urssaf Caisse nationale" in page and "millésime 2024" in page and "ODbL" in page
    for panel in CODES:
        browser.get(f"/territoires/{code}/{panel}")


@pytest.mark.parametrize("code", CLOSED)
def test_a_visitor_is_sent_to_sign_in_for_an_epci_or_a_commune_everywhere(
    country: Any, client: Any, login_as: Any, code: str
) -> None:
    paths = [f"/territoires/{code}", f"/comparer?t=ti-ales&t={code}", f"/comparer?t={code}"]
    paths += [f"/territoires/{code}/{panel}" for panel in CODES]
    paths += [f"/territoires/{code}/specificite.{kind}" for kind in ("csv", "xlsx", "json")]
    for path in paths:
        response = client.get(path)
        assert (response.status_code, response.location.startswith("/connexion")) == (303, True), path
    member = login_as(PersonneFactory())
    for path in paths[:2]:
        member.get(path)


def test_a_visitor_never_gets_more_than_17_sectors_nor_any_file(country: Any, browser: Any, login_as: Any) -> None:
    member = login_as(PersonneFactory())
    assert "2711Z" in member.get("/territoires/ti-ales/specificite?niveau=a732").text
    for path in ("/territoires/ti-ales/specificite", "/territoires/ti-ales", "/comparer?t=ti-ales&t=dep-48"):
        page = browser.get(path + ("&" if "?" in path else "?") + "niveau=a732")
        assert "2711Z" not in page.text and "C3" in page.text, path
        assert ".csv" not in page.text and ".xlsx" not in page.text
        assert 'id="specificite-niveau"' not in page.text
        assert "732 activités » : avec un compte seulement." in page.words.replace("\u00a0", " "), path
    for kind in ("csv", "xlsx", "json"):
        assert browser.client.get(f"/territoires/ti-ales/specificite.{kind}?niveau=a732").status_code == 303


def test_a_member_downloads_what_the_page_shows_with_its_settings(country: Any, login_as: Any) -> None:
    member = login_as(PersonneFactory())
    page = member.get("/territoires/ti-ales/specificite?reference=reg-76&niveau=a88&seuil=5")
    link = next(one for one in page.links() if ".json" in one)
    kept = json.loads(member.client.get(link).data)
    assert "reference=reg-76" in kept["adresse"] and "niveau=a88" in kept["adresse"] and "seuil=5" in kept["adresse"]
    assert any("88 secteurs" in text and "région Occitanie" in text for text in kept["a_savoir"])
    for kind, mimetype in (("csv", "text/csv"), ("xlsx", "application/vnd"), ("json", "application/json")):
        response = member.client.get(f"/territoires/ti-ales/specificite.{kind}")
        assert response.mimetype.startswith(mimetype)
        assert "specificite-ti-ales-" in response.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "code",
    ["ti-", "ti-x", "com-99999", "dep-", "reg-xx", "com-" + "9" * 3000, "ti-é’😀", "%f0%9f%98%80", "ti-%ff%fe",
     "epci-%27%22%3C", "..", "ti-ales%20", "france-x"],
)  # fmt: skip
def test_an_odd_code_is_an_unknown_address(country: Any, client: Any, login_as: Any, code: str) -> None:
    member = login_as(PersonneFactory()).client
    for one in (client, member):
        for path in (f"/territoires/{code}", f"/territoires/{code}/specificite"):
            assert one.get(path).status_code in {301, 308, 404}, path
    assert member.get(f"/territoires/{code}/specificite.csv").status_code == 404
    assert client.get("/comparer", query_string={"t": ["ti-ales", code]}).status_code == 200


def test_a_nul_is_not_understood(country: Any, client: Any) -> None:
    assert client.get("/territoires/ti-%00").status_code == 400
    assert client.get("/territoires/com-3%0007/specificite").status_code == 400
    assert client.get("/comparer?t=ti-%00").status_code in {200, 400}
    assert client.get("/territoires/ti-ales/specificite?reference=%00").status_code in {200, 400}


@pytest.mark.parametrize("panel", ["inconnu", "specificite%20", "Specificite", "__class__"])
def test_an_unknown_panel_is_an_unknown_address(country: Any, browser: Any, login_as: Any, panel: str) -> None:
    browser.get(f"/territoires/ti-ales/{panel}", status=404)
    login_as(PersonneFactory()).get(f"/territoires/ti-ales/{panel}.csv", status=404)


@pytest.mark.parametrize("panel", CODES)
def test_any_setting_is_answered(country: Any, client: Any, login_as: Any, panel: str) -> None:
    member = login_as(PersonneFactory()).client
    odd = ["date=2015-01-01", "date=hier", "date=0001-01-01", "date=9999-12-31", RESERVED,
           "annee=٣&seuil=-1&niveau=&reference=reg-",
           "reference=%F0%9F%98%80&formule=x&interim=x", "millesime_bmo=" + "9" * 2000, "surface_min=1e400&type=x",
           "seuil=NaN", "surface_min=-inf", "zone=x&theme=y&periode=z&page=-1"]  # fmt: skip
    for query in odd:
        for one in (client, member):
            assert one.get(f"/territoires/ti-ales/{panel}?{query}").status_code == 200, query
            assert one.get(f"/territoires/ti-ales?{query}").status_code == 200, query
        assert member.get(f"/territoires/ti-ales/{panel}.json?{query}").status_code in {200, 404}, query


def test_htmx_gets_the_panel_the_page_holds(country: Any, browser: Any) -> None:
    path = "/territoires/ti-ales/specificite?reference=reg-76"
    page, fragment = browser.get(path), browser.fragment(path)
    assert same(page.find("#panneaux-specificite"), fragment.find("#panneaux-specificite"))
    changed = page.submit(reference="france") if len(page.html.select("main form")) == 1 else browser.get(path)
    assert changed.status == 200


def test_a_figure_opens_its_bulle_with_all_its_lines(country: Any, browser: Any) -> None:
    page = browser.get("/territoires/ti-ales/specificite")
    bulle = page.find("#bulle-specificite-specificite").get_text(" ")
    for words in ("Producteur", "Jeu de données", "millésime 2024", "Licence", "ODbL", "Traitement", "Formule", "Cadence",
                  "Prochaine mise à jour", "Limites", "Signaler une erreur"):  # fmt: skip
        assert words in bulle
    links = [link for link in page.links() if "/donnees/signaler" in link]
    assert any("indicateur=specificite&territoire=ti-ales&millesime=2024" in link for link in links)
    browser.get(links[0])


def test_the_page_of_a_day_shows_the_perimeter_of_that_day(country: Any, browser: Any) -> None:
    page = browser.get("/territoires/ti-ales?date=2022-12-31")
    assert "périmètre du 31/12/2022" in page
    assert "40 000 habitants" in page


def test_tables_missing_here_are_said_and_nothing_fails(country: Any, browser: Any, login_as: Any) -> None:
    panels._kept.clear()
    DRAWINGS.clear()
    for sha256 in list_known_tables():
        store.path_of(sha256).unlink(missing_ok=True)
    assert "ne sont pas lisibles sur ce serveur" in browser.get("/territoires/ti-ales")
    assert "ne sont pas lisibles sur ce serveur" in browser.get("/territoires/ti-ales/metiers")
    browser.get("/comparer?t=ti-ales&t=dep-48")
    browser.get("/comparer?t=ti-ales")
    browser.get("/donnees")
    login_as(PersonneFactory()).get("/territoires/ti-ales/metiers.csv", status=404)


def test_the_pages_cost_as_many_queries_for_2_releases_as_for_20(
    country: Any, db: Any, client: Any, tmp_path: Path
) -> None:
    paths = [
        "/territoires/ti-ales",
        *(f"/territoires/ti-ales/{panel}" for panel in CODES),
        "/donnees",
        "/donnees/methodes",
    ]
    costs = []
    for number in (0, 18):
        for year in range(number):
            rows = [(*row[:5], row[5] + year) for row in JOBS]
            load("urssaf", write_jobs(tmp_path, rows, (2018 - year, 2023 - year)))
        costs.append({path: _cost(db, client, path) for path in paths})
    assert costs[0] == costs[1]
    assert max(costs[0].values()) <= 45, costs[0]


def _cost(db: Any, client: Any, path: str) -> int:
    client.get(path)
    panels._kept.clear()
    DRAWINGS.clear()
    with counted(db.engine) as statements:
        assert client.get(path).status_code == 200
    return len(statements)


@pytest.mark.parametrize(
    ("path", "entry"), [("/territoires/ti-ales/metiers", "Territoires"), ("/comparer", "Territoires"), ("/donnees", "Données"),
                        ("/donnees/methodes", "Données")],
)  # fmt: skip
def test_one_entry_of_the_menu_is_marked(country: Any, browser: Any, path: str, entry: str) -> None:
    marked = browser.get(path).html.select('nav [aria-current="page"], nav [aria-current="true"]')
    names = [tag.get_text(" ").strip() for tag in marked if not tag.find_parent(class_="breadcrumb")]
    assert [name for name in names if name in {"Territoires", "Données", "Signalements", "Fiches"}] == [entry]
