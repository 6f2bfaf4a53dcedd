"""The small ground the demonstration's tests stand on."""

from __future__ import annotations

from typing import Any

from fichetrack.models import Departement, Region, Territoire
from fichetrack.models.territoire import TerritoireRegion


def lay_the_ground(db: Any) -> None:
    """Four territoires of two régions: enough for every account."""
    db.session.add_all([Region(code="76", nom="Occitanie"), Region(code="75", nom="Nouvelle-Aquitaine")])
    db.session.flush()
    db.session.add(Departement(code="30", nom="Gard", region_code="76"))
    for slug, nom, region in (
        ("ales", "Bassin d’Alès", "76"),
        ("beziers-sete", "Béziers-Sète", "76"),
        ("grand-chatellerault", "Grand Châtellerault", "75"),
        ("lacq-pau-tarbes", "Lacq-Pau-Tarbes", "75"),
    ):
        territoire = Territoire(slug=slug, nom=nom, region_instructrice_code=region)
        db.session.add(territoire)
        db.session.flush()
        db.session.add(TerritoireRegion(territoire_id=territoire.id, region_code=region))
    db.session.commit()


def silent(_line: str) -> None:
    """Progress nobody reads."""
