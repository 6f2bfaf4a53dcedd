"""Former codes of communes, in INSEE's yearly table: a few rows, the installed official code already knows them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from fichetrack.demo.published.editions import Editions
from fichetrack.demo.published.ground import ARRONDISSEMENTS
from fichetrack.demo.published.writing import write_csv

HEADER = ("Année", "Niveau", "Type", "Ancien Code Officiel", "Code Courant Officiel")


def write(communes: pd.DataFrame, folder: Path, out: Editions) -> list[Path]:
    """Each commune told of leads to itself; the arrondissements of the other files lead to their commune."""
    rows = [(out.passage, "COM", "commune", code, code) for code in communes.index[communes["told"]]]
    rows += [
        (out.passage, "ARM", "arrondissement municipal", half, code)
        for code, halves in sorted(ARRONDISSEMENTS.items())
        for half, _ in halves
        if code in communes.index
    ]
    path = folder / "communes-passage" / f"communes_passage-annuel-{out.passage}.csv"
    return [write_csv(path, HEADER, rows, bom=True)]
