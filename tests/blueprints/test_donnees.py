"""/donnees and /donnees/methodes: datasets, lateness, the whole catalogue; reports of readers and their answers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from fichetrack.indicators import CATALOGUE
from fichetrack.models import DatasetRelease, FigureReport
from fichetrack.services import figure_reports
from fichetrack.sources.registry import DECLARED, SOURCES
from tests.factories import animateur, dti
from tests.small_gard import IMPORTS, JOBS, load, load_jobs, settle, write_jobs

FORM = "/donnees/signaler?indicateur=effectifs&territoire=ti-ales&millesime=2024"


def kept_id(db: Any) -> int:
    return int(db.session.scalars(select(FigureReport.id)).one())


def test_without_any_dataset_each_source_is_said_to_be_missing(db: Any, browser: Any) -> None:
    page = browser.get("/donnees")
    assert page.words.count("Pas encore importé") == len(SOURCES)
    assert len(page.html.select("tbody tr")) == len(SOURCES)


def test_the_methods_print_the_whole_catalogue(db: Any, browser: Any) -> None:
    page = browser.get("/donnees/methodes")
    assert len(page.html.select("article.ft-method")) == len(CATALOGUE)
    for one in CATALOGUE:
        article = page.find("#" + one.code.replace(".", "-")).get_text(" ")
        for text in (one.label, one.treatment, one.formula, one.limits):
            assert " ".join(text.split()) in " ".join(article.split()), one.code


def test_a_dataset_is_late_the_day_after_its_next_one_was_due(
    db: Any, browser: Any, frozen_time: Any, tmp_path: Path
) -> None:
    frozen_time(datetime(2026, 5, 31, 9, tzinfo=UTC))
    settle()
    load_jobs(tmp_path)  # 2024 ends on 31 December; seventeen months later: May 2026
    for path in ("/donnees", "/donnees/methodes", "/territoires/ti-ales/specificite"):
        assert "ttendue depuis" not in browser.get(path), path
    frozen_time(datetime(2026, 6, 1, 9, tzinfo=UTC))
    for path in ("/donnees", "/donnees/methodes", "/territoires/ti-ales/specificite", "/territoires/ti-ales"):
        page = browser.get(path)
        assert "ttendue depuis mai 2026" in page, path
        assert page.html.select(".ft-late"), path


def test_the_line_of_a_dataset_is_that_of_its_newest_millesime(db: Any, browser: Any, tmp_path: Path) -> None:
    settle()
    load_jobs(tmp_path)
    load("urssaf", write_jobs(tmp_path, JOBS[:-1], (2018, 2023)))
    row = next(tr for tr in browser.get("/donnees").html.select("tbody tr") if "commune × APE" in tr.get_text())
    cells = [" ".join(td.get_text(" ").split()) for td in row.select("td")]
    assert "2024" in cells[2] and "2023" not in cells[2] and cells[4] == "2"


def test_fictitious_values_are_said(db: Any, browser: Any, tmp_path: Path) -> None:
    settle()
    load_jobs(tmp_path, fictitious=True)
    assert "valeurs fictives" in browser.get("/donnees")
    assert "Démonstration : valeurs fictives" in browser.get("/territoires/ti-ales/specificite")
    assert "Démonstration : valeurs fictives" in browser.get("/territoires/ti-ales")


@pytest.mark.parametrize("source", DECLARED)
def test_a_declared_source_gives_its_workbook_to_fill(db: Any, client: Any, source: str) -> None:
    response = client.get(f"/donnees/modeles/{source}.xlsx")
    assert response.status_code == 200 and response.data[:2] == b"PK"


@pytest.mark.parametrize("source", ["urssaf", "inconnu", "..%2f..%2fetc"])
def test_no_other_source_has_one(db: Any, client: Any, source: str) -> None:
    assert client.get(f"/donnees/modeles/{source}.xlsx").status_code == 404


def test_a_visitor_reports_an_error_and_is_answered(db: Any, browser: Any, login_as: Any, outbox: Any) -> None:
    page = browser.get(FORM)
    assert "ti-ales" in page and "2024" in page
    done = page.submit("signaler", message="Il en manque <b>dix</b>.", courriel="lecteur@exemple.fr")
    assert "votre signalement est transmis" in done
    who = login_as(animateur())
    listed = who.get("/donnees/signalements")
    assert "attendue" in listed and "Il en manque <b>dix</b>." in listed
    answered = listed.follow("Effectifs salariés").submit("repondre", answer="Merci, c’est corrigé.")
    assert "Réponse enregistrée" in answered and "donnée le" in answered
    (letter,) = outbox()
    assert letter.recipient == "lecteur@exemple.fr" and "Merci, c’est corrigé." in letter.body_text
    assert not who.get(f"/donnees/signalements/{kept_id(db)}").html.select("form#repondre")


def test_a_refused_report_keeps_what_was_written(db: Any, browser: Any) -> None:
    page = browser.get(FORM).submit("signaler", status=422, message="Un long texte.", courriel="pas une adresse")
    assert "Un long texte." in page.find("textarea[name=message]").get_text()
    assert "Cette adresse n’est pas valable." in page
    assert page.find("input[name=territoire]")["value"] == "ti-ales"
    longer = page.submit("signaler", status=422, message="x" * 4001, courriel="")
    assert "4 000 caractères" in longer
    assert db.session.query(FigureReport).count() == 0


def test_sent_twice_a_report_is_kept_once(db: Any, browser: Any) -> None:
    page = browser.get(FORM)
    for _time in range(2):
        page.submit("signaler", message="Faux.", courriel="")
    assert db.session.query(FigureReport).count() == 1


def test_without_the_token_nothing_is_kept(db: Any, client: Any) -> None:
    response = client.post("/donnees/signaler", data={"indicateur": "effectifs", "message": "Faux."})
    assert response.status_code == 400
    assert "Faux." in response.text  # given back
    assert db.session.query(FigureReport).count() == 0


def test_a_flood_is_told_to_wait_and_keeps_the_text(db: Any, browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fichetrack.services.figure_reports.VISITORS_MAX", 1)
    browser.get(FORM).submit("signaler", message="Un.", courriel="")
    page = browser.get(FORM).submit("signaler", status=429, message="Deux.", courriel="")
    assert "Réessayez dans une heure" in page and "Deux." in page.find("textarea[name=message]").get_text()


@pytest.mark.parametrize("query", ["", "?indicateur=inconnu", "?indicateur=%F0%9F%98%80", "?indicateur=" + "x" * 3000])
def test_an_unknown_figure_has_no_form(db: Any, browser: Any, query: str) -> None:
    browser.get(f"/donnees/signaler{query}", status=404)


def test_a_report_names_its_place_and_leads_back_to_it(db: Any, browser: Any) -> None:
    settle()
    page = browser.get(FORM)
    assert "Bassin d’Alès (ti-ales)" in page
    done = page.submit("signaler", message="Il en manque dix.", courriel="")
    assert "votre signalement est transmis" in done and done.html.h1.text.strip() == "Bassin d’Alès"


READ_AT = "/territoires/ti-ales/specificite?niveau=a17&reference=reg-76&annee=2019"


def test_a_report_keeps_the_settings_of_the_page_it_was_made_from(
    db: Any, browser: Any, login_as: Any, tmp_path: Path
) -> None:
    settle()
    load_jobs(tmp_path)
    browser.client.environ_base["HTTP_REFERER"] = "http://localhost" + READ_AT  # as a browser says it
    page = browser.get(FORM)
    del browser.client.environ_base["HTTP_REFERER"]
    done = page.submit("signaler", message="Faux.", courriel="")
    assert done.response.request.full_path == READ_AT
    answer = login_as(animateur()).get(f"/donnees/signalements/{kept_id(db)}")
    assert "niveau = a17, reference = reg-76, annee = 2019" in answer
    assert answer.html.select_one(".ft-prose > p > a")["href"] == READ_AT


@pytest.mark.parametrize(
    "address",
    [
        "https://ailleurs.example/territoires/ti-ales",
        "http://localhost/fiches/TI-ales-2026-001",
        "http://localhost/comparer?t=<b>",
    ],
)
def test_only_an_address_of_our_figures_is_kept(db: Any, browser: Any, address: str) -> None:
    browser.client.environ_base["HTTP_REFERER"] = address
    assert not browser.get(FORM).find("input[name=page]")["value"]
    figure_reports.report(dti(), "effectifs", "Faux.", page=address.removeprefix("http://localhost"))
    assert db.session.scalars(select(FigureReport.page)).one() is None


def test_reports_are_for_who_animates_the_data(db: Any, browser: Any, login_as: Any) -> None:
    other, who = login_as(dti()), login_as(animateur())
    other.get("/donnees/signalements", status=403)
    other.get("/donnees/signalements/1", status=403)
    assert browser.client.get("/donnees/signalements").status_code == 303
    who.get("/donnees/signalements/1", status=404)
    assert "Aucun signalement" in who.get("/donnees/signalements")


def test_reports_are_listed_by_pages_with_the_names_of_their_places(
    db: Any, login_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle()
    for number in range(52):
        place, millesime = ("ti-ales", "2025-T4") if number == 51 else ("com-30007", None)
        figure_reports.report(dti(), "effectifs", f"Message {number}", place, millesime or "")
    page = login_as(animateur()).get("/donnees/signalements")
    assert "52 signalements attendent une réponse, sur 52 reçus." in page
    first = page.html.select_one("tbody tr").get_text(" ")
    assert "Bassin d’Alès" in first and "4e trimestre 2025" in first and "ti-ales" not in first
    assert len(page.html.select("tbody tr")) == 50
    assert len(page.follow("Suivante").html.select("tbody tr")) == 2


def test_who_animates_the_data_sees_the_reports_among_what_waits(db: Any, browser: Any, login_as: Any) -> None:
    assert "Rien ne vous attend" in login_as(animateur()).get("/")
    browser.get(FORM).submit("signaler", message="Faux.", courriel="")
    page = login_as(animateur()).get("/")
    assert "1 signalement attend votre réponse" in page and "Rien ne vous attend" not in page
    assert "Faux." in page.follow("Répondre")
    assert "signalement" not in login_as(dti()).get("/").html.main.get_text()


def test_a_table_of_reference_is_never_late(db: Any, browser: Any) -> None:
    settle()
    load("chomage", IMPORTS / "chomage" / "exemple_communes.csv", millesime="2015")
    row = next(tr for tr in browser.get("/donnees").html.select("tbody tr") if "Taux de chômage" in tr.get_text())
    assert "révisée tous les dix ans" in row.get_text() and not row.select(".ft-late")


def test_models_to_fill_stand_together(db: Any, browser: Any) -> None:
    links = browser.get("/donnees").html.select("section[aria-labelledby=modeles] a")
    assert len(links) == len(DECLARED)


def test_an_odd_place_of_a_report_breaks_nothing(db: Any, browser: Any, login_as: Any) -> None:
    page = browser.get(
        "/donnees/signaler?indicateur=effectifs&territoire=" + "a/b'%22%3C" * 30 + "&millesime=" + "9" * 99
    )
    page.submit("signaler", message="Faux.", courriel="")
    who = login_as(animateur())
    assert "Faux." in who.get("/donnees/signalements")
    assert "Faux." in who.get(f"/donnees/signalements/{kept_id(db)}")


@pytest.mark.parametrize("path", ["/donnees/signalements", "/donnees/signalements/{}"])
def test_one_entry_of_the_menu_is_marked(db: Any, browser: Any, login_as: Any, path: str) -> None:
    browser.get(FORM).submit("signaler", message="Faux.", courriel="")
    page = login_as(animateur()).get(path.format(kept_id(db)))
    tags = [tag for tag in page.html.select("nav [aria-current]") if not tag.find_parent(class_="breadcrumb")]
    marked = [" ".join(tag.get_text(" ").split()) for tag in tags]
    assert {name for name in marked if name in {"Données", "Signalements"}} == {"Signalements"}


@pytest.mark.parametrize("path", ["/donnees", "/donnees/methodes", "/donnees/fichiers", FORM])
def test_pages_without_an_entry_of_their_own_are_under_donnees(db: Any, login_as: Any, path: str) -> None:
    page = login_as(animateur()).get(path)
    marked = [tag.get_text().strip() for tag in page.html.select(".ft-nav [aria-current]")]
    assert marked == ["Données"]


def test_what_waits_for_an_update_is_said_first(db: Any, browser: Any, frozen_time: Any, tmp_path: Path) -> None:
    settle()
    assert "mise à jour :" not in browser.get("/donnees")
    frozen_time(datetime(2026, 5, 31, 9, tzinfo=UTC))
    load_jobs(tmp_path)
    assert "Aucun jeu de données n’attend de mise à jour." in browser.get("/donnees")
    frozen_time(datetime(2026, 6, 1, 9, tzinfo=UTC))
    page = browser.get("/donnees")
    assert "Un jeu de données attend sa mise à jour :" in page.words and "(depuis mai 2026)" in page.words
    assert page.find(str(page.find("p.ft-panel__lead a")["href"]))


def test_the_animateur_sees_each_file_its_rows_and_the_older_millesimes(
    db: Any, login_as: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fichetrack.sources.urssaf.TOLERATED", 0.5)
    settle()
    load_jobs(tmp_path)
    wrong = [*JOBS[:-1], ("99999", "1071C", 1, 1, 1, 1)]
    load("urssaf", write_jobs(tmp_path, wrong, (2018, 2023)))
    page = login_as(animateur()).get("/donnees").follow("Fichiers importés")
    rows = [" ".join(tr.get_text(" ").split()) for tr in page.html.select("#jeu-urssaf tbody tr")]
    newest, older, reasons = rows
    sha256 = {one.millesime: one.sha256[:12] for one in db.session.scalars(select(DatasetRelease)) if one.lot == ""}
    assert "urssaf.csv" in newest and f"sha256 {sha256['2024']}" in newest and newest.endswith("7 7 0 montré")
    assert f"sha256 {sha256['2023']}" in older and older.endswith("7 6 1 encore lisible")
    assert "commune inconnue : 1" in reasons
    assert login_as(dti()).get("/donnees").html.select("a[href='/donnees/fichiers']") == []
    login_as(dti()).get("/donnees/fichiers", status=403)
