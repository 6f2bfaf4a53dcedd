"""Creations and losses of jobs a territoire follows: no published layout, a declared mapping and our own model workbook.

Table `evenements`: libelle, commune, date (ISO), nature (creation, suppression), emplois, emplois_secret, secteur, source,
diffusion (réseau unless said otherwise), entreprise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from fichetrack.errors import ImportRefused
from fichetrack.indicators.quantities import parse_quantity
from fichetrack.sources.commune_names import CommuneFinder
from fichetrack.sources.layouts import LIMITS, get_source
from fichetrack.sources.millesimes import find_millesime
from fichetrack.sources.reading import Ground, Reading, Report, Say, write_table
from fichetrack.sources.repeats import without_repeats
from fichetrack.tables import Column, count_recognised, map_columns, map_rows, read_table
from fichetrack.vocabulary import Diffusion

SOURCE = "evenements-emploi"
COLUMNS = [
    "libelle", "commune", "date", "nature", "emplois", "emplois_secret", "secteur", "source", "diffusion", "entreprise",
]  # fmt: skip
FIRST, LAST = date(1990, 1, 1), date(2100, 1, 1)


def read(file: Path, ground: Ground, folder: Path, options: Mapping[str, str], say: Say) -> Reading:
    """The events of a workbook; option « lot »: whose list this is, so that a new one replaces that one only.

    Its millésime is the day of the list, never that of its last event: a list that lost one would stay hidden behind it.
    """
    columns = declared_columns()
    table = read_table(file, file.name, accepted=count_recognised(columns), limits=LIMITS)
    mapping = map_columns(table.columns, columns)
    if problems := mapping.problems():
        found = ", ".join(f"« {heading} »" for heading in table.columns[:60] if heading.strip()) or "aucune"
        raise ImportRefused(f"Fichier « {file.name} » : {' '.join(problems)} Colonnes trouvées : {found}.")
    report = Report(read=len(table.rows), remarks=mapping.remarks())
    rows, errors = map_rows(table, mapping, columns, {"commune": CommuneFinder(ground).find})
    faults: dict[int, list[str]] = {}
    for error in errors:
        faults.setdefault(error.line, []).append(str(error))
    for line, said in faults.items():
        report.set_aside(line, "une cellule ne peut pas être lue", " ".join(said))
    frame = _frame([{"line": row.line, **row.values} for row in rows], report)
    report.kept = len(frame)
    if frame.empty:
        why = " ".join(sentence for _line, sentence in report.lines[:3])
        raise ImportRefused(f"Fichier « {file.name} » : aucune ligne utilisable. {why}".strip())
    tables = {"evenements": write_table(frame[COLUMNS], folder, "evenements", ["commune", "date", "libelle"])}
    lot = options.get("lot", "").strip()
    return Reading(find_millesime(file, options, report), tables, report, ground.cog_year, lot=lot)


def declared_columns() -> tuple[Column, ...]:
    """The columns of the model workbook, with the bounds of the date."""
    columns = get_source(SOURCE).layouts[SOURCE]
    return tuple(replace(one, minimum=FIRST, maximum=LAST) if one.kind == "date" else one for one in columns)


def _frame(rows: list[dict[str, Any]], report: Report) -> pd.DataFrame:
    """Typed rows: jobs in three states, the class réseau by default; repeated events once."""
    frame = pd.DataFrame(rows, columns=["line", *[name for name in COLUMNS if name != "emplois_secret"]])
    jobs, odd = parse_quantity(frame["emplois"], "emplois")
    odd |= (jobs["emplois"] < 0) | (jobs["emplois"] % 1 > 0)
    frame = frame.drop(columns="emplois").join(jobs)
    frame = report.set_aside_where(
        frame, odd, "le nombre d’emplois n’est ni un nombre entier sans signe, ni « secret », ni vide"
    )
    texts = ["libelle", "secteur", "source", "entreprise"]
    frame = frame.assign(
        date=[day.isoformat() for day in frame["date"]],
        diffusion=frame["diffusion"].fillna(Diffusion.RESEAU.value).astype("str"),
        **{name: frame[name].fillna("").astype("str").str.strip() for name in texts},
    )
    key = [name for name in COLUMNS if name not in ("emplois", "emplois_secret", "diffusion")]
    return without_repeats(frame, key, ["emplois", "emplois_secret", "diffusion"], report)
