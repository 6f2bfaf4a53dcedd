"""The whole story in a real browser: chef → région → chef → closing → a digest received by a real SMTP server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from fichetrack.models import Fiche, Personne
from fichetrack.services import digests, emails
from tests import factories as f
from tests.browser import PASSWORD

TITLE = "Ouvrir une école de production à Alès"
DAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def people(db: Any) -> dict[str, Personne]:
    region = f.RegionFactory(nom="Occitanie")
    territoire = f.TerritoireFactory(slug="ales", nom="Bassin d’Alès", region_instructrice=region)
    return {"chef": f.chef(territoire), "region": f.instructeur(region), "dti": f.dti(), "abonne": f.PersonneFactory()}


def sign_in(page: Page, personne: Personne) -> None:
    page.goto("/connexion")
    page.locator("input[name=courriel]").fill(personne.courriel)
    page.locator("input[name=mot_de_passe]").fill(PASSWORD)
    page.locator("form#connexion button[type=submit]").click()
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.locator("#menu").get_by_role("link", name="Se connecter")).to_be_visible()


def decide(page: Page, action: str) -> None:
    page.locator(f'button[name="action"][value="{action}"]').click()


def save(page: Page, section: str, fill: dict[str, str]) -> None:
    """Edit a section in place and wait for it to come back."""
    page.locator(f"#section-{section}").get_by_role("link", name="Modifier").click()
    form = page.locator(f"#formulaire-{section}")
    for name, value in fill.items():
        control = form.locator(f'[name="{name}"]')
        if control.evaluate("e => e.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    form.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(f"#formulaire-{section}")).to_have_count(0)


def test_a_fiche_from_first_draft_to_closing_and_one_digest(
    page: Page, app: Flask, db: Any, people: dict[str, Personne], smtp: list[Any], frozen_time: Any
) -> None:
    frozen_time(DAY)
    follow(page, people["abonne"])
    code = file_a_fiche(page, people["chef"])
    ask_for_more(page, people["region"], code)
    answer(page, people["chef"], code)
    validate(page, people["region"], code)
    confirm_and_close(page, people["chef"], code)
    count(page, people["dti"])
    frozen_time(DAY + timedelta(days=1))
    receive_one_digest(app, smtp, people["abonne"], code)


def follow(page: Page, personne: Personne) -> None:
    sign_in(page, personne)
    page.goto("/abonnements")
    page.locator('select[name="axe"]').select_option("recruter")
    page.locator('input[name="frequence"][value="quotidien"]').check()
    page.get_by_role("button", name="M’abonner").click()
    expect(page.locator("#mes-abonnements")).to_contain_text("Recruter")
    sign_out(page)


def file_a_fiche(page: Page, chef: Personne) -> str:
    sign_in(page, chef)
    page.goto("/fiches/nouvelle")
    for name, value in {
        "intitule": TITLE,
        "resume": "Quarante jeunes apprennent en produisant.",
        "description": "Une halle rénovée accueille les ateliers.",
        "pilote": "Alès Agglomération",
        "constat": "Les usineurs manquent.",
        "objectifs": "Former quarante jeunes par an.",
    }.items():
        page.locator(f'[name="{name}"]').fill(value)
    page.locator('[name="axe"]').select_option("recruter")
    page.locator('[name="diffusion"]').select_option("publique")
    page.locator('[name="thematiques"][value="competences_formation"]').check()
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    decide(page, "submit")
    expect(page.locator("#fiches-entete")).to_contain_text("Déposée")
    code = page.url.rsplit("/", 1)[1]
    sign_out(page)
    return code


def ask_for_more(page: Page, instructeur: Personne, code: str) -> None:
    sign_in(page, instructeur)
    page.goto("/instruction")
    expect(page.locator("main")).to_contain_text(TITLE)
    page.get_by_role("button", name="Prendre en charge").first.click()
    page.goto(f"/fiches/{code}")
    page.locator("#transition-ask_more summary").first.click()
    page.locator("#champs-cout_total").check()
    page.locator("#ask_more-motif").fill("Chiffrez l’action et dites qui la paie.")
    decide(page, "ask_more")
    expect(page.locator("#fiches-entete")).to_contain_text("À compléter")
    sign_out(page)


def answer(page: Page, chef: Personne, code: str) -> None:
    sign_in(page, chef)
    page.goto(f"/fiches/{code}")
    expect(page.locator("main")).to_contain_text("Chiffrez l’action")
    save(page, "identite", {"transition_ecologique": "non", "transition_justification": "Action de formation."})
    save_rows(page, "acteurs", "partenaires", {"organisation": "UIMM"}, {"maitre_ouvrage": "Syndicat mixte",
              "maitre_ouvrage_siret": f.SIRET})  # fmt: skip
    results = {"resultats_attendus": "Trente embauches", "emplois_a_creer": "3", "emplois_a_maintenir": "0"}
    save(page, "objectifs", results)
    save(page, "calendrier", {"date_debut": "2026-04-01", "date_fin": "2027-04-01"})
    line = {"financeur": "Région", "nature": "subvention", "etat_montant": "accorde", "montant": "300 000"}
    save_rows(page, "moyens", "financements", line, {"cout_total": "1,2 M€"})
    page.locator("#transition-answer summary").first.click()
    decide(page, "answer")
    expect(page.locator("#fiches-entete")).to_contain_text("En instruction")
    sign_out(page)


def save_rows(page: Page, section: str, rows: str, row: dict[str, str], fields: dict[str, str]) -> None:
    page.locator(f"#section-{section}").get_by_role("link", name="Modifier").click()
    form = page.locator(f"#formulaire-{section}")
    form.locator(f'button[name="ajouter"][value="{rows}"]').click()
    for name, value in {**fields, **{f"{rows}-0-{name}": value for name, value in row.items()}}.items():
        control = form.locator(f'[name="{name}"]')
        select = control.evaluate("e => e.tagName") == "SELECT"
        control.select_option(value) if select else control.fill(value)
    form.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(f"#formulaire-{section}")).to_have_count(0)


def validate(page: Page, instructeur: Personne, code: str) -> None:
    sign_in(page, instructeur)
    page.goto(f"/fiches/{code}")
    expect(page.locator("#fiches-reponse")).to_contain_text("Coût total")
    page.locator("#transition-validate summary").last.click()
    decide(page, "validate")
    expect(page.locator("#fiches-entete")).to_contain_text("Validée")
    sign_out(page)


def confirm_and_close(page: Page, chef: Personne, code: str) -> None:
    sign_in(page, chef)
    page.goto(f"/fiches/{code}")
    decide(page, "confirm")
    expect(page.locator("#fiches-entete")).to_contain_text("À jour")
    save(page, "suivi", {"avancement": "terminee"})
    save(page, "cloture", {
        "emplois_crees": "3", "resultat_non_mesure": "La promotion sort en juin.", "ce_qui_a_marche": "Le tutorat.",
        "ce_qui_na_pas_marche": "Les délais.", "a_refaire": "Partir des entreprises.",
    })  # fmt: skip
    page.locator("#transition-close summary").first.click()
    decide(page, "close")
    expect(page.locator("#fiches-entete")).to_contain_text("Clôturée")
    expect(page.locator("#fiches-entete")).to_contain_text("Réalisée")
    sign_out(page)


def count(page: Page, delegation: Personne) -> None:
    sign_in(page, delegation)
    page.goto("/pilotage?etat=cloturee&axe=recruter")
    expect(page.locator("main")).to_contain_text("1")
    page.goto("/fiches?etat=cloturee&axe=recruter")
    expect(page.locator("#fiches-liste")).to_contain_text(TITLE)
    sign_out(page)


def receive_one_digest(app: Flask, smtp: list[Any], abonne: Personne, code: str) -> None:
    for _twice in range(2):
        digests.prepare_due()
        emails.send_pending()
    assert [envelope.rcpt_tos for envelope in smtp] == [[abonne.courriel]]
    letter = message_from_bytes(smtp[0].content, policy=policy.default)
    assert "List-Unsubscribe" in letter
    text = letter.get_body(("plain",)).get_content()
    assert TITLE in text and code in text and "Pourquoi" in text
    assert TITLE in letter.get_body(("html",)).get_content()


def test_a_draft_saves_itself_and_says_so(page: Page, db: Any, people: dict[str, Personne]) -> None:
    fiche = f.FicheFactory(territoire=people["chef"].mandats[0].territoire)
    sign_in(page, people["chef"])
    page.goto(f"/fiches/{fiche.draft_id}/sections/objectifs")
    page.locator("form#formulaire-objectifs").evaluate("form => { form.dataset.fichetrackEvery = '50' }")
    page.locator("#constat").fill("Écrit sans enregistrer")
    expect(page.locator("[data-fichetrack-autosave-status]")).to_contain_text("Enregistré à")
    db.session.rollback()
    assert db.session.get(Fiche, fiche.id).constat == "Écrit sans enregistrer"


def test_the_page_never_slides_so_that_what_is_pressed_is_still_there_when_released(
    page: Page, db: Any, people: dict[str, Personne]
) -> None:
    fiche = f.FicheFactory(territoire=people["chef"].mandats[0].territoire)
    sign_in(page, people["chef"])
    page.goto(f"/fiches/{fiche.draft_id}")
    page.locator("#section-cloture").get_by_role("link", name="Modifier").click()
    expect(page.locator("#section-cloture-titre")).to_be_focused()
    moved = """async () => {
        window.scrollTo(0, 0);
        const before = window.scrollY;
        document.getElementById("a_refaire").focus();
        const atOnce = window.scrollY;
        await new Promise((done) => setTimeout(done, 600));
        return [atOnce > before, window.scrollY - atOnce];
    }"""
    assert page.evaluate(moved) == [True, 0]


def test_what_arrives_does_not_take_the_focus_from_somebody_already_writing(
    page: Page, db: Any, people: dict[str, Personne]
) -> None:
    fiche = f.FicheFactory(territoire=people["chef"].mandats[0].territoire)
    sign_in(page, people["chef"])
    page.goto(f"/fiches/{fiche.draft_id}")
    page.evaluate(
        "addEventListener('htmx:afterSwap', () => setTimeout(() => document.getElementById('constat').focus()))"
    )
    page.evaluate("addEventListener('htmx:afterSettle', () => { document.body.dataset.settled = '1' })")
    page.locator("#section-objectifs").get_by_role("link", name="Modifier").click()
    expect(page.locator("body[data-settled]")).to_be_attached()
    expect(page.locator("#constat")).to_be_focused()
