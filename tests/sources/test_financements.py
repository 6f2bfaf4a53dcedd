"""Lists of financed projects: one project however many rows, secrets, communes never guessed, and broken variants."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from fichetrack.errors import ImportRefused
from fichetrack.sources.financements import read
from fichetrack.sources.financements_places import PlaceFinder
from fichetrack.sources.layouts import FOLDER
from fichetrack.sources.reading import Ground, Reading

EXAMPLE = FOLDER / "financements" / "exemple_2026-06.csv"
NBSP, NARROW = "\u00a0", "\u202f"
HEAD = "Projet;Entreprise;Commune;Mesure;Nature;Montant;Date\n"
ONE = HEAD + "Atelier;Exemple;Alès;Relocalisation;Subvention;1000;15/03/2021\n"

Load = Callable[..., Reading]


@pytest.fixture
def load(ground: Ground, tmp_path: Path) -> Load:
    def load(file: Path | str | bytes, name: str = "laureats_2026-06.csv", **options: str) -> Reading:
        if not isinstance(file, Path):
            path = tmp_path / name
            path.write_bytes(file.encode() if isinstance(file, str) else file)
            file = path
        return read(file, ground, tmp_path, options, lambda text: None)

    return load


def table(reading: Reading, name: str) -> list[dict[str, object]]:
    frame = pd.read_parquet(reading.tables[name]).astype("object")
    return frame.where(frame.notna(), None).to_dict("records")


def test_the_example_is_two_projects_of_which_one_has_two_sites(load: Load) -> None:
    reading = load(EXAMPLE)
    projets = table(reading, "projets")
    assert {(row["projet"], row["commune"]) for row in projets} == {
        ("Ligne de bobinage", "30007"), ("Ligne de bobinage", "30305"), ("Four bas carbone", None),
    }  # fmt: skip
    assert (reading.millesime, reading.report.kept, reading.report.aside) == ("2026-06", 5, 0)


def test_an_amount_repeated_under_another_measure_counts_once_and_a_secret_is_not_a_zero(load: Load) -> None:
    amounts = {
        (row["nature"], row["montant"], row["montant_secret"], row["dispositif"])
        for row in table(load(EXAMPLE), "montants")
    }
    assert amounts == {
        ("subvention", 1234567.0, 0, "(Re)localisation ; Modernisation"),
        ("pret", 800000.0, 0, "(Re)localisation"),
        ("subvention", None, 1, "Décarbonation"),
        ("avance", 250000.0, 0, "Décarbonation"),
    }


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (f"1{NBSP}234{NBSP}567,00{NBSP}€", (1234567.0, 0)),
        (f"1{NARROW}234,5", (1234.5, 0)),
        ("1,2 M€", (1200000.0, 0)),
        ("Confidentiel", (None, 1)),
        ("*", (None, 1)),
        ("0", (0.0, 0)),
    ],
)
def test_amounts_are_read_as_french_people_write_them(
    load: Load, cell: str, expected: tuple[float | None, int]
) -> None:
    (row,) = table(load(ONE.replace("1000", cell)), "montants")
    assert (row["montant"], row["montant_secret"]) == expected


@pytest.mark.parametrize("cell", ["", "nc", "n/a"])
def test_an_absent_amount_leaves_a_project_without_amount(load: Load, cell: str) -> None:
    reading = load(ONE.replace("1000", cell))
    assert table(reading, "montants") == [] and len(table(reading, "projets")) == 1


@pytest.mark.parametrize("cell", ["1,234", "beaucoup", "-5", "#REF!", "=1+1"])
def test_an_amount_that_reads_two_ways_is_set_aside_with_its_line(load: Load, cell: str) -> None:
    reading = load(ONE + f"Autre;Exemple;Alès;M;Prêt;{cell};2021\n")
    assert reading.report.aside == 1 and reading.report.lines[0][0] == 3
    assert reading.report.read == reading.report.kept + reading.report.aside


def test_kinds_in_columns_of_their_own_are_kinds(load: Load) -> None:
    text = "Entreprise;nom_projet;montant_subvention;Prêt;Investissement total\nExemple;Atelier;10;20;confidentiel\n"
    assert [(row["nature"], row["montant"]) for row in table(load(text), "montants")] == [
        ("investissement", None), ("pret", 20.0), ("subvention", 10.0),
    ]  # fmt: skip


def test_two_payments_on_two_days_are_two_amounts(load: Load) -> None:
    reading = load(ONE + ONE.splitlines()[1].replace("2021", "2022") + "\n")
    assert [row["montant"] for row in table(reading, "montants")] == [1000.0, 1000.0]
    assert table(reading, "projets")[0]["date"] == "2021-03-15"


def test_a_project_keeps_its_identifier_from_one_file_to_the_next(load: Load) -> None:
    first = table(load(ONE), "projets")[0]["projet_id"]
    again = table(load(HEAD + "ATELIER ;exemple;Alès;Autre;Prêt;5;2023\n"), "projets")[0]["projet_id"]
    assert first == again and len(str(first)) == 12


def test_the_most_closed_diffusion_wins_and_silence_is_the_network(load: Load) -> None:
    text = "Entreprise;Projet;Diffusion\nA;P;publique\nA;P;réseau\nB;P;publique\nC;P;\nD;P;peut-être\n"
    reading = load(text)
    assert {row["entreprise"]: row["diffusion"] for row in table(reading, "projets")} == {
        "A": "reseau", "B": "publique", "C": "reseau", "D": "reseau",
    }  # fmt: skip
    assert any("peut-être" in remark for remark in reading.report.remarks)


@pytest.mark.parametrize(
    ("name", "insee", "postcode", "expected"),
    [
        ("Alès", "", "", "30007"),
        ("ALES CEDEX 2", "", "30319", "30007"),
        ("30100 Alès", "", "", "30007"),
        ("Alès (30)", "", "", "30007"),
        ("Lyon 3e arrondissement", "", "", "69123"),
        ("ST ETIENNE", "", "42000", "42218"),
        ("Saint-Denis", "", "93200", "93066"),
        ("Ajaccio", "", "20000", "2A004"),
        ("", "75101", "", "75056"),
        ("Pierrefitte-sur-Seine", "93059", "", "93066"),
    ],
)
def test_a_commune_is_found_when_it_is_sure(
    ground: Ground, name: str, insee: str, postcode: str, expected: str
) -> None:
    row = {"commune": name, "code_commune": insee, "code_postal": postcode, "departement": ""}
    assert [place.commune for place in PlaceFinder(ground).find_all(row)] == [expected]


@pytest.mark.parametrize(
    ("name", "insee", "postcode", "said"),
    [
        ("Saint-Denis", "", "", "93066"),
        ("30100", "", "", "code postal"),
        ("", "", "30100", "code postal"),
        ("Alès", "30100", "", "30007"),
        ("Salindre", "", "", "Salindres (30305)"),
        ("Alès", "", "75001", "Alès"),
        ("", "30999", "", "30999"),
    ],
)
def test_a_doubtful_commune_is_to_be_confirmed_with_suggestions(
    ground: Ground, name: str, insee: str, postcode: str, said: str
) -> None:
    row = {"commune": name, "code_commune": insee, "code_postal": postcode, "departement": ""}
    (place,) = PlaceFinder(ground).find_all(row)
    assert (place.commune, place.state) == (None, "a_confirmer") and said in str(place.doubt)


def workbook(*rows: list[object], far: bool = False, first: str | None = None) -> bytes:
    book = Workbook()
    if first:
        book.active.title = first
        book.active.append(["Bonjour"])
        book.create_sheet("Projets")
    sheet = book.worksheets[-1]
    for row in rows:
        sheet.append(row)
    if far:
        sheet["XFD1048576"] = "loin"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


ROWS: list[list[object]] = [list(line.split(";")) for line in ONE.splitlines()]
GOOD = {
    "a BOM": b"\xef\xbb\xbf" + ONE.encode(),
    "cp1252": ONE.encode("cp1252"),
    "moved columns": "\n".join(";".join(line.split(";")[::-1]) for line in ONE.splitlines()).encode(),
    "commas": ONE.replace(";", ",").encode(),
    "a workbook, on its second sheet": workbook(*ROWS, first="Lisez-moi"),
    "numbers in a workbook": workbook(ROWS[0], [*ROWS[1][:5], 1000, "15/03/2021"]),
    "a title above": b"Liste\n\n" + ONE.encode(),
}


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD)
def test_an_odd_file_is_read_the_same(load: Load, data: bytes) -> None:
    (row,) = table(load(data), "montants")
    assert (row["nature"], row["montant"], row["date"]) == ("subvention", 1000.0, "2021-03-15")


def bomb() -> bytes:
    """A workbook that declares two gigabytes once unpacked."""
    stream = io.BytesIO(workbook(*ROWS))
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/x.bin", b"\0" * 1000)
        archive.filelist[-1].file_size = 2 << 30
    return stream.getvalue()


BAD = {
    "empty": (b"", "vide"),
    "headings only": (HEAD.encode(), "aucune ligne"),
    "missing column": (ONE.replace("Entreprise", "Machin").encode(), "Entreprise"),
    "duplicate column": (ONE.replace("Projet;", "Bénéficiaire;").encode(), "Plusieurs colonnes"),
    "the wrong sheet": (workbook(["a", "b"], ["1", "2"]), "Entreprise"),
    "a truncated workbook": (workbook(*ROWS)[:-200], "abîmé"),
    "a far cell": (workbook(*ROWS, far=True), "XFD1048576"),
    "an unclosed quote": (ONE.encode() + b'"oubli;x;y;z;a;b;c\n', "guillemet"),
    "a giant cell": (ONE.encode() + b'"' + b"x" * 200_000 + b'";b;c;d;e;f;g\n', "démesurée"),
    "a PDF": (b"%PDF-1.7", "PDF"),
    "nothing usable": (HEAD.encode() + b"P;E;Ales;M;N;x;y\n", "aucune ligne utilisable"),
}


@pytest.mark.parametrize(("data", "expected"), BAD.values(), ids=BAD)
def test_a_wrong_file_is_refused_in_french(load: Load, data: bytes, expected: str) -> None:
    with pytest.raises(ImportRefused) as refusal:
        load(data)
    assert expected in str(refusal.value)


def test_a_bomb_is_refused(load: Load) -> None:
    with pytest.raises(ImportRefused, match="volumineux"):
        load(bomb())


def test_a_list_that_says_no_millesime_is_dated_from_its_import(load: Load) -> None:
    assert "daté de son import" in " ".join(load(ONE, name="laureats.csv").report.remarks)
    assert load(ONE, name="laureats.csv", millesime="2021", lot="DGE").lot == "DGE"
