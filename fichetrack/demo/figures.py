"""The figures of the demonstration: fictitious files in the published layouts, through the importers of the real ones."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import contains_eager, selectinload

from fichetrack import clock
from fichetrack.demo import published
from fichetrack.extensions import db
from fichetrack.indicators.quantities import Quantity
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
    """The figures each filed fiche froze at its filing: those of today, a little different; fictitious like the others."""
    begin()
    filed = select(Fiche).where(Fiche.filed_at.is_not(None), Fiche.id.not_in(select(FicheContext.fiche_id)))
    filed = filed.options(contains_eager(Fiche.territoire), selectinload(Fiche.thematique_rows)).order_by(Fiche.id)
    filed = filed.join(Fiche.territoire).where(Territoire.slug.in_(FROZEN)).limit(2_000)
    rows: list[dict[str, Any]] = []
    figures = {code: context.figures_of(code) for code in (f"ti-{slug}" for slug in FROZEN)}
    for fiche in db.session.scalars(filed):
        dice = Random(f"{seed}/contexte/{fiche.id}")  # noqa: S311 — a demonstration's dice
        held = [_as_of_filing(one, dice) for one in context.choose(fiche.thematiques, figures[fiche.territoire.code])]
        rows.append({"fiche_id": fiche.id, "at": fiche.filed_at, "figures": [one.as_dict() for one in held]})
    for start in range(0, len(rows), 500):
        db.session.execute(insert(FicheContext), rows[start : start + 500])
    db.session.commit()


def _as_of_filing(one: context.Held, dice: Random) -> context.Held:
    """A figure as the millésime before might have said it; a figure that says several years is left as it is."""
    if one.quantity.value is None or not one.millesime.isdigit():
        return one
    before = round(one.quantity.value * dice.uniform(0.93, 1.05), one.digits)
    return replace(one, quantity=Quantity(before, one.quantity.secrets), millesime=str(int(one.millesime) - 1))


def _territoire_of() -> dict[str, str]:
    """Each commune of a territoire, and the slug of it."""
    held = select(PerimetreCommune.commune_code, Territoire.slug).join(
        Perimetre, Perimetre.id == PerimetreCommune.perimetre_id
    )
    rows = db.session.execute(held.join(Territoire).order_by(Territoire.slug))
    return {row.commune_code: row.slug for row in rows}
