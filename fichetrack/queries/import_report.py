"""What a check or an applied batch says, as text for the command and as counts kept with the batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fichetrack import workbook
from fichetrack.fields import label_of
from fichetrack.models import ImportBatch
from fichetrack.queries.import_rows import IGNORED, LABELS
from fichetrack.queries.imports import Changed, Check
from fichetrack.tables import Column
from fichetrack.tables.cells import show
from fichetrack.tables.writing import show_text

SHOWN = 200


def counts(check: Check) -> dict[str, Any]:
    """The figures of a check, as kept with the batch it was applied from."""
    return {
        "added": len(check.added),
        "changed": len(check.changed),
        "unchanged": check.unchanged,
        "errors": len(check.errors),
        "missing": len(check.missing),
    }


def as_text(check: Check, filename: str, applied: bool) -> str:
    """The report of a check, for the terminal."""
    return "\n".join(_lines(check, filename, applied))


def of_batch(batch: ImportBatch) -> str:
    """What an applied batch wrote."""
    report = batch.report or {}
    added, changed = report.get("added", 0), report.get("changed", 0)
    return (
        f"{batch.filename} : appliqué (import n° {batch.id}). {_fiches(added)} ajoutée{_s(added)}, "
        f"{changed} modifiée{_s(changed)}, {report.get('unchanged', 0)} sans changement."
    )


def _lines(check: Check, filename: str, applied: bool) -> Iterator[str]:
    yield f"{filename} : {'appliqué' if applied else 'vérifié, rien n’est écrit'}."
    yield from check.reading.problems
    yield from check.reading.mapping.remarks()
    yield from check.remarks
    if check.changes_nothing:
        are = "sont" if check.unchanged > 1 else "est"
        yield f"Aucun changement : {_fiches(check.unchanged)} {are} déjà comme dans le fichier."
    else:
        yield (
            f"À ajouter : {len(check.added)}. À modifier : {len(check.changed)}. Sans changement : {check.unchanged}. "
            f"Erreurs : {len(check.errors)}."
        )
    yield from (f"  {error}" for error in check.errors[:SHOWN])
    if len(check.errors) > SHOWN:
        left = len(check.errors) - SHOWN
        yield f"  … et {left} autre{_s(left)} erreur{_s(left)}."
    for added in check.added[:SHOWN]:
        yield from (f"  Ligne {added.row.line} : {words}" for words in (added.warning, *added.missing) if words)
    for changed in check.changed[:SHOWN]:
        names = ", ".join(label_of(name) for name, _before, _after in changed.changes)
        yield f"  Ligne {changed.row.line}, {changed.address} : {names}"
    if check.missing:
        yield f"Absentes du fichier, laissées telles quelles : {_fiches(len(check.missing))}."


def _fiches(number: int) -> str:
    return f"{number} fiche{_s(number)}"


def _s(number: int) -> str:
    """The plural's letter: « 1 fiche », « 2 fiches »."""
    return "s" if number > 1 else ""


REPORT_COLUMNS = (
    Column("line", "Ligne", "integer"),
    Column("outcome", "Résultat"),
    Column("fiche", "Fiche"),
    Column("column", "Colonne"),
    Column("before", "Avant", "long_text"),
    Column("after", "Après", "long_text"),
    Column("message", "Explication", "long_text"),
)


@dataclass(frozen=True)
class ChangeView:
    """A field before and after, as a cell would show it, cut when long."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class CheckView:
    """A check as its page shows it: the first of each list, and how many there are in all."""

    check: Check
    counts: dict[str, int]
    columns: list[tuple[str, str]]
    unknown: list[tuple[str, str, str]]
    changed: list[tuple[Changed, list[ChangeView]]]
    page_errors: int = SHOWN
    page_rows: int = 50

    @property
    def ready(self) -> bool:
        """Something to write, and nothing against it."""
        return self.check.is_clean and not self.check.changes_nothing

    @property
    def good_rows(self) -> int:
        return len(self.check.added) + len(self.check.changed)


def view(check: Check) -> CheckView:
    """What the check page shows."""
    mapping = check.reading.mapping
    ignored = {heading for heading, name in mapping.matched.items() if name in IGNORED}
    shown = [(heading, LABELS[name]) for heading, name in mapping.matched.items() if heading not in ignored]
    by_label = {label: name for name, label in LABELS.items()}
    unknown = [(heading, near or "", by_label.get(near or "", "")) for heading, near in mapping.unknown]
    changed = [(one, [_change(*change) for change in one.changes]) for one in check.changed[: CheckView.page_rows]]
    return CheckView(check, counts(check), shown, unknown, changed)


def report_rows(check: Check) -> Iterator[dict[str, Any]]:
    """Every line of a check, one dict per error, addition and changed field."""
    for error in check.errors:
        yield {"line": error.line, "outcome": "erreur", "column": error.column, "message": error.message}
    for added in check.added:
        message = " ".join(words for words in (added.warning, *added.missing) if words)
        yield {"line": added.row.line, "outcome": "ajoutée", "fiche": added.intitule, "message": message}
    for changed in check.changed:
        for change in changed.changes:
            shown = _change(*change, limit=30_000)
            yield {"line": changed.row.line, "outcome": "modifiée", "fiche": changed.address, "column": shown.label,
                   "before": shown.before, "after": shown.after}  # fmt: skip
    for address, intitule in check.missing:
        yield {"outcome": "absente du fichier", "fiche": address, "message": intitule}


def _change(name: str, before: Any, after: Any, limit: int = 300) -> ChangeView:
    return ChangeView(label_of(name), _cut(_cell(name, before), limit), _cut(_cell(name, after), limit))


def _cell(name: str, value: Any) -> str:
    shown = show(workbook.record({name: value})[name], CELLS[name])
    return "(vide)" if shown is None else show_text(shown)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


CELLS = {column.name: column for column in workbook.columns()}
