"""Published files imported: read apart, stored under the hash of their tables, then made visible in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from fichetrack import clock, store
from fichetrack.errors import ImportRefused
from fichetrack.extensions import db
from fichetrack.models import DatasetRelease, DatasetTable
from fichetrack.queries import release_report
from fichetrack.queries.ground import get_ground
from fichetrack.queries.releases import find_same, list_known_tables
from fichetrack.sources.layouts import get_source
from fichetrack.sources.naf import packaged_zip
from fichetrack.sources.reading import Ground, Reading
from fichetrack.sources.registry import get_reader
from fichetrack.transactions import transaction

Say = Callable[[str], Any]


def run_file(
    source: str,
    file: Path,
    apply: bool = False,
    options: Mapping[str, str] | None = None,
    say: Say = print,
    fictitious: bool = False,
    ground: Ground | None = None,
) -> str:
    """Check a published file and, with `apply`, make it visible; returns the report to print. Raises ImportRefused.

    Whatever interrupts it, what was visible before stays so. The same file applied again changes nothing.
    """
    options = options or {}
    sha256 = store.sha256_of(file)
    ground = ground or get_ground()
    if apply and (same := find_same(source, sha256, options.get("lot"), ground.cog_year)):
        return release_report.already_there(same)
    with store.workshop() as folder:
        reading = _read(source, file, ground, folder, options, say)
        text = release_report.as_text(get_source(source), file.name, reading, applied=apply)
        if apply:
            say("Enregistrement…")
            _apply(source, file, sha256, reading, fictitious)
    return text


def load_nomenclature(say: Say = print) -> None:
    """The nomenclature of activities, from the installed package; said and done once."""
    say(run_file("naf", packaged_zip(), apply=True, say=lambda _text: None).splitlines()[0])


def _read(source: str, file: Path, ground: Ground, folder: Path, options: Mapping[str, str], say: Say) -> Reading:
    try:
        reading = get_reader(source)(file, ground, folder, options, say)
    except OSError as error:
        raise ImportRefused(f"Fichier « {file.name} » : {error.strerror or error}. Rien n’a été changé.") from error
    if not reading.report.kept:
        raise ImportRefused(
            f"Fichier « {file.name} » : aucune ligne utilisable. Rien n’a été changé.\n"
            + "\n".join(release_report.aside_lines(reading.report))
        )
    return reading


def _apply(source: str, file: Path, sha256: str, reading: Reading, fictitious: bool) -> None:
    """The tables take their final names first: nothing names them yet, and nobody reads them."""
    rows = {name: pq.read_metadata(path).num_rows for name, path in reading.tables.items()}
    try:
        files = {name: store.publish(path) for name, path in reading.tables.items()}
    except OSError as error:
        raise ImportRefused(
            f"Les tables n’ont pas pu être écrites : {error.strerror or error}. Rien n’a été changé."
        ) from error
    _make_visible(None, source, file, sha256, reading, files, rows, fictitious)
    store.sweep(list_known_tables())


@transaction
def _make_visible(
    user: Any,
    source: str,
    file: Path,
    sha256: str,
    reading: Reading,
    files: Mapping[str, str],
    rows: Mapping[str, int],
    fictitious: bool,
) -> int:
    declared = get_source(source)
    release = DatasetRelease(
        source=source,
        lot=reading.lot,
        millesime=reading.millesime,
        filename=file.name[-255:],
        sha256=sha256,
        bytes=file.stat().st_size,
        producer=declared.producer,
        cog_year=reading.cog_year,
        rows_read=reading.report.read,
        rows_kept=reading.report.kept,
        report=reading.report.as_dict(),
        fictitious=fictitious,
        imported_at=clock.now(),
        tables=[DatasetTable(name=name, sha256=files[name], rows=rows[name]) for name in sorted(files)],
    )
    db.session.add(release)
    db.session.flush()
    return release.id
