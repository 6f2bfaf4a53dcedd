"""The millésime of a file that does not say it inside: asked of the operator, else read in the file's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from fichetrack import clock
from fichetrack.errors import ImportRefused
from fichetrack.sources.reading import Report

_ASKED = re.compile(r"(?P<year>(?:19|20)\d\d)(?:-(?:0[1-9]|1[0-2])|-T[1-4])?")
_DAY = re.compile(r"(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(r"(?<!\d)(20\d\d)-(0[1-9]|1[0-2])(?!\d)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")


def find_millesime(file: Path, options: Mapping[str, str], report: Report | None = None) -> str:
    """« 2024 », « 2024-09 » or « 2024-T3 »; raises ImportRefused for an impossible one.

    When nobody says it: with a `report`, the month of the import, remarked there; without, ImportRefused.
    """
    if asked := options.get("millesime", "").strip():
        return check_millesime(asked)
    name = file.name
    if day := _DAY.search(name):
        return check_millesime(f"{day[1]}-{day[2]}")
    if month := _MONTH.search(name):
        return check_millesime(f"{month[1]}-{month[2]}")
    if year := _YEAR.search(name):
        return check_millesime(year[1])
    if report is not None:
        return month_of_import(report)
    raise ImportRefused(
        f"Fichier « {name} » : rien ne dit son millésime, ni son contenu ni son nom. "
        "Indiquez-le, par exemple : --millesime 2024 ou --millesime 2024-09."
    )


def has_date(file: Path) -> bool:
    """Whether the name of a file says a year at least."""
    return _YEAR.search(file.name) is not None or _DAY.search(file.name) is not None


def month_in_name(file: Path) -> str | None:
    """« 2026-04 », the last day or month that the name of a file says, when it is not to come."""
    dated = _DAY.findall(file.stem) or _MONTH.findall(file.stem)
    months = [f"{year}-{month}" for year, month, *_day in dated]
    return months[-1] if months and months[-1] <= f"{clock.today():%Y-%m}" else None


def month_of_import(report: Report) -> str:
    """« 2026-11 »: what is known of a list that nobody dated, and says so."""
    month = f"{clock.today():%Y-%m}"
    report.remark(
        f"Ni le fichier ni son nom ne disent de quand il est : il est daté de son import, {month}. "
        "L’option --millesime le dit autrement."
    )
    return month


def check_millesime(text: str) -> str:
    """The text itself. Raises ImportRefused unless it is a year, a month or a quarter that is not in the future."""
    found = _ASKED.fullmatch(text)
    if not found:
        raise ImportRefused(f"« {text} » n’est pas un millésime. Écrivez par exemple 2024, 2024-09 ou 2024-T3.")
    if int(found["year"]) > clock.today().year:
        raise ImportRefused(f"Le millésime {text} est dans le futur : vérifiez le fichier, ou l’option --millesime.")
    return text
