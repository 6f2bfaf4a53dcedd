"""Financed projects in the columns of our own model: amounts as people write them, some confidential, some told twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pandas as pd

from fichetrack.demo.dice import dice
from fichetrack.demo.published.activities import activities, specialities
from fichetrack.demo.published.editions import Editions
from fichetrack.demo.published.ground import Place, largest
from fichetrack.demo.published.writing import write_csv

HEADER = (
    "Identifiant du projet", "Projet", "Entreprise", "Commune", "Code INSEE", "Dispositif", "Opérateur",
    "Nature du montant", "Montant", "Date", "Avancement", "Description", "Contact", "Thème", "Diffusion",
)  # fmt: skip
BY_TERRITOIRE = 12
DAYS = 1_900  # before the list
PROJECTS = (
    ("Modernisation d’une ligne", "Industrie 4.0"), ("Relocalisation d’une production", "Relocalisation"),
    ("Récupération de chaleur", "Décarbonation"), ("Électrification d’un four", "Décarbonation"),
    ("Extension d’un atelier", "Foncier"), ("Plateau technique de formation", "Compétences"),
    ("Atelier partagé d’essais", "Innovation"),
)  # fmt: skip
FUNDS = (
    ("(Re)localisation", "Bpifrance", "Subvention", (150_000, 2_500_000)),
    ("Accélération des investissements", "Bpifrance", "Subvention", (80_000, 1_200_000)),
    ("Décarbonation de l’industrie", "Ademe", "Subvention", (200_000, 4_000_000)),
    ("Prêt vert", "Bpifrance", "Prêt", (100_000, 1_500_000)),
    ("Foncier industriel", "Banque des Territoires", "Fonds propres", (300_000, 5_000_000)),
    ("Avance régionale", "Région", "Avance", (60_000, 900_000)),
)  # fmt: skip


def write(communes: pd.DataFrame, folder: Path, seed: int, out: Editions) -> list[Path]:
    """A dozen projects by territoire; one in four has two amounts, hence two rows."""
    held = largest(communes.loc[communes["territoire"].notna()], "territoire", 8)
    rows = [
        row
        for slug, towns in held.items()
        for row in _territoire_rows(slug, towns, out.funding, dice(seed, "projets", slug))
    ]
    return [write_csv(folder / "financements" / f"projets-finances_{out.funding:%Y-%m}.csv", HEADER, rows, bom=True)]


def _territoire_rows(slug: str, towns: list[Place], last: date, rng: Random) -> Iterator[list[object]]:
    for number in range(1, BY_TERRITOIRE + 1):
        project, theme = rng.choice(PROJECTS)
        sector = activities()[rng.choice(sorted(specialities(slug)))].label
        town, name = rng.choice(towns), f"{project} (projet fictif n° {number})"
        company = f"Société fictive {slug} n° {number}"
        day = last - timedelta(days=rng.randrange(DAYS))
        state = rng.choice(("engagé", "en cours", "en cours", "terminé"))
        diffusion = rng.choices(("publique", "réseau", ""), (7, 2, 1))[0]
        for dispositif, operateur, nature, bounds in rng.sample(FUNDS, 2 if rng.random() < 0.25 else 1):
            yield [
                f"DEMO-{slug}-{number:02d}", name, company, town.nom, town.code, dispositif, operateur, nature,
                _amount(bounds, rng), f"{day:%d/%m/%Y}", state, f"Exemple fictif : {sector}.",
                "Service économique (exemple fictif)", theme, diffusion,
            ]  # fmt: skip


def _amount(bounds: tuple[int, int], rng: Random) -> str:
    """« 1 234 567,00 € » with no-break spaces, a plain number, or « confidentiel »."""
    amount = round(rng.randint(*bounds), -3)
    if rng.random() < 0.08:
        return "confidentiel"
    if rng.random() < 0.5:
        return str(amount)
    return f"{amount:,}".replace(",", "\u00a0") + ",00\u00a0€"
