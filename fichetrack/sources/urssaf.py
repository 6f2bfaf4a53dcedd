"""Establishments and employees by commune × APE (Urssaf), all years at once, in bounded memory.

Tables, each with columns `eff_AAAA` (employees on 31 December) and `etab_AAAA` (establishments), NULL where the file is
blank: `communes_ape` (commune, ape), `epci_a88` (epci, a88, interim), `zones_ape` (niveau, code, ape). Temporary work
agencies (APE 7820Z) are the rows `interim`, so that a reader may leave them out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fichetrack.errors import ImportRefused
from fichetrack.indicators.nomenclature import INTERIM
from fichetrack.sources import bulk, naf
from fichetrack.sources.codes import commune_codes
from fichetrack.sources.reading import Ground, Reading, Report, Say
from fichetrack.sources.urssaf_layout import Layout, count_headings, find_layout, missing_measures
from fichetrack.sources.urssaf_sums import Rows, write_tables
from fichetrack.tables.french import count

TOLERATED = 0.1  # share of rows set aside beyond which the file is not what it says
NO_EPCI = "ZZZZZZZZZ"  # as INSEE writes it: a few islands belong to none
CELL = np.dtype("uint32")  # of a measure until it is summed; the largest number stands for a blank
CODES = {"commune_lue": "code_commune", "ape_lue": "code_ape", "epci_lu": "code_epci"}
SECTORS = {"a88": "secteur_na88", "a38": "secteur_na38", "a17": "secteur_na17"}
SECTORS_READ_IN = 50_000  # first rows: they hold nearly every APE, and reading labels in all of them costs a third more
# Why a row is set aside, and the code that is then repeated.
REASONS = (
    ("nombre négatif ou non entier", ""),
    ("commune inconnue", "commune_lue"),
    ("APE inconnue de la NAF rév. 2", "ape_lue"),
    ("deuxième ligne pour la même commune et la même APE", ""),
)


def read(file: Path, ground: Ground, folder: Path, options: Mapping[str, str], say: Say) -> Reading:
    """Read the published file. Raises ImportRefused when it is another file, a cut one, or another nomenclature."""
    report = Report()
    say(f"Lecture de {file.name} ({count(max(1, file.stat().st_size >> 20))} Mo)")
    with tempfile.TemporaryDirectory(dir=folder) as temporary, bulk.open_text(file, folder, count_headings) as text:
        layout, raw = find_layout(text), Path(temporary)
        # Two threads that hand over pieces in order spend more than they save.
        with bulk.connect(folder, text, threads=1) as engine:
            codes, rejected = stage(engine, text, layout, raw, report)
            sectors = read_sectors(engine, text, layout)
        say(f"{count(report.read)} lignes lues, années {layout.years[0]} à {layout.years[-1]}")
        places, activities = settle_communes(codes, ground, report), settle_apes(codes, ground)
        remark_sectors(sectors, activities, report)
        kept = set_aside(codes, places, activities, text, rejected, report)
        rows = Rows(
            columns={name: np.memmap(raw / name, CELL, "r") for name in layout.measures},
            picked=kept,
            place=codes["commune_lue"].cat.codes.to_numpy("int64")[kept],
            activity=codes["ape_lue"].cat.codes.to_numpy("int64")[kept],
            places=places,
            activities=activities,
        )
        tables = write_tables(rows, folder, say)
        remark_years(layout, report)
        remark_extent(rows, ground, report)
    return Reading(str(layout.years[-1]), tables, report, ground.cog_year)


def sector_totals(file: Path, year: int, folder: Path, level: str = "a88", by: str = "epci") -> pd.DataFrame:
    """Employees and establishments of one year by EPCI (or commune) × sector, straight from the published file.

    level: a88 or a732.   by: epci or commune, with the codes of the file. Only the columns needed are read.
    Returns columns `by`, secteur, effectifs, etablissements (float64; NaN: nothing there), a row per pair of the file.
    Raises ImportRefused for another file, a year it has not, or rows that cannot be read.
    """
    report = Report()
    with bulk.open_text(file, folder, count_headings) as text, bulk.connect(folder, text, memory_mb=200) as engine:
        layout = find_layout(text)
        if f"code_{by}" not in layout.fields or f"eff_{year}" not in layout.measures:
            raise ImportRefused(f"Fichier « {file.name} » : il n’a pas de colonne pour {by} en {year}.")
        places = {name: layout.measures[name] for name in (f"eff_{year}", f"etab_{year}") if name in layout.measures}
        sums = ", ".join(f"sum(c{place}) AS {name}" for name, place in places.items())
        width = 2 if level == "a88" else 5
        found = engine.execute(
            f"SELECT c{layout.fields[f'code_{by}']} AS {by}, left(c{layout.fields['code_ape']}, {width}) AS secteur, {sums} "  # noqa: S608
            f"FROM {bulk.scan(text, dict.fromkeys(places.values(), 'DOUBLE'))} GROUP BY ALL"
        ).df()
        if bulk.report_rejects(engine, text, report):
            raise ImportRefused(
                f"Fichier « {file.name} » : {report.aside} lignes illisibles ; importez-le pour les voir."
            )
    return found.rename(columns={f"eff_{year}": "effectifs", f"etab_{year}": "etablissements"})


def load_year(table: Path, year: int, keys: tuple[str, ...], interim: bool = True) -> pd.DataFrame:
    """One year of an imported table: its `keys` (as categories), effectifs, etablissements (float64); nothing else is read.

    interim: whether temporary work agencies (APE 7820Z) are counted; without them, their rows are left out.
    """
    measures = {f"eff_{year}": "effectifs", f"etab_{year}": "etablissements"}
    held = pq.ParquetFile(table, read_dictionary=list(keys))
    known = [name for name in measures if name in held.schema_arrow.names]
    # So little is read that threads would cost more than they save.
    read = held.read([*keys, *known, *([] if interim else ["interim"])], use_threads=False)
    if not interim:
        read = read.filter(pc.invert(read["interim"])).drop_columns("interim")
    return read.to_pandas(use_threads=False).rename(columns=measures)


def stage(
    engine: duckdb.DuckDBPyConnection, text: bulk.Text, layout: Layout, folder: Path, report: Report
) -> tuple[pd.DataFrame, list[int]]:
    """Read the text once, in its order: its codes, as a frame of categories, and the lines it could not read.

    Each measure goes to a raw file of `folder`: encoding a Parquet file or a table would cost more than reading the text.
    """
    codes: dict[str, list[pa.Array]] = {}
    with ExitStack() as stack:
        files = {name: stack.enter_context((folder / name).open("wb")) for name in layout.measures}
        for batch in bulk.ahead(bulk.batches(engine, staging(text, layout))):
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                if name in files:
                    files[name].write(column.to_numpy())
                else:
                    codes.setdefault(name, []).append(column.dictionary_encode())
    rejected = bulk.report_rejects(engine, text, report)
    report.kept = sum(map(len, codes.get("odd", ())))
    report.read = report.kept + len(rejected)
    if not report.read:
        raise ImportRefused(f"Fichier « {text.name} » : il n’a pas de ligne sous son en-tête.")
    refuse_many(text, report)
    return pa.table({name: pa.chunked_array(pieces) for name, pieces in codes.items()}).to_pandas(), rejected


def staging(text: bulk.Text, layout: Layout) -> str:
    """The SQL of what is read: codes as text, `odd` (a number that is no count of anything), measures as whole numbers."""
    places = layout.fields
    columns = [f"coalesce(c{places[field]}, '') AS {name}" for name, field in CODES.items() if field in places]
    columns += [f"'' AS {name}" for name, field in CODES.items() if field not in places]
    # Checking every number for a fraction costs more than reading it: the last year tells which dataset it is.
    checked = [place for name, place in layout.measures.items() if name.endswith(f"_{layout.years[-1]}")]
    columns.append(f"coalesce({' OR '.join(f'c{place} % 1 <> 0 OR c{place} < 0' for place in checked)}, false) AS odd")
    columns += [
        f"coalesce(TRY_CAST(c{place} AS UINTEGER), {np.iinfo(CELL).max}::UINTEGER) AS {name}"
        for name, place in layout.measures.items()
    ]
    types = {place: "DECIMAL(10, 1)" if place in checked else "UINTEGER" for place in layout.measures.values()}
    return f"SELECT {', '.join(columns)} FROM {bulk.scan(text, types)}"  # noqa: S608 — places and our own names


def settle_communes(codes: pd.DataFrame, ground: Ground, report: Report) -> pd.DataFrame:
    """For each commune code of the file (a category of `commune_lue`): lue (normalised), commune, EPCI… of today."""
    lieux = codes[["commune_lue", "epci_lu"]].drop_duplicates(ignore_index=True).astype("str")
    lieux["lue"] = commune_codes(lieux["commune_lue"])
    lieux["commune"] = ground.current_communes(lieux["lue"])
    places = ground.communes.reindex(lieux["commune"])[["epci", "departement", "region"]].reset_index(drop=True)
    lieux = pd.concat([lieux, places], axis=1)
    lieux["epci"] = lieux["epci"].where(lieux["epci"].notna() | lieux["commune"].isna(), NO_EPCI)
    known = lieux[lieux["commune"].notna()]
    told = known["epci_lu"].str.strip()
    moved = known[(told != "") & (told != known["epci"])]
    if len(moved):
        report.remark(
            f"Communes dont l’EPCI n’est pas, dans ce fichier, celui du code officiel géographique {ground.cog_year} : "
            f"{count(moved['commune'].nunique())}. L’EPCI de {ground.cog_year} est retenu."
        )
    renamed = known[known["commune"] != known["lue"]]
    if len(renamed):
        report.remark(
            "Arrondissements municipaux et anciennes communes comptés dans leur commune actuelle : "
            f"{count(renamed['commune_lue'].nunique())}."
        )
    unique = lieux.drop_duplicates("commune_lue").set_index("commune_lue")
    return unique.reindex(codes["commune_lue"].cat.categories).reset_index(names="commune_lue")


def settle_apes(codes: pd.DataFrame, ground: Ground) -> pd.DataFrame:
    """For each APE of the file (a category of `ape_lue`): ape and its sectors, from the nomenclature of INSEE; interim."""
    held = ground.tables("naf", "sous_classes")
    sous_classes = (naf.packaged_tables()[0] if held is None else held).set_index("ape")[["a88", "a38", "a17"]]
    apes = pd.DataFrame({"ape_lue": codes["ape_lue"].cat.categories.astype("str")})
    told = apes["ape_lue"].str.strip().str.upper().str.replace(".", "", regex=False)
    apes["ape"] = told.where(told.isin(sous_classes.index), None)
    apes["interim"] = apes["ape"] == INTERIM
    return pd.concat([apes, sous_classes.reindex(apes["ape"]).reset_index(drop=True)], axis=1)


def read_sectors(engine: duckdb.DuckDBPyConnection, text: bulk.Text, layout: Layout) -> pd.DataFrame:
    """The sectors (two characters) the first rows of the file give each APE: ape_lue and, of SECTORS, those it has."""
    held = {name: layout.fields[field] for name, field in SECTORS.items() if field in layout.fields}
    names = ["ape_lue", *held]
    columns = [
        f"coalesce(c{layout.fields['code_ape']}, '')",
        *(f"coalesce(left(c{at}, 2), '')" for at in held.values()),
    ]
    told = ", ".join(f"{column} AS {name}" for column, name in zip(columns, names, strict=True))
    rows = f"SELECT {told} FROM {bulk.scan(text, {}, 'sector_rejects')} LIMIT {SECTORS_READ_IN}"  # noqa: S608 — our own names
    return engine.execute(f"SELECT DISTINCT * FROM ({rows})").df()  # noqa: S608


def remark_sectors(sectors: pd.DataFrame, activities: pd.DataFrame, report: Report) -> None:
    """Say where the file's sectors are not those of the NAF."""
    known = sectors.merge(activities[activities["ape"].notna()], on="ape_lue", suffixes=("_lu", ""))
    for level in SECTORS:
        if f"{level}_lu" not in known:
            continue
        other = known.loc[(known[f"{level}_lu"] != "") & (known[f"{level}_lu"] != known[level]), "ape"]
        if len(other):
            report.remark(
                f"{other.nunique()} APE ont dans ce fichier un secteur {level.upper()} qui n’est pas celui de la NAF "
                f"({', '.join(sorted(other.unique())[:5])}) : la NAF est retenue."
            )


def set_aside(
    codes: pd.DataFrame,
    places: pd.DataFrame,
    activities: pd.DataFrame,
    text: bulk.Text,
    rejected: list[int],
    report: Report,
) -> np.ndarray:
    """Report the rows that cannot be used, and give the places of the others. Raises ImportRefused when they are many."""
    place, activity = (codes[name].cat.codes.to_numpy("int64") for name in ("commune_lue", "ape_lue"))
    unknown = [heads.isna().to_numpy()[at] for heads, at in ((places["commune"], place), (activities["ape"], activity))]
    why = np.select([codes["odd"].to_numpy("bool"), *unknown], [1, 2, 3], 0).astype("int8")
    good = np.flatnonzero(why == 0)
    # The same commune and APE, however they are written.
    same = [pd.factorize(heads)[0][at[good]] for heads, at in ((places["lue"], place), (activities["ape"], activity))]
    why[good[pd.Series(same[0] * len(activities) + same[1]).duplicated()]] = 4
    for number in np.flatnonzero(why):
        reason, lue = REASONS[why[number] - 1]
        sentence = f"{reason} : {codes.at[number, lue]}" if lue else reason
        report.set_aside(bulk.line_of(int(number), text, rejected), reason, sentence)
    report.lines.sort()
    report.kept = report.read - report.aside
    refuse_many(text, report)
    return np.flatnonzero(why == 0)


def refuse_many(text: bulk.Text, report: Report) -> None:
    """Raise ImportRefused when too much of a file is unusable: it is not what it says."""
    if report.aside > TOLERATED * report.read:
        shown = " ; ".join(f"{reason} ({number})" for reason, number in report.reasons.most_common(3))
        line, sentence = report.lines[0]
        raise ImportRefused(
            f"Fichier « {text.name} » : {count(report.aside)} lignes sur {count(report.read)} sont inutilisables : {shown}. "
            f"Première, ligne {line} : {sentence}. Est-ce la bonne édition du fichier (NAF rév. 2, communes actuelles) ?"
        )


def remark_years(layout: Layout, report: Report) -> None:
    if alone := missing_measures(layout):
        report.remark(f"Une seule des deux mesures (établissements, effectifs) est donnée pour {', '.join(alone)}.")
    years = layout.years
    if holes := sorted(set(range(years[0], years[-1])) - set(years)):
        report.remark(f"Années absentes : {', '.join(map(str, holes))}.")


def remark_extent(rows: Rows, ground: Ground, report: Report) -> None:
    """Say when the file is an extract: what is compared with « France » is then compared with the extract."""
    departements = set(rows.places["departement"].iloc[np.unique(rows.place)])
    expected = set(ground.communes.query("region.str.len() == 2 and region >= '11'")["departement"])
    apes = rows.activities["ape"].iloc[np.unique(rows.activity)].nunique()
    what = []
    if missing := expected - departements:
        what.append(f"départements de métropole absents : {len(missing)} sur {len(expected)}")
    if apes < 500:
        what.append(f"APE présentes : {apes} sur 732")
    if what:
        report.remark(
            f"Ce fichier est un extrait : {' ; '.join(what)}. La référence « France » n’est alors pas nationale, et "
            "les indices calculés contre elle sont ceux de l’extrait."
        )
