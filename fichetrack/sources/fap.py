"""The nomenclature of métiers (FAP 2021) at its four levels, in either order its editions give them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from fichetrack.errors import ImportRefused
from fichetrack.geography.reference import typographic
from fichetrack.sources.layouts import LIMITS, frame_of, get_source
from fichetrack.sources.reading import Ground, Reading, Report, Say, write_table
from fichetrack.tables import count_recognised, read_table
from fichetrack.tables.mapping import overflow

MILLESIME = "2021"  # the edition with 341, 228, 86 and 22 métiers; that of 2009 has 225, 87 and 22
LEVELS = ("22", "86", "228", "341")
SHAPES = {"22": r"[A-Z]", "86": r"[A-Z][0-9A-Z][A-Z]", "228": r"[A-Z][0-9A-Z][A-Z]\d\d"}
SHAPES["341"] = SHAPES["228"] + "[a-z]?"


def read(file: Path, ground: Ground, folder: Path, options: Mapping[str, str], say: Say) -> Reading:
    """The table `fap`: niveau (FAP22, FAP86, FAP228, FAP341), code, label, parent (code of the level above)."""
    columns = get_source("fap").layouts["fap"]
    table = read_table(file, file.name, accepted=count_recognised(columns), limits=LIMITS)
    frame, remarks = frame_of(table, columns, file.name)
    report = Report(read=len(frame), remarks=remarks)
    slipped = frame["line"].isin([row.line for row in table.rows if any(overflow(row, table))])
    frame = report.set_aside_where(frame, slipped, "plus de cellules que de titres : un séparateur est dans un texte")
    levels = [level for level in LEVELS if {f"code_{level}", f"label_{level}"} <= set(frame.columns)]
    for level in levels:
        wrong = ~frame[f"code_{level}"].str.fullmatch(SHAPES[level]) | (frame[f"label_{level}"] == "")
        frame = report.set_aside_where(frame, wrong, f"code ou intitulé du niveau FAP {level} illisible")
    report.kept = len(frame)
    if frame.empty:
        raise ImportRefused(
            f"Fichier « {file.name} » : aucune ligne utilisable sur {report.read}. Une ligne attendue commence par un "
            "code FAP 341 ou FAP 228 et son intitulé, par exemple « A0X40 »."
        )
    tidy = pd.concat([_level(frame, level, above, report) for above, level in zip(["", *levels], levels, strict=False)])
    counts = tidy["niveau"].value_counts()
    report.remark("Codes par niveau : " + ", ".join(f"FAP {level}, {counts[f'FAP{level}']}" for level in levels) + ".")
    return Reading(MILLESIME, {"fap": write_table(tidy, folder, "fap", ["niveau", "code"])}, report)


def _level(frame: pd.DataFrame, level: str, above: str, report: Report) -> pd.DataFrame:
    """One row per code of a level; the first label wins over another of the same code, which is told."""
    rows = pd.DataFrame(
        {
            "niveau": f"FAP{level}",
            "code": frame[f"code_{level}"],
            "label": frame[f"label_{level}"].map(typographic),
            "parent": frame[f"code_{above}"] if above else None,
        }
    ).drop_duplicates()
    again = rows[rows.duplicated("code")]
    if len(again):
        codes = ", ".join(sorted(set(again["code"]))[:10])
        report.remark(f"Niveau FAP {level} : plusieurs intitulés ou parents pour {codes} ; le premier est gardé.")
    return rows.drop_duplicates("code")
