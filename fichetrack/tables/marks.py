"""What is written in a cell in place of a text that the format cannot hold, and how it is known again when read back.

A column that is `marked` never stops a whole file because of one text; reading takes its marks for « column absent ».
"""

from __future__ import annotations

import re

from fichetrack.tables.french import NARROW, NBSP, count

READ_ON = f", non exporté{NBSP}; lisez la fiche)"
UNHOLDABLE = f"(caractère qu’aucune cellule ne tient{READ_ON}"
TOO_LONG = f"(trop long pour une cellule{NBSP}: "
MARK = re.compile(rf"\(trop long pour une cellule : [\d ]+ (?:lignes|caractères){READ_ON[:-1]}\)".replace(NBSP, " "))


def mark_of(text: str, too_long: bool) -> str:
    """The mark for a text: how many lines it has, or characters when it has one line only."""
    if not too_long:
        return UNHOLDABLE
    lines = text.count("\n") + 1
    return TOO_LONG + (f"{count(lines)} lignes" if lines > 1 else f"{count(len(text))} caractères") + READ_ON


def is_mark(cell: str) -> bool:
    """Whether a cell holds exactly a mark; a spreadsheet may have changed its no-break spaces."""
    plain = cell.strip().replace(NBSP, " ").replace(NARROW, " ")
    return plain == UNHOLDABLE.replace(NBSP, " ") or MARK.fullmatch(plain) is not None
