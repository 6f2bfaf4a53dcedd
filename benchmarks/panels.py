"""The pages of figures beside a trivial page of the same server: p50 and p95, as medians and quantiles of paired requests.

The demonstration is loaded in a temporary folder and served by gunicorn as `make run` does; requests go over one connection.
Run by `make bench`; what it printed, and on which machine, is written in benchmarks/README.md.
"""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 200
TRIVIAL = "/contact"
PAGES = (
    "/territoires/ti-ales/specificite",
    "/territoires/ti-lacq-pau-tarbes/metiers",
    "/territoires/ti-ales/foncier",
    "/territoires/ti-ales/emploi",
    "/territoires/reg-76/specificite",
    "/territoires/reg-76",
    "/territoires/ti-ales",
    "/comparer?t=ti-ales&t=ti-lacq-pau-tarbes",
)


def main() -> None:
    """Load, serve, measure."""
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        environ = {**os.environ, "FICHETRACK_DEMO": "1", "FICHETRACK_INSTANCE": folder, "PORT": str(port)}
        for command in (("init",), ("demo",)):
            subprocess.run([ROOT / ".venv/bin/flask", *command], cwd=ROOT, env=environ, check=True, capture_output=True)
        options = ("--threads", "8", "--bind", f"127.0.0.1:{port}", "--log-level", "error")
        server = subprocess.Popen([ROOT / ".venv/bin/gunicorn", *options, "wsgi:app"], cwd=ROOT, env=environ)
        try:
            _wait(port)
            _measure(port)
        finally:
            server.terminate()
            server.wait()


def _measure(port: int) -> None:
    print(f"{ROUNDS} rounds; milliseconds p50 and p95, ratios of both to {TRIVIAL}")
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for path in PAGES:
        first = _spent(connection, path)  # nothing kept yet
        pairs = [(_spent(connection, TRIVIAL), _spent(connection, path)) for _ in range(ROUNDS)]
        trivial, page = ([pair[side] for pair in pairs] for side in (0, 1))
        ratio = statistics.median(one / base for base, one in pairs)
        p95 = _p95(page) / _p95(trivial)
        print(
            f"{path:45} p50 {statistics.median(page) * 1e3:6.1f} p95 {_p95(page) * 1e3:6.1f} ms"
            f"   p50 {ratio:4.1f} ×  p95 {p95:4.1f} ×   first time {first * 1e3:5.0f} ms"
        )


def _spent(connection: http.client.HTTPConnection, path: str) -> float:
    start = time.perf_counter()
    connection.request("GET", path, headers={"Accept-Encoding": "gzip, br"})
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        sys.exit(f"{path}: {response.status}")
    return time.perf_counter() - start


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the server did not start")


if __name__ == "__main__":
    main()
