"""The sources `flask import` knows, in the order an operator loads them, and the reader of each.

A reader is imported when it is used: reading national files needs libraries that pages do not.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from fichetrack.sources.reading import Reading

Reader = Callable[..., Reading]

SOURCES = (
    "communes-passage",
    "naf",
    "fap",
    "urssaf",
    "bmo",
    "friches",
    "zae",
    "sites",
    "chomage",
    "evenements-emploi",
    "mobilite",
    "zonages",
    "financements",
)

# Those without a published layout: people fill our own workbook.
DECLARED = ("sites", "financements", "evenements-emploi")


def get_reader(source: str) -> Reader:
    """The `read` of a source: (file, ground, folder, options, say) -> Reading."""
    reader: Reader = import_module(f"fichetrack.sources.{source.replace('-', '_')}").read
    return reader
