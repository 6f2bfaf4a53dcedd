"""Creations and losses of jobs, in the columns of our own model; no company has these names."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random

import pandas as pd

from fichetrack.demo.dice import dice
from fichetrack.demo.published.activities import activities, specialities
from fichetrack.demo.published.editions import Editions
from fichetrack.demo.published.ground import largest
from fichetrack.demo.published.writing import write_csv

HEADER = ("Libellé", "Commune", "Date", "Nature", "Emplois", "Secteur", "Source", "Diffusion", "Entreprise")
BY_TERRITOIRE = 8
DAYS = 1_000  # before the list
CREATIONS = (
    "Extension de l’atelier",
    "Nouvelle ligne de production",
    "Implantation d’un site",
    "Réouverture d’une unité",
)
LOSSES = ("Arrêt d’une ligne", "Plan de sauvegarde de l’emploi", "Transfert d’une activité", "Fermeture d’un site")


def write(communes: pd.DataFrame, folder: Path, seed: int, out: Editions) -> list[Path]:
    """A few events by territoire, in its largest communes, mostly in what it is known for."""
    rows = []
    for slug, towns in largest(communes.loc[communes["territoire"].notna()], "territoire", 6).items():
        rng = dice(seed, "evenements", slug)
        rows += [_row(slug, rng.choice(towns).code, out.events, rng) for _ in range(BY_TERRITOIRE)]
    numbered = [(*row, f"Société fictive n° {number}") for number, row in enumerate(rows, start=1)]
    return [write_csv(folder / "evenements-emploi" / f"evenements-emploi_{out.events}.csv", HEADER, numbered, bom=True)]


def _row(slug: str, commune: str, last: date, rng: Random) -> tuple[object, ...]:
    created = rng.random() < 0.62
    ape = rng.choice(sorted(specialities(slug)) if rng.random() < 0.7 else sorted(activities()))
    day = last - timedelta(days=rng.randrange(DAYS))
    jobs: object = rng.choice((5, 8, 12, 15, 20, 30, 45, 60, 120))
    if (draw := rng.random()) < 0.12:
        jobs = "" if draw < 0.06 else "secret"
    return (
        f"{rng.choice(CREATIONS if created else LOSSES)} (exemple fictif)",
        commune,
        f"{day:%d/%m/%Y}",
        "Création" if created else "Suppression",
        jobs,
        activities()[ape].label,
        "Jeu de démonstration",
        rng.choices(("Publique", "", "Réseau", "Nominative"), (5, 3, 1, 1))[0],
    )
