"""Home-to-work flows of the census (Insee), streamed: the base of flows, or the detailed file whose weights are summed.

Flows are sums of weights, never whole numbers: they are summed exactly and rounded nowhere here. A destination abroad stays
with its own code. Abroad, and unknown destinations, are part of the residents at work: they are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pandas as pd

from fichetrack.errors import ImportRefused
from fichetrack.sources.bulk import connect, line_of, literal, report_rejects, scan
from fichetrack.sources.flow_files import FlowFile, open_flows
from fichetrack.sources.millesimes import check_millesime, find_millesime
from fichetrack.sources.reading import KEPT_LINES, Ground, Reading, Report, Say
from fichetrack.tables.french import count

# The official geographic code of the countries whose border a French commune may touch, as it writes them.
COUNTRIES = {
    "99109": "Allemagne", "99127": "Italie", "99130": "Andorre", "99131": "Belgique", "99134": "Espagne",
    "99135": "Pays-Bas", "99132": "Royaume-Uni", "99137": "Luxembourg", "99138": "Monaco", "99140": "Suisse",
}  # fmt: skip


def read(file: Path, ground: Ground, folder: Path, options: Mapping[str, str], say: Say) -> Reading:
    """Read a file of flows. Raises ImportRefused, in French, when it is not one.

    Tables: `flux` (origine: current commune; destination: current commune, or the code as published; destination_nom for
    the latter, else None; nature: commune | etranger | inconnue; flux: float, people at work aged 15 or more), sorted by
    origin; `flux_par_destination`, the same sorted by destination; `flux_epci`, the same between EPCI (a commune without
    EPCI stands for itself). The millésime is the year of the census.
    """
    report = Report()
    with TemporaryDirectory(dir=folder, prefix="lecture-") as scratch, open_flows(file, Path(scratch)) as flows:
        millesime = _millesime(file, flows, options)
        report.remarks += flows.remarks
        say(f"« {flows.text.name} » : {count(max(flows.text.path.stat().st_size >> 20, 1))} Mo à lire.")
        with connect(folder, flows.text) as engine:
            rejected = _load(engine, flows, report)
            say(f"{count(report.read)} lignes lues.")
            _bring_to_today(engine, ground, report, lambda index: line_of(index, flows.text, rejected))
            tables = _write(engine, ground, folder)
            _remark(engine, report)
    say(f"{count(report.kept)} lignes gardées, {count(report.aside)} écartées.")
    return Reading(millesime, tables, report, ground.cog_year)


def _millesime(file: Path, flows: FlowFile, options: Mapping[str, str]) -> str:
    asked = options.get("millesime", "")
    if flows.year and asked and asked != flows.year:
        raise ImportRefused(
            f"Fichier « {file.name} » : ses colonnes disent le recensement de {flows.year}, et vous demandez {asked}."
        )
    return (
        check_millesime(flows.year) if flows.year else find_millesime(Path(f"{file.name} {flows.text.name}"), options)
    )


def _load(engine: duckdb.DuckDBPyConnection, flows: FlowFile, report: Report) -> list[int]:
    """Table `lu`: one row per row of the file, `rang` from 0. Returns the lines that could not be read."""
    picked = {name: f"trim(c{index})" for name, index in flows.fields.items()}
    abroad = picked.get("frontaliere", "NULL::VARCHAR")
    # Weights as exact decimals: their sum does not depend on the order in which threads meet them.
    engine.execute(
        f"""
        CREATE TABLE lu AS SELECT row_number() OVER () - 1 AS rang, {_code(picked["commune"])} AS origine,
          CASE WHEN {picked["destination"]} LIKE '99%' AND {abroad} NOT IN ('', 'ZZZZZ', '99999')
               THEN upper({abroad}) ELSE {_code(picked["destination"])} END AS destination,
          nullif({picked.get("destination_nom", "NULL::VARCHAR")}, '') AS nom, {picked["poids"]} AS texte,
          TRY_CAST(replace({picked["poids"]}, ',', '.') AS DECIMAL(30, 15)) AS poids
        FROM {scan(flows.text, {})}
        """  # noqa: S608 — columns are c0, c1…, never text of the file
    )
    rejected = report_rejects(engine, flows.text, report)
    report.read = _number(engine, "SELECT count(*) FROM lu") + len(rejected)
    if not report.read:
        raise ImportRefused(f"Fichier « {flows.text.name} » : il a des titres de colonnes, mais aucune ligne.")
    return rejected


def _code(cell: str) -> str:
    """A code as text, with the zero a spreadsheet ate and without the « .0 » it added."""
    # Nearly every cell has its five characters: the slower rewriting is for the others.
    plain = f"regexp_replace(upper({cell}), '\\.0+$', '')"
    return f"CASE WHEN length({cell}) = 5 THEN upper({cell}) ELSE regexp_replace({plain}, '^(\\d{{4}})$', '0\\1') END"


def _reject(
    engine: duckdb.DuckDBPyConnection, report: Report, line: Callable[[int], int], reason: str, where: str
) -> None:
    """Set aside the rows of `lu` for which `where` holds: all are counted, the first ones are named."""
    total = _number(engine, f"SELECT count(*) FROM lu WHERE {where}")  # noqa: S608
    rows = engine.execute(
        f"SELECT rang, origine, destination, texte FROM lu WHERE {where} ORDER BY rang LIMIT {KEPT_LINES}"  # noqa: S608
    ).fetchall()
    for index, origin, destination, text in rows:
        told = f"{origin or '?'} → {destination or '?'}, « {text or ''} »"
        report.set_aside(line(int(index)), reason, f"{told} : {reason}.")
    if total:
        report.reasons[reason] += total - len(rows)
    engine.execute(f"DELETE FROM lu WHERE {where}")  # noqa: S608


def _bring_to_today(
    engine: duckdb.DuckDBPyConnection, ground: Ground, report: Report, line: Callable[[int], int]
) -> None:
    """Table `flux`: sums between today's communes, or with the code as published for what is not one."""
    today = {**ground.successors, **{code: code for code in ground.communes.index}}
    engine.register("aujourdhui", pd.DataFrame({"code": list(today), "today": list(today.values())}))
    engine.register("pays", pd.DataFrame({"code": list(COUNTRIES), "pays": list(COUNTRIES.values())}))
    _reject(engine, report, line, "flux illisible ou négatif", "poids IS NULL OR poids < 0")
    unknown = "commune de résidence inconnue du code officiel géographique"
    _reject(engine, report, line, unknown, "origine IS NULL OR origine NOT IN (SELECT code FROM aujourdhui)")
    report.kept = _number(engine, "SELECT count(*) FROM lu")
    if not report.kept:
        raise ImportRefused(
            f"Aucune des {count(report.read)} lignes n’est utilisable. La première écartée, ligne {report.lines[0][0]} : "
            f"{report.lines[0][1]}"
        )
    engine.execute(
        """
        CREATE TABLE flux AS SELECT o.today AS origine, coalesce(d.today, lu.destination, '') AS destination,
          CASE WHEN d.today IS NULL THEN max(coalesce(p.pays, lu.nom)) END AS destination_nom,
          CASE WHEN d.today IS NOT NULL THEN 'commune'
               WHEN regexp_matches(lu.destination, '^(99\\d{3}|[A-Z]{2}\\w+)$') AND lu.destination NOT LIKE 'ZZ%'
               THEN 'etranger' ELSE 'inconnue' END AS nature,
          sum(lu.poids) AS flux
        FROM lu JOIN aujourdhui o ON o.code = lu.origine LEFT JOIN aujourdhui d ON d.code = lu.destination
        LEFT JOIN pays p ON p.code = lu.destination
        GROUP BY o.today, d.today, lu.destination, nature
        """
    )


def _write(engine: duckdb.DuckDBPyConnection, ground: Ground, folder: Path) -> dict[str, Path]:
    units = pd.DataFrame(
        {"code": ground.communes.index, "epci": ground.communes["epci"].fillna(ground.communes.index.to_series())}
    )
    engine.register("units", units)
    engine.execute("CREATE TABLE unites AS SELECT code, epci FROM units")
    columns = "origine, destination, max(destination_nom) AS destination_nom, nature, sum(flux)::DOUBLE AS flux"
    summed = f"SELECT {columns} FROM flux GROUP BY origine, destination, nature"  # noqa: S608
    # A plain equality, so that the engine may hash it: a place abroad never has the code of a commune of today.
    between = f"""SELECT {columns} FROM (SELECT o.epci AS origine, coalesce(d.epci, f.destination) AS destination,
        f.destination_nom, f.nature, f.flux FROM flux f JOIN unites o ON o.code = f.origine
        LEFT JOIN unites d ON d.code = f.destination)
        GROUP BY origine, destination, nature"""  # noqa: S608
    return {
        "flux": _copy(engine, summed, "origine, destination, nature", folder / "flux.parquet"),
        "flux_par_destination": _copy(
            engine, summed, "destination, origine, nature", folder / "flux_par_destination.parquet"
        ),
        "flux_epci": _copy(engine, between, "origine, destination, nature", folder / "flux_epci.parquet"),
    }


def _copy(engine: duckdb.DuckDBPyConnection, query: str, order: str, path: Path) -> Path:
    engine.execute(
        f"COPY ({query} ORDER BY {order}) TO {literal(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)"
    )
    return path


def _remark(engine: duckdb.DuckDBPyConnection, report: Report) -> None:
    totals = {
        nature: float(flow)
        for nature, flow in engine.execute("SELECT nature, sum(flux) FROM flux GROUP BY 1").fetchall()
    }
    report.remark(f"{count(round(sum(totals.values())))} actifs occupés en tout.")
    if abroad := totals.get("etranger"):
        report.remark(f"Dont {count(round(abroad))} travaillent à l’étranger : ils sont gardés avec leur code publié.")
    if unknown := totals.get("inconnue"):
        codes = engine.execute(
            "SELECT DISTINCT destination FROM flux WHERE nature = 'inconnue' ORDER BY 1 LIMIT 20"
        ).fetchall()
        named = ", ".join(code or "vide" for (code,) in codes)
        report.remark(
            f"Dont {count(round(unknown))} travaillent dans un lieu inconnu du code officiel géographique : ils sont gardés "
            f"à part ({named})."
        )


def _number(engine: duckdb.DuckDBPyConnection, query: str) -> int:
    row = engine.execute(query).fetchone()
    return int(row[0]) if row else 0
