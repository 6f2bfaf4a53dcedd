"""From the page of a place to those it lies in and those it holds."""

from __future__ import annotations

from typing import Any

import pytest

from fichetrack.extensions import db
from fichetrack.models import Region
from fichetrack.queries.around import list_around
from fichetrack.queries.places import get_place
from tests.small_gard import settle


@pytest.fixture
def country(db: Any) -> None:
    settle()


def around(code: str) -> dict[str, list[str]]:
    place = get_place(code)
    assert place is not None
    return {one.label: [address for address, _nom in one.places] for one in list_around(place)}


def test_one_goes_up_from_a_commune_to_france(country: None) -> None:
    assert around("com-30007") == {
        "Pays": ["france"],
        "Région": ["reg-76"],
        "Département": ["dep-30"],
        "Intercommunalité": ["epci-200066918"],
        "Territoires d’industrie": ["ti-ales"],
    }


def test_a_commune_of_paris_goes_to_both_its_intercommunalites(country: None) -> None:
    assert around("com-93066")["Intercommunalité"] == ["epci-200054781", "epci-200057867"]


def test_one_goes_down_from_france_to_communes(country: None) -> None:
    assert around("france") == {"Régions": ["reg-11", "reg-76"]}  # Île-de-France, Occitanie
    assert around("reg-76")["Départements"] == ["dep-30", "dep-48"]
    assert around("dep-30")["Territoires d’industrie"] == ["ti-ales"]
    assert around("epci-200066918")["Communes"] == ["com-30007", "com-30010", "com-30132"]


def test_france_goes_down_to_regions_and_not_to_islands_no_dataset_describes(country: None) -> None:
    db.session.add(Region(code="989", nom="Île de Clipperton"))
    db.session.commit()
    assert around("france")["Régions"] == ["reg-11", "reg-76"]
