"""A workbook of fiches brought in: registered, checked, applied whole or not at all, undone. Reading: queries.imports."""

from __future__ import annotations

from pathlib import Path

from fichetrack.errors import ImportRefused


def run_file(file: Path, courriel: str | None = None, motif: str | None = None, apply: bool = False) -> str:
    """Check a workbook for somebody and, with `apply`, write it; returns the report to print."""
    raise ImportRefused("L’import des fiches n’est pas encore possible.")
