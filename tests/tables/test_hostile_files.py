"""Files made to hurt: each is refused in plain French naming it, quickly, and the process stays small."""

from __future__ import annotations

import io
import random
import resource
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from fichetrack.errors import ImportRefused
from fichetrack.tables import Limits, read_table, xlsx_reading
from fichetrack.tables.shapes import ErrorCell
from tests.tables.workbooks import MAIN, PROLOG, grid, pack, parts_of, row_xml, sheet_xml, text_cell

PLAIN = sheet_xml(grid([["Intitulé", "Axe"], ["Halle", "Innover"]]))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
)
EXTERNAL = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


def with_part(name: str, content: str | bytes, sheet: str = PLAIN) -> bytes:
    return pack(parts_of(sheet) | {name: content})


def declare_size(data: bytes, size: int) -> bytes:
    """The directory says an entry unpacks to `size` bytes."""
    at = data.index(b"PK\x01\x02")
    return data[: at + 24] + struct.pack("<I", size) + data[at + 28 :]


def declare_encrypted(data: bytes) -> bytes:
    at = data.index(b"PK\x01\x02")
    return data[: at + 8] + struct.pack("<H", 1) + data[at + 10 :]


def lie_about_size() -> bytes:
    """The sheet unpacks to 30 MB, the archive says 100 bytes."""
    data = with_part("xl/worksheets/sheet1.xml", sheet_xml(row_xml(1, text_cell("A1", "x" * 30_000_000))))
    real = len(sheet_xml(row_xml(1, text_cell("A1", "x" * 30_000_000))).encode())
    return data.replace(struct.pack("<I", real), struct.pack("<I", 100))


def damage_middle(data: bytes) -> bytes:
    at = data.index(b"xl/worksheets/sheet1.xml") + 60
    return data[:at] + bytes(byte ^ 0xFF for byte in data[at : at + 40]) + data[at + 40 :]


def twice_the_same_entry() -> bytes:
    buffer = io.BytesIO(pack(parts_of(PLAIN)))
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/worksheets/sheet1.xml", PLAIN)
    return buffer.getvalue()


def many_entries() -> bytes:
    return pack(parts_of(PLAIN) | {f"xl/media/{index}.xml": "" for index in range(3000)})


def repeated_shared_string() -> bytes:
    """One text of 30,000 characters, shown by 20,000 cells: 600 MB once read."""
    rows = "".join(row_xml(line, f'<c r="A{line}" t="s"><v>0</v></c>') for line in range(1, 20_001))
    shared = f'{PROLOG}<sst xmlns="{MAIN}"><si><t>{"x" * 30_000}</t></si></sst>'
    parts = parts_of(sheet_xml(rows)) | {"xl/sharedStrings.xml": shared}
    relations = str(parts["xl/_rels/workbook.xml.rels"])
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    extra = f'<Relationship Id="rId9" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    return pack(parts | {"xl/_rels/workbook.xml.rels": relations.replace("</Relationships>", extra)})


def cell_at(reference: str) -> bytes:
    line = int(reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    rows = row_xml(1, text_cell("A1", "Intitulé")) + row_xml(line, text_cell(reference, "x"))
    return pack(parts_of(sheet_xml(rows)))


GOOD = pack(parts_of(PLAIN))
ALL_SHEETS = "xl/worksheets/sheet1.xml"

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb declared": (lambda: declare_size(GOOD, 0xFFFFFFF0), "trop volumineux"),
    "bomb of zeros": (lambda: with_part("xl/media/a.xml", b" " * 210_000_000), "trop volumineux"),
    "size lied about": (lie_about_size, "abîmé"),
    "far cell": (lambda: cell_at("XFD1048576"), "la cellule XFD1048576"),
    "far row": (lambda: cell_at("A1048576"), "la cellule A1048576"),
    "far column": (lambda: cell_at("XFD2"), "la cellule XFD2"),
    "row beyond any sheet": (lambda: cell_at("A99999999999999999999"), "la cellule A9999"),
    "prefixed far cell": (
        lambda: with_part(
            ALL_SHEETS,
            '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row>'
            '<x:c r="A1"><x:v>1</x:v></x:c><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>',
        ),
        "XFD1048576",
    ),
    "too many rows": (
        lambda: with_part(
            ALL_SHEETS, sheet_xml("".join(row_xml(n, f'<c r="A{n}"><v>1</v></c>') for n in range(1, 20_100)))
        ),
        "plus de 20\u202f000 lignes",
    ),
    "laughs in shared strings": (lambda: with_part("xl/sharedStrings.xml", PROLOG + LAUGHS + "<sst>&c;</sst>"), "XML"),
    "laughs in a drawing": (lambda: with_part("xl/drawings/drawing1.xml", PROLOG + LAUGHS + "<d>&c;</d>"), "XML"),
    "laughs in the sheet": (lambda: with_part(ALL_SHEETS, PROLOG + LAUGHS + PLAIN.removeprefix(PROLOG)), "XML"),
    "laughs in UTF-16": (
        lambda: with_part(
            "xl/styles.xml", ('<?xml version="1.0" encoding="UTF-16"?>' + LAUGHS + "<s/>").encode("utf-16")
        ),
        "XML",
    ),
    "laughs in a vml": (lambda: with_part("xl/drawings/a.vml", LAUGHS.lower() + "<x/>"), "XML"),
    "external entity": (lambda: with_part("xl/styles.xml", PROLOG + EXTERNAL + "<s>&e;</s>"), "XML"),
    "external entity in the relations": (
        lambda: with_part("xl/_rels/workbook.xml.rels", PROLOG + EXTERNAL + "<Relationships/>"),
        "XML",
    ),
    "cut in the middle": (lambda: GOOD[: len(GOOD) // 2], "abîmé"),
    "directory missing": (lambda: GOOD[:-30], "abîmé"),
    "only the first bytes": (lambda: GOOD[:30], "abîmé"),
    "bytes changed": (lambda: damage_middle(GOOD), "abîmé"),
    "entry twice": (twice_the_same_entry, "abîmé"),
    "thousands of entries": (many_entries, "trop d’éléments"),
    "encrypted entry": (lambda: declare_encrypted(GOOD), "mot de passe"),
    "sheet not XML": (lambda: with_part(ALL_SHEETS, "<worksheet><sheetData><row>"), "abîmé"),
    "sheet missing": (lambda: pack({k: v for k, v in parts_of(PLAIN).items() if k != ALL_SHEETS}), "abîmé"),
    "relations missing": (lambda: pack({k: v for k, v in parts_of(PLAIN).items() if "xl/_rels" not in k}), "abîmé"),
    "one text shown by 20,000 cells": (repeated_shared_string, "Fichier"),
    "archive of anything": (lambda: pack({"hello.txt": "bonjour"}), "pas un classeur"),
    "LibreOffice document": (lambda: pack({"mimetype": "application/vnd.oasis", "content.xml": ""}), "LibreOffice"),
    "binary workbook": (lambda: pack({"xl/workbook.bin": b"\0"}), ".xlsb"),
    "old workbook renamed": (lambda: OLE + b"\0" * 2000, "ancien classeur Excel (.xls)"),
    "workbook with a password": (lambda: OLE + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600, "mot de passe"),
    "empty file": (lambda: b"", "vide"),
    "spaces only": (lambda: b"  \r\n \n", "vide"),
    "zero bytes": (lambda: b"Intitul\xc3\xa9;Axe\r\nHal\0le;Innover", "octets nuls"),
    "UTF-16 without mark": (lambda: "Intitulé;Axe\nHalle;Innover".encode("utf-16-le"), "octets nuls"),
    "UTF-16 cut": (lambda: "Intitulé;Axe\nHalle;Innover".encode("utf-16")[:-1], "caractères ne peuvent pas"),
    "UTF-32": (lambda: "Intitulé;Axe\nHalle".encode("utf-32"), "caractères ne peuvent pas"),
    "two encodings": (lambda: "Intitulé\nété\n".encode() + "hiver à pied\n".encode("cp1252"), "lignes 1 et 3"),
    "not cp1252 either": (lambda: b"Intitul\xe9\n\x81\x8d\n", "caractères ne peuvent pas"),
    "a million columns": (lambda: b"a;" * 1_000_000 + b"\n1;2\n", "séparateurs"),
    "a thousand columns": (lambda: b"a;" * 1_000 + b"\n1;2\n", "plus de 200 colonnes"),
    "a huge cell": (lambda: b"Intitule;Axe\n" + b"x" * 5_000_000 + b";Innover\n", "démesurée"),
    "a quote never closed": (lambda: b'Intitule;Axe\n"Halle;Innover\nUsine;Attirer\n', "guillemet"),
    "too many lines": (lambda: b"Intitule;Axe\n" + b"a;b\n" * 20_100, "plus de 20\u202f000 lignes"),
    "a PDF": (lambda: b"%PDF-1.7\n", "PDF"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n\0\0", "image"),
    "a web page": (lambda: b"<!DOCTYPE html><table><tr><td>1</td></tr></table>", "page web"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_french_and_costs_little(name: str) -> None:
    make, expected = HOSTILE[name]
    data = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ImportRefused) as refusal:
        read_table(data, "reprise.xlsx")
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) < 256 * 1024
    assert refusal.value.message.startswith("Fichier «\u00a0reprise.xlsx\u00a0»")
    assert expected in refusal.value.message
    assert "'" not in refusal.value.message


@pytest.mark.stress
def test_a_thousand_damaged_files_are_read_or_refused() -> None:
    texts = "Intitulé;Axe\n" + '"Été; 1";Innover\n' * 50
    originals = [GOOD, texts.encode(), texts.encode("cp1252"), texts.encode("utf-16")]
    dice = random.Random(14)
    refused = 0
    for turn in range(1_000):
        data = bytearray(originals[turn % 4])
        for _ in range(dice.randint(1, 12)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        start = time.monotonic()
        try:
            read_table(bytes(data[: dice.choice([len(data), dice.randrange(len(data))])]), "a.xlsx")
        except ImportRefused:
            refused += 1
        assert time.monotonic() - start < 10
    assert refused > 300


def test_a_sheet_that_only_declares_a_huge_size_is_read() -> None:
    sheet = sheet_xml(grid([["Intitulé"], ["Halle"]]), before='<dimension ref="A1:XFD1048576"/>')
    assert read_table(pack(parts_of(sheet)), "a.xlsx").rows[0].cells == ["Halle"]


def test_empty_cells_with_a_border_far_away_do_not_count() -> None:
    sheet = sheet_xml(grid([["Intitulé"], ["Halle"]]) + row_xml(900_000, '<c r="A900000" s="1"/>'))
    assert len(read_table(pack(parts_of(sheet)), "a.xlsx").rows) == 1


def test_formulas_give_their_value_and_macros_are_ignored() -> None:
    rows = row_xml(1, text_cell("A1", "Coût")) + row_xml(2, '<c r="A2"><f>1+1</f><v>2</v></c>')
    data = pack(parts_of(sheet_xml(rows)) | {"xl/vbaProject.bin": OLE + b"AutoOpen" * 100})
    assert read_table(data, "a.xlsm").rows[0].cells == ["2"]


def test_a_formula_that_was_never_computed_is_reported_not_read_as_empty() -> None:
    rows = (
        row_xml(1, text_cell("A1", "Coût")) + row_xml(2, '<c r="A2"><f>1+1</f></c>') + row_xml(3, text_cell("A3", "3"))
    )
    (first, _) = read_table(pack(parts_of(sheet_xml(rows))), "a.xlsx").rows
    assert (first.cells, type(first.cells[0])) == (["formule jamais calculée"], ErrorCell)


def test_a_worker_that_dies_or_hangs_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = tmp_path / "worker.py"
    monkeypatch.setattr(xlsx_reading, "WORKER", worker)
    for code, expected in (
        ("import os; os.abort()", "mémoire"),
        ("import time; time.sleep(60)", "temps"),
        ("print('?')", "mémoire"),
    ):
        worker.write_text(code)
        with pytest.raises(ImportRefused, match=expected):
            read_table(GOOD, "a.xlsx", limits=Limits(timeout=0.5))


def test_a_worker_without_enough_memory_is_a_refusal() -> None:
    rows = "".join(row_xml(n, text_cell(f"A{n}", "x" * 3000)) for n in range(1, 20_000))
    data = pack(parts_of(sheet_xml(rows)))
    with pytest.raises(ImportRefused, match="mémoire"):
        read_table(data, "a.xlsx", limits=Limits(memory=96 * 1024 * 1024))


def test_a_file_too_heavy_is_refused_before_being_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"Intitule\n" + b"x\n" * 1_000_000)
    with pytest.raises(ImportRefused, match="dépasse 1 Mo"):
        read_table(path, "a.csv", limits=Limits(max_bytes=1 << 20))


def test_a_hostile_file_name_is_shown_without_harm() -> None:
    with pytest.raises(ImportRefused) as refusal:
        read_table(b"", "\u202efdp.exe\r\n" + "x" * 300)
    assert "\u202e" not in refusal.value.message
    assert "\n" not in refusal.value.message
    assert len(refusal.value.message) < 160
