"""Establishments and employees by commune × APE (Urssaf), all years at once, in bounded memory.

Tables, each with columns `eff_AAAA` (employees on 31 December) and `etab_AAAA` (establishments), NULL where the file is
blank: `communes_ape` (commune, ape), `epci_a88` (epci, a88, interim), `zones_ape` (niveau, code, ape). Temporary work
agencies (APE 7820Z) are the rows `interim`, so that a reader may leave them out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fichetrack.errors import ImportRefused
from fichetrack.indicators.nomenclature import INTERIM
from fichetrack.sources import bulk, naf
from fichetrack.sources.codes import commune_codes
from fichetrack.sources.reading import Ground, Reading, Report, Say
from fichetrack.sources.urssaf_layout import Layout, count_headings, find_layout, missing_measures
from fichetrack.tables.french import count

TOLERATED = 0.1  # share of rows set aside beyond which the file is not what it says
NO_EPCI = "ZZZZZZZZZ"  # as INSEE writes it: a few islands belong to none
METROPOLE = "metropole"
# Régions of métropole are « 11 » to « 94 »; « 01 » to « 06 » are the DROM, three characters another collectivité.
IN_METROPOLE = "length(region) = 2 AND region >= '11'"
SECTORS = {"secteur_na88": "a88", "secteur_na38": "a38", "secteur_na17": "a17"}


def read(file: Path, ground: Ground, folder: Path, options: Mapping[str, str], say: Say) -> Reading:
    """Read the published file. Raises ImportRefused when it is another file, a cut one, or another nomenclature."""
    report = Report()
    say(f"Lecture de {file.name} ({count(max(1, file.stat().st_size >> 20))} Mo)")
    with (
        tempfile.TemporaryDirectory(dir=folder) as temporary,
        bulk.open_text(file, folder, count_headings) as text,
        bulk.connect(folder) as engine,
    ):
        layout = find_layout(text)
        rejected = stage(engine, text, layout, Path(temporary), report)
        say(f"{count(report.read)} lignes lues, années {layout.years[0]} à {layout.years[-1]}")
        settle_communes(engine, ground, report)
        settle_apes(engine, ground, layout, report)
        set_aside(engine, text, rejected, report)
        tables = write_tables(engine, layout, folder, say)
        remark_years(layout, report)
        remark_extent(engine, ground, report)
    return Reading(str(layout.years[-1]), tables, report, ground.cog_year)


def sector_totals(file: Path, year: int, folder: Path, level: str = "a88", by: str = "epci") -> pd.DataFrame:
    """Employees and establishments of one year by EPCI (or commune) × sector, straight from the published file.

    level: a88 or a732.   by: epci or commune, with the codes of the file. Only the columns needed are read.
    Returns columns `by`, secteur, effectifs, etablissements (float64; NaN: nothing there), a row per pair of the file.
    Raises ImportRefused for another file, a year it has not, or rows that cannot be read.
    """
    report = Report()
    with bulk.open_text(file, folder, count_headings) as text, bulk.connect(folder, memory_mb=200) as engine:
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
    read = held.read([*keys, *known, *([] if interim else ["interim"])])
    if not interim:
        read = read.filter(pc.invert(read["interim"])).drop_columns("interim")
    return read.to_pandas().rename(columns=measures)


def stage(
    engine: duckdb.DuckDBPyConnection, text: bulk.Text, layout: Layout, folder: Path, report: Report
) -> list[int]:
    """Read the text once into a typed file, in its order, seen as the table `staged`; give the lines it could not read."""
    cells = [f"coalesce(c{layout.fields[f'code_{one}']}, '') AS {one}_lue" for one in ("commune", "ape")]
    cells.append(
        f"trim(c{layout.fields['code_epci']}) AS epci_lu"
        if "code_epci" in layout.fields
        else "NULL::VARCHAR AS epci_lu"
    )
    for field, level in SECTORS.items():
        cells.append(
            f"left(c{layout.fields[field]}, 2) AS {level}_lu" if field in layout.fields else f"NULL AS {level}_lu"
        )
    # Checking every number for a fraction costs more than reading it: the last year tells which dataset it is.
    checked = [name for name in layout.measures if name.endswith(f"_{layout.years[-1]}")]
    cells += [f"TRY_CAST(c{place} AS UINTEGER) AS {name}" for name, place in layout.measures.items()]
    cells.append(
        " OR ".join(
            f"coalesce(c{layout.measures[name]} % 1 <> 0 OR c{layout.measures[name]} < 0, false)" for name in checked
        )
        + " AS odd"
    )
    path = folder / "staged.parquet"
    numbers = {place: "DECIMAL(10, 1)" if name in checked else "UINTEGER" for name, place in layout.measures.items()}
    engine.execute(
        f"COPY (SELECT {', '.join(cells)} FROM {bulk.scan(text, numbers)}) TO {bulk.literal(path)} (FORMAT parquet, "  # noqa: S608
        "COMPRESSION lz4_raw, ROW_GROUP_SIZE 65536)"
    )
    rejected = bulk.report_rejects(engine, text, report)
    engine.execute(f"CREATE VIEW staged AS SELECT * FROM read_parquet({bulk.literal(path)}, file_row_number=true)")  # noqa: S608
    report.kept = _one(engine, "SELECT count(*) FROM staged")
    report.read = report.kept + len(rejected)
    if not report.read:
        raise ImportRefused(f"Fichier « {text.name} » : il n’a pas de ligne sous son en-tête.")
    return rejected


def settle_communes(engine: duckdb.DuckDBPyConnection, ground: Ground, report: Report) -> None:
    """Make the table `lieux`: each commune code of the file, the commune, EPCI, département and région of today."""
    lieux = engine.execute("SELECT commune_lue, epci_lu, count(*) AS lignes FROM staged GROUP BY ALL").df()
    lieux["commune"] = ground.current_communes(commune_codes(lieux["commune_lue"]))
    places = ground.communes.reindex(lieux["commune"])[["epci", "departement", "region"]].reset_index(drop=True)
    lieux = pd.concat([lieux, places], axis=1)
    lieux["epci"] = lieux["epci"].where(lieux["epci"].notna() | lieux["commune"].isna(), NO_EPCI)
    known = lieux[lieux["commune"].notna()]
    moved = known[known["epci_lu"].notna() & (known["epci_lu"] != known["epci"])]
    if len(moved):
        report.remark(
            f"Communes dont l’EPCI n’est pas, dans ce fichier, celui du code officiel géographique {ground.cog_year} : "
            f"{count(moved['commune'].nunique())}. L’EPCI de {ground.cog_year} est retenu."
        )
    renamed = known[known["commune"] != commune_codes(known["commune_lue"])]
    if len(renamed):
        report.remark(
            "Arrondissements municipaux et anciennes communes comptés dans leur commune actuelle : "
            f"{count(renamed['commune_lue'].nunique())}."
        )
    unique = lieux.drop_duplicates("commune_lue").drop(columns=["epci_lu", "lignes"])
    unique = unique.assign(seule=~unique["commune"].duplicated(keep=False))
    _table(engine, "lieux", unique)


def settle_apes(engine: duckdb.DuckDBPyConnection, ground: Ground, layout: Layout, report: Report) -> None:
    """Make the table `activites`: each APE of the file and its sectors, from the nomenclature of INSEE."""
    held = ground.tables("naf", "sous_classes")
    sous_classes = (naf.packaged_tables()[0] if held is None else held).set_index("ape")[["a88", "a38", "a17"]]
    apes = engine.execute("SELECT ape_lue, a88_lu, a38_lu, a17_lu FROM staged GROUP BY ALL").df()
    codes = apes["ape_lue"].fillna("").astype("str").str.strip().str.upper().str.replace(".", "", regex=False)
    apes["ape"] = codes.where(codes.isin(sous_classes.index), None)
    apes = pd.concat([apes, sous_classes.reindex(apes["ape"]).reset_index(drop=True)], axis=1)
    known = apes[apes["ape"].notna()]
    for level in ("a88", "a38", "a17"):
        other = known.loc[known[f"{level}_lu"].notna() & (known[f"{level}_lu"] != known[level]), "ape"]
        if len(other):
            report.remark(
                f"{other.nunique()} APE ont dans ce fichier un secteur {level.upper()} qui n’est pas celui de la NAF "
                f"({', '.join(sorted(other.unique())[:5])}) : la NAF est retenue."
            )
    activites = apes.drop_duplicates("ape_lue")[["ape_lue", "ape", "a88", "a38", "a17"]]
    _table(engine, "activites", activites.assign(interim=activites["ape"] == INTERIM))


def set_aside(engine: duckdb.DuckDBPyConnection, text: bulk.Text, rejected: list[int], report: Report) -> None:
    """Report the rows that cannot be used, and make the view `kept` of the others. Raises ImportRefused when they are many."""
    engine.execute(
        "CREATE TABLE joined_bad AS SELECT file_row_number AS number, CASE WHEN odd THEN 'nombre négatif ou non entier' "
        "WHEN commune IS NULL THEN 'commune inconnue : ' || commune_lue "
        "ELSE 'APE inconnue de la NAF rév. 2 : ' || ape_lue END AS reason "
        "FROM staged JOIN lieux USING (commune_lue) JOIN activites USING (ape_lue) WHERE odd OR commune IS NULL OR ape IS NULL"
    )
    engine.execute(
        "INSERT INTO joined_bad SELECT unnest(list_sort(list(file_row_number))[2:]), "
        "'deuxième ligne pour la même commune et la même APE' FROM staged "
        "WHERE file_row_number NOT IN (SELECT number FROM joined_bad) "
        "GROUP BY trim(commune_lue), replace(trim(ape_lue), '.', '') HAVING count(*) > 1"
    )
    for number, sentence in engine.execute("SELECT number, reason FROM joined_bad ORDER BY number").fetchall():
        report.set_aside(bulk.line_of(number, text, rejected), sentence.split(" : ")[0], sentence)
    report.lines.sort()
    report.kept = report.read - report.aside
    if report.aside > TOLERATED * report.read:
        shown = " ; ".join(f"{reason} ({number})" for reason, number in report.reasons.most_common(3))
        line, sentence = report.lines[0]
        raise ImportRefused(
            f"Fichier « {text.name} » : {count(report.aside)} lignes sur {count(report.read)} sont inutilisables : {shown}. "
            f"Première, ligne {line} : {sentence}. Est-ce la bonne édition du fichier (NAF rév. 2, communes actuelles) ?"
        )
    engine.execute(
        "CREATE VIEW kept AS SELECT * FROM staged JOIN lieux USING (commune_lue) JOIN activites USING (ape_lue) "
        "WHERE file_row_number NOT IN (SELECT number FROM joined_bad)"
    )


def write_tables(engine: duckdb.DuckDBPyConnection, layout: Layout, folder: Path, say: Say) -> dict[str, Path]:
    """Write the three Parquet files, years kept as columns, sorted so that one territory is a few row groups."""
    names = list(layout.measures)
    cells = ", ".join(f"{name}::BIGINT AS {name}" for name in names)
    sums = ", ".join(f"sum({name})::BIGINT AS {name}" for name in names)
    sectors = "ape, a88, a38, a17, interim"
    # Only the communes that several codes of the file lead to need a sum: the others pass as they are.
    communes = (
        f"SELECT commune, {sectors}, {cells} FROM kept WHERE seule UNION ALL "  # noqa: S608 — our own names
        f"SELECT commune, {sectors}, {sums} FROM kept WHERE NOT seule GROUP BY ALL ORDER BY commune, ape"
    )
    epcis = f"SELECT epci, a88, a38, a17, interim, {sums} FROM kept GROUP BY ALL ORDER BY epci, a88, interim"  # noqa: S608
    engine.execute(f"CREATE TABLE departements AS SELECT departement, region, {sectors}, {sums} FROM kept GROUP BY ALL")  # noqa: S608
    zones = " UNION ALL ".join(
        f"SELECT '{niveau}' AS niveau, {code} AS code, {sectors}, {sums} FROM departements WHERE {where} GROUP BY ALL"  # noqa: S608
        for niveau, code, where in (
            ("departement", "departement", "true"),
            ("region", "region", "true"),
            (METROPOLE, f"'{METROPOLE}'", IN_METROPOLE),
            ("france", "'france'", "true"),
        )
    )
    queries = {"communes_ape": communes, "epci_a88": epcis, "zones_ape": f"{zones} ORDER BY niveau, code, ape"}
    tables = {}
    for name, query in queries.items():
        say(f"Écriture de {name}")
        tables[name] = folder / f"{name}.parquet"
        engine.execute(
            f"COPY ({query}) TO {bulk.literal(tables[name])} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)"
        )
    return tables


def remark_years(layout: Layout, report: Report) -> None:
    if alone := missing_measures(layout):
        report.remark(f"Une seule des deux mesures (établissements, effectifs) est donnée pour {', '.join(alone)}.")
    years = layout.years
    if holes := sorted(set(range(years[0], years[-1])) - set(years)):
        report.remark(f"Années absentes : {', '.join(map(str, holes))}.")


def remark_extent(engine: duckdb.DuckDBPyConnection, ground: Ground, report: Report) -> None:
    """Say when the file is an extract: what is compared with « France » is then compared with the extract."""
    departements = {row[0] for row in engine.execute("SELECT DISTINCT departement FROM departements").fetchall()}
    expected = set(ground.communes.query("region.str.len() == 2 and region >= '11'")["departement"])
    apes = _one(engine, "SELECT count(DISTINCT ape) FROM departements")
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


def _table(engine: duckdb.DuckDBPyConnection, name: str, frame: pd.DataFrame) -> None:
    engine.register("incoming", frame)
    engine.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")  # noqa: S608 — our own names
    engine.unregister("incoming")


def _one(engine: duckdb.DuckDBPyConnection, query: str) -> int:
    row = engine.execute(query).fetchone()
    return int(row[0]) if row else 0
