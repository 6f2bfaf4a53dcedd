"""Published files imported: read apart, stored under the hash of their tables, then made visible in one transaction."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy.exc import OperationalError

from fichetrack import clock, store
from fichetrack.errors import ImportRefused
from fichetrack.extensions import db
from fichetrack.models import DatasetRelease, DatasetTable
from fichetrack.queries import release_report
from fichetrack.queries.ground import get_ground
from fichetrack.queries.releases import find_same, is_replaced, list_known_tables
from fichetrack.sources.layouts import get_source
from fichetrack.sources.naf import packaged_zip
from fichetrack.sources.reading import Ground, Reading
from fichetrack.sources.registry import get_reader
from fichetrack.transactions import transaction

Say = Callable[[str], Any]
LOT_MAX = 80  # what the database holds

REASONS = {
    errno.ENOSPC: "le disque est plein",
    errno.EDQUOT: "l’espace accordé sur le disque est épuisé",
    errno.EROFS: "le disque est en lecture seule",
    errno.EACCES: "l’accès est refusé",
    errno.ENOENT: "introuvable",
    errno.EISDIR: "c’est un dossier, un fichier est attendu",
}


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
    options, ground = options or {}, ground or get_ground()
    try:
        sha256 = store.sha256_of(file)
        same = find_same(source, sha256, options, ground.cog_year) if apply else None
        if same and not store.missing(table.sha256 for table in same.tables) and not is_replaced(same):
            return release_report.already_there(same)
        with store.workshop() as folder:
            reading = read_file(source, file, ground, folder, options, say)
            if not apply:
                return release_report.as_text(get_source(source), file.name, reading, applied=False)
            say("Enregistrement…")
            return _apply(source, file, sha256, reading, fictitious, ground.cog_year)
    except OSError as error:
        raise ImportRefused(f"Fichier « {file.name} » : {_reason(error)}. Rien n’a été changé.") from error
    except UnicodeError as error:  # half a character, as JSON may write one, or a name of file in no encoding
        raise ImportRefused(
            f"Fichier « {ascii(file.name)[1:-1]} » : il contient, ou son nom contient, des caractères qui n’en sont pas. "
            "Rien n’a été changé."
        ) from error
    except (MemoryError, RecursionError) as error:
        raise ImportRefused(
            f"Fichier « {file.name} » : le lire demande plus de mémoire que ce serveur n’en a, ou il est imbriqué sans fin. "
            "Découpez-le. Rien n’a été changé."
        ) from error
    except OperationalError as error:
        raise ImportRefused(
            f"La base n’a pas pu enregistrer le fichier « {file.name} » ({error.orig}). Rien n’a été changé."
        ) from error


def load_nomenclature(say: Say = print) -> None:
    """The nomenclature of activities, from the installed package; said and done once, even if another replaced it since."""
    same = find_same("naf", store.sha256_of(packaged_zip()), {}, cog_year=0)
    if same and not store.missing(table.sha256 for table in same.tables):
        say(release_report.already_there(same))
        return
    say(run_file("naf", packaged_zip(), apply=True, say=lambda _text: None).splitlines()[0])


def read_file(source: str, file: Path, ground: Ground, folder: Path, options: Mapping[str, str], say: Say) -> Reading:
    """What the reader of a source makes of a file, in `folder`. Raises ImportRefused, also when no row can be used."""
    if len(options.get("lot", "")) > LOT_MAX:
        raise ImportRefused(f"Le nom du lot dépasse {LOT_MAX} caractères : raccourcissez-le.")
    reading = get_reader(source)(file, ground, folder, options, say)
    if not reading.report.kept:
        why = "\n".join(release_report.aside_lines(reading.report)) or "Il n’a que ses titres de colonnes."
        raise ImportRefused(f"Fichier « {file.name} » : aucune ligne utilisable. Rien n’a été changé.\n{why}")
    _refuse_other_than_asked(file, reading, options)
    return reading


def _refuse_other_than_asked(file: Path, reading: Reading, options: Mapping[str, str]) -> None:
    """An option that the file contradicts is never ignored: an extract would replace the whole, a year another."""
    millesime, lot = options.get("millesime", "").strip(), options.get("lot", "").strip()
    if millesime and millesime != reading.millesime:
        raise ImportRefused(
            f"Fichier « {file.name} » : son millésime est {reading.millesime}, et vous demandez {millesime}. "
            "Vérifiez le fichier, ou retirez l’option --millesime."
        )
    if lot and lot != reading.lot:
        held = f"ce fichier est du lot « {reading.lot} »" if reading.lot else "cette source ne se charge pas par lots"
        raise ImportRefused(
            f"Fichier « {file.name} » : {held}, et vous demandez le lot « {lot} ». Retirez l’option --lot."
        )


def _apply(source: str, file: Path, sha256: str, reading: Reading, fictitious: bool, cog_year: int) -> str:
    """The tables take their final names first: nothing names them yet, and nobody reads them."""
    rows = {name: pq.read_metadata(path).num_rows for name, path in reading.tables.items()}
    same = find_same(source, sha256, {"lot": reading.lot, "millesime": reading.millesime}, cog_year)
    lacked = store.missing(table.sha256 for table in same.tables) if same else []
    files = {name: store.publish(path) for name, path in reading.tables.items()}
    replaced = same is not None and is_replaced(same)
    if same and not replaced and files == {table.name: table.sha256 for table in same.tables}:
        return release_report.restored(same) if lacked else release_report.already_there(same)
    _make_visible(None, source, file, sha256, reading, files, rows, fictitious)
    with suppress(OSError):  # the millésime is visible: what is left to sweep waits for the next import
        store.sweep(list_known_tables())
    text = release_report.as_text(get_source(source), file.name, reading, applied=True)
    again = release_report.VISIBLE_AGAIN if replaced else ""
    return text + again + release_report.still_newer(source, reading)


def _reason(error: OSError) -> str:
    """Why the disk refused, in French for what an operator may mend."""
    return REASONS.get(error.errno or 0, error.strerror or str(error))


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
