"""Events of employment in our own layout: communes are found, never guessed; jobs in three states; réseau by default."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from fichetrack.config import ROOT
from fichetrack.errors import ImportRefused
from fichetrack.sources import evenements_emploi
from fichetrack.sources.reading import Ground, Reading
from fichetrack.tables import write_model
from tests.tables.workbooks import pack, parts_of, row_xml, sheet_xml, text_cell

EXAMPLE = (ROOT / "imports" / "evenements-emploi" / "exemple.csv").read_bytes()
HEAD = "Libellé;Commune;Date;Nature;Emplois;Secteur;Source;Diffusion;Entreprise"


@pytest.fixture
def read(ground: Ground, tmp_path: Path) -> Callable[..., Reading]:
    def run(content: bytes | str, name: str = "emplois.csv", **options: str) -> Reading:
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return evenements_emploi.read(tmp_path / name, ground, tmp_path, options, lambda _said: None)

    return run


def event(commune: str = "30007", emplois: str = "12", **cells: str) -> str:
    row = {"libelle": "Ligne", "date": "12/03/2026", "nature": "Création", "source": "Essai", "diffusion": ""} | cells
    return f"{row['libelle']};{commune};{row['date']};{row['nature']};{emplois};;{row['source']};{row['diffusion']};"


def table(reading: Reading) -> pd.DataFrame:
    return pd.read_parquet(reading.tables["evenements"])


def aside(reading: Reading) -> str:
    return " ".join(sentence for _line, sentence in reading.report.lines)


def test_the_example_is_read_whole(read: Callable[..., Reading]) -> None:
    reading = read(EXAMPLE, "veille_2026-04-30.csv", lot="ti-ales")
    rows = table(reading).set_index("libelle")
    assert (reading.millesime, reading.lot, reading.report.kept) == ("2026-04", "ti-ales", 3)
    assert rows.loc["Fermeture inventée d’une ligne", ["commune", "diffusion"]].tolist() == ["30132", "reseau"]
    discreet = rows.loc["Projet inventé encore discret"]
    assert pd.isna(discreet["emplois"]) and discreet["emplois_secret"] == 1


@pytest.mark.parametrize(
    ("written", "code"),
    [("Alès", "30007"), ("ALES", "30007"), ("Saint-Denis (93)", "93066"), ("1004", "01004"), ("75101", "75056")],
)
def test_a_commune_is_found_by_its_code_or_exact_name(read: Callable[..., Reading], written: str, code: str) -> None:
    assert table(read(f"{HEAD}\n{event(written)}"))["commune"].tolist() == [code]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Saint-Denis", r"4 communes s’appellent.*93066"),
        ("Allès", r"Vouliez-vous dire Alès \(30007\)"),
        ("Zzyzx", "aucune commune ne s’appelle"),
        ("30999", "code postal"),
        ("30100 Alès", "n’est pas celui de cette commune"),
    ],
)
def test_a_commune_is_never_guessed(read: Callable[..., Reading], written: str, said: str) -> None:
    reading = read(f"{HEAD}\n{event()}\n{event(written)}")
    assert reading.report.kept == 1 and reading.report.lines[0][0] == 3
    assert re.search(said, aside(reading))


def test_rows_that_cannot_be_used_are_set_aside_with_their_reason(read: Callable[..., Reading]) -> None:
    rows = [
        event(),
        event(emplois="-4"),
        event(emplois="une dizaine"),
        event(date="31/02/2026"),
        event(date="01/01/1890"),
        event(nature="Transfert"),
        event(diffusion="Interne"),
        event(source=""),
        event(),
    ]
    report = read("\n".join([HEAD, *rows])).report
    assert (report.read, report.kept, report.aside) == (9, 1, 8)
    assert {line for line, _why in report.lines} == set(range(3, 11))


def test_a_list_is_dated_by_its_name_or_its_import_never_by_its_last_event(read: Callable[..., Reading]) -> None:
    planned = f"{HEAD}\n{event(date='01/01/2028')}"
    assert read(planned, "veille_2026-04-30.csv").millesime == "2026-04"
    assert read(planned, "veille.csv", millesime="2026-05").millesime == "2026-05"
    assert "daté de son import" in " ".join(read(planned, "veille.csv").report.remarks)


def test_the_model_workbook_is_read_back(read: Callable[..., Reading]) -> None:
    model = io.BytesIO()
    write_model(model, evenements_emploi.declared_columns(), "Événements")
    book = openpyxl.load_workbook(model)
    book["Événements"].append(["Ligne", "30007", "12/03/2026", "Création", "12", "", "Essai", "Réseau", ""])
    filled = io.BytesIO()
    book.save(filled)
    assert table(read(filled.getvalue(), "modele.xlsx"))["commune"].tolist() == ["30007"]


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "vide"),
    "headings alone": (lambda: HEAD.encode(), "aucune ligne utilisable"),
    "missing column": (lambda: EXAMPLE.replace(b"Nature", b"Autre"), "Nature.» manque"),
    "duplicate column": (lambda: EXAMPLE.replace(b"Entreprise", b"Commune"), "Plusieurs colonnes valent"),
    "another table": (lambda: b"nom;prenom\nx;y\n", "Colonnes trouvées : « nom »"),
    "nothing usable": (lambda: f"{HEAD}\n{event('Zzyzx')}".encode(), "aucune commune ne s’appelle"),
    "two encodings": (lambda: EXAMPLE + "é".encode("cp1252"), "deux encodages"),
    "far cell": (
        lambda: pack(parts_of(sheet_xml(row_xml(1_048_576, text_cell("XFD1048576", "x"))), names=("E",))),
        "XFD1048576",
    ),
    "giant cell": (lambda: EXAMPLE.replace(b"Plasturgie", b"P" * 200_000), "démesurée"),
    "image": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "image"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_not_a_list_of_events_is_refused(read: Callable[..., Reading], name: str) -> None:
    content, said = REFUSED[name]
    with pytest.raises(ImportRefused, match=said):
        read(content())


SURVIVED: dict[str, Callable[[], bytes]] = {
    "BOM": lambda: b"\xef\xbb\xbf" + EXAMPLE,
    "tabs": lambda: EXAMPLE.replace(b";", b"\t"),
    "other headings": lambda: EXAMPLE.replace("Libellé".encode(), "Événement".encode()).replace(b"Commune;", b"INSEE;"),
    "columns moved": lambda: b"\n".join(b";".join(reversed(line.split(b";"))) for line in EXAMPLE.splitlines()),
}


@pytest.mark.parametrize("name", SURVIVED)
def test_a_variant_gives_the_same_events(read: Callable[..., Reading], name: str) -> None:
    pd.testing.assert_frame_equal(table(read(SURVIVED[name]())), table(read(EXAMPLE)))
