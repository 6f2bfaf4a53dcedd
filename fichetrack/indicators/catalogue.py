"""The catalogue: one row per indicator, whose fields are the lines of its « bulle bleue »."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Indicator:
    """What stands behind a figure. Texts are French: they are shown as they are.

    `source` is the folder of imports/ the figure is computed from; producer, dataset, licence and cadence are said by its
    source.toml; `mixes` names the other sources it adds up. `unit` is shown after the value: « % », « emplois », « ha »,
    « indice », « »…
    """

    code: str
    label: str
    unit: str
    source: str
    treatment: str
    formula: str
    limits: str
    digits: int = 0
    mixes: tuple[str, ...] = ()
