"""« Contexte du territoire »: frozen when a fiche is first filed, beside today's; filing never waits for figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fichetrack import store
from fichetrack.indicators.quantities import Quantity
from fichetrack.models import FicheContext
from fichetrack.queries import context, panels
from fichetrack.queries.releases import list_known_tables
from fichetrack.vocabulary import Action, Etat
from tests.factories import FicheFactory, chef
from tests.small_gard import JOBS, load, load_jobs, settle, write_jobs


@pytest.fixture
def ales(db: Any, tmp_path: Path) -> Any:
    found = settle()
    load_jobs(tmp_path)
    context._kept.clear()
    return found


def file_it(fiche: Any, login_as: Any) -> Any:
    """Through the page, as its chef de projet."""
    browser = login_as(chef(fiche.territoire))
    page = browser.get(f"/fiches/{fiche.draft_id}")
    return browser.post(f"/fiches/{fiche.draft_id}/transitions", {"action": str(Action.SUBMIT), **_hidden(page)})


def _hidden(page: Any) -> dict[str, str]:
    form = page.html.select_one(f'form:has([name="action"][value="{Action.SUBMIT}"])')
    assert form is not None, "no form to file it"
    return {str(one["name"]): str(one.get("value", "")) for one in form.select("input[type=hidden]")}


def values(fiche: Any) -> dict[str, tuple[Any, Any]]:
    lines = context.get_context(fiche).lines
    return {
        line.shown.indicator: tuple(one.quantity.value if one else None for one in (line.filed, line.now))
        for line in lines
    }


def rate(label: str, value: float | None) -> context.Held:
    return context.Held("taux_chomage", label, Quantity(value), "%", 1, "2026-T1", "emploi")


def test_of_several_rates_the_first_known_is_that_of_the_place_not_of_france() -> None:
    figures = [rate("zone A", None), rate("zone B", 9.8), rate("France", 7.3)]
    assert [one.label for one in context.choose(["mobilite", "logement_accueil"], figures)] == ["zone B"]


def test_a_draft_has_todays_figures_only(ales: Any) -> None:
    fiche = FicheFactory(territoire=ales, complete_to_file=True)
    shown = context.get_context(fiche)
    assert shown.filed_at is None
    assert values(fiche)["effectifs"] == (None, 60.0)
    assert 1 <= len(shown.lines) <= context.MOST


def test_the_figures_of_the_first_filing_stay_beside_those_of_today(
    ales: Any, db: Any, login_as: Any, tmp_path: Path
) -> None:
    fiche = FicheFactory(territoire=ales, complete_to_file=True)
    file_it(fiche, login_as)
    db.session.refresh(fiche)
    assert fiche.etat == Etat.DEPOSEE
    assert values(fiche)["effectifs"] == (60.0, 60.0)
    assert "Inchangé depuis le dépôt" in login_as(chef(ales)).get(f"/fiches/{fiche.code}")
    load("urssaf", write_jobs(tmp_path, [(*row[:5], row[5] + 10) for row in JOBS], (2020, 2025)))
    assert values(fiche)["effectifs"] == (60.0, 90.0)
    frozen = db.session.get(FicheContext, fiche.id)
    held = next(one for one in frozen.figures if one["indicator"] == "effectifs")
    assert (held["value"], held["millesime"]) == (60.0, "2024")
    page = login_as(chef(ales)).get(f"/fiches/{fiche.code}")
    assert "Contexte du territoire" in page and "60" in page and "90" in page


def test_each_line_opens_its_bulle_and_names_its_source_and_millesime(ales: Any, login_as: Any) -> None:
    fiche = FicheFactory(territoire=ales, complete_to_file=True)
    page = login_as(chef(ales)).get(f"/fiches/{fiche.draft_id}")
    lines = page.html.select(".ft-context > div")
    for line in lines:
        bulle = page.find("#" + str(line.select_one("dt button[popovertarget]")["popovertarget"]))
        assert "Producteur" in bulle.get_text() and "millésime 2024" in " ".join(bulle.get_text().split())
        assert "2024, Urssaf" in " ".join(line.get_text().split())
        assert "territoire=ti-ales" in str(bulle.select_one("a")["href"])
    assert lines and "Chiffres que tout le monde peut lire" in page


def test_a_figure_of_the_filing_says_what_it_spoke_of_when_todays_speaks_of_something_else() -> None:
    line = context.Line(rate("France", 7.3), rate("zone B", 7.3))
    assert line.filed_label == "France" and not line.is_unchanged
    assert context.Line(rate("zone B", 7.3), rate("zone B", 7.3)).is_unchanged


@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_filing_never_fails_for_want_of_a_table(ales: Any, db: Any, login_as: Any, damage: str) -> None:
    panels._kept.clear()
    kept = {store.path_of(sha256): store.path_of(sha256).read_bytes() for sha256 in list_known_tables()}
    for path in kept:
        path.write_bytes(b"PAR1")
        if damage == "missing":
            path.unlink()
    fiche = FicheFactory(territoire=ales, complete_to_file=True)
    file_it(fiche, login_as)
    db.session.refresh(fiche)
    assert fiche.etat == Etat.DEPOSEE
    for path, content in kept.items():
        path.write_bytes(content)
    assert context.list_figures(fiche)  # what could not be read is not kept as an absence


def test_without_any_dataset_a_fiche_is_filed_and_shown(db: Any, login_as: Any) -> None:
    fiche = FicheFactory(territoire=settle(), complete_to_file=True)
    file_it(fiche, login_as)
    db.session.refresh(fiche)
    assert fiche.etat == Etat.DEPOSEE
    login_as(chef(fiche.territoire)).get(f"/fiches/{fiche.code}")


def test_figures_are_those_a_visitor_reads_whoever_files(ales: Any) -> None:
    fiche = FicheFactory(territoire=ales, complete_to_file=True, thematiques=["filieres_reseaux"])
    assert all("2711Z" not in one.label for one in context.list_figures(fiche))


def test_a_figure_is_kept_and_read_back_whole(ales: Any) -> None:
    for one in context.list_figures(FicheFactory(territoire=ales, complete_to_file=True)):
        assert context.Held.from_dict(one.as_dict()) == one
