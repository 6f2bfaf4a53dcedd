"""The cost of the national URSSAF file, generated in its published layout: read, imported, and any year afterwards.

Three measures, each in child processes so that peak memory is that of the measure alone; ratios are medians of pairs run
one after the other. `FICHETRACK_BENCH_ROWS=20000 python benchmarks/urssaf.py` tries it small.
"""

from __future__ import annotations

import csv
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import duckdb
import numpy as np
import pandas as pd

from fichetrack.geography.reference import read_reference
from fichetrack.indicators import specificite
from fichetrack.sources import naf, urssaf
from fichetrack.sources.reading import Ground

ROWS = int(os.environ.get("FICHETRACK_BENCH_ROWS", "1500000"))
ROUNDS = int(os.environ.get("FICHETRACK_BENCH_ROUNDS", "5"))
YEARS = range(2007, 2025)  # eighteen years
YEAR = 2024
TURNS = 30  # of the measure of one year
TERRITOIRES = 149
SEED = 20_261_122
DIMENSIONS = (
    *("Région", "Ancienne région", "Département", "Zone d'emploi", "EPCI", "Nom commune", "Commune"),
    *("Grand secteur d'activité", "Secteur NA17", "Secteur NA38", "Secteur NA88", "APE", "Code région"),
    *("Code ancienne région", "Code département", "Code zone d'emploi", "Code EPCI", "Code commune", "Code APE"),
)


def main() -> None:
    """Generate the file, then print each measure with its ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file, members = folder / "national.csv", folder / "members.csv"
        rows = generate(file, members)
        print(
            f"{rows} rows × {len(YEARS)} years, {file.stat().st_size / 1e6:.0f} MB; {ROUNDS} rounds, medians of pairs"
        )
        compare(
            folder, "index_ours", "index_duckdb", "(a) specificity of every TI × 88 sectors, one year, from the file"
        )
        compare(folder, "import_ours", "scan_duckdb", "(b) full import to Parquet, against reading the file once")
        later = run(folder, "year_ours")
        print(
            f"(c) any year once imported: {later['seconds'] * 1_000:.1f} ms (median of {TURNS}), of processor "
            f"{later['cpu'] / TURNS * 1_000:.1f} (mean); peak {later['peak']:.0f} MiB"
        )
        check_exactness(folder)


def compare(folder: Path, ours: str, reference: str, title: str) -> None:
    """Run both measures in turn, and print their medians."""
    pairs = [(run(folder, reference), run(folder, ours)) for _ in range(ROUNDS)]
    seconds = [statistics.median(pair[side]["seconds"] for pair in pairs) for side in (0, 1)]
    # The time of the processors tells more than that of the clock on a machine that others use too.
    ratios = {what: statistics.median(mine[what] / base[what] for base, mine in pairs) for what in ("seconds", "cpu")}
    peaks = [max(pair[side]["peak"] for pair in pairs) for side in (0, 1)]
    print(f"{title}: {seconds[1]:.2f} s against {seconds[0]:.2f} s ({reference})")
    print(
        f"    ratio {ratios['seconds']:.2f}, in processor time {ratios['cpu']:.2f}; peak {peaks[1]:.0f} MiB ({peaks[0]:.0f})"
    )


def run(folder: Path, measure: str) -> dict[str, float]:
    """One measure in a child process: its seconds (imports left out) and its peak memory in MiB (imports included)."""
    done = subprocess.run([sys.executable, __file__, measure, str(folder)], check=True, capture_output=True, text=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def child(measure: str, folder: Path) -> None:
    prepare = {"import_ours": ground}.get(measure)
    given = [prepare()] if prepare else []
    start, spent = time.perf_counter(), time.process_time()
    inner = MEASURES[measure](folder, *given)
    seconds = inner if inner is not None else time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "cpu": time.process_time() - spent, "peak": peak_memory()}))


def peak_memory() -> float:
    """MiB this process held at most. Not ru_maxrss: a child starts with that of its parent."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def index_ours(folder: Path) -> None:
    """EPCI × A88 from the file, then communes of the programme by EPCI, then the index."""
    totals = urssaf.sector_totals(folder / "national.csv", YEAR, folder)
    result = index_of(totals, read_members(folder))
    result.to_parquet(folder / "index_ours.parquet")


def read_members(folder: Path) -> pd.DataFrame:
    """The EPCI of each territoire, as the application holds them."""
    return pd.read_csv(folder / "members.csv", dtype="str")


def index_of(totals: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """The index of every territoire × sector, from totals by EPCI × sector (columns epci, secteur, effectifs)."""
    reference = totals.groupby("secteur", observed=True)["effectifs"].sum()
    return specificite.index(specificite.gather(totals, members, "epci"), reference)


def index_duckdb(folder: Path) -> None:
    """The same, as one would write it in SQL."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute(
        f"""
        WITH t AS (SELECT "Code EPCI"::VARCHAR AS epci, left("Code APE", 2) AS k, sum("Effectifs salariés {YEAR}") AS x
                   FROM read_csv('{folder / "national.csv"}', delim=';', header=true, sample_size=20000,
                   types={{'Code EPCI': 'VARCHAR', 'Effectifs salariés {YEAR}': 'BIGINT'}}) GROUP BY ALL),
             m AS (SELECT * FROM read_csv('{folder / "members.csv"}', all_varchar=true, header=true)),
             ti AS (SELECT territoire AS ti, k, sum(x) AS x FROM t JOIN m USING (epci) GROUP BY ALL),
             ref AS (SELECT k, sum(x) AS x FROM t GROUP BY k)
        SELECT ti.ti, ti.k, (ti.x / sum(ti.x) OVER (PARTITION BY ti.ti)) / (ref.x / (SELECT sum(x) FROM ref)) AS lq
        FROM ti JOIN ref USING (k)
        """
    ).df().to_parquet(folder / "index_duckdb.parquet")


def import_ours(folder: Path, held: Ground) -> None:
    """The import itself, all years, the three tables written."""
    (folder / "release").mkdir(exist_ok=True)
    reading = urssaf.read(folder / "national.csv", held, folder / "release", {}, lambda sentence: None)
    print(reading.report.reasons, reading.report.remarks)


def scan_duckdb(folder: Path) -> None:
    """Every year of every row read and summed once."""
    connection = duckdb.connect(config={"threads": 2})
    sums = ", ".join(f'sum("Effectifs salariés {year}"), sum("Nombre d\'établissements {year}")' for year in YEARS)
    types = ", ".join(
        f"'Effectifs salariés {year}': 'BIGINT', 'Nombre d''établissements {year}': 'BIGINT'" for year in YEARS
    )
    connection.execute(
        f'SELECT count(*), max("Code commune"), max("Code APE"), {sums} FROM '
        f"read_csv('{folder / 'national.csv'}', delim=';', header=true, sample_size=20000, "
        f"types={{{types}, 'Code commune': 'VARCHAR'}})"
    ).fetchall()


def load(folder: Path, year: int) -> pd.DataFrame:
    """One year of the imported EPCI × A88 table."""
    table = folder / "release" / "epci_a88.parquet"
    return urssaf.load_year(table, year, ("epci", "a88")).rename(columns={"a88": "secteur"})


def year_ours(folder: Path) -> float:
    """The index of every territoire for one year after another, from the imported table."""
    members, spent = read_members(folder), []
    for turn in range(TURNS):
        year = YEARS[turn % len(YEARS)]
        start = time.perf_counter()
        index_of(load(folder, year), members)
        spent.append(time.perf_counter() - start)
    return statistics.median(spent)


MEASURES: dict[str, Callable[..., float | None]] = {
    function.__name__: function for function in (index_ours, index_duckdb, import_ours, scan_duckdb, year_ours)
}


def ground() -> Ground:
    """The communes of the installed official code."""
    official = read_reference()
    region = {row["code"]: row["region_code"] for row in official.departements}
    rows = pd.DataFrame(official.communes).set_index("code")
    communes = pd.DataFrame(
        {
            "departement": rows["departement_code"],
            "region": rows["departement_code"].map(region),
            "epci": rows["epci_code"],
        }
    )
    return Ground(communes=communes, successors=official.successors, cog_year=official.cog_year)


def generate(file: Path, members: Path) -> int:
    """Write the file, and the EPCI of each invented territoire. Seeded: the same bytes each time."""
    communes = ground().communes.dropna(subset=["epci"])
    sous_classes, postes = naf.packaged_tables()
    labels = {(row.niveau, row.code): row.label for row in postes.itertuples()}
    draw = np.random.default_rng(SEED)
    epcis = sorted(communes["epci"].unique())
    chosen = random.Random(SEED).sample(epcis, min(TERRITOIRES * 4, len(epcis)))
    lines = "".join(f"ti-{place % TERRITOIRES:03d},{epci}\n" for place, epci in enumerate(chosen))
    members.write_text("territoire,epci\n" + lines, encoding="utf-8")
    measures = [f"{name} {year}" for year in YEARS for name in ("Nombre d'établissements", "Effectifs salariés")]
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
        writer.writerow([*DIMENSIONS, *measures])
        written = 0
        for head in heads(communes, sous_classes, labels, draw):
            writer.writerows(head + cells for head, cells in zip(head, measured(draw, len(head)), strict=True))
            written += len(head)
    return written


def heads(
    communes: pd.DataFrame, sous_classes: pd.DataFrame, labels: dict[tuple[str, str], str], draw: np.random.Generator
) -> Iterator[list[list[str]]]:
    """The nineteen dimensions of each row, one list per commune: large communes have more APE than small ones."""
    weights = draw.pareto(0.7, len(communes)) + 1
    sizes = np.minimum(np.maximum((weights / weights.sum() * ROWS).astype(int), 1), len(sous_classes))
    # The cap on the largest communes is given back to the others, until the total is the one asked.
    while (gap := ROWS - int(sizes.sum())) > 0:
        free = np.flatnonzero(sizes < len(sous_classes))
        sizes[draw.choice(free, min(gap, len(free)), replace=False)] += 1
    activities = [
        [f"GS1 {row.a21}", f"{row.a17} {labels['a17', row.a17]}", f"{row.a38} {labels['a38', row.a38]}",
         f"{row.a88} {labels['a88', row.a88]}", f"{row.ape} {row.label}", row.ape]
        for row in sous_classes.itertuples()
    ]  # fmt: skip
    for size, (code, commune) in zip(sizes, communes.iterrows(), strict=True):
        name = f"Commune {code}"
        before = [
            "Région",
            "Ancienne région",
            "Département",
            "Zone d'emploi",
            f"CC {commune.epci}",
            name,
            f"{code} {name}",
        ]
        after = [commune.region, "00", commune.departement, f"{commune.region}01", commune.epci, code]
        picked = np.sort(draw.choice(len(activities), size, replace=False))
        yield [[*before, *activities[k][:5], *after, activities[k][5]] for k in picked]


def measured(draw: np.random.Generator, rows: int) -> list[list[str]]:
    """Cells of the eighteen years: 40 % blank, as in the published file."""
    blank = draw.random((rows, len(YEARS))) < 0.4
    staff = np.floor(draw.pareto(1.1, (rows, len(YEARS))) * 6)
    places = np.floor(staff / 40) + 1
    return [
        [
            text
            for b, p, s in zip(*row, strict=True)
            for text in (("", "") if b else (str(int(p)), str(int(min(s, 20_000)))))
        ]
        for row in zip(blank, places, staff, strict=True)
    ]


def check_exactness(folder: Path) -> None:
    """Our index of one year against a recount in plain Python, with nothing but the csv module."""
    with (folder / "members.csv").open(encoding="utf-8") as source:
        ti_of = {row["epci"]: row["territoire"] for row in csv.DictReader(source)}
    jobs: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    whole: dict[str, int] = defaultdict(int)
    with (folder / "national.csv").open(encoding="utf-8-sig", newline="") as source:
        reader = csv.reader(source, delimiter=";")
        headings = next(reader)
        epci, ape, cell = (headings.index(one) for one in ("Code EPCI", "Code APE", f"Effectifs salariés {YEAR}"))
        for row in reader:
            number = int(row[cell] or 0)
            whole[row[ape][:2]] += number
            if row[epci] in ti_of:
                jobs[ti_of[row[epci]]][row[ape][:2]] += number
    straight = pd.read_parquet(folder / "index_ours.parquet")
    imported = index_of(load(folder, YEAR), read_members(folder))
    everybody, gap, cells = sum(whole.values()), 0.0, 0
    for ti, sectors in jobs.items():
        total = sum(sectors.values())
        for sector, number in sectors.items():
            expected = (number / total) / (whole[sector] / everybody)
            for found in (straight.at[ti, sector], imported.at[ti, sector]):
                if not (number == 0 and np.isnan(found)):
                    gap, cells = max(gap, abs(found - expected)), cells + 1
    print(f"exactness: largest gap {gap:.1e} over {cells} cells, against a recount in plain Python")
    if gap > 1e-9:
        sys.exit("the index is not exact")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        child(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
