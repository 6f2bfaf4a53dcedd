"""/fiches through a browser without JavaScript: filing, editing, deciding, reading, finding."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as sql_event

from fichetrack import clock
from fichetrack.models import Event, Fiche
from fichetrack.vocabulary import Action
from tests import factories as f
from tests.browser import same, swap

FILED = {
    "resume": "Une école où l’on apprend en produisant.",
    "description": "Quarante jeunes dans une halle rénovée.",
    "axe": "recruter",
    "thematiques": ["competences_formation", "friches"],
    "diffusion": "publique",
    "pilote": "Alès Agglomération",
    "constat": "Les usineurs manquent.",
    "objectifs": "Former quarante jeunes par an.",
}


@pytest.fixture
def territoire(db: Any) -> Any:
    return f.TerritoireFactory(slug="ales", nom="Bassin d’Alès")


def test_a_chef_files_a_fiche_from_one_page(login_as: Any, territoire: Any, db: Any) -> None:
    chef = login_as(f.chef(territoire))
    page = chef.get("/fiches/nouvelle").submit("nouvelle-fiche", intitule="Ouvrir une école de production", **FILED)
    page = page.submit("transition-submit", button=("action", "submit"))
    fiche = db.session.query(Fiche).one()
    assert fiche.etat == "deposee" and fiche.code.startswith("TI-ales-")
    assert page.path == f"/fiches/{fiche.code}" and "a déposé la fiche" in page
    assert sorted(fiche.thematiques) == ["competences_formation", "friches"]


def test_a_draft_needs_a_title_and_keeps_what_was_typed(login_as: Any, territoire: Any, db: Any) -> None:
    chef = login_as(f.chef(territoire))
    page = chef.get("/fiches/nouvelle").submit("nouvelle-fiche", status=422, intitule=" ", constat="Long à écrire")
    assert "Il y a une erreur" in page
    assert page.find("#constat").get_text().strip() == "Long à écrire"
    assert db.session.query(Fiche).count() == 0


def test_an_incomplete_draft_cannot_be_filed_and_says_what_is_missing(login_as: Any, territoire: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire)
    chef = login_as(f.chef(territoire))
    page = chef.get(f"/fiches/{fiche.draft_id}")
    assert "points manquent" in page
    page = page.submit("transition-submit", status=409, button=("action", "submit"))
    assert "Il manque : pilote." in page and "n’est pas encore possible" in page


def test_the_same_form_posted_twice_makes_one_draft(login_as: Any, territoire: Any, db: Any) -> None:
    chef = login_as(f.chef(territoire))
    form = chef.get("/fiches/nouvelle")
    first = form.submit("nouvelle-fiche", intitule="Une seule fois")
    second = form.submit("nouvelle-fiche", intitule="Une seule fois")
    assert db.session.query(Fiche).count() == 1 and first.path == second.path


def test_the_same_token_with_another_text_is_refused(login_as: Any, territoire: Any, db: Any) -> None:
    chef = login_as(f.chef(territoire))
    form = chef.get("/fiches/nouvelle")
    form.submit("nouvelle-fiche", intitule="La première")
    page = form.submit("nouvelle-fiche", status=409, intitule="La seconde")
    assert "déjà été envoyé" in page and db.session.query(Fiche).count() == 1


def test_a_section_is_saved_with_its_rows_in_french(login_as: Any, territoire: Any, db: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire)
    page = login_as(f.chef(territoire)).get(f"/fiches/{fiche.draft_id}/sections/moyens")
    page = page.submit("formulaire-moyens", button=("ajouter", "financements"), cout_total="1,2 M€")
    page = page.submit(
        "formulaire-moyens",
        **{
            "cout_total": "1 200 000,50",
            "financements-0-financeur": "Région Occitanie",
            "financements-0-nature": "subvention",
            "financements-0-etat_montant": "accorde",
            "financements-0-montant": "300 000",
        },
    )
    db.session.expire_all()
    assert str(fiche.cout_total) == "1200000.5" and str(fiche.financements[0].montant) == "300000"
    assert "900 000,50 €" in page  # reste à financer


def test_a_refused_value_stays_in_the_form_as_typed(login_as: Any, territoire: Any, db: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire)
    page = login_as(f.chef(territoire)).get(f"/fiches/{fiche.draft_id}/sections/moyens")
    page = page.submit("formulaire-moyens", status=422, cout_total="beaucoup", investissement_prive="12")
    assert page.find("#cout_total")["value"] == "beaucoup" and page.find("#investissement_prive")["value"] == "12"
    db.session.expire_all()
    assert fiche.cout_total is None


def test_saving_an_older_version_keeps_both_texts(login_as: Any, territoire: Any, db: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire, constat="Avant")
    one, two = login_as(f.chef(territoire)), login_as(f.contributeur(territoire))
    path = f"/fiches/{fiche.draft_id}/sections/objectifs"
    mine, theirs = one.get(path), two.get(path)
    theirs.submit("formulaire-objectifs", constat="Le texte du collègue")
    page = mine.submit("formulaire-objectifs", status=409, constat="Mon texte à moi")
    assert "collègue" in page and page.find("#constat").get_text().strip() == "Mon texte à moi"
    db.session.expire_all()
    assert fiche.constat == "Le texte du collègue"
    page.submit("formulaire-objectifs", constat="Les deux réunis")
    db.session.expire_all()
    assert fiche.constat == "Les deux réunis"


def test_an_edit_in_place_swaps_to_the_same_page(login_as: Any, territoire: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire, complete_to_file=True)
    chef = login_as(f.chef(territoire))
    page = chef.get(f"/fiches/{fiche.draft_id}")
    saved = chef.fragment(
        f"/fiches/{fiche.draft_id}/sections/acteurs", data={"base": "0", "pilote": "La CCI", "submission": "un-jeton"}
    )
    swapped = swap(page, saved, "section-acteurs")
    fresh = chef.get(f"/fiches/{fiche.draft_id}")
    for tree in (swapped, fresh.html):
        tree.find(id="messages").decompose()  # « enregistré », said once
        for marked in tree.select("[data-fichetrack-focus]"):
            del marked["data-fichetrack-focus"]  # where the keyboard goes after the swap
    assert same(swapped.find("main"), fresh.html.find("main"))


def test_the_list_swaps_to_the_same_page(browser: Any, territoire: Any) -> None:
    f.FicheFactory(territoire=territoire, validee=True, axe="innover", intitule="Une halle pour innover")
    f.FicheFactory(territoire=territoire, validee=True, axe="recruter")
    page = browser.get("/fiches")
    filtered = browser.fragment("/fiches", axe="innover")
    fresh = browser.get("/fiches", axe="innover")
    assert same(swap(page, filtered, "fiches-liste").find(id="fiches-liste"), fresh.find("#fiches-liste"))
    assert "1 sur 2 fiches" in fresh and "Une halle pour innover" in fresh


def test_region_asks_more_and_the_author_answers(login_as: Any, territoire: Any, db: Any, frozen_time: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire, en_instruction=True, resume="Trop court")
    region, chef = login_as(f.instructeur(territoire.region_instructrice)), login_as(f.chef(territoire))
    page = region.get(f"/fiches/{fiche.code}")
    page.submit("transition-ask_more", button=("action", "ask_more"), motif="Précisez le résumé.", champs=["resume"])
    page = chef.get(f"/fiches/{fiche.code}")
    assert "demandé par la région" in page and "Précisez le résumé." in page
    form = chef.get(f"/fiches/{fiche.code}/sections/identite")
    form.submit("formulaire-identite", resume="Un résumé enfin précis")
    chef.get(f"/fiches/{fiche.code}").submit("transition-answer", button=("action", "answer"))
    page = region.get(f"/fiches/{fiche.code}")
    assert "Ce qui a changé depuis la demande" in page and "Un résumé enfin précis" in page
    db.session.expire_all()
    assert fiche.etat == "en_instruction" and fiche.due_on is not None


def test_validation_refuses_while_something_is_missing(login_as: Any, territoire: Any, db: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire, en_instruction=True)
    region = login_as(f.instructeur(territoire.region_instructrice))
    page = region.get(f"/fiches/{fiche.code}")
    page = page.submit("transition-validate", status=409, button=("action", "validate"))
    assert "Il manque : coût total." in page
    db.session.expire_all()
    assert fiche.etat == "en_instruction"


def test_the_delegation_stands_in_for_the_region_with_a_motive(login_as: Any, territoire: Any, db: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire, deposee=True)
    delegation = login_as(f.dti())
    page = delegation.get(f"/fiches/{fiche.code}")
    page = page.submit("transition-take_up", status=409, button=("action", "take_up"))
    assert "Il manque le motif" in page
    page.submit("transition-take_up", button=("action", "take_up"), motif="La région n’a plus d’instructeur.")
    assert "à la place de la région" in delegation.get(f"/fiches/{fiche.code}")


def test_a_substantial_change_of_a_validated_fiche_is_refused(login_as: Any, territoire: Any, db: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire, validee=True)
    chef = login_as(f.chef(territoire))
    page = chef.get(f"/fiches/{fiche.code}/sections/acteurs")
    page = page.submit("formulaire-acteurs", status=422, pilote="Un autre pilote")
    assert "avenant" in page
    page = chef.get(f"/fiches/{fiche.code}/sections/moyens").submit("formulaire-moyens", cout_total="1 300 000")
    db.session.expire_all()
    assert fiche.pilote == "Alès Agglomération" and fiche.cout_total == 1_300_000


def test_confirming_makes_a_stale_fiche_fresh(login_as: Any, territoire: Any, frozen_time: Any, db: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire, validee=True, created_at=clock.now() - timedelta(days=200))
    chef = login_as(f.chef(territoire))
    page = chef.get(f"/fiches/{fiche.code}")
    assert "Périmée" in page
    page = page.submit("transition-confirm", button=("action", "confirm"))
    assert "À jour" in page and db.session.query(Event).filter_by(kind="confirm").one().source == "page"


def test_a_region_restricts_and_the_public_no_longer_reads(login_as: Any, browser: Any, territoire: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire, validee=True)
    browser.get(f"/fiches/{fiche.code}")
    region = login_as(f.instructeur(territoire.region_instructrice))
    page = region.get(f"/fiches/{fiche.code}")
    page.submit("restreindre", diffusion="nominative", motif="Secret des affaires.")
    browser.get(f"/fiches/{fiche.code}", status=404)
    assert fiche.code not in browser.get("/fiches")


def test_a_draft_never_filed_is_deleted_for_good(login_as: Any, territoire: Any, db: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire)
    login_as(f.chef(territoire)).get(f"/fiches/{fiche.draft_id}").submit(
        "transition-delete", button=("action", "delete")
    )
    assert db.session.query(Fiche).count() == 0


def test_a_visitor_reads_published_fields_only(browser: Any, territoire: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire, validee=True, frein="foncier", elu_referent="Madame Untel")
    page = browser.get(f"/fiches/{fiche.code}")
    assert "Alès Agglomération" in page and "Subvention, accordé" in page
    assert "Madame Untel" not in page and "Foncier" not in page.find("#section-suivi").get_text()
    assert "Région 300" not in page  # a funding line


def test_an_unknown_fiche_answers_like_one_that_may_not_be_read(browser: Any, territoire: Any) -> None:
    hidden = f.FicheFactory(territoire=territoire, validee=True, reseau=True)
    unknown, refused = browser.get("/fiches/rien", status=404), browser.get(f"/fiches/{hidden.code}", status=404)
    assert same(unknown.html, refused.html)


@pytest.mark.parametrize("words", ["école", "ECOLE", "ecoles", "écol", "l’école", "production ales", 'écol" OR *'])
def test_search_forgives_accents_case_plural_and_syntax(browser: Any, territoire: Any, words: str) -> None:
    f.FicheFactory(territoire=territoire, validee=True, intitule="Écoles de production", pilote="Alès Agglo")
    assert "Écoles de production" in browser.get("/fiches", q=words) or "OR" in words


def test_a_draft_saves_itself(login_as: Any, territoire: Any, db: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire)
    chef = login_as(f.chef(territoire))
    data = {"csrf_token": chef.csrf_token(), "base": "0", "constat": "En train d’écrire"}
    path = f"/fiches/{fiche.draft_id}/sections/objectifs/enregistrement"
    answer = chef.client.post(path, data=data)
    assert answer.json["fields"] == {"base": "1"}
    assert chef.client.post(path, data=data | {"constat": "D’un autre onglet"}).status_code == 409
    db.session.expire_all()
    assert fiche.constat == "En train d’écrire"


@pytest.mark.parametrize("path", ["/fiches", "/fiches?vue=tableau", "/fiches?q=ecole"])
def test_a_list_costs_as_many_queries_for_two_fiches_as_for_twenty(
    login_as: Any, territoire: Any, db: Any, path: str
) -> None:
    delegation = login_as(f.dti())
    costs = []
    for more in (2, 18):
        f.FicheFactory.create_batch(more, validee=True, late=True)
        costs.append(_count_queries(db, lambda: delegation.get(path)))
    assert costs[0] == costs[1]


def _count_queries(db: Any, act: Any) -> int:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    sql_event.listen(db.engine, "before_cursor_execute", note)
    act()
    sql_event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_every_workflow_button_says_its_action(login_as: Any, territoire: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire, en_instruction=True)
    page = login_as(f.instructeur(territoire.region_instructrice)).get(f"/fiches/{fiche.code}")
    offered = {button["value"] for button in page.html.select('button[name="action"]')}
    assert offered == {Action.ASK_MORE, Action.VALIDATE, Action.REJECT}


def test_a_session_that_ended_gives_back_what_was_typed(login_as: Any, territoire: Any, db: Any) -> None:
    fiche = f.FicheFactory(territoire=territoire)
    chef = login_as(f.chef(territoire))
    form = chef.get(f"/fiches/{fiche.draft_id}/sections/objectifs")
    chef.post("/deconnexion")
    page = form.submit("formulaire-objectifs", status=400, constat="Une heure de travail")
    assert "Rien n’est perdu" in page
    assert "Une heure de travail" in [area.get_text() for area in page.html.select("textarea[readonly]")]
    answer = chef.client.post(
        f"/fiches/{fiche.draft_id}/commentaires", data={"csrf_token": chef.csrf_token(), "body": "Oui"}
    )
    assert answer.status_code == 401 and "Oui" in answer.text


def test_a_near_title_is_told_before_the_fiche_is_filed(login_as: Any, territoire: Any) -> None:
    known = f.FicheFactory(territoire=territoire, validee=True, intitule="Ouvrir une école de production")
    form = login_as(f.chef(territoire)).get("/fiches/nouvelle")
    page = form.submit("nouvelle-fiche", intitule="Ouvrir une école")
    assert f"Une fiche proche existe déjà : {known.code}" in page
