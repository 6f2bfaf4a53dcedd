"""What every reader's tests stand on: the communes of the installed official code, as a command gives them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from fichetrack.geography.reference import read_reference
from fichetrack.sources.reading import Ground

# The public files, when somebody placed them beside the repository; nothing of them is kept here.
DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"


@pytest.fixture(scope="session")
def ground() -> Ground:
    """The current communes with their département, région, EPCI and EPT; no other source was imported."""
    official = read_reference()
    region = {row["code"]: row["region_code"] for row in official.departements}
    rows = pd.DataFrame(official.communes).set_index("code")
    communes = pd.DataFrame(
        {
            "nom": rows["nom"],
            "departement": rows["departement_code"],
            "region": rows["departement_code"].map(region),
            "epci": rows["epci_code"].where(rows["epci_code"].notna(), None),
            "ept": rows["ept_code"].where(rows["ept_code"].notna(), None),
            "population": rows["population"].astype("float64"),
        }
    )
    return Ground(communes=communes, successors=official.successors, cog_year=official.cog_year)
