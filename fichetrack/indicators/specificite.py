"""Economic specificity of territoires: shares, indices, evolution, structural and local effects, nearest profiles.

Everywhere, `territoires` is a frame with one row per territoire (index: its code) and one column per sector, of jobs (or
establishments), float64: NaN where there is no establishment, 0.0 where there are some without staff on 31 December. A
`reference` is a Series of jobs by sector. NaN counts 0 in a sum, and a result that cannot be computed is NaN, never inf.
Source: Urssaf, établissements employeurs et effectifs salariés, private sector, 31 December.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from fichetrack.indicators.catalogue import Indicator
from fichetrack.indicators.contracts import InputRefused, require_columns, require_unique


def by_sector(rows: pd.DataFrame, key: str, sector: str = "secteur", value: str = "effectifs") -> pd.DataFrame:
    """Rows of (territoire, sector, value) as a frame of territoires × sectors.

    rows: columns `key`, `sector` (str) and `value` (float64), one row per pair at most.
    Returns float64, index `key`, columns the sectors, both sorted; NaN where the pair is absent.
    Raises InputRefused if a column is missing or a pair is there twice.
    """
    require_columns(rows, key, sector, value)
    require_unique(rows, key, sector)
    return rows.pivot(index=key, columns=sector, values=value).astype("float64").sort_index(axis=0).sort_index(axis=1)


def gather(
    rows: pd.DataFrame, members: pd.DataFrame, key: str, sector: str = "secteur", value: str = "effectifs"
) -> pd.DataFrame:
    """Totals of territoires made of parts (communes, EPCI), by sector.

    rows: columns `key` (the part), `sector` (str or categories), `value` (float64); several rows of a pair add up.
    members: columns `territoire` and `key`, one row per pair; a part may belong to several territoires.
    Returns float64, index the territoires of `members`, columns the sectors of `rows`, both sorted; NaN where no part
    has anything in the sector; a territoire without any known part is a row of NaN.
    Raises InputRefused if a column is missing or a pair of `members` is there twice: it would be counted twice.
    """
    require_columns(rows, key, sector, value)
    require_columns(members, "territoire", key)
    require_unique(members, "territoire", key)
    parts, sectors = rows[key].astype("category").cat, rows[sector].astype("category").cat
    shape = (len(parts.categories), len(sectors.categories))
    known = rows[value].notna().to_numpy()
    cells = (parts.codes.to_numpy().astype("int64") * shape[1] + sectors.codes.to_numpy())[known]
    # A dense table of parts × sectors, then its rows added: several times quicker than a join of long tables.
    sums = np.bincount(cells, weights=rows[value].to_numpy("float64")[known], minlength=shape[0] * shape[1]).reshape(
        shape
    )
    there = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)
    places = parts.categories.get_indexer(pd.Index(members[key]))
    territoires, names = pd.factorize(members["territoire"], sort=True)
    found = np.flatnonzero(places >= 0)
    found = found[np.argsort(territoires[found], kind="stable")]
    starts = np.flatnonzero(np.diff(territoires[found], prepend=-1))
    wide, counts = np.zeros((len(names), shape[1])), np.zeros((len(names), shape[1]))
    wide[territoires[found][starts]] = np.add.reduceat(sums[places[found]], starts)
    counts[territoires[found][starts]] = np.add.reduceat(there[places[found]], starts)
    frame = pd.DataFrame(
        np.where(counts > 0, wide, np.nan),
        index=pd.Index(names, name="territoire"),
        columns=pd.Index(sectors.categories.astype("str"), name=sector),
    )
    return frame.sort_index(axis=1)


def shares(territoires: pd.DataFrame) -> pd.DataFrame:
    """Share of each sector in the jobs of its territoire, 0 to 1; NaN where nothing is there, or the total is 0.

    Returns float64, same index and columns.
    """
    return _finite(territoires.div(territoires.sum(axis=1), axis=0))


def index(territoires: pd.DataFrame, reference: pd.Series) -> pd.DataFrame:
    """Specificity index (x_ik / x_i) / (x_k / x): the share of a sector here over its share in the reference.

    territoires: jobs, territoires × sectors.   reference: jobs by sector, with at least the sectors of `territoires`.
    Returns float64, same index and columns; 1.0 when both shares are equal; 0.0 where establishments have no staff; NaN
    where no establishment is, where the territoire or the reference has no job, or the sector none in the reference.
    Raises InputRefused if the reference lacks a sector: its share would be unknown, and the total wrong.
    """
    held = _reference(territoires, reference)
    return _finite(shares(territoires).div(held / reference.sum(), axis=1))


def index_rest(territoires: pd.DataFrame, whole: pd.Series) -> pd.DataFrame:
    """« Le reste de » : the index against what remains of a whole once the territoire is taken out of it.

    (x_ik / x_i) / ((x_k − x_ik) / (x − x_i)), as the Observatoire des territoires computes it (`indice_specif`).
    territoires, whole: as in `index`; every territoire must be a part of `whole`.
    Returns float64, same index and columns; NaN where `index` is, and where the rest has no job in the sector.
    Raises InputRefused if a sector is missing, or a territoire has more jobs in one than the whole: it is no part of it.
    """
    held = _reference(territoires, whole)
    here = territoires.fillna(0.0)
    rest = -here.sub(held, axis=1)
    if (rest < -1e-9).to_numpy().any():
        raise InputRefused("a territoire has more jobs in a sector than the whole it should be a part of")
    totals = whole.sum() - here.sum(axis=1)
    return _finite(shares(territoires) / _finite(rest.div(totals, axis=0)))


def above(values: pd.DataFrame, jobs: pd.DataFrame, minimum: float) -> pd.DataFrame:
    """The values of sectors that have at least `minimum` jobs here; NaN elsewhere. All three have the same shape."""
    return values.where(jobs >= minimum)


def evolution(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Evolution of jobs, in percent: 100 × (after / before − 1).

    Both have the same index and columns. NaN where one of them is NaN — a blank is not a zero — or where `before` is 0.
    """
    return _finite(100.0 * (after / before - 1.0))


def shift_share(
    before: pd.DataFrame, after: pd.DataFrame, reference_before: pd.Series, reference_after: pd.Series
) -> pd.DataFrame:
    """What the evolution of jobs owes to the reference, to the sectors of the territoire, and to itself.

    before, after: jobs, territoires × sectors, same shape.   reference_before, reference_after: jobs by sector.
    With G the growth of the reference and g_k that of its sector k:
    reference effect Σ x_ik·G; structural effect Σ x_ik·(g_k − G); local effect: the rest, Σ x_ik·(g_ik − g_k) and the
    jobs of sectors that were not there.
    Returns float64, one row per territoire: avant, apres, variation, effet_reference, effet_structurel, effet_local (jobs;
    the three effects add up to the variation) and the last four again in percent of `avant`, suffixed `_pct`.
    NaN where the territoire had no job, or had some in a sector the reference had none in.
    Raises InputRefused if the shapes differ or a reference lacks a sector.
    """
    if not (before.index.equals(after.index) and before.columns.equals(after.columns)):
        raise InputRefused("before and after must have the same territoires and the same sectors")
    start, end = before.fillna(0.0), after.fillna(0.0)
    first, last = _reference(before, reference_before), _reference(before, reference_after)
    growth = reference_after.sum() / reference_before.sum() - 1.0 if reference_before.sum() else np.nan
    sector_growth = _finite(last / first) - 1.0
    # Without a job here, the growth of the sector does not matter, even when nobody can say it.
    expected = start.mul(sector_growth, axis=1).where(start != 0.0, 0.0).sum(axis=1, skipna=False)
    table = pd.DataFrame({"avant": start.sum(axis=1), "apres": end.sum(axis=1)})
    table["variation"] = table["apres"] - table["avant"]
    table["effet_reference"] = table["avant"] * growth
    table["effet_structurel"] = expected - table["effet_reference"]
    table["effet_local"] = table["variation"] - expected
    table.loc[table["avant"] == 0.0, ["effet_reference", "effet_structurel", "effet_local"]] = np.nan
    for name in ("variation", "effet_reference", "effet_structurel", "effet_local"):
        table[f"{name}_pct"] = _finite(100.0 * table[name] / table["avant"])
    return table


def similarity(indices: pd.DataFrame, code: str) -> pd.Series:
    """How near the profile of each other territoire is to that of `code`, from −1 (opposite) to 1 (same).

    indices: specificity indices, territoires × sectors, as `index` gives them (NaN: no establishment, taken as 0).
    Each index s becomes (s − 1) / (s + 1), between −1 (absent) and 1, 0 at the reference: a sector forty times over-
    represented does not decide alone. The measure is the cosine of the angle between the two vectors.
    Returns float64 indexed by territoire, nearest first (by code when equal), `code` left out; NaN, last, for a profile
    that is everywhere that of the reference, whose direction does not exist.
    Raises InputRefused if `code` is not there.
    """
    if code not in indices.index:
        raise InputRefused(f"no territoire {code!r} among the profiles")
    held = indices.fillna(0.0)
    vectors = (held - 1.0) / (held + 1.0)
    lengths = np.sqrt((vectors**2).sum(axis=1))
    cosines = _finite(vectors.dot(vectors.loc[code]) / (lengths * lengths[code])).clip(-1.0, 1.0)
    ordered = cosines.drop(code).sort_index().sort_values(ascending=False, kind="stable", na_position="last")
    return ordered.rename("similarite")


def profile(territoire: pd.DataFrame, reference: pd.DataFrame, minimum: float = 0.0) -> pd.DataFrame:
    """Everything the panel says of one territoire, one row per sector of the reference.

    territoire, reference: indexed by sector; columns effectifs, etablissements, effectifs_avant (float64; NaN: nothing).
    minimum: jobs below which indices are not shown.
    Returns, indexed as `reference`: effectifs, etablissements, effectifs_avant, part, part_reference (0 to 1), specificite,
    specificite_reste (NaN when the territoire is no part of the reference), evolution, evolution_reference (percent), and
    sous_seuil (bool), True where the indices were withheld.
    Raises InputRefused if a column is missing or a sector of the territoire is not in the reference.
    """
    names = ["effectifs", "etablissements", "effectifs_avant"]
    for frame in (territoire, reference):
        require_columns(frame, *names)
    if unknown := sorted(set(territoire.index) - set(reference.index)):
        raise InputRefused(f"sectors missing from the reference: {', '.join(map(str, unknown[:5]))}")
    table = territoire[names].reindex(reference.index).astype("float64")
    jobs, whole = table[["effectifs"]].T, reference["effectifs"].astype("float64")
    part_of_whole = bool((table["effectifs"].fillna(0.0) <= whole.fillna(0.0)).all())
    table["part"] = shares(jobs).iloc[0]
    table["specificite"] = index(jobs, whole).iloc[0]
    table["specificite_reste"] = index_rest(jobs, whole).iloc[0] if part_of_whole else np.nan
    table["evolution"] = evolution(
        table[["effectifs_avant"]], table[["effectifs"]].set_axis(["effectifs_avant"], axis=1)
    )
    table[["part_reference", "evolution_reference"]] = describe_reference(reference)
    table["sous_seuil"] = ~(table["effectifs"] >= minimum) & table["effectifs"].notna()
    table[["specificite", "specificite_reste"]] = table[["specificite", "specificite_reste"]].mask(table["sous_seuil"])
    return table


def describe_reference(reference: pd.DataFrame) -> pd.DataFrame:
    """What a reference is, sector by sector: part_reference (0 to 1), evolution_reference (percent), float64, same index.

    reference: indexed by sector; columns effectifs, effectifs_avant.
    """
    jobs = reference["effectifs"].astype("float64")
    evolution_reference = _finite(100.0 * (jobs / reference["effectifs_avant"] - 1.0))
    return pd.DataFrame({"part_reference": _finite(jobs / jobs.sum()), "evolution_reference": evolution_reference})


def rest_of(whole: pd.DataFrame, territoire: pd.DataFrame) -> pd.DataFrame:
    """What remains of a whole once a territoire, a part of it, is taken out: effectifs, effectifs_avant, indexed as `whole`.

    NaN where the whole has nothing.
    """
    names = ["effectifs", "effectifs_avant"]
    rest: pd.DataFrame = whole[names] - territoire[names].reindex(whole.index).fillna(0.0)
    return rest


def _reference(territoires: pd.DataFrame, reference: pd.Series) -> pd.Series:
    """The reference in the order of the sectors of `territoires`."""
    if not reference.index.is_unique:
        raise InputRefused("the reference repeats a sector")
    at = reference.index.get_indexer(territoires.columns)
    if (at < 0).any():
        missing = ", ".join(map(str, territoires.columns[at < 0][:5]))
        raise InputRefused(f"sectors missing from the reference: {missing}")
    return pd.Series(np.nan_to_num(reference.to_numpy("float64")[at]), territoires.columns)


def _finite(values: pd.DataFrame | pd.Series) -> pd.DataFrame | pd.Series:
    """0/0 and x/0 are unknown, never infinite."""
    return values.replace([np.inf, -np.inf], np.nan)


FIELD = (
    "Champ : secteur privé du régime général, établissements employeurs, hors agriculture et hors Mayotte ; apprentis compris. "
    "Les intérimaires sont comptés dans la commune de leur agence : ils peuvent être laissés de côté. "
)

INDICATORS = (
    Indicator(
        code="effectifs",
        label="Effectifs salariés au 31 décembre",
        unit="emplois",
        source="urssaf",
        treatment="Somme des effectifs des communes du territoire, dans leurs limites actuelles, par secteur d’activité.",
        formula="Σ effectifs (commune × APE)",
        limits=FIELD
        + "Une case vide (aucun établissement) n’est pas un zéro (des établissements sans salarié ce jour-là).",
    ),
    Indicator(
        code="etablissements",
        label="Établissements employeurs",
        unit="établissements",
        source="urssaf",
        treatment="Somme des établissements des communes du territoire, dans leurs limites actuelles, par secteur d’activité.",
        formula="Σ établissements (commune × APE)",
        limits=FIELD + "Un établissement peut n’avoir aucun salarié au 31 décembre.",
    ),
    Indicator(
        code="part_emploi",
        label="Part du secteur dans l’emploi",
        unit="%",
        source="urssaf",
        treatment="Effectifs du secteur rapportés à tous les effectifs du territoire.",
        formula="100 × xᵢₖ / xᵢ",
        limits=FIELD.strip(),
        digits=1,
    ),
    Indicator(
        code="specificite",
        label="Indice de spécificité",
        unit="indice",
        source="urssaf",
        treatment="Part du secteur dans l’emploi du territoire, divisée par sa part dans l’emploi de la référence choisie.",
        formula="(xᵢₖ / xᵢ) / (xₖ / x)",
        limits=FIELD
        + "L’indice dépend de la référence, du niveau de nomenclature et de l’année, toujours écrits à côté de lui ; il est "
        "instable sur de petits effectifs : un seuil d’emplois peut être fixé.",
        digits=2,
    ),
    Indicator(
        code="specificite_reste",
        label="Indice de spécificité, par rapport au « reste de » la référence",
        unit="indice",
        source="urssaf",
        treatment="Part du secteur dans l’emploi du territoire, divisée par sa part dans le reste de la référence, territoire "
        "ôté (variante de l’Observatoire des territoires).",
        formula="(xᵢₖ / xᵢ) / ((xₖ − xᵢₖ) / (x − xᵢ))",
        limits=FIELD
        + "Plus élevé que l’indice simple pour les secteurs forts ; absent quand le reste n’a aucun emploi du secteur.",
        digits=2,
    ),
    Indicator(
        code="evolution_5_ans",
        label="Évolution de l’emploi en cinq ans",
        unit="%",
        source="urssaf",
        treatment="Effectifs de l’année rapportés à ceux de cinq ans plus tôt, dans les limites communales actuelles.",
        formula="100 × (xᵢₖ(n) / xᵢₖ(n − 5) − 1)",
        limits=FIELD + "Absente quand le secteur n’avait aucun emploi cinq ans plus tôt, ou n’a plus d’établissement.",
        digits=1,
    ),
    Indicator(
        code="effet_structurel",
        label="Effet structurel",
        unit="%",
        source="urssaf",
        treatment="Ce que l’évolution de l’emploi doit aux secteurs présents : chacun aurait évolué comme dans la référence.",
        formula="Σₖ xᵢₖ · (gₖ − G) / xᵢ, gₖ et G étant les évolutions de la référence",
        limits=FIELD
        + "Décomposition comptable : elle décrit, elle n’explique pas. Elle dépend du niveau de nomenclature.",
        digits=1,
    ),
    Indicator(
        code="effet_local",
        label="Effet local",
        unit="%",
        source="urssaf",
        treatment="Ce qui reste de l’évolution de l’emploi, une fois ôtés l’effet de la référence et l’effet structurel.",
        formula="Σₖ xᵢₖ · (gᵢₖ − gₖ) / xᵢ, emplois des secteurs nouveaux compris",
        limits=FIELD
        + "Il contient tout ce que la structure n’explique pas : déménagement d’un établissement, erreur d’activité…",
        digits=1,
    ),
    Indicator(
        code="similarite",
        label="Ressemblance des profils économiques",
        unit="",
        source="urssaf",
        treatment="Cosinus de l’angle entre les vecteurs d’indices de spécificité des deux territoires, chaque indice s ramené "
        "à (s − 1) / (s + 1).",
        formula="cos(u, v), u et v de composantes (s − 1) / (s + 1)",
        limits=FIELD
        + "Deux territoires semblables ont les mêmes secteurs forts et faibles ; ni leur taille ni leurs salaires n’y entrent.",
        digits=2,
    ),
)
