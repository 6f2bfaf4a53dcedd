"""The Parquet files of imported datasets: named by what they hold, given in one step, swept when nobody names them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from fichetrack import store


@pytest.fixture(autouse=True)
def empty(app: Any) -> Any:
    for path in store.folder().iterdir():  # an import killed by another test left its workshop
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return app


def written(words: bytes = b"table") -> Path:
    path = store.folder() / "en-cours"
    path.write_bytes(words)
    return path


def aged(path: Path, hours: float = 2) -> Path:
    old = path.stat().st_mtime - 3600 * hours
    os.utime(path, (old, old))
    return path


def test_a_table_is_named_by_what_it_holds(empty: Any) -> None:
    sha256 = store.publish(written())
    assert store.path_of(sha256).read_bytes() == b"table"
    assert store.publish(written()) == sha256
    assert [path.name for path in store.folder().iterdir()] == [f"{sha256}.parquet"]


def test_a_table_written_long_ago_has_its_hour_from_its_publication(empty: Any) -> None:
    store.publish(aged(written()))
    assert store.sweep(set()) == 0


def test_only_what_no_release_names_is_swept_and_only_when_old(empty: Any) -> None:
    known, left = store.publish(written(b"known")), store.publish(written(b"left"))
    recent = store.publish(written(b"recent"))
    folder = store.folder() / "en-cours-abc"
    folder.mkdir()
    (folder / "table.parquet").write_bytes(b"half")
    for path in (store.path_of(known), store.path_of(left), folder):
        aged(path)
    assert store.sweep({known}) == 2
    assert {path.stem for path in store.folder().iterdir()} == {known, recent}


def test_the_workshop_is_gone_whatever_happens(empty: Any) -> None:
    def interrupted() -> None:
        with store.workshop() as folder:
            (folder / "half.parquet").write_bytes(b"x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(store.folder().iterdir()) == []


def test_what_this_host_lacks_is_told(empty: Any) -> None:
    here = store.publish(written())
    assert store.missing([here, "0" * 64]) == ["0" * 64]
