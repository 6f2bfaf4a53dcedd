"""What a row of a workbook may not do: the rights and the rules of the workflow, said about a row and a column."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

from sqlalchemy import or_, select

from fichetrack import clock, permissions, versions, workbook, workflow
from fichetrack.extensions import db
from fichetrack.fields import FIELDS, ROWS
from fichetrack.models import Fiche, NamedVersion, Territoire
from fichetrack.queries.import_rows import Fault, ReadRow
from fichetrack.tables import RowError
from fichetrack.tables.cells import show
from fichetrack.tables.writing import show_text
from fichetrack.versions import Change
from fichetrack.vocabulary import PUBLISHED, Action, Diffusion, Etat

# They always have a value: a blank cell leaves them alone.
NEVER_BLANK = frozenset({"avancement", "diffusion"})
# What a reprise may give: an avenant must first be opened on the validated fiche.
REPRISE_ETATS = frozenset(Etat) - {Etat.AVENANT_EN_INSTRUCTION}
COHERENT = ("date_debut", "date_fin", "indicateurs", "mesures")
_COLUMNS = {column.name: column for column in workbook.columns()}


def memo(answer: Callable[[str], bool]) -> Callable[[str], bool]:
    """Ask once per territoire: a file holds thousands of rows of a few of them."""
    known: dict[str, bool] = {}

    def ask(code: str) -> bool:
        if code not in known:
            known[code] = answer(code)
        return known[code]

    return ask


def is_as_exported(fault: Fault, fiche: Fiche) -> bool:
    """Whether the refused cell is what an export writes for the fiche today: nobody is made to correct old values."""
    if fault.name is None or fault.name not in _COLUMNS or not hasattr(fiche, fault.name):
        return False
    value = versions.value_of(fiche, fault.name)
    shown = show_text(show(workbook.record({fault.name: value})[fault.name], _COLUMNS[fault.name]))
    return shown.replace("\r\n", "\n") == fault.cell.replace("\r\n", "\n")


def refusals(
    user: Any,
    fiche: Fiche,
    row: ReadRow,
    changes: list[Change],
    territoires: dict[str, Territoire],
    may_import: Callable[[str], bool],
) -> list[RowError]:
    """Why this person may not make these changes now; empty when they may."""
    if not permissions.can(user, Action.EDIT, fiche):
        return [row.error(None, f"vous n’avez pas le droit de modifier la fiche {fiche.address}.")]
    reason = workflow.read_only_reason(fiche)
    if reason:
        return [row.error(changes[0][0], f"la fiche {fiche.address} ne peut pas être modifiée maintenant. {reason}")]
    after = {name: value for name, _before, value in changes}
    errors = _substantial(fiche, row, changes)
    if "territoire" in after:
        errors += territoire_errors(row, after["territoire"], may_import)
    refusal = permissions.diffusion_refusal(user, fiche, after["diffusion"]) if after.get("diffusion") else None
    if refusal:
        errors.append(row.error("diffusion", refusal[:1].lower() + refusal[1:]))
    return errors + _incoherent(row, after, {name: versions.value_of(fiche, name) for name in COHERENT})


def validated_content(fiche: Fiche) -> dict[str, Any]:
    """What the fiche held when it was last validated, or taken over."""
    labels = or_(NamedVersion.label.like("validée%"), NamedVersion.label.like("reprise%"))
    latest = select(NamedVersion.content).where(NamedVersion.fiche_id == fiche.id, labels)
    return db.session.scalars(latest.order_by(NamedVersion.id.desc()).limit(1)).first() or {}


def territoire_errors(row: ReadRow, code: str | None, may_import: Callable[[str], bool]) -> list[RowError]:
    if not code:
        return [row.error("territoire", "la cellule est vide. Donnez le nom ou le code du territoire de la fiche.")]
    if not may_import(code):
        return [row.error("territoire", "vous n’avez pas le droit d’importer des fiches dans ce territoire.", code)]
    return []


def new_errors(row: ReadRow, code: str, reprise: bool, may_take_over: Callable[[str], bool]) -> list[RowError]:
    """What forbids a new fiche whose cells are all readable."""
    errors = _incoherent(row, row.values, {})
    if not reprise or not row.etat or row.etat == Etat.BROUILLON:
        return errors
    if not may_take_over(code):
        errors.append(row.error("etat", "vous n’avez pas le droit de reprendre des états dans ce TI.", row.etat))
    if row.etat not in REPRISE_ETATS:
        errors.append(row.error("etat", "une reprise ne peut pas donner cet état. Écrivez « Validée ».", row.etat))
    if row.values.get("diffusion") == Diffusion.AMONT:
        errors.append(row.error("diffusion", "une fiche « amont » ne peut être qu’un brouillon.", "amont"))
    if row.validee_le and date.fromisoformat(row.validee_le) > clock.today():
        errors.append(row.error("validee_le", "cette date n’est pas encore venue.", row.validee_le))
    return errors


def missing_for(etat: Etat, row: ReadRow) -> tuple[str, ...]:
    """What the état of a reprise would have asked for: reported, not enforced."""
    fiche = _as_fiche(row.values)
    found = workflow.fields_to_file(fiche)
    if etat in PUBLISHED:
        found = workflow.fields_to_validate(fiche)
    if etat in {Etat.CLOTUREE, Etat.ARCHIVEE}:
        found = found + workflow.fields_to_close(fiche)
    dates = () if row.validee_le or etat not in PUBLISHED else ("Il manque : date de validation.",)
    return tuple(dict.fromkeys([*dates, *(one.sentence for one in found)]))


def _substantial(fiche: Fiche, row: ReadRow, changes: list[Change]) -> list[RowError]:
    if fiche.etat != Etat.VALIDEE:
        return []
    message = f"la fiche {fiche.address} est validée : ce champ ne peut changer que par un avenant."
    return [row.error(name, message) for name in workflow.substantial_changes(changes, validated_content(fiche))]


def _incoherent(row: ReadRow, after: dict[str, Any], rest: dict[str, Any]) -> list[RowError]:
    if not set(COHERENT) & set(after):
        return []
    return [row.error(name, message) for name, message in versions.incoherences(rest | after).items()]


def _as_fiche(values: dict[str, Any]) -> SimpleNamespace:
    """The values of a row where the guards of the workflow look for a fiche."""
    content: dict[str, Any] = {item.name: values.get(item.name) for item in FIELDS}
    content["diffusion"] = content["diffusion"] or Diffusion.PUBLIQUE
    for rows in ROWS:
        lines = values.get(rows.name) or []
        content[rows.name] = [SimpleNamespace(**{c.name: line.get(c.name) for c in rows.columns}) for line in lines]
    return SimpleNamespace(**content)
