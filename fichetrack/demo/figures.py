"""The figures of the demonstration: fictitious files in the published layouts, through the importers of the real ones."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select

from fichetrack.demo import published
from fichetrack.extensions import db
from fichetrack.models import Perimetre, PerimetreCommune, Territoire
from fichetrack.queries.ground import get_ground
from fichetrack.queries.releases import list_releases, table_reader
from fichetrack.services import releases

NOMENCLATURES = frozenset({"naf", "fap", "communes-passage"})  # real ones may be there: they say nothing fictitious


def load_figures(seed: int = 2026, progress: Callable[[str], Any] = print) -> None:
    """Generate the files and import them; once, and never over figures somebody imported."""
    if any(release.source not in NOMENCLATURES for release in list_releases()):
        progress("Chiffres des territoires déjà chargés.")
        return
    progress("Chiffres des territoires (fictifs)…")
    ground = get_ground()
    with tempfile.TemporaryDirectory() as folder:
        for source, files in published.generate(published.read_communes(_territoire_of()), Path(folder), seed).items():
            for file in files:
                told = releases.run_file(
                    source,
                    file,
                    apply=True,
                    options=published.OPTIONS.get(source, {}),
                    say=lambda _text: None,
                    fictitious=source not in NOMENCLATURES,
                    ground=replace(ground, tables=table_reader()),
                )
                progress(f"  {told.splitlines()[0]}")


def _territoire_of() -> dict[str, str]:
    """Each commune of a territoire, and the slug of it."""
    held = select(PerimetreCommune.commune_code, Territoire.slug).join(
        Perimetre, Perimetre.id == PerimetreCommune.perimetre_id
    )
    rows = db.session.execute(held.join(Territoire).order_by(Territoire.slug))
    return {row.commune_code: row.slug for row in rows}
