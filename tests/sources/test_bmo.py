"""The BMO survey and its communes by bassin, in the headings of each edition, and files that are not quite that."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from fichetrack import clock
from fichetrack.config import ROOT
from fichetrack.errors import ImportRefused
from fichetrack.sources import bmo
from fichetrack.sources.layouts import get_source
from fichetrack.sources.reading import Ground, Reading
from tests.sources.conftest import DATA
from tests.tables.workbooks import grid, pack, parts_of, row_xml, sheet_xml, text_cell

HEAD = (
    "annee;Code métier BMO;Nom métier BMO;Famille_met;Lbl_fam_met;REG;NOM_REG;Dept;NomDept;BE24;NOMBE24;met;xmet;smet"
)
ROWS = [
    "2024;V0X60;Aides-soignants;S;Fonctions sociales;76;Occitanie;30;Gard;7636;ALES;20;15;*",
    "2024;S2X61;Serveurs de cafés restaurants;V;Services;76;Occitanie;30;Gard;7637;LE VIGAN;30;*;25",
    "2024;S2X61;Serveurs de cafés restaurants;V;Services;76;Occitanie;34;Hérault;7637;LE VIGAN;*;*;*",
    "2024;A0X40;Agriculteurs;Z;Autres métiers;1;Guadeloupe;971;Guadeloupe;101;BASSIN BASSE-TERRE;1 200;10;0",
]
NEEDED = pytest.mark.skipif(not DATA.exists(), reason="place the public files in ../shared/data to run it")


def text(*rows: str, head: str = HEAD) -> bytes:
    return "\r\n".join([head, *(rows or ROWS), ""]).encode()


def workbook(*sheets: str, names: tuple[str, ...] = ("Description", "BMO_2024_open_data")) -> bytes:
    return pack(parts_of(*sheets, names=names))


def sheet(*rows: str) -> str:
    return sheet_xml(grid([row.split(";") for row in rows]))


DESCRIPTION = sheet("", "", ";Variables;Description", ";annee;2024", ";met;Nombre de projets")
SURVEY = workbook(DESCRIPTION, sheet(HEAD, *ROWS))


@pytest.fixture
def read(ground: Ground, tmp_path: Path) -> Callable[..., Reading]:
    def run(content: bytes, name: str = "bmo.csv", **options: str) -> Reading:
        file = tmp_path / name
        file.write_bytes(content)
        return bmo.read(file, options.pop("ground", ground), tmp_path, options, lambda _said: None)

    return run


def projets(reading: Reading) -> pd.DataFrame:
    return pd.read_parquet(reading.tables["projets"]).set_index(["bassin", "departement", "fap"])


def test_codes_find_their_zeros_again_and_a_star_is_a_secret(read: Callable[..., Reading]) -> None:
    table = projets(read(text()))
    farmers = table.loc[("0101", "971", "A0X40")]
    assert (farmers["region"], farmers["met"], farmers["met_secret"]) == ("01", 1200, 0)
    waiters = table.loc[("7637", "34", "S2X61")]
    assert pd.isna(waiters["met"]) and waiters["met_secret"] == 1


def test_the_workbook_and_the_text_give_the_same_table(read: Callable[..., Reading]) -> None:
    as_text, as_workbook = projets(read(text())), projets(read(SURVEY, "Base_open_data_BMO_2024.xlsx"))
    pd.testing.assert_frame_equal(as_text, as_workbook)


def test_the_headings_of_2023_stand_in_another_order(read: Callable[..., Reading]) -> None:
    head = "annee;Code métier BMO;Nom métier BMO;Famille_met;Lbl_fam_met;BE23;NOMBE23;Dept;NomDept;REG;NOM_REG;met;xmet;smet"
    reading = read(
        text("2023;A0Z40;Agriculteurs;Z;Autres;101;BASSE-TERRE;971;Guadeloupe;01;Guadeloupe;9;5;*", head=head)
    )
    assert reading.millesime == "2023"
    assert any("FAP 2009" in remark for remark in reading.report.remarks)


def test_the_headings_of_2026_have_a_clpe_more(read: Callable[..., Reading]) -> None:
    head = HEAD.replace("BE24", "BE26").replace("NOMBE26;met", "NOMBE26;clpe;met")
    row = ROWS[0].replace("2024", "2026").replace(";ALES;", ";ALES;Alès;")
    reading = read(text(row, head=head))
    assert (reading.millesime, reading.report.kept) == ("2026", 1)
    assert not any("clpe" in remark for remark in reading.report.remarks)


def test_a_bassin_that_crosses_departements_keeps_a_row_for_each(read: Callable[..., Reading]) -> None:
    assert len(projets(read(text())).loc["7637"]) == 2


def test_a_no_break_space_in_a_label_is_a_space(read: Callable[..., Reading]) -> None:
    table = projets(read(text(ROWS[0].replace("Aides-soignants", "Aides\u00a0 soignants d'ici"))))
    assert table["metier"].iloc[0] == "Aides soignants d’ici"


@pytest.mark.parametrize(
    ("head", "millesime"),
    [
        ("reg,dep,code_commune_insee,code_bassin_BMO,lib_bassin_BMO", ""),
        ("reg,dep,codgeo,codbe,libbe", ""),
        ("reg,dep,code_commune,code_bassin_2026,lib_bassin_2026", "2026"),
    ],
)
def test_the_communes_of_each_edition_are_recognised(read: Callable[..., Reading], head: str, millesime: str) -> None:
    given = {} if millesime else {"millesime": "2024"}
    rows = [
        "1,97,97105,101,BASSIN BASSE-TERRE",
        "76,30,30007,7636,ALES",
        "11,75,75101,1107,PARIS",
        "11,75,75102,1107,PARIS",
    ]
    reading = read(text(*rows, head=head), "communes.csv", **given)
    table = pd.read_parquet(reading.tables["bassins"]).set_index("commune")
    assert reading.millesime == (millesime or "2024")
    assert table["bassin"].to_dict() == {"30007": "7636", "75056": "1107", "97105": "0101"}


def test_a_table_of_communes_without_year_takes_that_of_the_survey_already_there(
    read: Callable[..., Reading], ground: Ground
) -> None:
    survey = pd.DataFrame({"annee": ["2024", "2024"], "bassin": ["7636", "7549"]})
    known = replace(ground, tables=lambda _source, name: survey if name == "projets" else None)
    content = text("30007,7636,ALES", "97502,501,ST PIERRE", head="code_commune_insee,code_bassin_BMO,lib_bassin_BMO")
    reading = read(content, "communes.csv", ground=known)
    remarks = " ".join(reading.report.remarks)
    assert reading.millesime == "2024" and "1 (7549)" in remarks and "1 (0501)" in remarks
    undated = read(content, "communes.csv")
    assert undated.millesime == f"{clock.today():%Y-%m}" and "daté de son import" in " ".join(undated.report.remarks)


def test_rows_that_cannot_be_used_are_set_aside_with_their_line(read: Callable[..., Reading]) -> None:
    rows = [
        ROWS[0],
        ROWS[0],  # line 3: repeats
        ROWS[1].replace(";30;*;", ";beaucoup;*;"),  # line 4
        ROWS[3].replace(";1 200;10;0", ";5;9;0"),  # line 5: more difficult projects than projects
        ROWS[2].replace("S2X61", ""),  # line 6
        ROWS[2].replace(";*;*;*", ";-3;*;*"),  # line 7
        ROWS[2].replace(";*;*;*", ";#REF!;*;*"),  # line 8
    ]
    report = read(text(*rows)).report
    assert (report.read, report.kept, report.aside) == (7, 1, 6)
    assert sorted(line for line, _why in report.lines) == [3, 4, 5, 6, 7, 8]


def test_rows_that_contradict_each_other_are_all_set_aside(read: Callable[..., Reading]) -> None:
    report = read(text(ROWS[0], ROWS[0].replace(";20;15;", ";21;15;"), ROWS[1])).report
    assert (report.kept, dict(report.reasons)) == (1, {"contredit une autre ligne : aucune n’est retenue": 2})


def bomb() -> bytes:
    """Its directory says that a sheet unpacks to four gigabytes."""
    at = SURVEY.index(b"PK\x01\x02")
    return SURVEY[: at + 24] + struct.pack("<I", 0xFFFFFFF0) + SURVEY[at + 28 :]


def far_cell() -> bytes:
    far = row_xml(1, text_cell("A1", "annee")) + row_xml(1_048_576, text_cell("XFD1048576", "x"))
    return workbook(sheet_xml(far), names=("BMO_2024_open_data",))


def formulas() -> bytes:
    """Every number is a formula without its result."""
    cells = grid([HEAD.split(";")]) + row_xml(2, *(f'<c r="{chr(65 + i)}2"><f>1+1</f></c>' for i in range(14)))
    return workbook(DESCRIPTION, sheet_xml(cells))


def other_zip() -> bytes:
    return pack({"lisezmoi.txt": "Base BMO"})


REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "empty": (lambda: b"", "bmo.csv", "vide"),
    "headings alone": (lambda: HEAD.encode(), "bmo.csv", "aucune"),
    "missing column": (lambda: text(head=HEAD.replace(";xmet", ";autre")), "bmo.csv", "xmet.» manque"),
    "duplicate column": (lambda: text(head=HEAD.replace("NomDept", "met")), "bmo.csv", "Plusieurs colonnes valent"),
    "two surveys side by side": (lambda: text(head=HEAD.replace("NomDept", "BE23")), "bmo.csv", "Plusieurs colonnes"),
    "wrong vintage": (lambda: text(head=HEAD.replace("BE24", "BE22")), "bmo.csv", "2022"),
    "two years": (lambda: text(ROWS[0], ROWS[1].replace("2024", "2023")), "bmo.csv", "2023, 2024"),
    "future": (lambda: text(ROWS[0].replace("2024", "2039"), head=HEAD.replace("24", "39")), "bmo.csv", "futur"),
    "description only": (lambda: workbook(DESCRIPTION), "bmo.xlsx", "ni l’enquête BMO"),
    "another table": (lambda: b"nom;prenom\nx;y\n", "bmo.csv", "Colonnes trouvées : « nom », « prenom »"),
    "truncated workbook": (lambda: SURVEY[: len(SURVEY) // 2], "bmo.xlsx", "abîmé"),
    "zip bomb": (bomb, "bmo.xlsx", "volumineux"),
    "far cell": (far_cell, "bmo.xlsx", "XFD1048576"),
    "giant cell": (lambda: text(ROWS[0].replace("Gard", "G" * 200_000)), "bmo.csv", "démesurée"),
    "formulas without results": (formulas, "bmo.xlsx", "année"),
    "another archive": (other_zip, "bmo.xlsx", "pas un classeur Excel"),
    "image": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "bmo.csv", "image"),
    "old workbook": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "bmo.xls", "ancien classeur"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_not_the_survey_is_refused_in_words(read: Callable[..., Reading], name: str) -> None:
    content, filename, said = REFUSED[name]
    with pytest.raises(ImportRefused, match=said):
        read(content(), filename)


SURVIVED: dict[str, tuple[Callable[[], bytes], str]] = {
    "BOM": (lambda: b"\xef\xbb\xbf" + text(), "bmo.csv"),
    "cp1252": (lambda: text().decode().encode("cp1252"), "bmo.csv"),
    "comma": (lambda: text().replace(b";", b","), "bmo.csv"),
    "titles above": (lambda: b"Enqu\xc3\xaate BMO;;\r\n;;\r\n" + text(), "bmo.csv"),
    "case and spaces of headings": (lambda: text(head=f"  {HEAD.upper()} ".replace(";", " ; ")), "bmo.csv"),
    "data sheet first": (lambda: workbook(sheet(HEAD, *ROWS), DESCRIPTION), "bmo.xlsx"),
    "unknown column": (lambda: text(*(f"{row};x" for row in ROWS), head=f"{HEAD};note"), "bmo.csv"),
}


@pytest.mark.parametrize("name", SURVIVED)
def test_a_variant_of_the_survey_gives_the_same_table(read: Callable[..., Reading], name: str) -> None:
    content, filename = SURVIVED[name]
    pd.testing.assert_frame_equal(projets(read(content(), filename)), projets(read(text(), "reference.csv")))


def test_a_separator_left_in_a_text_sets_its_row_aside(read: Callable[..., Reading]) -> None:
    report = read(text(ROWS[0].replace("Gard", "Gard ; Cévennes"), ROWS[1])).report
    assert (report.read, report.kept, report.lines[0][0]) == (2, 1, 2)


def test_a_survey_cut_short_keeps_its_whole_rows(read: Callable[..., Reading]) -> None:
    report = read(text()[:-30]).report
    assert report.read == 4 and report.kept == 3


@pytest.mark.parametrize("example", get_source("bmo").raw["examples"])
def test_the_examples_are_read_whole(ground: Ground, tmp_path: Path, example: str) -> None:
    reading = bmo.read(ROOT / "imports" / "bmo" / example, ground, tmp_path, {}, lambda _said: None)
    assert reading.report.kept == reading.report.read > 0


@pytest.fixture(scope="module")
def survey(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> tuple[Reading, pd.DataFrame]:
    file = DATA / "bmo" / "Base_open_data_BMO_2024.xlsx"
    reading = bmo.read(file, ground, tmp_path_factory.mktemp("bmo"), {}, lambda _said: None)
    return reading, pd.read_parquet(reading.tables["projets"])


@NEEDED
def test_the_survey_of_2024_gives_the_published_totals(survey: tuple[Reading, pd.DataFrame]) -> None:
    reading, rows = survey
    assert (reading.millesime, reading.report.read, reading.report.kept) == ("2024", 53_443, 53_443)
    assert [rows[name].sum() for name in ("met", "xmet", "smet")] == [2_751_069, 1_568_524, 818_189]
    assert [rows[f"{name}_secret"].sum() for name in ("met", "xmet", "smet")] == [10_891, 20_507, 39_359]


@NEEDED
def test_the_bassin_of_ales_in_2024(survey: tuple[Reading, pd.DataFrame]) -> None:
    rows = survey[1][survey[1]["bassin"] == "7636"]
    assert (len(rows), *(rows[name].sum() for name in ("met", "xmet", "smet"))) == (123, 4285, 2188, 1776)
    assert rows[rows["metier"] == "Aides-soignants"][["met", "xmet"]].to_numpy().tolist() == [[194, 141]]


@NEEDED
def test_the_communes_of_2024_say_which_bassins_do_not_match(
    survey: tuple[Reading, pd.DataFrame], ground: Ground, tmp_path: Path
) -> None:
    known = replace(ground, tables=lambda _source, name: survey[1] if name == "projets" else None)
    reading = bmo.read(DATA / "bmo" / "bassins-emploi-bmo_communes.csv", known, tmp_path, {}, lambda _said: None)
    remarks = " ".join(reading.report.remarks)
    assert reading.report.read == 37_498 and "3 (0104, 0304, 7549)" in remarks and "1 (0501)" in remarks
    assert reading.report.read == reading.report.kept + reading.report.aside
