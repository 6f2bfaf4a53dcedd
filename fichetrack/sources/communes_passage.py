"""Former codes of communes (INSEE): table `passage` (ancien, courant), only where the code changed.

A commune that keeps its code is not in the table; départements and régions of the same file are counted aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from fichetrack.errors import ImportRefused
from fichetrack.sources.codes import commune_codes
from fichetrack.sources.layouts import get_source, read_frame
from fichetrack.sources.millesimes import check_millesime
from fichetrack.sources.reading import Ground, Reading, Report, Say, write_table

LEVELS = frozenset({"COM", "ARM"})


def read(file: Path, ground: Ground, folder: Path, options: Mapping[str, str], say: Say) -> Reading:
    """Read the yearly table. Raises ImportRefused when it is another file, or of a year to come."""
    rows, remarks = read_frame(file, get_source("communes-passage").layouts["communes-passage"])
    if rows.empty:
        raise ImportRefused(f"Fichier « {file.name} » : aucune ligne sous l’en-tête.")
    report = Report(read=len(rows), remarks=remarks)
    say(f"{len(rows)} lignes lues")
    rows["annee"] = rows["annee"].where(rows["annee"].str.fullmatch(r"20\d\d"), None)
    rows = report.set_aside_where(rows, rows["annee"].isna(), "année illisible (attendu : 2025)")
    rows = report.set_aside_where(
        rows, ~rows["niveau"].str.upper().isin(LEVELS), "ce n’est ni une commune ni un arrondissement municipal"
    )
    if rows.empty:
        raise ImportRefused(f"Fichier « {file.name} » : aucune ligne de commune (niveau COM ou ARM) avec son année.")
    year = check_millesime(max(rows["annee"]))
    rows = report.set_aside_where(rows, rows["annee"] != year, f"année antérieure à {year}")
    passage = changed(rows, report)
    return Reading(
        millesime=year,
        tables={"passage": write_table(settle(passage, ground, report), folder, "passage", ["ancien"])},
        report=report,
        cog_year=ground.cog_year,
    )


def changed(rows: pd.DataFrame, report: Report) -> pd.DataFrame:
    """One row per former code that is no longer used, from the valid rows."""
    rows = rows.assign(ancien=commune_codes(rows["ancien"]), courant=commune_codes(rows["courant"]))
    rows = report.set_aside_where(rows, rows["ancien"].isna() | rows["courant"].isna(), "code de commune illisible")
    again = rows.duplicated(["ancien", "courant"])
    rows = report.set_aside_where(rows, again, "ligne en double")
    # A code that was split leads to several communes: none of them may be chosen for it.
    split = rows["ancien"].duplicated(keep=False)
    rows = report.set_aside_where(rows, split, "ancien code qui mène à plusieurs communes")
    report.kept = len(rows)
    return rows.loc[rows["ancien"] != rows["courant"], ["ancien", "courant"]]


def settle(passage: pd.DataFrame, ground: Ground, report: Report) -> pd.DataFrame:
    """Bring the current codes to those of the installation, and say what it does not know."""
    today = ground.current_communes(passage["courant"])
    if unknown := int(today.isna().sum()):
        report.remark(
            f"{unknown} codes courants de ce fichier ne sont pas des communes du code officiel géographique "
            f"{ground.cog_year} : leurs anciens codes ne seront pas traduits."
        )
    known = passage.assign(courant=today).loc[today.notna()]
    # A code that is current in the installation is never translated, whatever an older table says.
    return known.loc[~known["ancien"].isin(ground.communes.index)]
