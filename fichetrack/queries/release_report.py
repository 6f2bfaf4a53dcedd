"""What an import of a published file says, in French: rows read, kept, set aside and why, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from fichetrack.models import DatasetRelease
from fichetrack.queries.releases import Shelf
from fichetrack.sources.layouts import Source
from fichetrack.sources.reading import Reading, Report
from fichetrack.tables.french import count

SHOWN_LINES = 20
VISIBLE_AGAIN = (
    "\nCe fichier avait déjà été importé, puis remplacé par un autre du même millésime : il est de nouveau visible."
)


def as_text(source: Source, filename: str, reading: Reading, applied: bool) -> str:
    """The report of a file checked, or applied."""
    report = reading.report
    lines = [
        f"{source.title} — {filename}",
        f"Producteur : {source.producer}. Licence : {source.licence}. Millésime : {reading.millesime}."
        + (f" Communes ramenées au code officiel {reading.cog_year}." if reading.cog_year else ""),
        f"Lignes lues : {count(report.read)} ; gardées : {count(report.kept)} ; écartées : {count(report.aside)}.",
        *aside_lines(report),
        *report.remarks,
        "Appliqué : ce millésime est lisible."
        if applied
        else "Rien n’a été écrit : ajoutez --apply pour appliquer ce fichier.",
    ]
    return "\n".join(lines)


def aside_lines(report: Report) -> Iterator[str]:
    """Each reason with its count, then the first lines."""
    for reason, number in report.reasons.most_common():
        yield f"  écartées, {reason} : {count(number)}"
    for line, why in report.lines[:SHOWN_LINES]:
        yield f"    ligne {line} : {why}"
    if report.aside > SHOWN_LINES:
        yield f"    … et {count(report.aside - SHOWN_LINES)} autres lignes."


def still_newer(source: str, reading: Reading) -> str:
    """Said when pages keep showing another millésime than the one just imported."""
    shelf = Shelf()
    shown = {table.millesime for name in reading.tables if (table := shelf.get(source, name))}
    newer = sorted(one for one in shown if one > reading.millesime)
    return f"\nLes pages montrent le millésime {newer[-1]}, plus récent ; celui-ci reste lisible." if newer else ""


def already_there(release: DatasetRelease) -> str:
    """Said when the same bytes come again."""
    return f"Ce fichier est déjà importé (« {release.filename} », millésime {release.millesime}) : rien n’a été changé."


def restored(release: DatasetRelease) -> str:
    """Said when the same bytes bring back tables this host lacked."""
    return (
        f"Ce fichier est déjà importé (« {release.filename} », millésime {release.millesime}). Ses tables manquaient sur "
        "ce serveur : elles y sont de nouveau."
    )
