"""A corner of the country with figures one can recompute by hand: three EPCI, two perimeters of one territoire, tiny files.

Jobs of 2024, and of 2019 in brackets:   C3 (2711Z)   C1 (1071C)   GZ (4711D)
    Alès, 30007, CA Alès                  40 [20]      10 [10]
    Anduze, 30010, CA Alès                             10 [10]
    Mende, 48095, CC du Mont-Lozère                    30 [40]      10 [10]
    Saint-Denis, 93066, EPT of Paris      10 [10]      90 [80]
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from fichetrack.config import ROOT
from fichetrack.extensions import db
from fichetrack.geography.reference import Reference
from fichetrack.models import PerimetreCommune, PerimetreMember, Region, Territoire
from fichetrack.queries import panels
from fichetrack.services import releases, territoires
from tests.factories import PerimetreFactory, TerritoireFactory
from tests.small_country import commune, epci

IMPORTS = ROOT / "imports"
JOBS = (
    # commune, APE, establishments and employees of 2019, of 2024
    ("30007", "2711Z", 2, 20, 4, 40),
    ("30007", "1071C", 3, 10, 3, 10),
    ("30010", "1071C", 1, 10, 1, 10),
    ("48095", "1071C", 5, 40, 5, 30),
    ("48095", "4711D", 1, 10, 1, 10),
    ("93066", "2711Z", 1, 10, 1, 10),
    ("93066", "1071C", 9, 80, 9, 90),
)


def gard() -> Reference:
    saint_denis = commune("93066", "Saint-Denis", 150_000, "200054781") | {"ept_code": "200057867"}
    return Reference(
        cog_year=2026,
        package="made up",
        regions=[{"code": "76", "nom": "Occitanie"}, {"code": "11", "nom": "Île-de-France"}],
        departements=[
            {"code": "30", "nom": "Gard", "region_code": "76"},
            {"code": "48", "nom": "Lozère", "region_code": "76"},
            {"code": "93", "nom": "Seine-Saint-Denis", "region_code": "11"},
        ],
        epcis=[
            epci("200066918", "CA Alès Agglomération", "CA"),
            epci("244800405", "CC du Mont-Lozère", "CC"),
            epci("200054781", "Métropole du Grand Paris", "METRO"),
            epci("200057867", "Plaine Commune", "EPT"),
        ],
        communes=[
            commune("30007", "Alès", 40_000, "200066918"),
            commune("30010", "Anduze", 4_000, "200066918"),
            commune("30132", "La Grand-Combe", 6_000, "200066918"),
            commune("48095", "Mende", 12_000, "244800405"),
            saint_denis,
        ],
        successors={},
    )


def settle() -> Territoire:
    """The geography, and the territoire « ti-ales »: Alès alone until 2022, its whole agglomération since."""
    panels._kept.clear()
    territoires.load_reference(reference=gard(), contours=dict, progress=lambda words: None)
    region = db.session.get(Region, "76")
    ales: Territoire = TerritoireFactory(slug="ales", nom="Bassin d’Alès", region_instructrice=region)
    perimetre(ales, date(2018, 11, 22), date(2022, 12, 31), [("commune", "30007")], ["30007"])
    perimetre(ales, date(2023, 1, 1), None, [("epci", "200066918")], ["30007", "30010", "30132"])
    return ales


def perimetre(
    territoire: Territoire, start: date, end: date | None, members: Sequence[tuple[str, str]], communes: Sequence[str]
) -> None:
    version = PerimetreFactory(territoire=territoire, valid_from=start, valid_to=end)
    db.session.add_all(
        PerimetreMember(perimetre_id=version.id, kind=kind, code=code, nom=code) for kind, code in members
    )
    db.session.add_all(PerimetreCommune(perimetre_id=version.id, commune_code=code) for code in communes)
    db.session.commit()


def write_jobs(folder: Path, rows: Sequence[Sequence[Any]] = JOBS, years: tuple[int, int] = (2019, 2024)) -> Path:
    """A file in the layout of the Urssaf, with technical names."""
    measures = [f"{name}_{year}" for year in years for name in ("nombre_d_etablissements", "effectifs_salaries")]
    lines = [["code_commune", "code_ape", *measures], *([str(cell) for cell in row] for row in rows)]
    path = folder / "urssaf.csv"
    path.write_text("\n".join(";".join(line) for line in lines) + "\n", "utf-8")
    return path


def load(source: str, file: Path, **options: Any) -> str:
    """Import a file for good; returns the report."""
    given = {name: options.pop(name) for name in ("lot", "millesime") if name in options}
    return releases.run_file(source, file, apply=True, options=given, say=lambda words: None, **options)


def load_jobs(folder: Path, **options: Any) -> None:
    releases.load_nomenclature(say=lambda words: None)
    load("urssaf", write_jobs(folder), **options)


def load_survey() -> None:
    """The survey of the example and its bassins."""
    load("bmo", IMPORTS / "bmo" / "exemple_communes.csv")
    load("bmo", IMPORTS / "bmo" / "exemple.csv")
