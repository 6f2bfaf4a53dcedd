"""The nomenclature of activities (INSEE): table_NAF2-NA.csv, or the zip of all its tables, installed with a package.

Tables: `sous_classes` (ape without dot, label, a88, a38, a17, a21) and `postes` (niveau, code, label, ordre).
The file of the sous-classes says neither the A17 nor the labels of the levels: they come from the zip.
"""

from __future__ import annotations

import importlib.metadata
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from fichetrack.errors import ImportRefused
from fichetrack.geography.reference import typographic
from fichetrack.indicators.nomenclature import divisions
from fichetrack.sources.layouts import LIMITS, get_source, read_frame
from fichetrack.sources.reading import Ground, Reading, Report, Say, write_table
from fichetrack.tables import count_recognised, map_columns, read_table

PACKAGE, INSIDE = "pynsee", "pynsee/metadata/data/naf.zip"
MILLESIME = "rev2-2008"
MAIN = "table_NAF2-NA.csv"
COMPANIONS = {level: f"int_eng_na_2008_{level}.csv" for level in ("a17", "a38", "a88")}
MAX_MEMBER = 8 << 20  # the largest published table weighs 0.3 MB
DEFECTS = {
    "ape": "code de sous-classe illisible (attendu : 27.11Z)",
    "a88": "division A 88 absente ou inconnue de la table A17",
    "a38": "code A 38 absent",
    "label": "intitulé absent",
}


def read(file: Path, ground: Ground, folder: Path, options: Mapping[str, str], say: Say) -> Reading:
    """Read table_NAF2-NA.csv or the zip of the NAF tables. Raises ImportRefused for anything else."""
    report = Report()
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        if zipfile.is_zipfile(file) and not _is_workbook(file):
            tables = unpack(file, Path(temporary))
            main = tables[MAIN]
        else:
            tables = unpack(packaged_zip(), Path(temporary))
            main = file
            report.remark(
                "Les intitulés des niveaux et la correspondance avec les 17 secteurs, absents de ce fichier, viennent des "
                "tables de l’Insee installées avec l’application."
            )
        say("Lecture des sous-classes et des niveaux")
        sous_classes, postes = build(main, tables, report)
    return Reading(
        millesime=MILLESIME,
        tables={
            "sous_classes": write_table(sous_classes, folder, "sous_classes", ["ape"]),
            "postes": write_table(postes, folder, "postes", ["niveau", "ordre"]),
        },
        report=report,
    )


def read_package(ground: Ground, folder: Path) -> Reading:
    """The tables installed with the application, so that an installation has them without any file."""
    return read(packaged_zip(), ground, folder, {}, lambda sentence: None)


def packaged_tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """(sous_classes, postes) of the installed tables, in memory, for a reader whose ground has no NAF yet."""
    with tempfile.TemporaryDirectory() as temporary:
        tables = unpack(packaged_zip(), Path(temporary))
        return build(tables[MAIN], tables, Report())


def packaged_zip() -> Path:
    """Where the tables of INSEE are installed. The package is located, never imported: its own needs are not installed."""
    try:
        path = Path(str(importlib.metadata.distribution(PACKAGE).locate_file(INSIDE)))
    except importlib.metadata.PackageNotFoundError as error:
        raise ImportRefused(
            f"Le paquet {PACKAGE}, qui porte les tables de la NAF, n’est pas installé : « make setup »."
        ) from error
    if not path.is_file():
        raise ImportRefused(
            f"Le paquet {PACKAGE} installé ne contient pas {INSIDE} : sa version n’est pas celle attendue."
        )
    return path


def unpack(archive: Path, folder: Path) -> dict[str, Path]:
    """The needed tables of the zip, by file name, wherever they are in it. Raises ImportRefused."""
    paths = {}
    try:
        with zipfile.ZipFile(archive) as opened:
            members = {Path(info.filename).name: info for info in opened.infolist() if not info.is_dir()}
            wanted = (MAIN, *COMPANIONS.values())
            if missing := [name for name in wanted if name not in members]:
                raise ImportRefused(
                    f"Fichier « {archive.name} » : l’archive devrait contenir {', '.join(wanted)} ; "
                    f"il y manque {', '.join(missing)}."
                )
            for name in wanted:
                # Read no more than the limit, whatever size the archive announces.
                with opened.open(members[name]) as member:
                    content = member.read(MAX_MEMBER + 1)
                if len(content) > MAX_MEMBER:
                    raise ImportRefused(
                        f"Fichier « {archive.name} » : {name} dépasse {MAX_MEMBER >> 20} Mo, ce n’est pas une table de la NAF."
                    )
                paths[name] = folder / name
                paths[name].write_bytes(content)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise ImportRefused(
            f"Fichier « {archive.name} » : l’archive est abîmée ou protégée. Téléchargez-la à nouveau."
        ) from error
    return paths


def build(main: Path, tables: dict[str, Path], report: Report) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The two tables, from the file of the sous-classes and its companions."""
    layouts = get_source("naf").layouts
    levels = {level: read_frame(tables[name], layouts[level])[0] for level, name in COMPANIONS.items()}
    a17 = {division: row.poste for row in levels["a17"].itertuples() for division in divisions(row.divisions)}
    rows = read_sous_classes(main)
    report.read = len(rows)
    unreadable = f"Fichier « {main.name} » : aucune sous-classe lisible. Attendu : 732 lignes « 01.11Z;Culture de… »."
    if rows.empty:
        raise ImportRefused(unreadable)
    rows["ape"] = rows["a732"].str.upper().str.replace(".", "", regex=False)
    rows["ape"] = rows["ape"].where(rows["ape"].str.fullmatch(r"\d{4}[A-Z]"), None)
    rows["a88"] = rows["a88"].where(rows["a88"] == "", rows["a88"].str.zfill(2))
    rows["a17"] = rows["a88"].map(a17)
    wrong = {
        "ape": rows["ape"].isna(),
        "a88": rows["a17"].isna(),
        "a38": rows["a38"] == "",
        "label": rows["label"] == "",
    }
    for column, reason in DEFECTS.items():
        rows = report.set_aside_where(rows, wrong[column].reindex(rows.index), reason)
    rows = report.set_aside_where(rows, rows.duplicated("ape"), "sous-classe déjà donnée par une ligne précédente")
    rows["label"] = rows["label"].map(french)
    report.kept = len(rows)
    if rows.empty:
        raise ImportRefused(unreadable)
    if len(rows) != 732:
        report.remark(f"La NAF rév. 2 compte 732 sous-classes ; ce fichier en donne {len(rows)}.")
    sous_classes = rows[["ape", "label", "a88", "a38", "a17", *(["a21"] if "a21" in rows else [])]]
    return sous_classes, postes_of(levels, sous_classes)


def read_sous_classes(main: Path) -> pd.DataFrame:
    """The rows of table_NAF2-NA, as text, with `line`. Its headings stand on two rows: words, then numbers of posts."""
    layouts = get_source("naf").layouts
    table = read_table(main, main.name, accepted=count_recognised(layouts["words"]), limits=LIMITS)
    words = map_columns(table.columns, layouts["words"])
    second = [cell.strip() for cell in table.rows[0].cells] if table.rows else []
    levels = map_columns(second, layouts["levels"])
    if problems := [*words.problems(), *levels.problems()]:
        raise ImportRefused(
            f"Fichier « {main.name} » : ce n’est pas la table des sous-classes de la NAF (table_NAF2-NA), dont l’en-tête tient "
            f"sur deux lignes, « SOUS CLASSE ; INTITULE… » puis « A 732 ; … ; A 88 ; … ; A 38 ». {' '.join(problems)}"
        )
    places = {name: index for index, name in levels.columns.items()}
    places["label"] = next(index for index, name in words.columns.items() if name == "label")
    rows = table.rows[1:]
    data: dict[str, list[object]] = {"line": [row.line for row in rows]}
    for name, index in places.items():
        data[name] = [row.cells[index].strip() if index < len(row.cells) else "" for row in rows]
    return pd.DataFrame(data)


def postes_of(levels: dict[str, pd.DataFrame], sous_classes: pd.DataFrame) -> pd.DataFrame:
    """Every sector of every level with its French label, in the order of the nomenclature."""
    frames = []
    for level, frame in levels.items():
        # « LI, dont loyers imputés » is a part of LZ, not a post: only what the sous-classes lead to is kept.
        named = frame.loc[frame["poste"].isin(sous_classes[level]) & (frame["label"] != ""), ["poste", "label"]]
        frames.append(named.rename(columns={"poste": "code"}).assign(niveau=level, label=named["label"].map(french)))
    frames.append(sous_classes[["ape", "label"]].rename(columns={"ape": "code"}).assign(niveau="a732"))
    whole = pd.concat([frame.assign(ordre=range(len(frame))) for frame in frames], ignore_index=True)
    return whole[["niveau", "code", "label", "ordre"]]


def french(text: str) -> str:
    """A label of INSEE with typographic apostrophes and no-break spaces before its double signs."""
    plain = typographic(text.replace("\x92", "’"))
    return plain.replace(" ;", "\u00a0;").replace(" :", "\u00a0:")


def _is_workbook(file: Path) -> bool:
    with zipfile.ZipFile(file) as opened:
        return "[Content_Types].xml" in opened.namelist()
