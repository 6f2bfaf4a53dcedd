"""What the address asks of a panel and does not get: said in one sentence, never passed over.

A module of a panel has SETTINGS, what the settings of its address are called, and `in_force(panel)`, the value of each as an
address writes it. A setting that was asked and is not in force was not understood, or takes an account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType

from fichetrack.queries.panels.shapes import Panel, Reader
from fichetrack.tables.french import quote

NOTHING = ("", "0")  # what a setting that changes nothing is


@dataclass(frozen=True)
class Setting:
    """A setting by its label, and its values in French where the address has codes.

    `words` are those of every place; `offered`, the key in `panel.extra` of those that depend on it.
    """

    label: str
    words: Mapping[str, str] = field(default_factory=dict)
    offered: str = ""


def followed(module: ModuleType, panel: Panel) -> list[str]:
    """« Référence : région Occitanie », « Niveau : 17 secteurs », for each setting this panel follows."""
    if panel.missing:
        return []
    told = []
    for name, value in module.in_force(panel).items():
        one = module.SETTINGS[name]
        words = {**one.words, **dict(panel.extra.get(one.offered, {}))}
        if value not in NOTHING:
            told.append(f"{one.label} : {words.get(value, value)}")
    return told


def unmet(module: ModuleType, args: Mapping[str, str], panel: Panel, reader: Reader) -> list[str]:
    """The sentences about the settings that this panel does not follow; none most of the time."""
    if panel.missing:
        return []
    held = module.in_force(panel)
    refused = [name for name, value in held.items() if not _is_met(args.get(name, ""), value)]
    closed = _closed(module, args, panel, reader, refused) if refused else []
    odd = [name for name in refused if name not in closed]
    return [*_account(module, args, closed), *_odd(module, args, held, odd)]


def _closed(module: ModuleType, args: Mapping[str, str], panel: Panel, reader: Reader, refused: list[str]) -> list[str]:
    """Those that a reader with an account would get."""
    if reader.detailed:
        return []
    allowed = module.in_force(
        panel.holding(options=module.options(args, panel.place, Reader(detailed=True, network=reader.network)))
    )
    return [name for name in refused if _is_met(args[name], allowed[name])]


def _account(module: ModuleType, args: Mapping[str, str], names: list[str]) -> list[str]:
    return [
        f"{module.SETTINGS[name].label} {quote(module.SETTINGS[name].words.get(args[name], args[name]))} : avec un compte "
        "seulement."
        for name in names
    ]


def _odd(module: ModuleType, args: Mapping[str, str], held: Mapping[str, str], names: list[str]) -> list[str]:
    if not names:
        return []
    told = []
    for name in names:
        instead = f" ({held[name]} à la place)" if _number(held[name]) else ""
        told.append(f"{module.SETTINGS[name].label.lower()} {quote(args[name])}{instead}")
    words = "Réglages non compris ou impossibles ici, donc ignorés" if len(names) > 1 else (
        "Réglage non compris ou impossible ici, donc ignoré"
    )  # fmt: skip
    return [f"{words} : {', '.join(told)}."]


def _is_met(asked: str, held: str) -> bool:
    asked, held = (text.strip().replace("’", "'") for text in (asked, held))
    return not asked or asked == held or (_number(asked) is not None and _number(asked) == _number(held))


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
