"""The demonstration's files: same seed same bytes, read by the very importers of the published ones, plainly invented."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from fichetrack.config import ROOT
from fichetrack.demo import published
from fichetrack.demo.published import land
from fichetrack.demo.published.activities import a38_of, specialities
from fichetrack.demo.published.editions import EXPECTED_LATE, editions_on
from fichetrack.demo.published.ground import prepare
from fichetrack.errors import Refusal
from fichetrack.geography.members import Directory
from fichetrack.geography.reference import Reference, read_reference
from fichetrack.sources.layouts import get_source
from fichetrack.sources.reading import Ground, Reading
from fichetrack.sources.registry import SOURCES, get_reader
from fichetrack.tables import normalise_heading

SEED = 2026
DAY = date(2026, 11, 22)
DIRTY = {"friches": land.PLANTED}  # rows planted so that the report has something to say


@pytest.fixture(scope="module")
def official() -> Reference:
    return read_reference()


@pytest.fixture(scope="module")
def territoire_of(official: Reference) -> dict[str, str]:
    directory = Directory(official)
    listed = tomllib.loads((ROOT / "imports" / "territoires" / "demonstration.toml").read_text("utf-8"))["territoire"]
    return {
        code: one["slug"]
        for one in listed
        for code in directory.expand([directory.find_named(member) for member in one["membres"]])
    }


@pytest.fixture(scope="module")
def communes(territoire_of: dict[str, str]) -> pd.DataFrame:
    return published.read_communes(territoire_of)


@pytest.fixture(scope="module")
def files(communes: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    return published.generate(communes, tmp_path_factory.mktemp("published"), SEED, DAY)


@pytest.fixture(scope="module")
def ground(official: Reference, communes: pd.DataFrame) -> Ground:
    held = communes.astype({"epci": "object"}).assign(ept=None)
    return Ground(communes=held, successors=official.successors, cog_year=official.cog_year)


@pytest.fixture(scope="module")
def jobs(files: dict[str, list[Path]], territoire_of: dict[str, str]) -> pd.DataFrame:
    """Plain pandas, so that the reader under test proves nothing about itself."""
    rows = pd.read_csv(files["urssaf"][0], sep=";", dtype="str", encoding="utf-8-sig")
    rows["jobs"] = pd.to_numeric(rows["Effectifs salariés 2025"])
    rows["a38"] = rows["Secteur NA38"].str[:2]
    rows["territoire"] = rows["Code commune"].map(territoire_of)
    return rows


def test_the_same_seed_gives_the_same_bytes_in_any_order_of_communes(
    communes: pd.DataFrame, files: dict[str, list[Path]], tmp_path: Path
) -> None:
    again = published.generate(communes.sample(frac=1, random_state=1), tmp_path, SEED, DAY)
    first, second = (
        {path.name: path.read_bytes() for paths in one.values() for path in paths} for one in (files, again)
    )
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


@pytest.mark.parametrize("day", [date(2026 + month // 12, month % 12 + 1, 1 + 13 * month % 28) for month in range(30)])
def test_on_any_day_every_source_is_up_to_date_save_the_one_that_shows_a_late_one(day: date) -> None:
    out = editions_on(day)
    quarter_end = date(out.quarter[0], 3 * out.quarter[1], 1)
    ends = {
        "urssaf": date(out.urssaf, 12, 1), "bmo": date(out.bmo, 12, 1), "mobilite": date(out.flows, 12, 1),
        "communes-passage": date(out.passage, 12, 1), "chomage": quarter_end, "friches": out.friches, "zae": out.zae,
        "sites": out.sites, "evenements-emploi": out.events, "zonages": out.zonages, "financements": out.funding,
    }  # fmt: skip
    months = day.year * 12 + day.month
    late = {one for one, end in ends.items() if end.year * 12 + end.month + get_source(one).next_months < months}
    assert late == EXPECTED_LATE
    yearly = {"bmo", "communes-passage"}  # named after the year in which they come out
    assert all(end < day for one, end in ends.items() if one not in yearly)


def test_another_seed_gives_other_values(communes: pd.DataFrame, tmp_path: Path, territoire_of: dict[str, str]) -> None:
    few = communes.loc[[code for code, slug in territoire_of.items() if slug == "ales"]]
    one, two = (published.generate(few, tmp_path / str(seed), seed, DAY) for seed in (SEED, SEED + 1))
    unchanged = {
        name for name in one if all(a.read_bytes() == b.read_bytes() for a, b in zip(one[name], two[name], strict=True))
    }
    assert unchanged == {"communes-passage", "fap"}  # neither holds a value


def test_the_files_are_small_and_listed_in_the_order_to_import(files: dict[str, list[Path]]) -> None:
    assert list(files) == [source for source in SOURCES if source in files]
    assert set(SOURCES) - set(files) == {"naf"}  # read from its package
    assert sum(path.stat().st_size for paths in files.values() for path in paths) < 23_000_000


@pytest.mark.parametrize("source", [source for source in SOURCES if source != "naf"])
def test_every_file_is_read_whole_by_the_importer_of_the_published_one(
    source: str, files: dict[str, list[Path]], ground: Ground, tmp_path: Path
) -> None:
    reports = [reading.report for reading in read_all(source, files, ground, tmp_path)]
    if source == "zonages":  # an unsigned convention is set aside by its nature
        assert {reason for one in reports for reason in one.reasons} == {"convention ORT non signée"}
    else:
        assert sum(one.aside for one in reports) == DIRTY.get(source, 0)
    assert all(one.kept for one in reports)


@pytest.mark.parametrize("source", ["evenements-emploi", "sites", "financements"])
def test_declared_columns_are_those_of_our_models(source: str, files: dict[str, list[Path]]) -> None:
    [columns] = get_source(source).layouts.values()
    known = {normalise_heading(column.label) for column in columns}
    headings = pd.read_csv(files[source][0], sep=";", nrows=0, encoding="utf-8-sig").columns
    assert [heading for heading in headings if normalise_heading(heading) not in known] == []


def test_what_a_territoire_is_known_for_comes_out_of_the_file(jobs: pd.DataFrame) -> None:
    france = jobs.groupby("a38")["jobs"].sum() / jobs["jobs"].sum()
    weak = {}
    for territoire, rows in jobs.groupby("territoire"):
        index = rows.groupby("a38")["jobs"].sum() / rows["jobs"].sum() / france
        known = {a38_of(ape) for ape in specialities(territoire)}
        if sum(index.get(sector, 0) > 2 for sector in known) < 1 or index[sorted(known)].max() < 2:
            weak[territoire] = index[sorted(known)].round(2).to_dict()
    assert weak == {}
    assert jobs["territoire"].nunique() == 25


def test_industry_comes_first_in_every_territoire_and_jobs_are_in_proportion_to_its_inhabitants(
    jobs: pd.DataFrame, communes: pd.DataFrame
) -> None:
    a17 = jobs["Secteur NA17"].str[:2]
    france = jobs.groupby(a17)["jobs"].sum() / jobs["jobs"].sum()
    inhabitants = communes.groupby("territoire")["population"].sum()
    for territoire, rows in jobs.groupby("territoire"):
        index = rows.groupby(a17)["jobs"].sum() / rows["jobs"].sum() / france
        assert index.idxmax()[0] in "CD", territoire
        assert 0.2 < rows["jobs"].sum() / inhabitants[territoire] < 0.32, territoire


def test_people_come_in_and_go_out_of_every_territoire_abroad_only_near_a_border(
    files: dict[str, list[Path]], territoire_of: dict[str, str]
) -> None:
    rows = pd.read_csv(files["mobilite"][0], sep=";", dtype="str")
    people = pd.to_numeric(rows.iloc[:, 4])
    home, work = rows["CODGEO"].map(territoire_of), rows["DCLT"].map(territoire_of)
    residents, jobs = people.groupby(home).sum(), people.groupby(work).sum()
    stable = people[home == work].groupby(home).sum()
    assert (stable / residents).between(0.4, 0.985).all()
    coming = 1 - stable / jobs
    assert coming.between(0.015, 0.5).all(), coming.to_dict()
    abroad = (people[rows["DCLT"].str.startswith("99")].groupby(home).sum() / residents).fillna(0)
    assert set(abroad.index[abroad > 0.01]) >= {"dunkerque", "vallee-de-l-arve", "sud-alsace"}
    assert abroad[["ales", "pays-de-lorient", "ajaccio"]].max() == 0
    assert (people % 1 != 0).mean() > 0.99


def test_every_region_has_jobs_to_be_compared_with(jobs: pd.DataFrame, communes: pd.DataFrame) -> None:
    assert set(jobs["Code région"]) == {code for code in communes["region"] if len(code) == 2} - {"06"}  # Mayotte
    assert jobs["Code département"].nunique() == 100


def test_blank_is_not_zero_and_both_are_there(jobs: pd.DataFrame) -> None:
    for year in (2016, 2025):
        establishments, employees = (
            jobs[f"{name} {year}"] for name in ("Nombre d'établissements", "Effectifs salariés")
        )
        assert (establishments.isna() & employees.isna()).any()
        assert (establishments.notna() & (employees == "0")).any()
        assert not (establishments.isna() & employees.notna()).any()


def test_labels_hold_the_separator_as_the_published_file_does(files: dict[str, list[Path]]) -> None:
    raw = files["urssaf"][0].read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and b'"MN Activit' in raw and raw.count(b"\r\n") == raw.count(b"\n")


def test_bassins_and_zones_of_employment_say_that_they_are_invented(
    files: dict[str, list[Path]], ground: Ground, tmp_path: Path
) -> None:
    bassins, projets = read_all("bmo", files, ground, tmp_path)
    names = pd.read_parquet(bassins.tables["bassins"])["nom"]
    assert names.str.endswith("(démonstration)").all()
    assert pd.read_parquet(projets.tables["projets"])["met_secret"].sum() > 0


@pytest.mark.parametrize("zone", ["bassin", "ze"])
def test_a_zone_is_of_one_departement_and_named_after_its_own_largest_commune(
    zone: str, communes: pd.DataFrame
) -> None:
    held = prepare(communes)
    assert held.groupby(zone)["departement"].nunique().max() == 1
    largest = held.loc[held.groupby(zone)["population"].idxmax()]
    assert (largest[f"{zone}_nom"] == largest["nom"] + " (démonstration)").all()
    assert held.groupby(zone)[f"{zone}_nom"].nunique().max() == 1


def test_most_territoires_straddle_bassins_as_the_real_ones_do(communes: pd.DataFrame) -> None:
    bassins = prepare(communes).groupby("territoire")["bassin"].nunique()
    assert (bassins > 1).mean() > 0.5
    assert (bassins == 1).any()


def test_no_name_can_be_taken_for_that_of_a_real_company_or_site(files: dict[str, list[Path]]) -> None:
    events = pd.read_csv(files["evenements-emploi"][0], sep=";", dtype="str")["Entreprise"]
    etab = pd.read_csv(files["zae"][2], sep=";", dtype="str")
    assert [name for name in (*events, *etab["etab_nom"]) if not re.fullmatch(r"Société fictive n° \d+", name)] == []
    assert etab["SIREN"].str.startswith("000").all()
    funded = pd.read_csv(files["financements"][0], sep=";", dtype="str")
    assert (
        funded["Entreprise"].str.startswith("Société fictive ").all() and funded["Projet"].str.contains("fictif").all()
    )
    sites = pd.read_csv(files["zae"][1], sep=";", dtype="str")["site_nom"]
    assert sites.str.contains("ficti").all()
    assert files["friches"][0].read_text("utf-8").count("site fictif n°") > 1000


def test_owners_who_are_people_stay_anonymous(files: dict[str, list[Path]]) -> None:
    assert re.search(r'"personne physique";"(?!_X_)', files["friches"][0].read_text("utf-8")) is None


def test_communes_without_the_needed_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="territoire"):
        published.generate(pd.DataFrame({"nom": ["Alès"]}, index=["30007"]), tmp_path, SEED, DAY)


def read_all(source: str, files: dict[str, list[Path]], ground: Ground, tmp_path: Path) -> list[Reading]:
    """Each file of a source through its reader, as an import would."""
    return [
        get_reader(source)(path, ground, folder, published.OPTIONS.get(source, {}), lambda _line: None)
        for path, folder in zip(files[source], folders(tmp_path), strict=False)
    ]


def folders(tmp_path: Path) -> Iterator[Path]:
    rank = 0
    while True:
        folder = tmp_path / f"release-{rank}"
        folder.mkdir()
        yield folder
        rank += 1


def test_the_country_has_the_jobs_its_inhabitants_call_for(jobs: pd.DataFrame, communes: pd.DataFrame) -> None:
    by_region = jobs.groupby("Code région")["jobs"].sum() / communes.groupby("region")["population"].sum()
    covered = by_region.dropna()
    assert len(covered) >= 17 and covered.between(0.2, 0.35).all()


def test_the_programmes_are_listed_for_the_whole_country(files: dict[str, list[Path]], communes: pd.DataFrame) -> None:
    crte = pd.read_csv(next(path for path in files["zonages"] if "crte" in path.name), dtype="str")
    held = communes["epci"].isin(crte["siren_epci"])
    assert (communes.loc[held].groupby("region")["population"].sum().reindex(["76", "75", "84"]) > 1_000_000).all()
    assert crte["siren_epci"].is_unique
