"""/fiches/import and the exports, through a browser without JavaScript."""

from __future__ import annotations

import io
from typing import Any

import pytest
from sqlalchemy import func, select

from fichetrack import tables, workbook
from fichetrack.config import ROOT
from fichetrack.models import Fiche, ImportBatch
from tests import factories as make
from tests.browser import PASSWORD, Browser
from tests.chromium import axe_violations

EXAMPLE = ROOT / "imports" / "fiches" / "exemple.csv"


@pytest.fixture
def territoire(db: Any) -> Any:
    return make.TerritoireFactory(slug="exemple", nom="Bassin d’Exemple")


@pytest.fixture
def chef(territoire: Any, login_as: Any) -> Browser:
    return login_as(make.chef(territoire))


def send(browser: Browser, content: bytes, name: str = "essai.csv", status: int = 200, **values: Any) -> Any:
    page = browser.get("/fiches/import")
    return page.submit("import", status=status, fichier=(io.BytesIO(content), name), **values)


def count(db: Any, model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_upload_check_apply_undo(db, chef):
    page = send(chef, EXAMPLE.read_bytes(), "exemple.csv")
    assert page.path.startswith("/fiches/import/")
    assert "10 à ajouter" in page
    assert "Remarque à usage interne" in page
    assert count(db, Fiche) == 0
    page = page.submit("application")
    assert "Import appliqué" in page
    assert count(db, Fiche) == 10
    page = page.submit("annulation")
    assert "10 brouillons supprimés" in page
    assert count(db, Fiche) == 0


def test_errors_are_shown_and_only_the_good_rows_are_written_when_asked(db, chef):
    content = 'Intitulé;Axe\nUne halle;inconnu\nUn pont "à péage";innover'.encode()
    page = send(chef, content)
    assert "Ligne 2" in page
    assert "n’est pas dans la liste" in page
    page.submit("application")
    assert db.session.scalars(select(Fiche.axe)).all() == ["innover"]


def test_an_application_without_the_option_refuses_what_holds_an_error(db, chef):
    page = send(chef, "Intitulé;Axe\nUne halle;inconnu\nUn pont;innover".encode())
    answer = chef.post(f"{page.path}/application", status=422)
    assert "rien n’a été écrit" in answer
    assert count(db, Fiche) == 0


def test_an_unknown_column_is_placed_by_hand(chef):
    page = send(chef, b"Sujet;Axe\nUne halle;innover")
    assert "Aucune colonne ne porte l’intitulé" in page
    page = page.submit("correspondance", **{"colonne-0": "intitule"})
    assert "1 à ajouter" in page


def test_another_sheet_is_read_when_asked(chef):
    columns = [column for column in workbook.columns() if column.name == "intitule"]
    stream = io.BytesIO()
    sheets = [tables.Sheet(name, columns, [{"intitule": f"Halle {name}"}]) for name in ("Un", "Deux")]
    tables.write_xlsx(stream, sheets)
    page = send(chef, stream.getvalue(), "deux.xlsx")
    assert "Halle Un" in page
    assert "Halle Deux" in page.submit("correspondance", feuille="Deux")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "il est vide"),
        (b"PK\x03\x04tronqu", "abîmé"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "ancien classeur"),
        (b"%PDF-1.7", "PDF"),
        (b"\x00\x01\x02" * 300, "essai.csv"),
    ],
)
def test_a_hostile_file_is_refused_in_french_and_what_was_typed_stays(db, territoire, login_as, content, words):
    region = login_as(make.instructeur(territoire.region_instructrice))
    page = send(region, content, status=422, motif="Reprise de 2025")
    assert words in page
    assert "Reprise de 2025" in page.html.find("textarea", id="motif").get_text()
    assert count(db, ImportBatch) == 0


def test_no_file_is_said(chef):
    assert "Choisissez un fichier" in chef.get("/fiches/import").submit("import", status=422)


def test_the_same_form_sent_twice_makes_one_batch_and_another_file_under_its_token_is_refused(db, chef):
    token = chef.get("/fiches/import").html.find("input", attrs={"name": "submission"})["value"]
    for _ in range(2):
        file = (io.BytesIO("Intitulé\nUne halle".encode()), "essai.csv")
        chef.post("/fiches/import", {"submission": token, "fichier": file, "motif": ""})
    other = (io.BytesIO("Intitulé\nUn pont".encode()), "essai.csv")
    chef.post("/fiches/import", {"submission": token, "fichier": other, "motif": ""}, status=409)
    assert count(db, ImportBatch) == 1


def test_a_file_name_is_only_a_name(chef):
    page = send(chef, "Intitulé\nUne halle".encode(), "../../<b>fiches‮.csv")
    assert page.html.find("b", string="fiches") is None


def test_a_batch_of_somebody_else_does_not_exist(chef, territoire, login_as):
    page = send(chef, EXAMPLE.read_bytes())
    other = login_as(make.chef(territoire))
    other.get(page.path, status=404)
    other.post(f"{page.path}/application", status=404)
    other.get("/fiches/import/999999", status=404)


def test_whoever_may_not_import_is_told(territoire, login_as, browser):
    login_as(make.elu(territoire)).get("/fiches/import", status=403)
    assert browser.get("/fiches/import").path == "/connexion"


def test_a_chef_has_no_field_for_a_reprise(chef):
    assert "Motif de la reprise" not in chef.get("/fiches/import")


def test_the_full_report_is_a_csv(chef):
    page = send(chef, "Intitulé;Axe\nUne halle;inconnu".encode())
    report = chef.client.get(f"{page.path}/rapport.csv")
    assert report.mimetype == "text/csv"
    assert "n’est pas dans la liste" in report.get_data(as_text=True)


# --- exports -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/fiches/export.xlsx", "/fiches/export.csv"])
def test_an_export_carries_its_filters_and_comes_back_without_change(chef, territoire, path):
    make.FicheFactory(territoire=territoire, validee=True, axe="recruter")
    make.FicheFactory(territoire=territoire, axe="innover")
    response = chef.client.get(path, query_string={"axe": "recruter"})
    assert response.status_code == 200
    assert "attachment" in response.headers["Content-Disposition"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    table = tables.read_table(response.data, path, accepted=workbook.SCORE)
    assert len(table.rows) == 1
    page = send(chef, response.data, path.rpartition("/")[2])
    assert "Aucun changement" in page
    assert page.html.find("form", id="application") is None


def test_the_sources_say_filters_count_and_licence(chef, territoire):
    make.FicheFactory(territoire=territoire, axe="recruter")
    text = chef.client.get("/fiches/export-sources.csv", query_string={"axe": "recruter"}).get_data(as_text=True)
    assert "Axe : Recruter" in text
    assert '"Nombre de fiches";"1"' in text
    assert "Licence Ouverte" in text
    table = tables.read_table(chef.client.get("/fiches/export.xlsx").data, "e.xlsx", sheet="Sources et filtres")
    assert any("Licence Ouverte" in row.cells[1] for row in table.rows)


def test_formulas_are_text(chef, territoire):
    make.FicheFactory(territoire=territoire, intitule='=HYPERLINK("http://exemple.fr")', pilote="@SUM(1)")
    text = chef.client.get("/fiches/export.csv").get_data(as_text=True)
    assert "\"'=HYPERLINK" in text
    assert "\"'@SUM" in text


def test_the_model_is_offered_to_whoever_may_import(chef, browser):
    response = chef.client.get("/fiches/modele.xlsx")
    assert response.data[:2] == b"PK"
    assert browser.client.get("/fiches/modele.xlsx").status_code == 303


# --- in a real browser -------------------------------------------------------------------------------------------------


def test_the_whole_way_in_a_real_browser_wide_and_narrow(db, territoire, page, tmp_path):
    """Upload, errors, columns by hand, changes, application, undoing: axe finds nothing, and 360 pixels are enough."""
    person = make.chef(territoire)
    make.FicheFactory(territoire=territoire, intitule="Une halle", resume="Avant " * 60, draft_id="halle")
    rows = ["halle;Une halle;Après l’été " + "mot " * 80 + ";innover;x", ";Un pont;;inconnu;y", ";Un quai;;innover;z"]
    file = tmp_path / "plan d’actions.csv"
    file.write_text("\n".join(["Code;Intitulé;Résumé;Axe;Remarque de l’année", *rows]), encoding="utf-8")
    page.goto("/connexion")
    page.locator("input[name=courriel]").fill(person.courriel)
    page.locator("input[name=mot_de_passe]").fill(PASSWORD)
    page.locator("input[name=mot_de_passe]").press("Enter")
    page.wait_for_url(lambda url: "/connexion" not in url)
    page.goto("/fiches/import")
    faults = look_at_here(page)
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Vérifier le fichier").click()
    page.wait_for_url("**/fiches/import/*")
    faults += look_at_here(page)
    page.get_by_role("button", name="Appliquer seulement les lignes bonnes").click()
    page.get_by_role("dialog").get_by_role("button").first.click()
    page.get_by_role("heading", name="Import appliqué").wait_for()
    faults += look_at_here(page)
    page.get_by_role("button", name="Annuler l’import").click()
    page.get_by_role("dialog").get_by_role("button").first.click()
    page.get_by_role("heading", name="Import annulé").wait_for()
    assert faults + look_at_here(page) == []


def look_at_here(page: Any) -> list[str]:
    page.set_viewport_size({"width": 1280, "height": 900})
    faults = axe_violations(page)
    page.set_viewport_size({"width": 360, "height": 740})
    widest = page.evaluate("document.documentElement.scrollWidth")
    return faults if widest <= 360 else [*faults, f"{page.url} is {widest} pixels wide"]
