"""What the three sources of land share: opening a CSV, a workbook or a GeoJSON, closed lists, dates, the millésime."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from fichetrack import clock
from fichetrack.errors import ImportRefused
from fichetrack.indicators.quantities import ABSENT_MARKS, parse_quantity
from fichetrack.sources.json_files import RANKS, is_json, load_json
from fichetrack.sources.layouts import LIMITS, Source, frame_of
from fichetrack.sources.millesimes import check_millesime, month_in_name, month_of_import
from fichetrack.sources.reading import Report
from fichetrack.tables import Column, Row, Table, count_recognised, normalise_heading, read_table
from fichetrack.tables.dates import parse_date
from fichetrack.tables.french import count, quote

UNKNOWN = "inconnu"
PARCEL = re.compile(r"[0-9AB]{2}\d{6}[0-9A-Z]{2}\d{4}")


@dataclass(frozen=True)
class Opened:
    """A file opened: the layout it follows, its rows as text, the projection it declares.

    rows: `line`, the declared columns that are there and, from a GeoJSON, `geometry` as text.
    """

    layout: str
    rows: pd.DataFrame
    epsg: int | None = None
    given: frozenset[str] = frozenset()


def open_land(file: Path, source: Source, report: Report) -> Opened:
    """Read a file by its headings and tell which layout it follows; rows wider than the headings are set aside.

    The columns that [ignored] of source.toml names are knowingly left out: they need no remark.
    Raises ImportRefused, in French, when it cannot be read or lacks a required column.
    """
    layouts = source.layouts
    if not is_json(file):
        table, epsg, geometry = _read_text(file, layouts), None, None
    else:
        table, epsg, geometry = _read_geojson(file)
        report.remark(RANKS)
    layout = max(layouts, key=lambda name: count_recognised(layouts[name])(table.columns))
    report.read += len(table.rows)
    whole = [row for row in table.rows if not _is_broken(row, table, file, report)]
    left_out = {normalise_heading(name) for name in source.raw.get("ignored", {}).get("columns", ())}
    columns = ["" if normalise_heading(heading) in left_out else heading for heading in table.columns]
    kept = Table(columns, whole, table.header_line)
    rows, remarks = frame_of(kept, layouts[layout], file.name)
    for remark in remarks:
        report.remark(remark)
    if geometry is not None:
        rows["geometry"] = [geometry[line - 1] for line in rows["line"]]
    return Opened(layout, complete(rows, layouts[layout]), epsg, frozenset(rows.columns))


def complete(rows: pd.DataFrame, columns: tuple[Column, ...]) -> pd.DataFrame:
    """The frame with an empty column for each declared one the file lacks."""
    texts = {name: rows[name].astype("str") for name in rows.columns if name != "line"}
    blank = pd.Series("", index=rows.index, dtype="str")
    return rows.assign(**texts, **{column.name: blank for column in columns if column.name not in texts})


def is_absent(cells: pd.Series) -> pd.Series:
    """Blank, NA, N/A, NaN, null…"""
    return cells.fillna("").str.strip().str.casefold().isin(ABSENT_MARKS)


def blank_absent(cells: pd.Series) -> pd.Series:
    """The text without needless blanks; None where there is none."""
    text = cells.fillna("").str.replace(r"\s+", " ", regex=True).str.strip()
    return text.where(~is_absent(text), None)


def first_url(cells: pd.Series) -> pd.Series:
    """The first web address of each cell (several are separated by « | »); None for anything else."""
    return (
        cells.fillna("")
        .str.extract(r"(https?://[^\s|]+)", expand=False)
        .astype("object")
        .where(lambda one: one.notna(), None)
    )


def choose(rows: pd.DataFrame, column: str, values: Mapping[str, str] | tuple[str, ...], report: Report) -> pd.Series:
    """The cells as one of a closed list, case and accents forgiven; « inconnu » for anything else, which is reported."""
    known = values if isinstance(values, Mapping) else {value: value for value in values}
    names = {normalise_heading(name): value for name, value in known.items()}
    chosen = rows[column].map(lambda cell: names.get(normalise_heading(cell)))
    odd = chosen.isna() & ~is_absent(rows[column])
    for cell, lines in rows[odd].groupby(column)["line"]:
        report.remark(
            f"Colonne « {column} » : {quote(str(cell))} n’est pas une valeur connue ({_places(lines)}) ; "
            "gardée comme « inconnu »."
        )
    return chosen.fillna(UNKNOWN)


def measure(rows: pd.DataFrame, column: str, name: str, report: Report, largest: float = float("inf")) -> pd.DataFrame:
    """A column of numbers as a quantity: unreadable, negative or impossible values are reported and left out."""
    numbers, odd = parse_quantity(rows[column], name)
    wrong = odd | (numbers[name] < 0) | (numbers[name] > largest)
    for cell, lines in rows[wrong].groupby(column)["line"]:
        report.remark(f"Colonne « {column} » : {quote(str(cell))} ne peut pas être retenu ({_places(lines)}).")
    numbers.loc[wrong, name] = float("nan")
    return numbers


def decimals(cells: pd.Series) -> pd.Series:
    """Plain coordinates, with a dot or a comma; NaN for anything else."""
    text = cells.fillna("").str.strip().str.replace(",", ".", regex=False)
    return pd.to_numeric(text, errors="coerce").astype("float64")


def parcels(cell: str) -> str | None:
    """« b|a », « a,b » or PostgreSQL's « {a,b} » → « a|b »; None without any."""
    found = sorted(set(PARCEL.findall(cell.upper())))
    return "|".join(found) or None


def read_days(rows: pd.DataFrame, column: str, report: Report, may_come: bool = False) -> pd.Series:
    """Dates as ISO text (« 2023-08-29 », or « 2015 » when only the year is said); None when absent or impossible.

    A date to come is impossible unless `may_come`.
    """
    days = rows[column].map({cell: _day(cell) for cell in rows[column].unique()})
    wrong = (days == "") | ((days > clock.today().isoformat()) & (not may_come))
    lines = rows.loc[wrong & ~is_absent(rows[column]), "line"]
    if len(lines):
        report.remark(f"Colonne « {column} » : date impossible ou à venir, laissée vide ({_places(lines)}).")
    return days.where(~wrong, None)


def find_millesime(options: Mapping[str, str], file: Path, days: pd.Series, report: Report) -> str:
    """The month a file stands for: as asked, else the date of its name, else its newest update, else that of its import."""
    if asked := options.get("millesime", "").strip():
        return check_millesime(asked)
    if dated := month_in_name(file):
        return dated
    full = days.dropna()
    full = full[full.str.len() == 10]
    if full.empty:
        return month_of_import(report)
    return str(full.max())[:7]


def refuse_if_empty(table: pd.DataFrame, file: Path, report: Report) -> None:
    """Raise ImportRefused when nothing is left to import, saying the first lines and why."""
    if table.empty:
        said = " ".join(f"Ligne {line} : {why}." for line, why in report.lines[:5]) or "Elle n’a que ses titres."
        raise ImportRefused(f"Fichier « {file.name} » : aucune ligne utilisable. {said}")


def keep_newest(rows: pd.DataFrame, key: str, day: str, report: Report) -> pd.DataFrame:
    """One row per key: the last updated (the first of equals); the others are set aside, never added up."""
    ordered = rows.assign(_day=rows[day].fillna("")).sort_values("_day", ascending=False, kind="stable")
    repeated = ordered.duplicated(key).reindex(rows.index)
    return report.set_aside_where(rows, repeated, f"identifiant « {key} » répété : la fiche la plus à jour est gardée")


def known_communes(rows: pd.DataFrame, codes: pd.Series, ground: Any, report: Report) -> pd.DataFrame:
    """The rows whose commune is known today, with `commune`; the others are set aside."""
    rows = rows.assign(commune=ground.current_communes(codes), _code=codes)
    rows = report.set_aside_where(rows, rows["_code"].isna(), "code commune absent ou mal formé")
    rows = report.set_aside_where(rows, rows["commune"].isna(), "commune inconnue du code officiel géographique")
    return rows.drop(columns="_code")


def report_dropped(rows: pd.DataFrame, problems: pd.Series, what: str, report: Report) -> None:
    """Say which coordinates were dropped, and that the row is kept."""
    for problem, lines in rows.loc[problems.notna(), "line"].groupby(problems.dropna()):
        report.remark(f"{what} {problem}, non retenu ; la ligne est gardée ({_places(lines)}).")


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Text columns typed as text even when all are empty, so that files of several lots go together."""
    return frame.astype({name: "str" for name in frame.columns if frame[name].dtype == object})


def _places(lines: pd.Series) -> str:
    shown = ", ".join(str(line) for line in lines.head(5))
    return f"ligne {shown}" if len(lines) == 1 else f"{len(lines)} lignes : {shown}{'…' if len(lines) > 5 else ''}"


def _day(cell: str) -> str | None:
    """ISO day or year; None when absent, « » when it is no date."""
    text = cell.strip()
    if text.casefold() in ABSENT_MARKS:
        return None
    if re.fullmatch(r"(18|19|20)\d\d(\.0)?", text):
        return text[:4]
    try:
        day: date = parse_date(text)
    except ValueError:
        return ""
    return day.isoformat()


def _read_text(file: Path, layouts: Mapping[str, tuple[Column, ...]]) -> Table:
    """A workbook or CSV. A quote escaped by a backslash, as the national file has, is doubled first."""
    accepted = count_recognised(column for columns in layouts.values() for column in columns)
    if file.stat().st_size <= LIMITS.max_bytes and b'\\"' in (data := file.read_bytes()) and not data.startswith(b"PK"):
        try:
            return read_table(data.replace(b'\\"', b'""'), file.name, accepted=accepted, limits=LIMITS)
        except ImportRefused:
            pass  # A cell that ends with a backslash: the file is then read as it is.
    return read_table(file, file.name, accepted=accepted, limits=LIMITS)


def _is_broken(row: Row, table: Table, file: Path, report: Report) -> bool:
    """More cells than headings: an unprotected separator has shifted the row, and no value of it can be trusted."""
    extra = [cell for cell in row.cells[len(table.columns) :] if cell.strip()]
    if extra:
        report.set_aside(
            row.line,
            "plus de cellules que de colonnes",
            f"{len(row.cells)} cellules pour {len(table.columns)} colonnes : un séparateur n’est pas entre guillemets.",
        )
    elif row is table.rows[-1] and _is_cut(file, table):
        report.set_aside(row.line, "dernière ligne incomplète : le fichier semble tronqué")
        return True
    return bool(extra)


def _is_cut(file: Path, table: Table) -> bool:
    """A CSV that ends in the middle of a line: fewer separators than its headings, and no line break."""
    if not table.delimiter or table.encoding == "utf-16":
        return False
    with file.open("rb") as source:
        source.seek(max(0, file.stat().st_size - 200_000))
        tail = source.read()
    last = tail.rsplit(b"\n", 1)[-1]
    return bool(last) and b'"' not in last and last.count(table.delimiter.encode()) < len(table.columns) - 1


def _read_geojson(file: Path) -> tuple[Table, int | None, list[str]]:
    """The properties of a FeatureCollection as a table, its projection, and each geometry as text."""
    content = load_json(file)
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or content.get("type") != "FeatureCollection" or not features:
        found = ", ".join(f"« {key} »" for key in list(content)[:20]) if isinstance(content, dict) else "une liste"
        raise ImportRefused(
            f"Fichier « {file.name} » : un GeoJSON « FeatureCollection » non vide était attendu. Trouvé : {found or 'rien'}."
        )
    held = [_properties(one) for one in features]
    if len(held) > LIMITS.max_rows:
        raise ImportRefused(f"Fichier « {file.name} » : il a plus de {count(LIMITS.max_rows)} entités. Découpez-le.")
    headings = list(dict.fromkeys(name for one in held for name in one))
    if len(headings) > LIMITS.max_columns or len(headings) * len(held) > LIMITS.max_cells:
        raise ImportRefused(
            f"Fichier « {file.name} » : {count(len(held))} entités et {count(len(headings))} propriétés différentes, c’est "
            "plus que ce qui peut être lu. Gardez seulement les propriétés du standard, ou donnez le CSV."
        )
    rows = [Row(rank, [_cell(one.get(name)) for name in headings]) for rank, one in enumerate(held, start=1)]
    geometries = [_cell(one.get("geometry")) if isinstance(one, dict) else "" for one in features]
    return Table(headings, rows), _declared_epsg(content, file), geometries


def _properties(feature: Any) -> dict[str, Any]:
    """Those of a feature; none when it, or they, are something else."""
    held = feature.get("properties") if isinstance(feature, dict) else None
    return held if isinstance(held, dict) else {}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _declared_epsg(content: dict[str, Any], file: Path) -> int | None:
    """« urn:ogc:def:crs:EPSG::2154 » → 2154; CRS84 is WGS84; nothing declared: None."""
    name = str(_properties(content.get("crs")).get("name", ""))
    if not name:
        return None
    if "CRS84" in name:
        return 4326
    found = re.search(r"EPSG:+(?:[\d.]+:)?(\d{4,5})$", name)
    if not found:
        raise ImportRefused(f"Fichier « {file.name} » : la projection {quote(name)} n’est pas reconnue.")
    return int(found[1])
