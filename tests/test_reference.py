"""The packages of reference geography, read: what they hold, and what is said when they are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from fichetrack.errors import ImportRefused, Refusal
from fichetrack.geography import reference
from fichetrack.geography.contours import read_contours
from fichetrack.geography.members import Directory, Status
from tests.small_country import small_country


@pytest.fixture(scope="module")
def official() -> reference.Reference:
    return reference.read_reference()


@pytest.fixture(scope="module")
def directory(official: reference.Reference) -> Directory:
    return Directory(official)


def test_the_package_holds_the_official_code_of_2026(official: reference.Reference) -> None:
    assert official.cog_year == 2026
    assert len(official.communes) == 34_969
    assert sum(row["kind"] == "EPT" for row in official.epcis) == 11
    assert {row["code"] for row in official.communes} >= {"01001", "2A004", "97411"}


def test_names_are_typographic(official: reference.Reference) -> None:
    assert not any("'" in row["nom"] for row in (*official.regions, *official.epcis, *official.communes))


def test_each_code_once_and_old_codes_lead_to_current_ones(official: reference.Reference) -> None:
    codes = {row["code"] for row in official.communes}
    assert len(codes) == len(official.communes)
    assert set(official.successors.values()) <= codes
    assert not set(official.successors) & codes


def test_contours_are_those_of_the_official_communes(official: reference.Reference) -> None:
    contours = read_contours()
    assert set(contours) <= {row["code"] for row in official.communes}
    assert len(contours) == 34_867
    assert contours["30007"].bounds == pytest.approx((4.0, 44.1, 4.2, 44.2), abs=0.1)


def test_a_missing_package_is_said_in_french(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="n’est pas installé"):
        reference.read_reference(tmp_path)


def test_an_unknown_edition_is_refused(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"version": "99.0.0"}', encoding="utf-8")
    with pytest.raises(Refusal, match="millésime inconnu"):
        reference.read_reference(tmp_path)


@pytest.mark.parametrize(
    ("code", "kind", "found"),
    [
        ("200066918", "epci", "200066918"),
        ("200058790", "ept", "200058790"),  # Grand-Orly Seine Bièvre
        ("211300017", "commune", "13001"),
        ("212000046", "commune", "2A004"),
        ("30007", "commune", "30007"),
    ],
)
def test_a_member_is_found_by_its_code(directory: Directory, code: str, kind: str, found: str) -> None:
    member = directory.find(code, "")
    assert (member.status, member.kind, member.code) == (Status.RESOLVED, kind, found)


@pytest.mark.parametrize(
    ("old", "today"),
    [("01126", "01033"), ("75101", "75056"), ("210101267", "01033")],  # Châtillon-en-Michaille, by its SIREN too
)
def test_a_commune_merged_since_is_followed_and_said(directory: Directory, old: str, today: str) -> None:
    member = directory.find(old, "Ancienne commune")
    assert (member.status, member.code) == (Status.FOLLOWED, today)
    assert "aujourd’hui" in member.sentence


def test_an_unknown_member_is_reported_by_name(directory: Directory) -> None:
    member = directory.find("299999999", "CC de Nulle Part")
    assert member.status is Status.UNRESOLVED
    assert "CC de Nulle Part (299999999)" in member.sentence


def test_a_name_that_does_not_resolve_fails_with_the_close_ones(directory: Directory) -> None:
    with pytest.raises(ImportRefused, match="CA Alès Agglomération"):
        directory.find_named("CA Alés Aglomération")


def test_namesakes_are_told_apart_by_their_departement(directory: Directory) -> None:
    with pytest.raises(ImportRefused, match="plusieurs"):
        directory.find_named("Vitrolles")
    assert directory.find_named("Vitrolles (13)").code == "13117"


def test_communes_all_listed_are_their_epci_again() -> None:
    directory = Directory(small_country())
    listed = [directory.find(code, "") for code in ("99001", "99009", "99003")]
    assert {member.key for member in directory.roll_up(listed)} == {("epci", "200000018"), ("commune", "99003")}


def test_slugs_are_plain() -> None:
    assert reference.slugify("Vallée de l’Huisne – Cœur") == "vallee-de-l-huisne-coeur"
