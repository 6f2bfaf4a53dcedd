"""Which columns of an URSSAF file are what: codes, sectors, and two columns for each year it holds, whatever the years."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from fichetrack import clock
from fichetrack.errors import ImportRefused
from fichetrack.sources.bulk import Text
from fichetrack.sources.layouts import get_source
from fichetrack.tables import map_columns, normalise_heading
from fichetrack.tables.headings import count_recognised

YEAR = re.compile(r"(?P<what>nombre d etablissements|effectifs salaries) (?P<year>(?:19|20)\d\d)")
MEASURES = {"nombre d etablissements": "etab", "effectifs salaries": "eff"}


@dataclass(frozen=True)
class Layout:
    """Places of the columns: by field (code_commune, code_ape…), and by measure and year (« eff_2022 »), in order."""

    fields: dict[str, int]
    measures: dict[str, int]

    @property
    def years(self) -> list[int]:
        return sorted({int(name.split("_")[1]) for name in self.measures})


def count_headings(headings: list[str]) -> int:
    """How many headings of a row an URSSAF file would have."""
    known = count_recognised(get_source("urssaf").layouts["urssaf"])(headings)
    return known + sum(1 for heading in headings if YEAR.fullmatch(normalise_heading(heading)))


def find_layout(text: Text) -> Layout:
    """The layout of a file. Raises ImportRefused naming what is expected and what was found."""
    mapping = map_columns(text.headings, get_source("urssaf").layouts["urssaf"])
    problems, measures = mapping.problems(), find_measures(text.headings)
    twice = [name for name, places in measures.items() if len(places) > 1]
    problems += [f"La colonne de l’année {name.split('_')[1]} ({name}) est donnée plusieurs fois." for name in twice]
    if not any(name.startswith("eff_") for name in measures):
        problems.append("Aucune colonne « Effectifs salariés AAAA » (ou effectifs_salaries_AAAA).")
    if future := sorted({name.split("_")[1] for name in measures if int(name.split("_")[1]) > clock.today().year}):
        problems.append(f"L’année {future[-1]} n’est pas encore finie : elle ne peut pas être dans ce fichier.")
    if problems:
        raise refusal(text, problems)
    fields = {name: place for place, name in mapping.columns.items()}
    years = sorted({name.split("_")[1] for name in measures})
    ordered = [f"{kind}_{year}" for year in years for kind in ("eff", "etab")]
    return Layout(fields, {name: measures[name][0] for name in ordered if name in measures})


def find_measures(headings: list[str]) -> dict[str, list[int]]:
    """« eff_2022 » and « etab_2022 » → their places."""
    found: dict[str, list[int]] = {}
    for place, heading in enumerate(headings):
        if match := YEAR.fullmatch(normalise_heading(heading)):
            found.setdefault(f"{MEASURES[match['what']]}_{match['year']}", []).append(place)
    return found


def missing_measures(layout: Layout) -> list[str]:
    """Years of which only one of the two measures is there."""
    counts = Counter(name.split("_")[1] for name in layout.measures)
    return [year for year, number in counts.items() if number == 1]


def refusal(text: Text, problems: list[str]) -> ImportRefused:
    shown = ", ".join(f"« {heading.strip()[:60]} »" for heading in text.headings[:25] if heading.strip()) or "aucune"
    return ImportRefused(
        f"Fichier « {text.name} » : ce n’est pas le fichier Urssaf « commune × APE » attendu (colonnes « Code commune », "
        "« Code APE », puis « Nombre d’établissements AAAA » et « Effectifs salariés AAAA »). "
        f"{' '.join(problems)} Colonnes trouvées : {shown}."
    )
