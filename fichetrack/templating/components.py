"""What the macros of templates/macros need computed: field attributes, errors, row editors, page windows, diffs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from wtforms import fields

BLANK_INDEX = "__n__"
DIFF_WORDS_MAX = 3000

# From the particular to the general: the first match names the drawing of forms.html.
FIELD_KINDS: tuple[tuple[type, str], ...] = (
    (fields.HiddenField, "hidden"),
    (fields.TextAreaField, "textarea"),
    (fields.SelectMultipleField, "choices"),
    (fields.RadioField, "radio"),
    (fields.SelectField, "select"),
    (fields.BooleanField, "checkbox"),
    (fields.FileField, "file"),
    (fields.DateField, "date"),
    (fields.IntegerField, "number"),
    (fields.DecimalField, "number"),
    (fields.PasswordField, "password"),
)


@dataclass
class RowsEditor:
    """Repeatable rows as forms.rows() draws them; `blank` is the model of a new row, its index written __n__."""

    name: str
    label: str
    rows: list[Any]
    blank: Any = None
    errors: list[str] = field(default_factory=list)
    help: str = ""
    row_label: str = "Ligne"
    add_label: str = "Ajouter une ligne"


def field_kind(field: Any) -> str:
    """How a WTForms field is drawn; the suffix of an amount comes with render_kw={"data-suffix": "€"}."""
    return next((kind for field_class, kind in FIELD_KINDS if isinstance(field, field_class)), "text")


def field_attrs(field: Any, help: str | None = None, required: bool | None = None) -> dict[str, Any]:
    """Class and ARIA links of a control: what describes it, and whether it is wrong."""
    kind = field_kind(field)
    own = dict(field.render_kw or {})
    described = [f"{field.id}-aide"] * bool(help) + [f"{field.id}-compteur"] * ("data-max" in own)
    described += [f"{field.id}-erreur"] * bool(field.errors)
    base_class = {"select": "form-select", "checkbox": "ft-check__input"}.get(kind, "form-control")
    attrs: dict[str, Any] = {"class": f"{base_class} ft-input--{kind} {own.get('class', '')}".strip()}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if field.errors:
        attrs["aria-invalid"] = "true"
    if "data-suffix" in own:
        attrs.setdefault("inputmode", "decimal")
    return attrs


def form_errors(form: Any) -> list[dict[str, str]]:
    """Every error of a form, rows included, as {id, label, message} in page order."""
    general = [{"id": "", "label": "", "message": str(message)} for message in getattr(form, "form_errors", [])]
    return general + list(_errors_of(form))


def _errors_of(container: Iterable[Any], prefix: str = "") -> Iterator[dict[str, str]]:
    for item in container:
        label = f"{prefix}{item.label.text}" if prefix or hasattr(item, "label") else ""
        if isinstance(item, fields.FormField):
            yield from _errors_of(item.form, prefix)
        elif isinstance(item, fields.FieldList):
            yield from _list_errors(item, label)
        else:
            yield from ({"id": item.id, "label": label, "message": str(message)} for message in item.errors)


def _list_errors(item: Any, label: str) -> Iterator[dict[str, str]]:
    for message in item.errors:
        if isinstance(message, str):
            yield {"id": item.id, "label": label, "message": message}
    for position, entry in enumerate(item.entries, 1):
        yield from _errors_of([entry], f"{label}, ligne {position} : ")


def rows_editor(source: Any) -> Any:
    """A RowsEditor from a WTForms FieldList of FormField; anything else is returned as it is."""
    if not isinstance(source, fields.FieldList):
        return source
    own = dict(source.render_kw or {})
    blank = source.meta.bind_field(
        None,
        source.unbound_field,
        {"name": f"{source.name}-{BLANK_INDEX}", "id": f"{source.id}-{BLANK_INDEX}", "_meta": source.meta},
    )
    blank.process(None)
    return RowsEditor(
        name=source.short_name,
        label=source.label.text,
        rows=[entry.form for entry in source.entries],
        blank=blank.form,
        errors=[message for message in source.errors if isinstance(message, str)],
        help=source.description or "",
        row_label=own.get("row_label", "Ligne"),
        add_label=own.get("add_label", "Ajouter une ligne"),
    )


def page_window(current: int, last: int, around: int = 1) -> list[int | None]:
    """Page numbers worth a link, None standing for a gap: [1, None, 4, 5, 6, None, 20]."""
    shown = [n for n in range(1, last + 1) if n in (1, last) or abs(n - current) <= around]
    window: list[int | None] = []
    for number in shown:
        if window and number - (window[-1] or 0) > 1:
            window.append(None)
        window.append(number)
    return window


def diff_parts(before: Any, after: Any) -> dict[str, list[tuple[bool, str]]]:
    """Words of two texts as (changed, text) runs: {"before": […], "after": […]}."""
    old, new = (re.findall(r"\s+|\S+", str(text or "")) for text in (before, after))
    if max(len(old), len(new)) > DIFF_WORDS_MAX:  # Quadratic beyond reason; whole texts are still shown.
        return {"before": [(True, "".join(old))], "after": [(True, "".join(new))]}
    parts: dict[str, list[tuple[bool, str]]] = {"before": [], "after": []}
    for op, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if i2 > i1:
            parts["before"].append((op != "equal", "".join(old[i1:i2])))
        if j2 > j1:
            parts["after"].append((op != "equal", "".join(new[j1:j2])))
    return parts
