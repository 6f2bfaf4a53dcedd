"""Financed projects in the columns of our own model: amounts as people write them, some confidential, some told twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from math import exp, log
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
    ("Modernisation d’une ligne", "Industrie 4.0", ("investissement", "pret", "avance")),
    ("Relocalisation d’une production", "Relocalisation", ("relocalisation", "avance", "pret")),
    ("Récupération de chaleur", "Décarbonation", ("decarbonation", "pret")),
    ("Électrification d’un four", "Décarbonation", ("decarbonation", "pret", "avance")),
    ("Extension d’un atelier", "Foncier", ("investissement", "foncier", "pret")),
    ("Réhabilitation d’une halle", "Foncier", ("foncier", "avance")),
    ("Plateau technique de formation", "Compétences", ("competences",)),
    ("Atelier partagé d’essais", "Innovation", ("innovation", "avance")),
)  # fmt: skip
# Dispositif, opérateur, nature, and the bounds of an amount: small ones are the most frequent.
FUNDS = {
    "relocalisation": ("(Re)localisation", "Bpifrance", "Subvention", (200_000, 3_000_000)),
    "investissement": ("Accélération des investissements", "Bpifrance", "Subvention", (80_000, 1_500_000)),
    "decarbonation": ("Décarbonation de l’industrie", "Ademe", "Subvention", (150_000, 5_000_000)),
    "competences": ("Compétences et métiers d’avenir", "Banque des Territoires", "Subvention", (120_000, 1_800_000)),
    "innovation": ("France 2030 régionalisé", "Bpifrance", "Subvention", (75_000, 600_000)),
    "pret": ("Prêt vert", "Bpifrance", "Prêt", (100_000, 1_500_000)),
    "foncier": ("Foncier industriel", "Banque des Territoires", "Fonds propres", (300_000, 4_000_000)),
    "avance": ("Avance régionale", "Région", "Avance", (50_000, 500_000)),
}


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
        project, theme, funds = rng.choice(PROJECTS)
        sector = activities()[rng.choice(sorted(specialities(slug)))].label
        town, name = rng.choice(towns), f"{project} (projet fictif n° {number})"
        company = f"Société fictive {slug} n° {number}"
        day = last - timedelta(days=rng.randrange(DAYS))
        state = rng.choice(("engagé", "en cours", "en cours", "terminé"))
        diffusion = rng.choices(("publique", "réseau", ""), (7, 2, 1))[0]
        for dispositif, operateur, nature, bounds in _funds(funds, rng):
            yield [
                f"DEMO-{slug}-{number:02d}", name, company, town.nom, town.code, dispositif, operateur, nature,
                _amount(bounds, rng), f"{day:%d/%m/%Y}", state, f"Exemple fictif : {sector}.",
                "Service économique (exemple fictif)", theme, diffusion,
            ]  # fmt: skip


def _funds(names: tuple[str, ...], rng: Random) -> list[tuple[str, str, str, tuple[int, int]]]:
    """The first one, and now and then a second beside it."""
    second = rng.sample(names[1:], 1) if len(names) > 1 and rng.random() < 0.35 else []
    return [FUNDS[name] for name in (names[0], *second)]


def _amount(bounds: tuple[int, int], rng: Random) -> str:
    """« 1 234 567,00 € » with no-break spaces, a plain number, or « confidentiel »."""
    amount = round(exp(rng.uniform(log(bounds[0]), log(bounds[1]))), -3)
    if rng.random() < 0.08:
        return "confidentiel"
    if rng.random() < 0.5:
        return f"{amount:.0f}"
    return f"{amount:,.0f}".replace(",", "\u00a0") + ",00\u00a0€"
