"""The canary: fiches with an odd word in each field, and everybody who may not read them. Their words never appear.

Every page, search, filter, export, count and e-mail is rendered for each of them; the addresses come from the URL map, so that
a new route is tried too.
"""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from fichetrack import clock, permissions
from fichetrack.models import Comment, Event, Fiche, FicheReader
from fichetrack.queries import fiches as queries
from fichetrack.queries import figures
from fichetrack.services import digests, emails
from fichetrack.vocabulary import Action, Source
from tests import factories as f
from tests.browser import Browser

WORDS = {"amont": "Zygomorphe", "nominative": "Xylophage", "reseau": "Wolframite", "brouillon": "Kinkajou"}
OPEN = ("/fiches?vue=tableau", "/fiches?territoire=ti-ales", "/pilotage?territoire=ti-ales",
        "/comparer?t=ti-ales&t=ti-lacq")  # fmt: skip
SEARCHES = tuple(f"{path}?q={word}" for word in WORDS.values() for path in ("/fiches", "/fiches/export.csv"))


@pytest.fixture
def world(db: Any) -> dict[str, Any]:
    """One territoire, one hidden fiche of each closed class, a public one, and everybody around them."""
    region, other = f.RegionFactory(), f.RegionFactory()
    territoire = f.TerritoireFactory(slug="ales", nom="Bassin d’Alès", region_instructrice=region, associees=[other])
    elsewhere = f.TerritoireFactory(slug="lacq", nom="Lacq")
    author = f.chef(territoire)
    traits: dict[str, Any] = {
        "amont": {"amont": True},
        "nominative": {"nominative": True, "validee": True},
        "reseau": {"reseau": True, "validee": True},
        "brouillon": {},
    }
    hidden = {
        name: f.FicheFactory(
            territoire=territoire, created_by=author, all_fields=True, word=WORDS[name], intitule=WORDS[name], **trait
        )
        for name, trait in traits.items()
    }
    f.FicheFactory(territoire=territoire, validee=True, intitule="Une fiche publique")
    for name, fiche in hidden.items():
        _fill(db, fiche, author, WORDS[name])
    people = {
        "visiteur": None,
        "compte": f.PersonneFactory(),
        "chef ailleurs": f.chef(elsewhere),
        "contributeur": f.contributeur(territoire),
        "region": f.instructeur(region),
        "region associee": f.instructeur(other),
        "region ailleurs": f.instructeur(elsewhere.region_instructrice),
        "operateur": f.operateur(),
        "etat": f.etat(f.DepartementFactory(region=region)),
        "dti": f.dti(),
        "animateur": f.animateur(),
        "admin": f.admin(),
    }
    return {"hidden": hidden, "people": people, "territoire": territoire}


def _fill(db: Any, fiche: Fiche, author: Any, word: str) -> None:
    """The word in the discussion and in the journal too."""
    db.session.add(Comment(fiche_id=fiche.id, author_id=author.id, at=clock.now(), body=f"{word} commentaire"))
    for kind in (Action.SUBMIT, Action.ASK_MORE, "edit"):
        changes = [["constat", f"{word} avant", f"{word} après"]]
        event = Event(fiche_id=fiche.id, actor_id=author.id, kind=str(kind), at=clock.now(), source=Source.PAGE.value,
                      motif=f"{word} motif", changes=changes)  # fmt: skip
        db.session.add(event)
    db.session.commit()


def sees(person: Any, fiche: Fiche) -> bool:
    return permissions.can(person, Action.READ, fiche)


WHO = ("visiteur", "compte", "chef ailleurs", "contributeur", "region", "region associee", "region ailleurs",
       "operateur", "etat", "dti", "animateur", "admin")  # fmt: skip


@pytest.mark.parametrize("who", WHO)
def test_the_words_appear_nowhere_for_who_may_not_read(
    app: Flask, world: dict[str, Any], login_as: Any, who: str
) -> None:
    person = world["people"][who]
    secrets = _secrets(world, person)
    browser = login_as(person) if person else Browser(app.test_client())
    leaks = {path: word for path in _every_address(app, world) for word in secrets if word in _text_of(browser, path)}
    assert secrets and leaks == {}


def _secrets(world: dict[str, Any], person: Any) -> list[str]:
    """The words of the fiches this person may not read; an amont is always among them."""
    return [WORDS[name] for name, fiche in world["hidden"].items() if not sees(person, fiche)]


def _every_address(app: Flask, world: dict[str, Any]) -> list[str]:
    """All GET routes, their parameters replaced by those of the hidden fiches and of what surrounds them."""
    paths = [*OPEN, *SEARCHES]
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or set()) or rule.endpoint == "static":
            continue
        for fiche in [*world["hidden"].values(), None]:
            values = {
                "code": fiche.address if fiche else "ti-ales",
                "section": "objectifs",
                "token": "x",
                "act": "transitions",
                "panneau": "specificite",
                "kind": "json",
            }
            values |= dict.fromkeys(rule.arguments - set(values), 1)
            built = rule.build({name: values[name] for name in rule.arguments})
            if built:
                paths.append(built[1])
    return list(dict.fromkeys(paths))


def _text_of(browser: Browser, path: str) -> str:
    """What is told about the address, opened workbooks included; the address itself, echoed, does not count."""
    response = browser.client.get(path, follow_redirects=True)
    assert response.status_code < 500, path
    if response.data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(response.data)) as book:
            return " ".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    text = response.get_data(as_text=True)
    for word in WORDS.values():
        text = text.replace(f'value="{word}"', "").replace(f"« {word} »", "").replace(f"q={word}", "")
    return text


@pytest.mark.parametrize("who", WHO)
def test_every_count_is_of_what_its_reader_may_list(db: Any, world: dict[str, Any], who: str) -> None:
    person = world["people"][who]
    listed = [fiche for fiche in db.session.query(Fiche) if sees(person, fiche)]
    page = queries.list_fiches(person, {})
    pilotage = figures.get_pilotage(person, {})
    assert page.count == pilotage.total == sum(queries.count_by_territoire(person).values()) == len(listed)
    for rollup in pilotage.rollups:
        for row in rollup.rows:
            assert row.value == queries.list_fiches(person, row.filters).count, (rollup.name, row.code)
    assert page.hidden is None  # fewer than five: telling would point at them


@pytest.mark.parametrize("who", [who for who in WHO if who != "visiteur"])
def test_a_digest_never_holds_the_word(
    app: Flask, db: Any, world: dict[str, Any], smtp: list[Any], frozen_time: Any, who: str
) -> None:
    person = world["people"][who]
    secrets = _secrets(world, person)
    f.SubscriptionFactory(personne=person, filters={"territoire": ["ti-ales"]})
    for name, fiche in world["hidden"].items():
        f.EventFactory(fiche=fiche, kind=Action.VALIDATE.value, etat_after=fiche.etat, motif=WORDS[name])
    frozen_time(clock.now() + timedelta(days=1))
    digests.prepare_due()
    emails.send_pending()
    letters = [envelope.content.decode("utf-8", "replace") for envelope in smtp]
    assert not [word for word in secrets if any(word in letter for letter in letters)]


def test_naming_a_reader_opens_a_nominative_fiche_to_them_alone(db: Any, world: dict[str, Any]) -> None:
    fiche, named, other = world["hidden"]["nominative"], world["people"]["compte"], world["people"]["etat"]
    assert not sees(named, fiche)
    db.session.add(FicheReader(fiche_id=fiche.id, personne_id=named.id))
    db.session.commit()
    assert sees(named, fiche) and not sees(other, fiche)
