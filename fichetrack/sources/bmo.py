"""The survey BMO of France Travail, and its table of the communes of each bassin: two files, told apart by headings.

The survey gives the table `projets`, the communes give `bassins`; each import holds one of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from fichetrack.errors import ImportRefused
from fichetrack.geography.reference import typographic
from fichetrack.indicators.quantities import parse_quantity
from fichetrack.sources.codes import commune_codes, padded
from fichetrack.sources.layouts import LIMITS, frame_of, get_source
from fichetrack.sources.millesimes import check_millesime, find_millesime, has_date
from fichetrack.sources.reading import Ground, Reading, Report, Say, write_table
from fichetrack.sources.repeats import without_repeats
from fichetrack.tables import Table, count_recognised, normalise_heading, read_table
from fichetrack.tables.french import count
from fichetrack.tables.mapping import overflow

QUANTITIES = ("met", "xmet", "smet")
KEY = ["annee", "bassin", "departement", "fap"]
FAP = r"[A-Z][0-9A-Z][A-Z]\d\d"
LAST_FAP_2009 = 2023  # the first survey in FAP 2021 is that of 2024

_SUFFIX = re.compile(r"(?:nom)?be(\d\d)")
_TABLE_YEAR = re.compile(r"(?:code|lib|libelle|nom) bassin (20\d\d)")
_NAMES = ("metier", "famille_nom", "bassin_nom")


def read(file: Path, ground: Ground, folder: Path, options: Mapping[str, str], say: Say) -> Reading:
    """The survey or the communes by bassin, whichever the file is. Raises ImportRefused when it is neither."""
    layouts = get_source("bmo").layouts
    say("Lecture du fichier…")
    table = read_table(file, file.name, accepted=count_recognised(sum(layouts.values(), ())), limits=LIMITS)
    name = _layout_of(table, file.name)
    frame, remarks = frame_of(table, layouts[name], file.name)
    report = Report(read=len(frame), remarks=remarks)
    slipped = frame["line"].isin([row.line for row in table.rows if any(overflow(row, table))])
    frame = report.set_aside_where(frame, slipped, "plus de cellules que de titres : un séparateur est dans un texte")
    say(f"{count(report.read)} lignes lues.")
    if name == "projets":
        return _read_survey(frame, table, file.name, ground, folder, report)
    return _read_communes(frame, table, file, ground, folder, options, report)


def _layout_of(table: Table, filename: str) -> str:
    """The layout whose headings are best recognised; the communes need theirs, the survey at least three."""
    scores = {name: count_recognised(columns)(table.columns) for name, columns in get_source("bmo").layouts.items()}
    if scores["projets"] >= max(scores["bassins"], 3):
        return "projets"
    if scores["bassins"] >= 2:
        return "bassins"
    found = ", ".join(f"« {heading} »" for heading in table.columns[:60] if heading.strip()) or "aucune"
    raise ImportRefused(
        f"Fichier « {filename} » : ce n’est ni l’enquête BMO (colonnes annee, Code métier BMO, Dept, BE24, met, xmet, "
        f"smet…) ni sa table des communes par bassin (code_commune_insee, code_bassin_BMO). Colonnes trouvées : {found}."
    )


def _read_survey(
    frame: pd.DataFrame, table: Table, filename: str, ground: Ground, folder: Path, report: Report
) -> Reading:
    frame = _with_keys(frame, report)
    millesime = _survey_year(frame, table, filename)
    frame = _with_quantities(frame, report)
    frame = without_repeats(frame, KEY, QUANTITIES + tuple(f"{name}_secret" for name in QUANTITIES), report)
    report.kept = len(frame)
    _remark_survey(frame, int(millesime), ground, report)
    columns = ["annee", "bassin", "bassin_nom", "departement", "region", "fap", "metier", "famille", "famille_nom"]
    columns += [column for name in QUANTITIES for column in (name, f"{name}_secret")]
    tidy = frame.reindex(columns=columns)
    return Reading(
        millesime, {"projets": write_table(tidy, folder, "projets", ["bassin", "departement", "fap"])}, report
    )


def _with_keys(frame: pd.DataFrame, report: Report) -> pd.DataFrame:
    """Codes as text with their zeros, names with French typography; rows without a key are set aside."""
    frame = frame.assign(
        annee=padded(frame["annee"], 4, r"20\d\d"),
        bassin=padded(frame["bassin"], 4, r"\d{4}"),
        departement=padded(frame["departement"], 2, r"\d{2,3}|2[AB]"),
        region=padded(frame["region"], 2, r"\d{2}"),
        fap=padded(frame["fap"], 5, FAP),
        **{name: frame[name].map(typographic) for name in _NAMES if name in frame.columns},
    )
    for column, said in (
        ("annee", "année illisible"),
        ("fap", "code métier (FAP) illisible"),
        ("bassin", "code de bassin illisible"),
        ("departement", "code de département illisible"),
        ("region", "code de région illisible"),
    ):
        frame = report.set_aside_where(frame, frame[column].isna(), said)
    return frame


def _survey_year(frame: pd.DataFrame, table: Table, filename: str) -> str:
    """The one year of the rows, which must be that of the headings (BE24 → 2024)."""
    years = sorted(frame["annee"].unique())
    if len(years) != 1:
        found = ", ".join(years) or "aucune"
        raise ImportRefused(f"Fichier « {filename} » : une seule année est attendue. Années trouvées : {found}.")
    suffixes = [_SUFFIX.fullmatch(normalise_heading(heading)) for heading in table.columns]
    named = {f"20{suffix[1]}" for suffix in suffixes if suffix}
    if named - {years[0]}:
        raise ImportRefused(
            f"Fichier « {filename} » : les lignes sont de {years[0]}, mais les titres BE… et NOMBE… disent "
            f"{', '.join(sorted(named))}. Vérifiez que le fichier n’a pas été modifié."
        )
    return check_millesime(years[0])


def _with_quantities(frame: pd.DataFrame, report: Report) -> pd.DataFrame:
    """met, xmet and smet in three states. A « * » is a secret, never a number."""
    for name in QUANTITIES:
        parsed, odd = parse_quantity(frame[name], name)
        odd |= (parsed[name] < 0) | (parsed[name] % 1 > 0)
        frame = frame.drop(columns=name).join(parsed)
        frame = report.set_aside_where(frame, odd, f"{name} : ni un nombre entier, ni un secret (*)")
    nothing = frame["met"].isna() & (frame["met_secret"] == 0)
    frame = report.set_aside_where(frame, nothing, "met est vide : le nombre de projets manque")
    for name, what in (("xmet", "difficiles"), ("smet", "saisonniers")):
        frame = report.set_aside_where(frame, frame[name] > frame["met"], f"plus de projets {what} que de projets")
    return frame


def _remark_survey(frame: pd.DataFrame, year: int, ground: Ground, report: Report) -> None:
    for name, what in (("met", "projets"), ("xmet", "projets difficiles"), ("smet", "projets saisonniers")):
        secrets, total = int(frame[f"{name}_secret"].sum()), int(frame[name].sum())
        least = "au moins " if secrets else ""
        report.remark(
            f"{name} : {least}{count(total)} {what} ; cellules secrètes (*), gardées comme telles : {count(secrets)}."
        )
    edition = "2009" if year <= LAST_FAP_2009 else "2021"
    report.remark(f"Codes métiers gardés tels quels, en nomenclature FAP {edition}.")
    known = ground.tables("fap", "fap")
    if known is not None and year > LAST_FAP_2009 and len(unknown := set(frame["fap"]) - set(known["code"])):
        report.remark(f"Codes métiers absents de la nomenclature importée : {_listed(unknown)}.")
    _compare(set(frame["bassin"]), ground.tables("bmo", "bassins"), report)


def _read_communes(
    frame: pd.DataFrame,
    table: Table,
    file: Path,
    ground: Ground,
    folder: Path,
    options: Mapping[str, str],
    report: Report,
) -> Reading:
    millesime = _table_year(table, file, options, ground, report)
    frame = frame.assign(
        given=commune_codes(frame["commune"]),
        bassin=padded(frame["bassin"], 4, r"\d{4}"),
        nom=frame["nom"].map(typographic) if "nom" in frame.columns else "",
    )
    frame = report.set_aside_where(frame, frame["given"].isna(), "code de commune illisible")
    frame = report.set_aside_where(frame, frame["bassin"].isna(), "code de bassin illisible")
    frame = frame.assign(commune=ground.current_communes(frame["given"]))
    frame = report.set_aside_where(
        frame, frame["commune"].isna(), f"commune inconnue du code officiel géographique {ground.cog_year}"
    )
    frame = _one_bassin_each(frame, report)
    report.kept = len(frame)
    projets = ground.tables("bmo", "projets")
    if projets is not None:
        _compare(set(projets["bassin"]), frame, report)
    tidy = frame.drop_duplicates("commune")[["commune", "bassin", "nom"]]
    return Reading(millesime, {"bassins": write_table(tidy, folder, "bassins", ["commune"])}, report, ground.cog_year)


def _table_year(table: Table, file: Path, options: Mapping[str, str], ground: Ground, report: Report) -> str:
    """The year asked for, of a heading (code_bassin_2026), of the file's name; else that of the survey already there."""
    years = {found[1] for heading in table.columns if (found := _TABLE_YEAR.fullmatch(normalise_heading(heading)))}
    if len(years) == 1 and not options.get("millesime"):
        return check_millesime(years.pop())
    projets = ground.tables("bmo", "projets")
    if options.get("millesime") or projets is None or projets.empty or has_date(file):
        return find_millesime(file, options, report)
    year = str(projets["annee"].max())
    report.remark(f"La table ne dit pas son année : elle est rattachée à l’enquête {year}, déjà importée.")
    return year


def _one_bassin_each(frame: pd.DataFrame, report: Report) -> pd.DataFrame:
    """A merged commune whose former parts were in several bassins follows its own code; else it follows none."""
    several = frame.groupby("commune")["bassin"].transform("nunique") > 1
    own = frame["given"] == frame["commune"]
    followed = own.groupby(frame["commune"]).transform("any")
    frame = report.set_aside_where(
        frame, several & followed & ~own, "ancienne commune : la commune actuelle suit le bassin de son chef-lieu"
    )
    several = frame.groupby("commune")["bassin"].transform("nunique") > 1
    return report.set_aside_where(
        frame, several, "la commune est dans plusieurs bassins sans qu’aucun ne l’emporte : aucun n’est retenu"
    )


def _compare(surveyed: set[str], communes: pd.DataFrame | None, report: Report) -> None:
    """The bassins one file has and the other lacks, in words."""
    if communes is None:
        return
    listed = set(communes["bassin"])
    if without := surveyed - listed:
        report.remark(f"Bassins de l’enquête sans aucune commune dans la table : {_listed(without)}.")
    if extra := listed - surveyed:
        report.remark(f"Bassins de la table absents de l’enquête : {_listed(extra)}.")


def _listed(codes: set[str]) -> str:
    shown = ", ".join(sorted(codes)[:10])
    return f"{len(codes)} ({shown}{'…' if len(codes) > 10 else ''})"
