"""What an attacker was seen to try, written as behaviour: odd requests, oracles, restricted fiches opened again, big values.

Each test says what must hold, not how; those marked « hole » failed when they were written.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event as sql_event

from fichetrack.blueprints.drawings import DRAWINGS
from fichetrack.errors import ImportRefused, TooManyAttempts
from fichetrack.models import Comment, Event, Fiche, FicheReader, FigureReport, Subscription, Territoire
from fichetrack.queries import panels
from fichetrack.queries.panels import foncier
from fichetrack.services import figure_reports
from tests import factories as f
from tests import small_gard
from tests.browser import form_fields

BIG = "9" * 30


@pytest.fixture
def territoire(db: Any) -> Any:
    return f.TerritoireFactory(slug="ales", nom="Bassin d’Alès")


@contextmanager
def statements(db: Any) -> Iterator[list[str]]:
    """The SQL statements sent meanwhile, transactions put aside."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            seen.append(statement)

    engine = db.engine
    sql_event.listen(engine, "before_cursor_execute", note)
    yield seen
    sql_event.remove(engine, "before_cursor_execute", note)


# --- odd requests never make an error of ours --------------------------------------------------------------------------


def test_a_part_without_a_name_is_no_error_of_ours(client: Any) -> None:
    """Hole: security.refuse_nul looks for a NUL in a name that is None."""
    body = b"--a\r\nContent-Disposition: form-data\r\n\r\nx\r\n--a--\r\n"
    for method, path in (("POST", "/connexion"), ("GET", "/fiches")):
        response = client.open(path, method=method, data=body, content_type="multipart/form-data; boundary=a")
        assert response.status_code < 500


@pytest.mark.parametrize("month", ["0001-01", "9999-12", "0000-01"])
def test_a_month_at_the_end_of_time_is_left_aside(client: Any, db: Any, month: str) -> None:
    """Hole: midnight in Paris on 1 January of year 1 is in year 0 in UTC."""
    for path in ("/fiches", "/fiches/export.csv"):
        assert client.get(path, query_string={"depot": month}).status_code == 200


def test_a_month_at_the_end_of_time_cannot_be_followed(login_as: Any, db: Any) -> None:
    """Hole: such a subscription makes each of its owner’s digests fail for ever."""
    reader = login_as(f.PersonneFactory())
    reader.client.post("/abonnements?depot=0001-01", data={"csrf_token": reader.csrf_token(), "frequence": "quotidien"})
    assert all("depot" not in one.filters for one in db.session.query(Subscription))


@pytest.mark.parametrize("number", [2**31, BIG])
def test_a_number_no_database_holds_is_an_unknown_address(login_as: Any, territoire: Any, number: Any) -> None:
    """Hole: identifiers of addresses are given to the database as they are."""
    chef, admin = login_as(f.chef(territoire)), login_as(f.admin())
    for one, path in ((chef, "/fiches/import/{}"), (chef, "/abonnements/{}/apercu"), (admin, "/personnes/{}")):
        assert one.client.get(path.format(number)).status_code == 404
    for one, path in (
        (chef, "/fiches/import/{}/application"),
        (chef, "/fiches/import/{}/annulation"),
        (chef, "/abonnements/{}/fin"),
        (admin, "/personnes/{}/fermeture"),
        (admin, "/mandats/{}/fin"),
    ):
        response = one.client.post(path.format(number), data={"csrf_token": one.csrf_token()})
        assert response.status_code in {404, 422}, path
    assert admin.client.get(f"/personnes?page={number}").status_code == 200


@pytest.mark.parametrize("index", ["²", "9" * 5000])
def test_a_row_whose_index_is_no_number_is_left_aside(login_as: Any, territoire: Any, index: str) -> None:
    """Hole: WTForms takes « ² » for a digit."""
    fiche = f.FicheFactory(territoire=territoire)
    chef = login_as(f.chef(territoire))
    for tail in ("", "/enregistrement"):
        data = {"csrf_token": chef.csrf_token(), "base": "0", f"jalons-{index}-libelle": "x"}
        response = chef.client.post(f"/fiches/{fiche.draft_id}/sections/calendrier{tail}", data=data)
        assert response.status_code < 500


def test_a_file_name_with_a_nul_is_no_error_of_ours(login_as: Any, territoire: Any) -> None:
    """Hole on PostgreSQL: only arguments and forms are looked at, not the names of files."""
    chef = login_as(f.chef(territoire))
    body = (
        f'--a\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{chef.csrf_token()}\r\n--a\r\n'
        'Content-Disposition: form-data; name="fichier"; filename="a\0b.csv"\r\n\r\nintitule;territoire\r\nX;ti-ales\r\n'
        "--a--\r\n"
    )
    response = chef.client.post("/fiches/import", data=body.encode(), content_type="multipart/form-data; boundary=a")
    assert response.status_code < 500


def test_a_number_of_jobs_beyond_the_column_is_refused_beside_the_field(
    login_as: Any, territoire: Any, db: Any
) -> None:
    """Hole: PostgreSQL’s integer ends at 2,147,483,647; the form accepts a thousand times that."""
    fiche = f.FicheFactory(territoire=territoire)
    chef = login_as(f.chef(territoire))
    data = {"csrf_token": chef.csrf_token(), "base": "0", "emplois_a_creer": "9999999999"}
    response = chef.client.post(f"/fiches/{fiche.draft_id}/sections/objectifs", data=data)
    assert response.status_code == 422


# --- one person’s text never takes a page or an export from everybody --------------------------------------------------


def test_a_long_list_on_one_fiche_never_takes_the_workbook_from_everybody(
    login_as: Any, client: Any, territoire: Any
) -> None:
    """Hole: 150 jalons make a cell beyond 32,767 characters, and the whole export answers 422 to every visitor."""
    fiche = f.FicheFactory(territoire=territoire, validee=True)
    contributeur = login_as(f.contributeur(territoire))
    rows = {f"jalons-{i}-libelle": f"Étape {i} {'x' * 185}" for i in range(150)}
    rows |= {f"jalons-{i}-date": "2027-01-01" for i in range(150)}
    rows |= {f"jalons-{i}-responsable": "y" * 50 for i in range(150)}
    edit = contributeur.get(f"/fiches/{fiche.code}/sections/calendrier")
    fields = form_fields(edit.find("form#formulaire-calendrier")) | rows
    contributeur.client.post(f"/fiches/{fiche.code}/sections/calendrier", data=fields)
    assert client.get("/fiches/export.csv").status_code == 200
    assert client.get("/fiches/export.xlsx").status_code == 200


def test_more_key_words_than_their_limit_are_refused(login_as: Any, territoire: Any) -> None:
    """Hole: the length of lists of words is declared (400) and never asked; PostgreSQL’s index answers 500 beyond 1 MB."""
    fiche = f.FicheFactory(territoire=territoire)
    chef = login_as(f.chef(territoire))
    words = ";".join(f"mot{i:07d}" for i in range(110_000))
    data = {"csrf_token": chef.csrf_token(), "base": "0", "intitule": "Titre", "mots_cles": words}
    response = chef.client.post(f"/fiches/{fiche.draft_id}/sections/identite", data=data)
    assert response.status_code == 422


def test_the_same_lieu_a_thousand_times_is_looked_up_once(login_as: Any, territoire: Any, db: Any) -> None:
    """Hole: each line is looked up, with the writing transaction open: 300,000 lines hold SQLite for minutes."""
    commune = f.CommuneFactory()
    fiche = f.FicheFactory(territoire=territoire)
    chef = login_as(f.chef(territoire))
    data = {"csrf_token": chef.csrf_token(), "base": "0", "territoire": "ti-ales", "lieux": f"{commune.code}\n" * 1000}
    with statements(db) as seen:
        response = chef.client.post(f"/fiches/{fiche.draft_id}/sections/territoire", data=data)
    assert response.status_code in {303, 422}
    assert len(seen) < 200


def test_rows_beyond_what_a_form_holds_are_told_never_dropped(login_as: Any, territoire: Any, db: Any) -> None:
    """Hole: 250 rows posted, 200 written, « enregistré » said."""
    fiche = f.FicheFactory(territoire=territoire)
    chef = login_as(f.chef(territoire))
    rows = {f"jalons-{i}-libelle": f"Étape {i}" for i in range(250)}
    rows |= {f"jalons-{i}-date": "2027-01-01" for i in range(250)}
    data = {"csrf_token": chef.csrf_token(), "base": "0", **rows}
    response = chef.client.post(f"/fiches/{fiche.draft_id}/sections/calendrier", data=data)
    db.session.refresh(fiche)
    assert response.status_code == 422 or len(fiche.jalons) == 250


def test_a_section_with_more_rows_than_a_form_holds_still_opens(login_as: Any, territoire: Any, db: Any) -> None:
    """Hole: a workbook may bring 260 jalons; their section then answers 500 for ever."""
    chef = login_as(f.chef(territoire))
    cell = "\n".join(f"Étape {i} | 01/01/2027" for i in range(260))
    file = (io.BytesIO(f'intitule;territoire;jalons\n"Longue";"ti-ales";"{cell}"\n'.encode()), "f.csv")
    chef.client.post("/fiches/import", data={"csrf_token": chef.csrf_token(), "fichier": file})
    chef.client.post("/fiches/import/1/application", data={"csrf_token": chef.csrf_token()})
    found = db.session.query(Fiche).one_or_none()  # Refusing the file would do as well.
    assert found is None or chef.client.get(f"/fiches/{found.draft_id}/sections/calendrier").status_code == 200


# --- who may see and open ----------------------------------------------------------------------------------------------


def test_what_the_region_restricted_the_team_does_not_open_again(login_as: Any, territoire: Any, client: Any) -> None:
    """Hole: « région may restrict »: a contributeur undoes it with the form of the section, and nobody is told."""
    fiche = f.FicheFactory(territoire=territoire, validee=True)
    region = login_as(f.instructeur(territoire.region_instructrice))
    region.post(f"/fiches/{fiche.code}/diffusion", {"diffusion": "nominative", "motif": "Secret industriel"})
    assert client.get(f"/fiches/{fiche.code}").status_code == 404
    contributeur = login_as(f.contributeur(territoire))
    edit = contributeur.get(f"/fiches/{fiche.code}/sections/identite")
    fields = form_fields(edit.find("form#formulaire-identite")) | {"diffusion": "publique"}
    contributeur.client.post(f"/fiches/{fiche.code}/sections/identite", data=fields)
    assert client.get(f"/fiches/{fiche.code}").status_code == 404


def test_nobody_is_named_on_a_fiche_whose_class_names_nobody(login_as: Any, territoire: Any, db: Any) -> None:
    """Hole: a reader named on a public fiche, whom no page shows, reads it once the région restricts it."""
    fiche = f.FicheFactory(territoire=territoire, validee=True)
    chef, friend = login_as(f.chef(territoire)), f.PersonneFactory()
    chef.client.post(
        f"/fiches/{fiche.code}/lecteurs", data={"csrf_token": chef.csrf_token(), "lecteur": friend.courriel}
    )
    assert db.session.query(FicheReader).count() == 0


def test_hidden_fiches_are_not_found_by_subtraction(client: Any, territoire: Any) -> None:
    """Hole: « et 6 non consultables » beside « et 9 » tells the 3 that no page would say."""
    other = f.TerritoireFactory(slug="lacq")
    f.FicheFactory.create_batch(6, territoire=territoire, deposee=True)
    f.FicheFactory.create_batch(3, territoire=other, deposee=True)
    one = client.get("/fiches?territoire=ti-ales").text
    both = client.get("/fiches?territoire=ti-ales&territoire=ti-lacq").text
    assert "non consultables" in one, "the count itself is promised"
    assert "9 fiches non consultables" not in " ".join(both.replace("\N{NO-BREAK SPACE}", " ").split())


def test_an_address_one_may_not_see_costs_what_an_unknown_one_does(client: Any, territoire: Any, db: Any) -> None:
    """Every row of the hidden fiche used to be loaded before the refusal: the time alone told them apart (AUC 0.99)."""
    fiche = f.FicheFactory(territoire=territoire, deposee=True)
    counts = []
    for address in (fiche.code, "TI-ales-1999-001"):
        with statements(db) as seen:
            assert client.get(f"/fiches/{address}").status_code == 404
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_token_sent_again_to_another_fiche_is_refused_and_told(login_as: Any, territoire: Any, db: Any) -> None:
    """Hole: what was posted is in the fingerprint, where it was posted is not: « done » is said and nothing is written."""
    one, other = (
        f.FicheFactory(territoire=territoire, validee=True),
        f.FicheFactory(territoire=territoire, validee=True),
    )
    chef = login_as(f.chef(territoire))
    data = {"csrf_token": chef.csrf_token(), "submission": "t" * 22, "body": "Bonjour"}
    assert chef.client.post(f"/fiches/{one.code}/commentaires", data=data).status_code == 303
    response = chef.client.post(f"/fiches/{other.code}/commentaires", data=data)
    assert response.status_code == 409 or db.session.query(Comment).count() == 2


# --- le territoire en chiffres -----------------------------------------------------------------------------------------


@pytest.fixture
def gard(db: Any, tmp_path: Path) -> None:
    DRAWINGS.clear()
    foncier._kept.clear()
    small_gard.settle()
    small_gard.load_jobs(tmp_path)


def test_a_setting_named_like_an_argument_of_ours_is_no_error_of_ours(gard: Any, client: Any, login_as: Any) -> None:
    """Hole: « ?endpoint= » reached url_for twice."""
    member = login_as(f.PersonneFactory()).client
    for one in (client, member):
        for path in ("/territoires/ti-ales", "/territoires/ti-ales/specificite", "/comparer"):
            assert one.get(path, query_string="endpoint=x&self=y&values=z&t=ti-ales&t=dep-30").status_code == 200
    assert member.get("/territoires/ti-ales/specificite.csv?endpoint=x").status_code == 200


def test_addresses_that_change_each_time_do_not_fill_the_memory(
    gard: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hole: 200 drawings of France are 180 MB, 600 panels of its projects under as many filters several GB."""
    monkeypatch.setattr(DRAWINGS, "characters", 60_000)
    monkeypatch.setattr(panels, "KEPT_CELLS", 100)
    for number in range(12):
        assert client.get(f"/territoires/ti-ales/specificite?seuil={number}&x={number}").status_code == 200
    assert DRAWINGS.weight() <= 60_000
    assert sum(map(panels.weigh, panels._kept.values())) <= 100


def test_an_invented_millesime_does_not_have_the_terrains_read_again(gard: Any, client: Any) -> None:
    """Hole: any text was a millésime of its own: France read and measured again, twelve times kept."""
    small_gard.load("friches", small_gard.IMPORTS / "friches" / "exemple.csv")
    for number in range(3):
        client.get(f"/territoires/france/foncier?millesime_friches=zz{number}")
    assert len(foncier._kept) == 1


def test_visitors_do_not_harvest_the_addresses_of_sites(gard: Any, client: Any, login_as: Any, tmp_path: Path) -> None:
    """Hole: contacts of financed projects are for accounts, those of sites clés en main were for everybody."""
    rows = "Nom du site;Identifiant;Commune;Code INSEE;Surface (ha);Contact;Mis à jour le\n"
    rows += "Un;EX-1;Alès;30007;1;Jeanne (jeanne@exemple.fr);12/02/2026\n"
    rows += (
        "Deux;EX-2;Alès;30007;2;04.66 00 00 00;12/02/2026\nTrois;EX-3;Alès;30007;3;Service économique 2026;12/02/2026\n"
    )
    file = tmp_path / "sites-2026-02.csv"
    file.write_text(rows, encoding="utf-8")
    small_gard.load("sites", file)
    page = client.get("/territoires/ti-ales/foncier").text
    assert "jeanne@exemple.fr" not in page and "04.66" not in page and "Service économique 2026" in page
    member = login_as(f.PersonneFactory()).client
    assert "jeanne@exemple.fr" in member.get("/territoires/ti-ales/foncier").text
    assert "jeanne@exemple.fr" not in client.get("/territoires/ti-ales/foncier").text


CLASSED = {"publique": "Aragonite", "réseau": "Wolframite", "nominative": "Xylophage", "amont": "Zygomorphe"}
READ_BY = {"visiteur": {"publique"}, "compte": {"publique"}, "chef": {"publique", "réseau"}}


@pytest.fixture
def classed(gard: Any, tmp_path: Path) -> None:
    """One event and one project of each class, each with its odd word."""
    events = ["Libellé;Commune;Date;Nature;Emplois;Secteur;Source;Diffusion;Entreprise"]
    projects = ["Projet;Entreprise;Commune;Mesure;Opérateur;Nature du montant;Montant;Date;Avancement;Thème;Diffusion"]
    for name, word in CLASSED.items():
        events.append(f"{word}1;30007;12/01/2026;Création;7;{word}2;{word}3;{name};{word}4")
        projects.append(f"{word}5;{word}6;Alès;{word}7;{word}8;Subvention;1000;15/01/2021;{word}9;{word}10;{name}")
    for source, rows in (("evenements-emploi", events), ("financements", projects)):
        file = tmp_path / f"{source}-2026-02.csv"
        file.write_text("\n".join([*rows, ""]), encoding="utf-8")
        small_gard.load(source, file)


def test_rows_of_a_class_reach_no_output_of_who_may_not_read_them(
    classed: Any, db: Any, client: Any, login_as: Any
) -> None:
    """The network reads first, so that whatever is kept for it is there when others ask for the same address."""
    ales = db.session.query(Territoire).filter_by(slug="ales").one()
    fiche = f.FicheFactory(territoire=ales, validee=True, thematiques=["financement"])
    readers = {
        "chef": login_as(f.chef(ales)).client,
        "compte": login_as(f.PersonneFactory()).client,
        "visiteur": client,
    }
    paths = [f"/fiches/{fiche.code}", "/comparer?t=ti-ales&t=dep-30"]
    for panel in ("emploi", "financements"):
        paths += [f"/territoires/{code}/{panel}" for code in ("ti-ales", "dep-30", "reg-76", "france", "com-30007")]
        paths += [f"/territoires/ti-ales/{panel}.{kind}" for kind in ("csv", "json", "xlsx")]
    paths += ["/territoires/ti-ales", "/territoires/dep-30"]
    paths += [f"/territoires/ti-ales/financements?repartition={by}" for by in ("operateurs", "theme", "avancement")]
    for path in (*paths, *paths[:1]):
        for who, one in readers.items():
            response = one.get(path)
            assert response.status_code in {200, 303}, (who, path)
            text = read_whole(response)
            for name, word in CLASSED.items():
                assert name in READ_BY[who] or word not in text, (who, path, name)
    assert CLASSED["réseau"] in readers["chef"].get("/territoires/ti-ales/financements").text


def read_whole(response: Any) -> str:
    """The text of an answer, every part of a workbook included."""
    if not response.data.startswith(b"PK"):
        return str(response.text)
    with zipfile.ZipFile(io.BytesIO(response.data)) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


def test_texts_of_published_files_run_nowhere(gard: Any, client: Any, login_as: Any, tmp_path: Path) -> None:
    """Names of sites, types, links: in the page, the table behind the map and the exports."""
    evil = "<img src=x onerror=alert(1)>"
    rows = "Nom du site;Identifiant;Commune;Code INSEE;Surface (ha);Vocation;Contact;Adresse web;"
    rows += "Longitude;Latitude;Mis à jour le\n"
    rows += f"{evil};'><svg onload=1>;Alès;30007;1;{evil};{evil};javascript:alert(1)//http://;4.08;44.12;12/02/2026\n"
    rows += "=cmd|'/c calc'!A1;@SUM(1);Alès;30007;2;=1+1;+1;https://e.fr/\"onclick=x;4.08;44.12;12/02/2026\n"
    file = tmp_path / "sites-2026-02.csv"
    file.write_text(rows, encoding="utf-8")
    small_gard.load("sites", file)
    member = login_as(f.PersonneFactory()).client
    for one in (client, member):
        page = one.get("/territoires/ti-ales/foncier", query_string={"type": evil}).text
        page += one.get("/territoires/ti-ales/foncier").text
        assert "<img src=x" not in page and "<svg onload" not in page and 'href="javascript' not in page
        assert "&lt;img src=x" in page and '"onclick' not in page
    cells = member.get("/territoires/ti-ales/foncier.csv").text.replace("\r\n", ";").split(";")
    assert any("cmd|" in cell for cell in cells)
    assert not [cell for cell in cells if cell.strip('"')[:1] in {"=", "+", "@"}]
    name = member.get("/territoires/ti-ales/foncier.xlsx", query_string={"type": "[]:*?/\\\x01'" + "é" * 300})
    assert name.status_code == 200 and name.headers["Content-Disposition"].startswith(
        'attachment; filename="foncier-ti-ales-'
    )


def test_a_report_without_its_hidden_fields_is_no_error_of_ours(db: Any, browser: Any) -> None:
    """Hole: the place was cut at 90 characters without asking whether there was one."""
    page = browser.get("/donnees/signaler?indicateur=effectifs")
    token = page.find("form#signaler input[name=csrf_token]")["value"]
    data = {"csrf_token": token, "indicateur": "effectifs", "message": "Faux."}
    assert browser.client.post("/donnees/signaler", data=data).status_code == 303
    assert browser.client.post("/donnees/signaler", data={"csrf_token": token}).status_code == 404


def test_the_mail_that_answers_a_visitor_carries_nothing_they_wrote(db: Any, outbox: Any) -> None:
    """Hole: an address nobody checked received what its writer wanted, links included, in a message of the State."""
    trap = "Votre aide est versée sur https://piege.exemple/impots"
    kept = figure_reports.report(None, "effectifs", trap, trap, "https://e.fr/x", "victime@exemple.fr")
    figure_reports.answer(f.animateur(), kept, "Nous vérifions.")
    (letter,) = outbox()
    assert letter.recipient == "victime@exemple.fr" and "Nous vérifions." in letter.body_text
    assert "piege" not in letter.body_text + letter.body_html + letter.subject
    report = db.session.get(FigureReport, kept)
    assert (report.place, report.millesime) == (None, None), "what the page did not say is not shown as its own"


def test_an_account_does_not_bury_the_reports_of_others(db: Any) -> None:
    """Hole: only visitors were counted."""
    one, other = f.PersonneFactory(), f.PersonneFactory()
    for _time in range(figure_reports.ACCOUNT_MAX):
        figure_reports.report(one, "effectifs", "Faux.")
    with pytest.raises(TooManyAttempts):
        figure_reports.report(one, "effectifs", "Faux.")
    assert figure_reports.report(other, "effectifs", "Faux.") and figure_reports.report(None, "effectifs", "Faux.")


@pytest.mark.parametrize(
    ("source", "content"),
    [
        ("friches", '{"type":"FeatureCollection","features":[{"properties":[1]},{"properties":"a"},7]}'),
        ("friches", '{"type":"FeatureCollection","crs":{"properties":[1]},"features":[{"properties":{"a":1}}]}'),
        ("friches", '{"type":"FeatureCollection","features":[{"properties":{"a":' + "[" * 10**6 + "]" * 10**6 + "}}]}"),
        ("friches", '{"type":"FeatureCollection","features":[{"properties":{"a":' + "9" * 5000 + "}}]}"),
        ("zonages", '{"communes":{"30007":{"acv":true,"label":"\\ud800","acv_signed_at":"\\ud800"}}}'),
        ("zonages", '{"communes":{"30007":{"acv":true,"label":{"a":[1]},"acv_signed_at":"\\ud800"}}}'),
    ],
)
def test_a_hostile_json_is_refused_in_french(gard: Any, tmp_path: Path, source: str, content: str) -> None:
    """Hole: lists where objects are expected, and half characters, ended in a stack trace."""
    file = tmp_path / "2026-01.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ImportRefused, match=r"^Fichier «.2026-01\.json"):
        small_gard.load(source, file)


def test_a_lot_of_any_length_is_no_error_of_the_database(gard: Any) -> None:
    """Hole on PostgreSQL: the name of a lot is 80 characters there."""
    with pytest.raises(ImportRefused, match=r"80 caract.res"):
        small_gard.load("sites", small_gard.IMPORTS / "sites" / "exemple.csv", lot="x" * 81)


# --- what held ---------------------------------------------------------------------------------------------------------


def test_somebody_else_s_token_or_other_content_is_refused(login_as: Any, territoire: Any, db: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire, validee=True)
    chef, contributeur = login_as(f.chef(territoire)), login_as(f.contributeur(territoire))
    path, answers = f"/fiches/{fiche.code}/commentaires", []
    for one, body in ((chef, "Bonjour"), (chef, "Bonsoir"), (contributeur, "Bonjour"), (chef, "Bonjour")):
        data = {"csrf_token": one.csrf_token(), "submission": "u" * 22, "body": body}
        answers.append(one.client.post(path, data=data).status_code)
    assert answers == [303, 409, 409, 303] and db.session.query(Comment).count() == 1


def test_a_section_writes_no_field_but_its_own(login_as: Any, territoire: Any, db: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire)
    chef = login_as(f.chef(territoire))
    before = (fiche.etat, fiche.code, fiche.created_by_id, fiche.intitule, fiche.filed_at, fiche.draft_id)
    forged = {"etat": "validee", "code": "TI-X", "created_by_id": "1", "intitule": "Autre", "filed_at": "2020-01-01",
              "draft_id": "zz", "meteo_region": "soleil", "motif_cloture": "realisee"}  # fmt: skip
    for section in ("suivi", "cloture"):
        chef.post(f"/fiches/{fiche.draft_id}/sections/{section}", {"base": "0", **forged})
    db.session.refresh(fiche)
    assert before == (fiche.etat, fiche.code, fiche.created_by_id, fiche.intitule, fiche.filed_at, fiche.draft_id)
    assert fiche.meteo_region is None and fiche.motif_cloture is None


@pytest.mark.parametrize("suite", ["//evil", "/\\evil", "///evil", "https://evil", "/\t/evil", "\\\\evil", " //evil",
                                   "javascript:alert(1)", "/x\r\nSet-Cookie: a=b"])  # fmt: skip
def test_signing_in_leads_nowhere_else(login_as: Any, db: Any, suite: str) -> None:
    reader = login_as(f.PersonneFactory())
    assert reader.client.get("/connexion", query_string={"suite": suite}).location == "/"


def test_two_decisions_in_a_row_make_one(login_as: Any, territoire: Any, db: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire, en_instruction=True)
    region = login_as(f.instructeur(territoire.region_instructrice))
    data = {"csrf_token": region.csrf_token(), "action": "reject", "motif": "Hors sujet"}
    answers = [region.client.post(f"/fiches/{fiche.code}/transitions", data=data).status_code for _ in range(2)]
    assert answers == [303, 409] and db.session.query(Event).filter_by(kind="reject").count() == 1


def test_the_value_accepted_last_is_the_one_kept(login_as: Any, territoire: Any, db: Any) -> None:
    """Ten editors from the same page, one after the other: one is accepted, nine are told; the history is a chain."""
    fiche = f.FicheFactory(territoire=territoire)
    chefs = [login_as(f.chef(territoire)) for _ in range(10)]
    path, answers = f"/fiches/{fiche.draft_id}/sections/acteurs", []
    for base in range(2):
        for number, one in enumerate(chefs):
            data = {"csrf_token": one.csrf_token(), "base": str(base), "pilote": f"Pilote {base}-{number}"}
            answers.append(one.client.post(path, data=data).status_code)
    changes = [change for event in db.session.query(Event).order_by(Event.id) for change in event.changes]
    db.session.refresh(fiche)
    assert answers.count(303) == 2 and answers.count(409) == 18
    assert all(earlier[2] == later[1] for earlier, later in pairwise(changes)) and fiche.pilote == changes[-1][2]


def test_outside_the_demonstration_its_pages_do_not_exist(client: Any, db: Any) -> None:
    for path in ("/demo/courriels", "/demo/courriels/1", "/demo/courriels/1/html"):
        assert client.get(path).status_code == 404
