"""Territoires written: reference geography, the demonstration, and the published lists in each of their layouts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from fichetrack.config import ROOT
from fichetrack.errors import ImportRefused
from fichetrack.geography.plan import Outcome, Report
from fichetrack.models import Commune, GeographyRelease, Perimetre, Region, Territoire
from fichetrack.models.territoire import PerimetreCommune
from fichetrack.services import territoires
from tests.small_country import small_contours, small_country

EXAMPLES = ROOT / "imports" / "territoires"
REAL = ROOT.parent / "shared" / "data" / "territoires-industrie"
PHASE_1, PHASE_2 = date(2018, 11, 22), date(2023, 1, 1)

SMALL: dict[str, Any] = {"reference": small_country(), "contours": small_contours, "progress": lambda words: None}


@pytest.fixture
def country(db: Any) -> None:
    territoires.load_reference(**SMALL)


def check(name: str, phase: str = "1", day: date = PHASE_1) -> Report:
    return territoires.check_import(EXAMPLES / name, phase, day, reference=SMALL["reference"])


def apply(name: str, phase: str = "1", day: date = PHASE_1) -> Report:
    return territoires.apply_import(EXAMPLES / name, phase, day, **SMALL)


def get(db: Any, slug: str) -> Territoire:
    return db.session.scalars(select(Territoire).where(Territoire.slug == slug)).one()


def refusal(path: Path) -> str:
    with pytest.raises(ImportRefused) as refused:
        territoires.check_import(path, "1", PHASE_1, reference=SMALL["reference"])
    return str(refused.value)


def test_reference_loads_once_and_says_its_year(db: Any, country: None) -> None:
    said: list[str] = []
    territoires.load_reference(**{**SMALL, "progress": said.append})
    assert "6 communes : 0 ajoutés, 0 modifiés" in said
    assert db.session.scalar(select(func.count()).select_from(Commune)) == 6
    assert [release.cog_year for release in db.session.scalars(select(GeographyRelease))] == [2026]
    assert json.loads(db.session.get(Region, "76").contour)["type"] == "MultiPolygon"


def test_the_edition_already_there_is_not_read_again(db: Any, country: None, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(territoires, "installed_package", lambda: SMALL["reference"].package)
    monkeypatch.setattr(territoires, "read_reference", lambda: pytest.fail("read again"))
    territoires.load_reference(progress=said.append)
    assert said == [f"Géographie de référence déjà chargée ({SMALL['reference'].package})."]


def test_another_edition_is_read(db: Any, country: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(territoires, "installed_package", lambda: "une autre édition")
    monkeypatch.setattr(territoires, "read_reference", lambda: replace(small_country(), package="une autre édition"))
    territoires.load_reference(contours=small_contours, progress=lambda words: None)
    assert db.session.scalars(select(GeographyRelease.package)).all()[-1] == "une autre édition"


def test_a_changed_commune_is_updated(db: Any, country: None) -> None:
    changed = small_country()
    changed.communes[0]["population"] = 12
    territoires.load_reference(**{**SMALL, "reference": changed})
    assert db.session.get(Commune, "99001").population == 12


def test_checking_a_list_writes_nothing(db: Any, country: None) -> None:
    report = check("exemple_phase-1.geojson")
    assert (len(report.lines), report.count(Outcome.ADDED), report.unresolved) == (2, 2, [])
    assert db.session.scalar(select(func.count()).select_from(Territoire)) == 0


def test_applying_twice_changes_nothing(db: Any, country: None) -> None:
    apply("exemple_phase-1.geojson")
    drawn = db.session.scalars(select(Perimetre.contour).order_by(Perimetre.id)).all()
    again = apply("exemple_phase-1.geojson")
    assert again.changes == []
    assert db.session.scalars(select(Perimetre.contour).order_by(Perimetre.id)).all() == drawn
    assert all(drawn)


def test_a_perimeter_brings_its_regions_departements_and_communes(db: Any, country: None) -> None:
    apply("exemple_phase-1.geojson")
    plaine = get(db, "plaine-collines")
    assert [region.code for region in plaine.regions_in_order] == ["76", "84"]
    assert [departement.code for departement in plaine.departements] == ["98", "99"]
    assert plaine.region_instructrice_code == "76"
    communes = select(PerimetreCommune.commune_code).where(PerimetreCommune.perimetre_id == plaine.perimetres[0].id)
    assert set(db.session.scalars(communes)) == {"98001", "99003", "99004"}


def test_phase_2_is_a_new_version_of_the_same_territoire_whatever_its_id_ti(db: Any, country: None) -> None:
    apply("exemple_phase-1.geojson")
    report = apply("exemple_phase-2.geojson", "2", PHASE_2)
    town = get(db, "bassin-d-exempleville")
    assert report.count(Outcome.ADDED) == 0
    assert [(one.phase, one.id_ti, one.valid_to) for one in town.perimetres] == [
        ("1", "ti-7602", date(2022, 12, 31)),
        ("2", "ti-7601", None),
    ]
    assert town.nom == "Exempleville"
    assert len(get(db, "plaine-collines").perimetres) == 2


def test_the_past_may_be_brought_in_after_the_present(db: Any, country: None) -> None:
    apply("exemple_phase-2.geojson", "2", PHASE_2)
    apply("exemple_phase-1.geojson")
    town = get(db, "exempleville")
    assert [(one.phase, one.valid_to) for one in town.perimetres] == [("1", date(2022, 12, 31)), ("2", None)]
    assert town.nom == "Exempleville"


@pytest.mark.parametrize("other", ["exemple_communes.csv", "exemple_groupements.csv"])
def test_tables_say_the_same_as_the_geojson(db: Any, country: None, other: str) -> None:
    apply("exemple_phase-2.geojson", "2", PHASE_2)
    assert apply(other, "2", PHASE_2).changes == []


def test_a_commune_merged_since_is_followed_and_said(db: Any, country: None) -> None:
    sentences = check("exemple_communes.csv", "2", PHASE_2).sentences()
    assert "Suivi, Exempleville : Ancienbourg (99009) : aujourd’hui Bourg-l’Exemple (99002)." in sentences


def test_an_unknown_member_is_named_and_nothing_is_written(db: Any, country: None, tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_text(
        "id_ti,lib_ti,siren_groupement,lib_groupement\nti-7605,Ailleurs,299999999,CC de Nulle Part\n", "utf-8"
    )
    report = territoires.check_import(path, "1", PHASE_1, reference=SMALL["reference"])
    assert any("INTROUVABLE, Ailleurs : CC de Nulle Part (299999999)" in sentence for sentence in report.sentences())
    with pytest.raises(ImportRefused, match=r"(?s)rien n’a été écrit.*CC de Nulle Part"):
        territoires.apply_import(path, "1", PHASE_1, **SMALL)
    assert db.session.scalar(select(func.count()).select_from(Territoire)) == 0


def test_a_wrong_file_is_refused_naming_what_was_expected_and_found(db: Any, country: None, tmp_path: Path) -> None:
    table, broken, other = tmp_path / "a.csv", tmp_path / "b.geojson", tmp_path / "c.geojson"
    table.write_text("nom;prenom\nDurand;Anne\n", "utf-8")
    broken.write_text('{"type": "FeatureColl', "utf-8")
    other.write_text('{"features": [{"properties": {"insee": "1"}}]}', "utf-8")
    assert "nom, prenom" in refusal(table)
    assert "insee_com" in refusal(table)
    assert "mal formé" in refusal(broken)
    assert "insee" in refusal(other)
    assert "n’existe pas" in refusal(tmp_path / "absent.csv")


def test_an_identifier_given_twice_is_refused(db: Any, country: None, tmp_path: Path) -> None:
    path = tmp_path / "double.csv"
    path.write_text("id_ti,lib_ti,siren_groupement\nti-7601,Ici,200000018\nti-7601,Là,200000034\n", "utf-8")
    assert "désigne deux fois" in refusal(path)


def test_an_unknown_phase_is_refused(db: Any, country: None) -> None:
    with pytest.raises(ImportRefused, match="Phase inconnue"):
        check("exemple_phase-1.geojson", "9")


def test_the_demonstration_holds_its_25_real_territoires(db: Any) -> None:
    silent: dict[str, Any] = {"progress": lambda words: None, "contours": dict}
    territoires.load_reference(**silent)
    for _time in range(2):
        territoires.load_demonstration(**silent)
    assert db.session.scalar(select(func.count()).select_from(Territoire)) == 25
    assert [region.code for region in get(db, "lacq-pau-tarbes").regions_in_order] == ["75", "76"]
    assert len(get(db, "vallee-de-l-huisne").regions) == 3
    assert get(db, "ales").perimetres[0].id_ti == "ti-7602"
    assert {member.kind for member in get(db, "aix-marseille-provence").perimetres[0].members} == {"commune"}


@pytest.mark.skipif(not REAL.is_dir(), reason="the published lists (../shared/data) are not here")
def test_the_real_lists_resolve_whole_and_match_across_phases(db: Any) -> None:
    silent: dict[str, Any] = {"progress": lambda words: None, "contours": dict}
    territoires.load_reference(**silent)
    territoires.load_demonstration(**silent)
    first = territoires.apply_import(next(REAL.glob("ti-149_*")), "1", PHASE_1, **silent)
    second = territoires.apply_import(next(REAL.glob("ti-183_*")), "2", PHASE_2, **silent)
    assert (len(first.lines), dict(first.member_kinds)) == (149, {"epci": 547, "commune": 38, "ept": 3})
    assert (len(second.lines), second.member_kinds.total(), second.unresolved) == (183, 641, [])
    assert [(one.phase, one.id_ti) for one in get(db, "ales").perimetres] == [("1", "ti-7602"), ("2", "ti-7601")]
    assert get(db, "aurillac-figeac-rodez").perimetres[-1].id_ti == "ti-7603"
    assert territoires.check_import(next(REAL.glob("ti-183_*")), "2", PHASE_2).changes == []
