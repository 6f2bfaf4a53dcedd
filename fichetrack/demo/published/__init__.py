"""Small files in the layouts of the producers, for the demonstration's territoires: every value is fictitious.

They go through the same importers as the published files. `generate` writes them; the same communes, seed and day
always give the same bytes. What may be true in them is the geography and the nomenclatures, nothing else.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from fichetrack.demo.published import (
    commuting,
    employment,
    estates,
    events,
    funding,
    land,
    passage,
    recruitment,
    unemployment,
    zonages,
)
from fichetrack.demo.published.editions import editions_on
from fichetrack.demo.published.ground import prepare, read_communes

__all__ = ["OPTIONS", "generate", "read_communes"]

# What an importer must be told with the files of a source: those of the zones speak of many EPCI at once.
OPTIONS = {"zae": {"lot": "demonstration"}}


def generate(communes: pd.DataFrame, folder: Path, seed: int, day: date) -> dict[str, list[Path]]:
    """Write every file under `folder`; returns, by source and in the order to import them, the files in theirs.

    communes: every commune of France, or those of the territoires and enough others to compare them with, indexed by
    INSEE code (as `read_communes` gives them): nom, departement, region, epci, population, territoire (slug, or None
    elsewhere), and where known lon, lat (degrees), departement_nom, region_nom, epci_nom.
    day: each file is the edition its producer would have out that day (see `editions`), one source being late.
    Raises Refusal naming the columns that are missing.
    """
    ground, out = prepare(communes), editions_on(day)
    return {
        "communes-passage": passage.write(ground, folder, out),
        "fap": recruitment.write_metiers(folder),
        "urssaf": employment.write(ground, folder, seed, out),
        "bmo": recruitment.write_survey(ground, folder, seed, out),
        "friches": land.write(ground, folder, seed, out),
        "zae": estates.write_zae(ground, folder, seed, out),
        "sites": estates.write_turnkey(ground, folder, seed, out),
        "chomage": unemployment.write(ground, folder, seed, out),
        "evenements-emploi": events.write(ground, folder, seed, out),
        "mobilite": commuting.write(ground, folder, seed, out),
        "zonages": zonages.write(ground, folder, seed, out),
        "financements": funding.write(ground, folder, seed, out),
    }
