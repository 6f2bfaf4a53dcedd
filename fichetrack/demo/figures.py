"""The figures of the demonstration: fictitious files in the published layouts, through the importers of the real ones."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import contains_eager, selectinload

from fichetrack import clock
from fichetrack.demo import published
from fichetrack.demo.filing import Filings
from fichetrack.extensions import db
from fichetrack.models import Fiche, FicheContext, Perimetre, PerimetreCommune, Territoire
from fichetrack.queries import context
from fichetrack.queries.ground import get_ground
from fichetrack.queries.releases import list_releases, table_reader
from fichetrack.services import releases
from fichetrack.transactions import begin

FROZEN = ("ales", "lacq-pau-tarbes")  # where the accounts of the demonstration belong: the other fiches froze nothing
NOMENCLATURES = frozenset({"naf", "fap", "communes-passage"})  # real ones may be there: they say nothing fictitious


def load_figures(seed: int = 2026, progress: Callable[[str], Any] = print) -> None:
    """Generate the files and import them; once, and never over figures somebody imported."""
    if any(release.source not in NOMENCLATURES for release in list_releases()):
        progress("Chiffres des territoires déjà chargés.")
        return
    progress("Chiffres des territoires (fictifs)…")
    ground = get_ground()
    with tempfile.TemporaryDirectory() as folder:
        communes = published.read_communes(_territoire_of())
        for source, files in published.generate(communes, Path(folder), seed, clock.today()).items():
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
    freeze_contexts(seed)


def freeze_contexts(seed: int = 2026) -> None:
    """The figures each filed fiche froze at its filing: those that were out that day; fictitious like the others."""
    begin()
    filed = select(Fiche).where(Fiche.filed_at.is_not(None), Fiche.id.not_in(select(FicheContext.fiche_id)))
    filed = filed.options(contains_eager(Fiche.territoire), selectinload(Fiche.thematique_rows)).order_by(Fiche.id)
    filed = filed.join(Fiche.territoire).where(Territoire.slug.in_(FROZEN)).limit(2_000)
    rows: list[dict[str, Any]] = []
    filings = Filings(seed)
    for fiche in db.session.scalars(filed):
        at = fiche.filed_at or clock.now()
        figures = filings.figures_on(fiche.territoire.code, at.astimezone(clock.PARIS).date())
        held = context.choose(fiche.thematiques, figures)
        rows.append({"fiche_id": fiche.id, "at": at, "figures": [one.as_dict() for one in held]})
    for start in range(0, len(rows), 500):
        db.session.execute(insert(FicheContext), rows[start : start + 500])
    db.session.commit()


def _territoire_of() -> dict[str, str]:
    """Each commune of a territoire, and the slug of it."""
    held = select(PerimetreCommune.commune_code, Territoire.slug).join(
        Perimetre, Perimetre.id == PerimetreCommune.perimetre_id
    )
    rows = db.session.execute(held.join(Territoire).order_by(Territoire.slug))
    return {row.commune_code: row.slug for row in rows}
