"""A few communes of the Gard, the example files brought in by the real importers, and the panels they give."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fichetrack.config import ROOT
from fichetrack.extensions import db
from fichetrack.geography.reference import Reference
from fichetrack.models import PerimetreCommune, Region
from fichetrack.queries import panels, places
from fichetrack.queries.panels.shapes import Figure, Grid, Panel
from fichetrack.services import releases
from fichetrack.services import territoires as services
from tests.factories import PerimetreFactory, TerritoireFactory
from tests.small_country import commune, epci

IMPORTS = ROOT / "imports"
# The public files, when somebody placed them beside the repository; nothing of them is kept here.
DATA = ROOT.parent / "shared" / "data"
ALES = "epci-200066918"


def gard() -> Reference:
    return Reference(
        cog_year=2026,
        package="made up",
        regions=[{"code": "76", "nom": "Occitanie"}],
        departements=[{"code": "30", "nom": "Gard", "region_code": "76"}],
        epcis=[epci("200066918", "CA Alès Agglomération", "CA"), epci("243000643", "CA de Nîmes Métropole", "CA")],
        communes=[
            commune("30007", "Alès", 44_000, "200066918"),
            commune("30010", "Anduze", 3_000, "200066918"),
            commune("30132", "La Grand-Combe", 5_000, "200066918"),
            commune("30189", "Nîmes", 148_000, "243000643"),
            commune("30305", "Salindres", 3_500, "200066918"),
        ],
        successors={},
    )


def settle() -> None:
    """Load the communes. What was kept of another test's releases is forgotten: their numbers begin again."""
    panels._kept.clear()
    services.load_reference(reference=gard(), contours=dict, progress=lambda words: None)


def straddling(slug: str, *communes: str) -> None:
    """A territoire made of these communes, whatever their EPCI."""
    territoire = TerritoireFactory(slug=slug, nom=slug, region_instructrice=db.session.get(Region, "76"))
    version = PerimetreFactory(territoire=territoire)
    db.session.add_all(PerimetreCommune(perimetre_id=version.id, commune_code=code) for code in communes)
    db.session.commit()


def load(source: str, *names: str, **options: str) -> None:
    """Import examples of a source, by their names."""
    for name in names:
        bring(source, IMPORTS / source / name, **options)


def bring(source: str, file: Path, **options: str) -> None:
    releases.run_file(source, file, apply=True, options=options, say=lambda words: None)


def panel_of(panneau: str, code: str, user: Any = None, **args: str) -> Panel:
    place = places.get_place(code)
    assert place is not None
    panel = panels.get_panel(user, panneau, place, args)
    assert panel is not None
    return panel


def figure(panel: Panel, code: str) -> Figure:
    return next(one for one in panel.figures if one.indicator.code == code)


def grid(panel: Panel, code: str) -> Grid:
    return next(one for one in panel.grids if one.code == code)


def row(panel: Panel, code: str, name: str) -> Mapping[str, Any]:
    """The row of a grid whose first cell says this."""
    held = grid(panel, code)
    return next(one for one in held.rows if one[held.columns[0].key] == name)
