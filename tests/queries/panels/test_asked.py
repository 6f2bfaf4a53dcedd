"""Settings that an address asks and does not get: each panel says so above its figures, in French."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fichetrack.queries import panels
from tests.factories import PersonneFactory
from tests.queries.panels import scene
from tests.small_gard import load_jobs, load_survey, settle

ODD = [
    ("specificite", {"annee": "1999"}, "année « 1999 » (2024 à la place)"),
    ("specificite", {"niveau": "a99"}, "niveau « a99 »"),
    ("specificite", {"reference": "xxx"}, "référence « xxx »"),
    ("specificite", {"seuil": "200000"}, "emplois au moins « 200000 » (100000 à la place)"),
    ("metiers", {"bassins": "tous"}, "bassins d’emploi « tous »"),
    ("metiers", {"millesime_bmo": "1999"}, "enquête « 1999 »"),
    ("foncier", {"surface_min": "abc"}, "un terrain d’au moins (ha) « abc »"),
    ("foncier", {"surface_min": "-3"}, "un terrain d’au moins (ha) « -3 »"),
    ("mobilite", {"flux_min": "5"}, "flux d’au moins « 5 » (50 à la place)"),
    ("zonages", {"programme": "xxx"}, "zones à lister « xxx »"),
    ("financements", {"annee_min": "12", "repartition": "x"}, "répartition par « x », de l’année « 12 »"),
]


@pytest.fixture
def country(db: Any, tmp_path: Path) -> None:
    settle()
    load_jobs(tmp_path)
    load_survey()
    scene.load("friches", "exemple.csv")
    scene.load("mobilite", "exemple_FD_MOBPRO_2022.csv")
    scene.load("zonages", "exemple_qpv_2024.json")
    scene.load("financements", "exemple_2026-06.csv")


def first(panneau: str, user: Any = None, **args: str) -> str:
    return "".join(scene.panel_of(panneau, "dep-30", user, **args).warnings[:1]).replace("\u00a0", " ")


def test_a_setting_that_is_not_understood_is_said_in_one_sentence(country: Any) -> None:
    for panneau, args, words in ODD:
        told = first(panneau, **args)
        assert told.startswith("Réglage") and words in told, (panneau, args, told)


def test_a_visitor_is_told_what_takes_an_account_and_a_member_gets_it(country: Any) -> None:
    assert first("specificite", niveau="a88") == "Niveau « 88 secteurs » : avec un compte seulement."
    assert "88 secteurs" not in first("specificite", PersonneFactory(), niveau="a88")


def test_a_setting_that_is_followed_is_not_spoken_of(country: Any) -> None:
    followed = {"annee": "2024", "seuil": "07", "surface_min": "2,50", "type": "friche d’équipement", "flux_min": "200"}
    for panneau in panels.BY_CODE:
        assert "Réglage" not in first(panneau, **followed), panneau
