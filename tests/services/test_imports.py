"""A workbook brought in: checked without writing, applied whole or not at all, once, undone; and what goes out comes back."""

from __future__ import annotations

import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from fichetrack import clock, tables, workbook
from fichetrack.config import ROOT
from fichetrack.errors import ImportRefused, NotVisible, PermissionRefused
from fichetrack.models import Event, Fiche, ImportBatch, Mandat, NamedVersion
from fichetrack.models.fiche import Financement, Indicateur, Jalon, Mesure, Note, Partenaire
from fichetrack.queries import exports, import_rows
from fichetrack.queries import fiches as lists
from fichetrack.queries import imports as queries
from fichetrack.services import fiches, imports
from fichetrack.vocabulary import Etat
from tests import factories as make

EXAMPLE = ROOT / "imports" / "fiches" / "exemple.csv"


@pytest.fixture
def territoire(db: Any) -> Any:
    return make.TerritoireFactory(slug="exemple", nom="Bassin d’Exemple")


@pytest.fixture
def chef(territoire: Any) -> Any:
    return make.chef(territoire)


def csv_of(*rows: str, head: str = "Intitulé;Territoire;Axe;Date de fin") -> bytes:
    return "\n".join([head, *rows]).encode()


def check(user: Any, content: bytes, name: str = "essai.csv", **options: Any) -> queries.Check:
    return queries.compare(user, import_rows.read(content, name, options), options)


def bring(user: Any, content: bytes, name: str = "essai.csv", motif: str = "", only_good: bool = False) -> int:
    batch_id = imports.register_upload(user, name, content, motif)
    imports.apply_batch(user, batch_id, only_good)
    return batch_id


def export(user: Any, kind: str = "xlsx") -> bytes:
    found = exports.get_export(user, {})
    stream = io.BytesIO()
    if kind == "xlsx":
        tables.write_xlsx(stream, found.sheets)
    else:
        tables.write_csv(stream, found.columns, found.rows)
    return stream.getvalue()


def count(db: Any, model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


# --- checking ----------------------------------------------------------------------------------------------------------


def test_the_example_is_read_in_any_order_and_with_any_spelling(chef):
    found = check(chef, EXAMPLE.read_bytes(), EXAMPLE.name)
    assert (found.errors, len(found.added)) == ([], 10)
    first, second = found.added[0].row.values, found.added[1].row.values
    assert (first["axe"], first["cout_total"], first["date_debut"]) == ("recruter", "1200000.00", "2026-09-01")
    assert (second["thematiques"], second["cout_total"]) == (["friches", "foncier_immobilier"], "3500000.00")
    assert found.reading.mapping.unknown[0][0] == "Remarque à usage interne"


def test_every_synonym_names_a_column():
    assert set(workbook.SYNONYMS) <= {column.name for column in workbook.columns()}


def test_a_check_writes_nothing_and_an_upload_only_the_batch(db, chef):
    imports.register_upload(chef, "essai.csv", csv_of("Une halle;Bassin d’Exemple;innover;"))
    assert (count(db, ImportBatch), count(db, Fiche), count(db, Event)) == (1, 0, 0)


def test_errors_name_line_column_and_what_to_do(chef):
    found = check(chef, csv_of("Une halle;Bassin d’Exemple;inover;31/02/2027", ";exemple;;", "Un pont;Atlantide;;"))
    assert [(error.line, error.column) for error in found.errors] == [
        (2, "Axe"), (2, "Date de fin"), (3, "Intitulé"), (4, "Territoire chef de file"),
    ]  # fmt: skip
    assert "31/02/2027 n’existe pas" in str(found.errors[1])


def test_a_fiche_one_may_not_read_is_as_unknown_as_one_that_does_not_exist(db, chef):
    hidden = make.FicheFactory(nominative=True, deposee=True)
    head = "Code;Intitulé"
    errors = check(chef, csv_of(f"{hidden.code};x", "TI-atlantide-2026-001;x", head=head)).errors
    assert errors[0].message == errors[1].message == queries.UNKNOWN


def test_one_imports_only_where_one_may(db, chef, territoire):
    elsewhere = make.TerritoireFactory(nom="Ailleurs")
    found = check(chef, csv_of("Une halle;Ailleurs;;", "Un pont;Bassin d’Exemple;;"))
    assert [error.line for error in found.errors] == [2]
    region = make.instructeur(elsewhere.region_instructrice)
    assert [error.line for error in check(region, csv_of("Une halle;Ailleurs;;", "Un pont;exemple;;")).errors] == [3]
    with pytest.raises(PermissionRefused):
        imports.register_upload(make.elu(territoire), "essai.csv", csv_of("a;b;;"))


def test_columns_are_placed_by_hand(chef):
    content = csv_of("Une halle;innover", head="Sujet traité;Axe")
    batch_id = imports.register_upload(chef, "essai.csv", content)
    found = queries.check_batch(chef, queries.get_batch(chef, batch_id))
    assert found.reading.problems
    imports.choose_columns(chef, batch_id, {"Sujet traité": "intitule"})
    found = queries.check_batch(chef, queries.get_batch(chef, batch_id))
    assert (found.reading.problems, [one.intitule for one in found.added]) == ([], ["Une halle"])
    assert found.default_territoire == "ti-exemple"


def test_two_hundred_faults_among_many_rows_are_two_hundred_errors(chef):
    rows = [f"Fiche {n};exemple;{'inconnu' if n % 10 == 0 else 'innover'};" for n in range(1, 2001)]
    found = check(chef, csv_of(*rows))
    assert [error.line for error in found.errors] == [n + 1 for n in range(10, 2001, 10)]
    assert {error.column for error in found.errors} == {"Axe"}


# --- applying ----------------------------------------------------------------------------------------------------------


def test_new_rows_become_brouillons_with_one_event_each(db, chef):
    batch_id = bring(chef, EXAMPLE.read_bytes(), EXAMPLE.name)
    made = list(db.session.scalars(select(Fiche)))
    assert {(one.etat, one.code, one.created_by_id) for one in made} == {("brouillon", None, chef.id)}
    events = list(db.session.scalars(select(Event)))
    assert {(one.kind, one.source, one.details["batch"]) for one in events} == {("import", "import", batch_id)}
    assert len(events) == len(made) == 10
    assert lists.list_fiches(chef, {"q": ["ecole production"]}).count == 1


def test_applied_twice_it_writes_once_and_brought_again_it_finds_its_fiches(db, chef):
    batch_id = bring(chef, EXAMPLE.read_bytes(), EXAMPLE.name)
    imports.apply_batch(chef, batch_id)
    found = check(chef, EXAMPLE.read_bytes(), EXAMPLE.name)
    assert (found.changes_nothing, found.unchanged, found.by_title) == (True, 10, 10)
    bring(chef, EXAMPLE.read_bytes(), EXAMPLE.name)
    assert (count(db, Fiche), count(db, Event)) == (10, 10)


def test_a_region_that_brings_drafts_twice_does_not_double_what_it_can_no_longer_read(db, territoire):
    region = make.instructeur(territoire.region_instructrice)
    bring(region, EXAMPLE.read_bytes(), EXAMPLE.name)
    bring(region, EXAMPLE.read_bytes(), EXAMPLE.name)
    assert count(db, Fiche) == 10


def test_an_error_refuses_the_whole_unless_the_good_rows_are_asked_for(db, chef):
    content = csv_of("Une halle;exemple;inconnu;", "Un pont;exemple;innover;")
    with pytest.raises(ImportRefused) as refusal:
        bring(chef, content)
    assert (len(refusal.value.errors), count(db, Fiche)) == (1, 0)
    bring(chef, content, only_good=True)
    assert db.session.scalars(select(Fiche.intitule)).all() == ["Un pont"]


def test_a_changed_row_is_a_dated_event_and_moves_its_section(db, chef, territoire):
    fiche = make.FicheFactory(territoire=territoire, complete_to_file=True)
    bring(chef, csv_of(f"{fiche.draft_id};1 500,50;Une autre phrase", head="Code;Budget;Résumé"))
    db.session.refresh(fiche)
    assert (fiche.cout_total, fiche.resume) == (Decimal("1500.50"), "Une autre phrase")
    assert (fiche.version_of("moyens"), fiche.version_of("identite")) == (1, 1)
    (event,) = db.session.scalars(select(Event)).all()
    assert ["cout_total", None, "1500.50"] in event.changes
    assert lists.list_fiches(chef, {"q": ["autre phrase"]}).count == 1


def test_what_a_form_would_refuse_a_row_is_refused_too(db, chef, territoire):
    validated = make.FicheFactory(territoire=territoire, validee=True)
    filed = make.FicheFactory(territoire=territoire, deposee=True)
    theirs = make.FicheFactory(validee=True)
    rows = [f"{validated.code};Attirer;", f"{filed.code};;Autre", f"{theirs.code};;Autre", f"{validated.code};;Autre"]
    errors = check(chef, csv_of(*rows, head="Code;Axe;Résumé")).errors
    assert [error.line for error in errors] == [2, 3, 4, 5]
    assert "avenant" in errors[0].message
    assert "attend que la région" in errors[1].message
    assert "droit" in errors[2].message
    assert "déjà à la ligne 2" in errors[3].message


def test_a_row_that_contradicts_itself_is_an_error(chef):
    head = "Intitulé;Date de début;Date de fin;Mesures"
    errors = check(chef, csv_of("Une halle;02/01/2027;01/01/2027;Emplois | 3 | 01/01/2027", head=head)).errors
    assert {error.column for error in errors} == {"Date de fin", "Mesures"}


def test_a_title_already_there_is_said_and_an_identical_fiche_is_not_doubled(db, chef, territoire):
    fiche = make.FicheFactory(territoire=territoire, intitule="Une Halle", axe="innover")
    (added,) = check(chef, csv_of("une halle;exemple;attirer;")).added
    assert fiche.address in str(added.warning)
    found = check(chef, csv_of("Une Halle;exemple;innover;"))
    assert (found.changes_nothing, found.unchanged, found.by_title) == (True, 1, 1)
    assert "à la ligne 2" in check(chef, csv_of("Un pont;exemple;;", "un pont;exemple;;")).errors[0].message


def test_a_batch_is_its_owners_alone(chef, territoire):
    batch_id = imports.register_upload(chef, "essai.csv", csv_of("Une halle;exemple;;"))
    with pytest.raises(NotVisible):
        imports.apply_batch(make.chef(territoire), batch_id)


def test_rights_lost_between_check_and_application_refuse_it(db, chef, territoire):
    batch_id = imports.register_upload(chef, "essai.csv", csv_of("Une halle;exemple;;"))
    mandat = db.session.scalars(select(Mandat).where(Mandat.personne_id == chef.id)).one()
    mandat.ends_on = clock.today() - timedelta(days=1)
    db.session.commit()
    with pytest.raises(ImportRefused):
        imports.apply_batch(chef, batch_id)
    assert count(db, Fiche) == 0


def test_a_failure_in_the_middle_leaves_nothing(db, chef, territoire, monkeypatch):
    batch_id = imports.register_upload(chef, EXAMPLE.name, EXAMPLE.read_bytes())
    monkeypatch.setattr(imports, "write_changed", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        imports.apply_batch(chef, batch_id)
    assert (count(db, Fiche), count(db, Event), queries.get_batch(chef, batch_id).applied_at) == (0, 0, None)


# --- reprise -----------------------------------------------------------------------------------------------------------

REPRISE = csv_of(
    "Une halle;exemple;Validée;12/03/2025", "Un pont;exemple;Déposée;", "Un quai;exemple;;",
    head="Intitulé;Territoire;Statut;Validée le",
)  # fmt: skip


def test_a_reprise_gives_new_fiches_their_etat_once(db, territoire):
    region = make.instructeur(territoire.region_instructrice)
    bring(region, REPRISE, motif="Reprise du tableur de 2025")
    by_title = {one.intitule: one for one in db.session.scalars(select(Fiche))}
    halle, pont, quai = (by_title[title] for title in ("Une halle", "Un pont", "Un quai"))
    assert [one.etat for one in (halle, pont, quai)] == ["validee", "deposee", "brouillon"]
    year = clock.today().year
    assert [halle.code, pont.code, quai.code] == [f"TI-exemple-{year}-001", f"TI-exemple-{year}-002", None]
    assert halle.validated_at.astimezone(clock.PARIS).date() == date(2025, 3, 12)
    event = db.session.scalars(select(Event).where(Event.kind == "reprise", Event.fiche_id == halle.id)).one()
    assert (event.etat_before, event.etat_after, event.motif) == ("brouillon", "validee", "Reprise du tableur de 2025")
    assert "Il manque : pilote." in event.details["manque"]
    assert set(db.session.scalars(select(NamedVersion.label))) == {"reprise 1"}


def test_a_reprise_never_moves_a_fiche_that_exists(db, territoire):
    region = make.instructeur(territoire.region_instructrice)
    bring(region, REPRISE, motif="Reprise")
    fiche = db.session.scalars(select(Fiche).where(Fiche.intitule == "Un pont")).one()
    content = csv_of(f"{fiche.code};Un pont;Validée", head="Code;Intitulé;État")
    found = check(region, content, reprise="Encore")
    assert (found.changes_nothing, found.ignored_etats) == (True, 1)


def test_without_a_motive_or_the_right_etats_are_not_read(db, chef, territoire):
    found = check(chef, REPRISE)
    assert {one.etat for one in found.added} == {Etat.BROUILLON}
    assert found.ignored_etats == 2
    with pytest.raises(PermissionRefused):
        imports.register_upload(chef, "essai.csv", REPRISE, "Je voudrais")


def test_a_fiche_taken_over_is_measured_against_what_was_taken_over(db, territoire, chef):
    region = make.instructeur(territoire.region_instructrice)
    bring(
        region, csv_of("Une halle;exemple;Validée;100000", head="Intitulé;Territoire;État;Coût total"), motif="Reprise"
    )
    fiche = db.session.scalars(select(Fiche)).one()
    fiches.edit_section(chef, fiche.code, "moyens", 0, {"cout_total": "110000.00"})
    assert check(chef, csv_of(f"{fiche.code};300000", head="Code;Coût total")).errors


# --- undoing -----------------------------------------------------------------------------------------------------------


def test_undone_untouched_drafts_go_and_touched_ones_stay(db, chef):
    batch_id = bring(chef, EXAMPLE.read_bytes(), EXAMPLE.name)
    kept = db.session.scalars(select(Fiche).order_by(Fiche.id)).first()
    fiches.edit_section(chef, kept.draft_id, "identite", 0, {"resume": "Retravaillé"})
    imports.undo_batch(chef, batch_id)
    imports.undo_batch(chef, batch_id)
    assert db.session.scalars(select(Fiche.id)).all() == [kept.id]
    report = queries.get_batch(chef, batch_id).report["undone"]
    assert (report["deleted"], len(report["kept"])) == (9, 1)


def test_whoever_lost_the_territoire_no_longer_undoes_there(db, chef):
    batch_id = bring(chef, EXAMPLE.read_bytes(), EXAMPLE.name)
    mandat = db.session.scalars(select(Mandat).where(Mandat.personne_id == chef.id)).one()
    mandat.ends_on = clock.today() - timedelta(days=1)
    db.session.commit()
    imports.undo_batch(chef, batch_id)
    assert count(db, Fiche) == 10


def test_undone_values_come_back_unless_somebody_changed_them_since(db, chef, territoire):
    fiche = make.FicheFactory(territoire=territoire, resume="Avant", axe="innover", referent_nom="Ancien Nom")
    head = "Code;Résumé;Axe;Référent : nom"
    batch_id = bring(chef, csv_of(f"{fiche.draft_id};Après;attirer;Nouveau Nom", head=head))
    fiches.edit_section(chef, fiche.draft_id, "identite", 1, {"resume": "Plus tard"})
    imports.undo_batch(chef, batch_id)
    db.session.refresh(fiche)
    assert (fiche.resume, fiche.axe, fiche.referent_nom) == ("Plus tard", "innover", "Ancien Nom")
    kinds = db.session.scalars(select(Event.kind).order_by(Event.id)).all()
    assert kinds == ["import", "edit", "undo_import"]
    assert "Ancien Nom" not in str(queries.get_batch(chef, batch_id).report)


def test_undone_fiches_taken_over_are_withdrawn_not_erased(db, territoire):
    region = make.instructeur(territoire.region_instructrice)
    batch_id = bring(region, REPRISE, motif="Reprise")
    imports.undo_batch(region, batch_id)
    assert sorted(db.session.scalars(select(Fiche.etat))) == ["retiree", "retiree"]


# --- the round trip ----------------------------------------------------------------------------------------------------

HOSTILE = [
    "=1+1",
    "+33",
    "-2",
    "@x",
    "\tTab",
    "＝1",
    "' apostrophe",
    "À l’œuvre 🚲 Ÿ",
    "ligne 1\nligne 2",
    "a | b \\ c",
    "fin |",
]


def odd_fiche(territoire: Any, word: str, **values: Any) -> Any:
    rows = {
        "partenaires": [Partenaire(organisation=word.strip(), role=word.strip()), Partenaire(organisation="b")],
        "indicateurs": [Indicateur(libelle=word.strip(), base="0", cible="12.5")],
        "mesures": [Mesure(indicateur=word.strip(), valeur="3", date=date(1899, 12, 31))],
        "jalons": [Jalon(libelle=word.strip(), date=date(9999, 12, 31), responsable=word.strip())],
        "notes": [Note(date=date(2026, 1, 1), fait=word.strip(), prochaine_etape=word.strip())],
        "financements": [
            Financement(financeur=word.strip(), nature="pret", etat_montant="accorde", montant=Decimal("0.01"))
        ],
    }
    texts = dict.fromkeys(("intitule", "resume", "pilote", "referent_nom", "constat", "elu_referent"), word)
    bounds = {"date_debut": date(1, 1, 1), "date_fin": date(9999, 12, 31), "cout_total": Decimal("9999999999.99")}
    return make.FicheFactory(territoire=territoire, **{**texts, **rows, **bounds, **values})


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_an_export_brought_back_says_no_change(db, chef, territoire, kind):
    for word in HOSTILE:
        odd_fiche(territoire, word)
    other = make.TerritoireFactory(nom="Val d’Or; et Lys")
    make.FicheFactory(territoire=territoire, all_fields=True, territoires_associes=[other])
    for etat in Etat:
        make.FicheFactory(territoire=territoire, **({etat.value: True} if etat != Etat.BROUILLON else {}))
    make.FicheFactory(validee=True)
    found = check(chef, export(chef, kind), f"export.{kind}")
    assert found.reading.mapping.unknown == []
    assert (found.errors, found.changed, found.added) == ([], [], [])
    assert (found.unchanged, found.ignored_etats, found.missing) == (len(HOSTILE) + 12, 0, [])


def test_an_export_fills_an_empty_register_byte_for_byte(db, chef, territoire):
    for word in HOSTILE:
        odd_fiche(territoire, word)
    content = export(chef)
    before = {one.constat for one in db.session.scalars(select(Fiche))}
    table = tables.read_table(content, "export.xlsx", accepted=workbook.SCORE)
    found = {row.cells[table.columns.index("Constat")] for row in table.rows}
    assert found == before


def test_a_visitor_exports_published_fields_of_published_fiches(db, territoire):
    make.FicheFactory(territoire=territoire, validee=True, referent_nom="Nom Secret", frein="foncier")
    make.FicheFactory(territoire=territoire, deposee=True, intitule="Encore secrète")
    table = tables.read_table(export(None), "export.xlsx", accepted=workbook.SCORE)
    text = str(table)
    assert len(table.rows) == 1
    assert "Nom Secret" not in text
    assert "Encore secrète" not in text
    assert not {"Frein", "Diffusion", "Notes de suivi", "Plan de financement"} & set(table.columns)


def test_the_model_filled_in_comes_in(db, chef, territoire):
    openpyxl = pytest.importorskip("openpyxl")
    stream = io.BytesIO()
    tables.write_model(stream, exports.model_columns(chef), "Fiches")
    book = openpyxl.load_workbook(stream)
    headings = [cell.value for cell in book["Fiches"][1]]
    values = {"Intitulé": "Une halle", "Territoire chef de file": "Bassin d’Exemple", "Axe": "Innover"}
    for name, value in values.items():
        book["Fiches"].cell(2, headings.index(name) + 1, value)
    filled = io.BytesIO()
    book.save(filled)
    found = check(chef, filled.getvalue(), "modele.xlsx")
    assert (found.errors, [one.intitule for one in found.added]) == ([], ["Une halle"])


# --- the command -------------------------------------------------------------------------------------------------------


def test_the_command_checks_then_applies(db, chef, app):
    arguments = ["import", "fiches", str(EXAMPLE), "--as", chef.courriel]
    result = app.test_cli_runner().invoke(args=arguments)
    assert "À ajouter : 10" in result.output
    assert count(db, Fiche) == 0
    result = app.test_cli_runner().invoke(args=[*arguments, "--apply"])
    assert "10 fiches ajoutées" in result.output
    assert count(db, Fiche) == 10
    assert "Aucun changement" in app.test_cli_runner().invoke(args=arguments).output


def test_without_a_name_the_command_imports_for_the_delegation_and_says_so(db, territoire, app):
    make.dti(ended=True)
    boss = make.dti(personne__nom="Hélène Marchand")
    result = app.test_cli_runner().invoke(args=["import", "fiches", str(EXAMPLE)])
    assert f"au nom de Hélène Marchand ({boss.courriel})" in result.output
    result = app.test_cli_runner().invoke(args=["import", "fiches", str(EXAMPLE), "--apply"])
    assert (result.exit_code, "au nom de Hélène Marchand" in result.output) == (0, True), result.output
    assert {batch.personne_id for batch in db.session.scalars(select(ImportBatch))} == {boss.id}


def test_the_report_of_one_fiche_is_in_the_singular(chef, app, tmp_path):
    file = tmp_path / "une.csv"
    file.write_bytes(csv_of("Une halle;ti-exemple;innover;"))
    arguments = ["import", "fiches", str(file), "--as", chef.courriel, "--apply"]
    output = app.test_cli_runner().invoke(args=arguments).output
    assert "1 fiche ajoutée, 0 modifiée, 0 sans changement." in output


def test_with_nobody_of_the_delegation_the_command_asks_in_whose_name(app):
    make.dti(ended=True)
    make.dti(personne__closed=True)
    result = app.test_cli_runner().invoke(args=["import", "fiches", str(EXAMPLE)])
    assert result.exit_code == 1
    assert "--as COURRIEL" in result.output


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_no_cell_holds_never_refuses_the_file_nor_changes_a_fiche(db, chef, territoire, kind):
    long = [Jalon(libelle=f"Étape {n} {'x' * 180}", date=date(2027, 1, 1), responsable="y" * 60) for n in range(150)]
    notes = [Note(date=date(2026, 1, 1), fait="🚲" * 4_000, difficulte="z\n" * 2_000) for _ in range(30)]
    make.FicheFactory(territoire=territoire, jalons=long, notes=notes, constat="a\uffff", description="🚲" * 20_000)
    make.FicheFactory(territoire=territoire, intitule="La voisine")
    content = export(chef, kind)
    found = check(chef, content, f"export.{kind}")
    assert (found.errors, found.changed, found.added, found.unchanged) == ([], [], [], 2)
    cells = {cell for row in found.reading.table.rows for cell in row.cells}
    nbsp = "\u00a0"
    assert f"(trop long pour une cellule{nbsp}: 30 lignes, non exporté{nbsp}; lisez la fiche)" in cells


def test_more_rows_than_a_fiche_holds_are_an_error_of_the_line_unless_they_are_already_there(db, chef, territoire):
    cell = '"' + "\n".join(f"Étape {n} | 01/01/2027" for n in range(201)) + '"'
    found = check(chef, csv_of(f"Une halle;{territoire.code};{cell}", head="Intitulé;Territoire;Jalons"))
    assert [error.message for error in found.errors] == ["201 lignes, pour 200 au plus. Regroupez-les."]
    stored = [Jalon(libelle=f"Étape {n}", date=date(2027, 1, 1), place=n) for n in range(201)]
    make.FicheFactory(territoire=territoire, jalons=stored)
    assert check(chef, export(chef), "export.xlsx").changes_nothing


def test_a_file_name_that_cannot_be_kept_is_made_plain(db, chef):
    batch = queries.get_batch(chef, imports.register_upload(chef, "a\0b.csv", EXAMPLE.read_bytes()))
    assert batch.filename == "a-b.csv"
    batch = queries.get_batch(chef, imports.register_upload(chef, "Été (v2).csv", EXAMPLE.read_bytes()))
    assert batch.filename == "Été (v2).csv"
