"""A published JSON, gzipped or not: unpacked within bounds, tried apart when it is large, and always refused in French.

Parsed, a text may weigh thirty times its bytes: a large one is first parsed in a process of its own, whose memory is bounded.
"""

from __future__ import annotations

import gzip
import json
import math
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Any

from fichetrack.errors import ImportRefused

MAX_BYTES = 200 << 20  # once unpacked; the contours of all the neighbourhoods weigh 3 MB
TRIED = 8 << 20  # below, thirty times is nothing
MEMORY = 1 << 30
SECONDS = 60.0
GZIP = b"\x1f\x8b"
RANKS = "Fichier JSON : les numéros de ligne de ce rapport sont les rangs des éléments."

_TRIAL = """
import json, resource, sys
memory, seconds = int(sys.argv[1]), int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
try:
    json.loads(sys.stdin.buffer.read().decode("utf-8-sig"))
except (ValueError, RecursionError):
    pass  # which the reader says itself
"""


def is_json(file: Path) -> bool:
    """Whether a file starts as a JSON object or list, gzipped or not."""
    with file.open("rb") as source:
        start = source.read(4096)
    if start.startswith(GZIP):
        try:
            with gzip.open(file) as unpacked:
                start = unpacked.read(4096)
        except (OSError, EOFError, zlib.error):
            return True  # which load_json refuses, saying why
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"["))


def load_json(file: Path) -> Any:
    """Its content. Raises ImportRefused, in French: too large, damaged, not in UTF-8, cut, or nested without end."""
    data = _unpacked(file)
    if len(data) > TRIED and not _fits(data):
        raise ImportRefused(
            f"Fichier « {file.name} » : ce JSON demande trop de mémoire pour être lu. Découpez-le, ou donnez le CSV ou le "
            "classeur du même jeu de données."
        )
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ImportRefused(
            f"Fichier « {file.name} » : ce JSON n’est pas en UTF-8. Téléchargez-le à nouveau."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ImportRefused(
            f"Fichier « {file.name} » : ce JSON est tronqué ou mal formé. Téléchargez-le à nouveau."
        ) from error


def _unpacked(file: Path) -> bytes:
    with file.open("rb") as source:
        packed = source.read(2) == GZIP
    try:
        with gzip.open(file) if packed else file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ImportRefused(f"Fichier « {file.name} » : l’archive est abîmée. Téléchargez-la à nouveau.") from error
    if len(data) > MAX_BYTES:
        raise ImportRefused(
            f"Fichier « {file.name} » : il dépasse {MAX_BYTES >> 20} Mo{' une fois décompressé' if packed else ''}. "
            "Découpez-le, ou donnez le CSV ou le classeur du même jeu de données."
        )
    return data


def _fits(data: bytes) -> bool:
    """Whether a process of its own parses the text, or says why it cannot, within its memory and time."""
    command = [sys.executable, "-I", "-c", _TRIAL, str(MEMORY), str(math.ceil(SECONDS))]
    with tempfile.TemporaryFile() as source:
        source.write(data)
        source.seek(0)
        try:
            done = subprocess.run(  # noqa: S603 — our own few lines; the file is their standard input
                command,
                stdin=source,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == 0
