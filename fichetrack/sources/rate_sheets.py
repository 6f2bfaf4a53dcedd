"""A sheet of unemployment rates as INSEE lays it out: titles, headings, one column per quarter, notes below."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from fichetrack.errors import ImportRefused
from fichetrack.geography.reference import typographic
from fichetrack.indicators.quantities import parse_quantity
from fichetrack.sources.codes import padded
from fichetrack.sources.layouts import frame_of, get_source
from fichetrack.sources.quarters import quarter_of
from fichetrack.sources.reading import Ground, Report
from fichetrack.sources.repeats import without_repeats
from fichetrack.tables import Table, count_recognised, normalise_heading
from fichetrack.tables.mapping import overflow

COLUMNS = ["niveau", "code", "nom", "trimestre", "taux", "taux_secret", "provisoire"]
ZE = r"\d{4}"
_SHAPES = {"ze": (4, ZE), "departement": (2, r"\d{2}|2[AB]|97\d"), "region": (2, r"\d{2}")}
_FRANCE = re.compile(r"france.*|fr|f|fm|fe|m|metro|ensemble")
EXPECTED = (
    "Formats attendus : taux par zone d’emploi (ZE2020), département ou région avec une colonne par trimestre (2025-T1…), "
    "table des communes par zone d’emploi (codgeo, codze2020), ou JSON (quarters, zes, communes)."
)


def without_repeats_across(rates: pd.DataFrame, filename: str) -> pd.DataFrame:
    """The same zone may stand in two sheets if they agree. Raises ImportRefused when they do not."""
    distinct = rates.drop_duplicates(COLUMNS)
    twice = distinct[distinct.duplicated(["niveau", "code", "trimestre"])]
    if len(twice):
        one = twice.iloc[0]
        raise ImportRefused(
            f"Fichier « {filename} » : deux feuilles donnent des taux différents pour {one['code']}, {one['trimestre']}."
        )
    return distinct


def read_sheet(file: Path, table: Table, ground: Ground, options: Mapping[str, str], report: Report) -> pd.DataFrame:
    """The rates of a sheet, one row per zone and quarter; a row with an unreadable code or rate is set aside."""
    quarters = quarters_of(table)
    twice = sorted({one for one in quarters.values() if list(quarters.values()).count(one) > 1})
    if twice:
        raise ImportRefused(
            f"Fichier « {file.name} » : plusieurs colonnes disent {', '.join(twice)}. Gardez-en une seule."
        )
    if any("ze2010" in normalise_heading(heading).replace(" ", "") for heading in table.columns):
        raise ImportRefused(
            f"Fichier « {file.name} » : zones d’emploi de 2010. Celles de 2020 (ZE2020) sont attendues."
        )
    frame, _remarks = frame_of(table, get_source("chomage").layouts["taux"], file.name)
    report.read += len(frame)
    slipped = frame["line"].isin([row.line for row in table.rows if any(overflow(row, table))])
    cells = {row.line: row.cells for row in table.rows}
    frame = report.set_aside_where(frame, slipped, "plus de cellules que de titres : un séparateur est dans un texte")
    niveau, code, nom = _level(frame, file, table, ground, options)
    frame = frame.assign(nom=frame[nom].map(typographic) if nom in frame.columns else "", given=frame[code])
    frame = _with_codes(frame, niveau, report)
    wide = pd.DataFrame([[cells[line][index] for index in quarters] for line in frame["line"]], index=frame.index)
    parsed = [parse_quantity(wide[place], "taux") for place in wide.columns] if len(frame) else []
    wrong = pd.Series(False, frame.index)
    for values, odd in parsed:
        wrong |= odd | (values["taux"] < 0) | (values["taux"] > 100)
    columns = [
        frame[["line", "niveau", "code", "nom"]].assign(trimestre=quarter, provisoire=_is_provisional(table.columns[index]))
        .join(values)
        for (index, quarter), (values, _odd) in zip(quarters.items(), parsed, strict=False)
    ]  # fmt: skip
    kept = report.set_aside_where(frame, wrong, "un taux n’est ni un nombre de 0 à 100, ni une marque d’absence")
    kept = _without_repeats(kept, wide, report)
    report.kept += len(kept)
    rates = pd.concat(columns, ignore_index=True) if columns else pd.DataFrame(columns=["line", *COLUMNS])
    return rates[rates["line"].isin(kept["line"])][COLUMNS]


def _without_repeats(frame: pd.DataFrame, wide: pd.DataFrame, report: Report) -> pd.DataFrame:
    """A zone on two rows: once when they agree, not at all when they do not."""
    rows = frame.assign(rates=["\0".join(map(str, cells)) for cells in wide.loc[frame.index].to_numpy()])
    return without_repeats(rows, ["niveau", "code"], ["rates"], report)


def _level(
    frame: pd.DataFrame, file: Path, table: Table, ground: Ground, options: Mapping[str, str]
) -> tuple[str, str, str]:
    """The level of the rows (option « lot » when nothing says it), and the columns of their code and name."""
    for niveau in ("ze", "departement", "region"):
        if niveau in frame.columns and (niveau != "region" or "code" not in frame.columns):
            return niveau, niveau, f"{niveau}_nom" if f"{niveau}_nom" in frame.columns else "nom"
    if "code" not in frame.columns:
        found = ", ".join(f"« {heading} »" for heading in table.columns[:20] if heading.strip())
        raise ImportRefused(
            f"Fichier « {file.name} » : aucune colonne de code (ZE2020, DEP, REG ou Code). {EXPECTED} "
            f"Colonnes trouvées : {found}."
        )
    asked = options.get("lot", "").strip()
    niveau = asked if asked in _SHAPES else _guess(frame["code"], f"{table.sheet or ''} {file.name}", ground)
    if not niveau:
        raise ImportRefused(
            f"Fichier « {file.name} » : rien ne dit si les codes sont ceux de zones d’emploi, de départements ou de régions. "
            "Indiquez-le : --lot ze, --lot departement ou --lot region."
        )
    return niveau, "code", "nom"


def _guess(codes: pd.Series, names: str, ground: Ground) -> str:
    """What the codes are, when it is certain: four figures, or départements that are no régions; else what names say."""
    given = {
        code for code in codes if re.fullmatch(r"\w{2,4}", code) and not _FRANCE.fullmatch(normalise_heading(code))
    }
    if given and all(re.fullmatch(ZE, code) for code in given):
        return "ze"
    regions = set(ground.communes["region"].dropna())
    departements = set(ground.communes["departement"].dropna())
    if given - regions and len(given & departements) * 2 > len(given):
        return "departement"
    words = normalise_heading(names)
    said = [niveau for niveau, sign in (("departement", "dep"), ("region", "reg")) if re.search(rf"\b{sign}", words)]
    return said[0] if len(said) == 1 else ""


def _with_codes(frame: pd.DataFrame, niveau: str, report: Report) -> pd.DataFrame:
    """Codes with their zeros; rows of the whole country apart; titles and notes set aside."""
    width, shape = _SHAPES[niveau]
    codes = padded(frame["given"], width, shape)
    france = codes.isna() & (
        frame["given"].map(normalise_heading).str.fullmatch(_FRANCE)
        | frame["nom"].str.casefold().str.startswith("france")
    )
    metropole = france & frame["nom"].map(normalise_heading).str.contains("metropol")
    codes = codes.mask(france, "france").mask(metropole, "metropole")
    levels = pd.Series(niveau, frame.index).mask(france, "france")
    frame = frame.assign(code=codes, niveau=levels)
    return report.set_aside_where(frame, frame["code"].isna(), "ligne sans code de zone (titre, note ou total)")


def _is_provisional(heading: str) -> bool:
    words = normalise_heading(heading).split()
    return "p" in words or any(word.startswith("provisoire") for word in words)


def score_rates(cells: list[str]) -> int:
    """Headings of columns and of quarters: titles and notes name at most one."""
    layouts = get_source("chomage").layouts
    return count_recognised(sum(layouts.values(), ()))(cells) + len({quarter_of(cell) for cell in cells} - {None})


def quarters_of(table: Table) -> dict[int, str]:
    """The columns that are quarters, by place; « 2025-T4 »."""
    found = ((index, quarter_of(heading)) for index, heading in enumerate(table.columns))
    return {index: quarter for index, quarter in found if quarter}


def holds_rates(table: Table) -> bool:
    """Whether a sheet has quarters and a column that says which zone: a sheet of notes may name a quarter too."""
    return bool(quarters_of(table)) and count_recognised(get_source("chomage").layouts["taux"])(table.columns) > 0
