"""The cost of pages on a filled register, as ratios to the cheapest page of the same run (medians of paired rounds).

Run by `make bench`; what it printed, and on which machine, is written in benchmarks/README.md.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fichetrack import create_app
from fichetrack.config import DEMO_PASSWORD, for_tests

FICHES = 1_800
ROUNDS = 15
TRIVIAL = "/healthz"
PAGES = {
    "visitor": ("/", "/fiches", "/fiches?vue=tableau", "/fiches?q=friche", "/territoires", "/fiches/export.csv"),
    "dti": ("/", "/fiches", "/pilotage", "/instruction"),
}


def main() -> None:
    """Fill a database in a temporary folder, then time each page beside the trivial one."""
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder)
        url = f"sqlite:///{instance / 'fichetrack.db'}"
        app = create_app(for_tests(SQLALCHEMY_DATABASE_URI=url, INSTANCE=instance, DEMO=True, WTF_CSRF_ENABLED=False))
        for command in (["init"], ["demo", f"--fiches={FICHES}"]):
            result = app.test_cli_runner().invoke(args=command)
            if result.exit_code:
                sys.exit(result.output)
        print(f"{FICHES} fiches, {ROUNDS} rounds; milliseconds and ratio to {TRIVIAL}, medians")
        for who, paths in PAGES.items():
            client = app.test_client()
            if who != "visitor":
                account = {"courriel": f"{who}@demo.fichetrack.fr", "mot_de_passe": DEMO_PASSWORD}
                client.post("/connexion", data=account)
            for path in paths:
                milliseconds, ratio = compare(client, path)
                print(f"{who:8} {path:24} {milliseconds:8.1f} ms {ratio:8.1f} ×")


def compare(client: object, path: str) -> tuple[float, float]:
    """Median milliseconds of a page, and median of its ratio to the trivial page asked just before."""
    pairs = [(spent(client, TRIVIAL), spent(client, path)) for _ in range(ROUNDS)]
    return statistics.median(page for _base, page in pairs) * 1_000, statistics.median(
        page / base for base, page in pairs
    )


def spent(client: object, path: str) -> float:
    """Seconds of one request; anything but 200 stops the measure."""
    start = time.perf_counter()
    response = client.get(path)  # type: ignore[attr-defined]
    if response.status_code != 200:
        sys.exit(f"{path}: {response.status_code}")
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
