"""The file of flows an operator gives, unpacked if it is a zip, and what its headings say.

The national files are long (a million rows, or eight): nothing here holds one in memory.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fichetrack.errors import ImportRefused
from fichetrack.sources.bulk import Text, open_text
from fichetrack.sources.layouts import get_source
from fichetrack.tables import count_recognised, map_columns, normalise_heading, safe_filename

MAX_UNPACKED = 6 << 30  # the detailed file of one year weighs about 1 GB
MAX_RATIO = 100  # such a text packs ten or fifteen times; a bomb, a thousand
CHUNK = 1 << 20

_FLOW = re.compile(r"nbflux c(\d\d) actocc15p")
_MIGRATION = re.compile(r"nbflux c\d\d (?!actocc15p)\w+")
EXPECTED = (
    "Formats attendus : la base des flux de l’Insee (CODGEO, DCLT, NBFLUX_CAA_ACTOCC15P, où AA est l’année) ou le fichier "
    "détail Mobilités professionnelles (COMMUNE, DCLT, IPONDI), en CSV ou dans son archive zip."
)


@dataclass(frozen=True)
class FlowFile:
    """A text ready to be streamed, and which of its columns is which field.

    fields: position by name (commune, destination, poids, and destination_nom or frontaliere where the file has them).
    year: that of the census when a heading says it.
    """

    text: Text
    layout: str
    fields: dict[str, int]
    year: str | None
    remarks: list[str]


@contextmanager
def open_flows(file: Path, scratch: Path) -> Iterator[FlowFile]:
    """Unpack into `scratch` if need be, and read the headings. Raises ImportRefused, in French, naming the file."""
    if not file.is_file():
        raise ImportRefused(f"Fichier « {file.name} » : il n’existe pas. Vérifiez son chemin.")
    with file.open("rb") as source:
        packed = source.read(2) == b"PK"
    columns = [column for layout in get_source("mobilite").layouts.values() for column in layout]
    with open_text(_unpack(file, scratch) if packed else file, scratch, count_recognised(columns)) as text:
        yield _recognise(text)


def _unpack(file: Path, scratch: Path) -> Path:
    """The only CSV of flows of the archive, its dictionary left aside."""
    try:
        with zipfile.ZipFile(file) as archive:
            inside = [one for one in archive.infolist() if re.search(r"\.(csv|txt)$", one.filename, re.IGNORECASE)]
            texts = [one for one in inside if not re.search(r"meta|varmod|dictionnaire|lisez", one.filename, re.I)]
            if len(texts) != 1:
                names = ", ".join(f"« {one.filename} »" for one in archive.infolist()[:10]) or "rien"
                raise ImportRefused(
                    f"Fichier « {file.name} » : un seul CSV de flux est attendu dans l’archive. Trouvé : {names}."
                )
            return _extract(file, archive, texts[0], scratch)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ImportRefused(
            f"Fichier « {file.name} » : l’archive est abîmée ou protégée. Téléchargez-la à nouveau."
        ) from error


def _extract(file: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo, scratch: Path) -> Path:
    # What the archive declares may lie: what comes out is counted as well.
    allowed = min(MAX_UNPACKED, max(member.compress_size, 1 << 16) * MAX_RATIO)
    target, written = scratch / safe_filename(member.filename), 0
    with archive.open(member) as source, target.open("wb") as out:
        while chunk := source.read(CHUNK):
            written += len(chunk)
            if written > allowed:
                raise ImportRefused(
                    f"Fichier « {file.name} » : l’archive est démesurée une fois décompressée, elle n’est pas lue."
                )
            out.write(chunk)
    return target


def _recognise(text: Text) -> FlowFile:
    headings = text.headings
    if any(_MIGRATION.fullmatch(normalise_heading(one)) for one in headings):
        raise ImportRefused(
            f"Fichier « {text.name} » : ce sont d’autres flux (migrations résidentielles ou scolaires). {EXPECTED}"
        )
    flows = [index for index, one in enumerate(headings) if _FLOW.fullmatch(normalise_heading(one))]
    for layout, columns in get_source("mobilite").layouts.items():
        mapping = map_columns(headings, columns)
        if mapping.missing or (layout == "flux" and not flows):
            continue
        if problems := mapping.problems() + ["Plusieurs colonnes de flux."] * (len(flows) > 1):
            raise ImportRefused(f"Fichier « {text.name} » : {' '.join(problems)}")
        fields = {name: index for index, name in mapping.columns.items()}
        year = None
        if layout == "flux":
            fields["poids"] = flows[0]
            year = _year(headings[flows[0]])
        ignored = [one for one in mapping.remarks() if not re.search(r"NBFLUX", one)] if layout == "flux" else []
        return FlowFile(text, layout, fields, year, ignored)
    found = ", ".join(f"« {one} »" for one in headings[:40] if one.strip()) or "aucune"
    raise ImportRefused(
        f"Fichier « {text.name} » : ce ne sont pas des flux domicile-travail. Colonnes trouvées : {found}. {EXPECTED}"
    )


def _year(heading: str) -> str:
    """« C22 » is 2022; the census gave such flows from 2006 on, and in 1999."""
    found = _FLOW.fullmatch(normalise_heading(heading))
    two = int(found[1]) if found else 0
    return str(1900 + two if two > 90 else 2000 + two)
