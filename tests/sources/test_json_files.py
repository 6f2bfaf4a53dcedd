"""A published JSON: read whatever wraps it, and never at the price of the machine's memory."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from fichetrack.errors import ImportRefused
from fichetrack.sources import chomage, friches, json_files, sites, zae, zonages
from fichetrack.sources.json_files import is_json, load_json
from fichetrack.sources.reading import Ground

MANY = ",".join(f'"p{number}": 1' for number in range(400))


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        (tmp_path / "liste.json").write_bytes(content)
        return tmp_path / "liste.json"

    return write


@pytest.mark.parametrize(
    "content",
    [b'{"a": 1}', b'\xef\xbb\xbf  {"a": 1}', gzip.compress(b'{"a": 1}')],
    ids=["plain", "BOM", "gzipped"],
)
def test_an_object_is_read_whatever_wraps_it(file: Callable[[bytes], Path], content: bytes) -> None:
    assert is_json(file(content)) and load_json(file(content)) == {"a": 1}


def test_a_text_is_no_json_even_gzipped(file: Callable[[bytes], Path]) -> None:
    assert not is_json(file(b"a;b\n1;2\n")) and not is_json(file(gzip.compress(b"a;b\n1;2\n")))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"a": ', "tronqué"),
        (b'{"a": ' * 200_000, "mal formé"),
        ("{'é': 1}".encode("cp1252"), "UTF-8"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "mal formé"),
        (gzip.compress(b'{"a": 1}')[:-9], "abîmée"),
        (gzip.compress(b" " * (json_files.MAX_BYTES + 1), 1), "une fois décompressé"),
    ],
    ids=["cut", "nested without end", "cp1252", "an endless number", "cut gzip", "a bomb"],
)
def test_what_cannot_be_read_is_refused_in_words(file: Callable[[bytes], Path], content: bytes, said: str) -> None:
    with pytest.raises(ImportRefused, match=said):
        load_json(file(content))


def test_a_large_one_is_tried_apart_before_it_takes_the_memory(
    file: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_files, "MEMORY", 128 << 20)
    swollen = b'{"features": [' + b"[]," * (3 << 20) + b"[]]}"  # nine megabytes, two hundred once parsed
    with pytest.raises(ImportRefused, match="demande trop de mémoire"):
        load_json(file(swollen))
    assert load_json(file(b'"' + b"x" * json_files.TRIED + b'"'))


def test_a_file_of_two_gigabytes_is_refused_by_its_size(file: Callable[[bytes], Path]) -> None:
    path = file(b'{"features": [')
    with path.open("r+b") as holes:
        holes.truncate(2 << 30)
    with pytest.raises(ImportRefused, match="dépasse 200 Mo"):
        load_json(path)


@pytest.mark.parametrize("source", [friches, sites, zae, zonages, chomage], ids=lambda one: one.__name__[19:])
@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"[1, 2]",
        b"{}",
        b'{"type": "FeatureCollection", "features": [1, {"properties": 5}]}',
        b'{"features": {}}',
    ],
)
def test_a_json_of_another_shape_is_refused_by_every_reader(
    ground: Ground, tmp_path: Path, file: Callable[[bytes], Path], source: object, content: bytes
) -> None:
    with pytest.raises(ImportRefused, match=r"liste\.json"):
        source.read(file(content), ground, tmp_path, {}, lambda _said: None)  # type: ignore[attr-defined]


def test_properties_that_no_entity_shares_do_not_make_a_table(
    ground: Ground, tmp_path: Path, file: Callable[[bytes], Path]
) -> None:
    content = f'{{"type": "FeatureCollection", "features": [{{"properties": {{{MANY}}}}}]}}'
    with pytest.raises(ImportRefused, match="400 propriétés différentes"):
        friches.read(file(content.encode()), ground, tmp_path, {}, lambda _said: None)
