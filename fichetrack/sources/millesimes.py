"""The millésime of a file that does not say it inside: asked of the operator, else read in the file's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from fichetrack import clock
from fichetrack.errors import ImportRefused

_ASKED = re.compile(r"(?P<year>(?:19|20)\d\d)(?:-(?:0[1-9]|1[0-2])|-T[1-4])?")
_DAY = re.compile(r"(?<!\d)(20\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(r"(?<!\d)(20\d\d)-(0[1-9]|1[0-2])(?!\d)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")


def find_millesime(file: Path, options: Mapping[str, str]) -> str:
    """« 2024 », « 2024-09 » or « 2024-T3 ». Raises ImportRefused when nobody says it, or says an impossible one."""
    if asked := options.get("millesime", "").strip():
        return check_millesime(asked)
    name = file.name
    if day := _DAY.search(name):
        return check_millesime(f"{day[1]}-{day[2]}")
    if month := _MONTH.search(name):
        return check_millesime(f"{month[1]}-{month[2]}")
    if year := _YEAR.search(name):
        return check_millesime(year[1])
    raise ImportRefused(
        f"Fichier « {name} » : rien ne dit son millésime, ni son contenu ni son nom. "
        "Indiquez-le, par exemple : --millesime 2024 ou --millesime 2024-09."
    )


def check_millesime(text: str) -> str:
    """The text itself. Raises ImportRefused unless it is a year, a month or a quarter that is not in the future."""
    found = _ASKED.fullmatch(text)
    if not found:
        raise ImportRefused(f"« {text} » n’est pas un millésime. Écrivez par exemple 2024, 2024-09 ou 2024-T3.")
    if int(found["year"]) > clock.today().year:
        raise ImportRefused(f"Le millésime {text} est dans le futur : vérifiez le fichier, ou l’option --millesime.")
    return text
