"""The forms of a fiche, made from the fields table: one per section, one to begin a fiche.

A form gives plain values (versions.plain) through `changes()`. What somebody typed is parsed like the cell of a workbook, so
that « 1 234,50 » or « 3 mars 2026 » mean the same everywhere; a value that is refused stays in the form as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import DateField as WTDateField
from wtforms.fields import SelectChoice

from fichetrack import workbook
from fichetrack.fields import FIELDS, ITEMS, NOT_IN_FORMS, Field, Gate, Kind, Rows, fields_of, rows_of
from fichetrack.workbook import MAX_ROWS

DELETE = "supprimer"
ANSWER_MAX, COMMENT_MAX = 4_000, 8_000  # characters
# Rows made of what was posted, so that they come back as they were typed when there are too many; beyond, nobody typed them.
MOST_ROWS = 1_000
BLANK_CHOICE = ("", "—")
ALWAYS = frozenset({"avancement", "diffusion"})  # A fiche has one from its first day: it is shown, not supposed.
# What « demander un complément » may point at.
POINTED_AT = tuple(item for item in ITEMS if item.name not in NOT_IN_FORMS)
Pairs = list[tuple[str, str]]


def _as_choices(pairs: Pairs) -> list[SelectChoice]:
    return [SelectChoice(code, label) for code, label in pairs]


class _Parsed:
    """A text control whose data is the plain value of a Field; the text typed comes back when it is refused."""

    spec: Field
    data: Any
    raw_data: Any

    def __init__(self, spec: Field, **options: Any) -> None:
        super().__init__(spec.label, description=spec.help, **options)  # type: ignore[call-arg]  # a control comes next
        self.spec = spec

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = None
            self.data = workbook.parse(valuelist[0], self.spec)

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else _shown(self.data, self.spec)


class ParsedText(_Parsed, StringField):
    pass


class ParsedLongText(_Parsed, TextAreaField):
    pass


class ParsedDate(_Parsed, WTDateField):
    def _value(self) -> str:
        if self.data:
            return date.fromisoformat(self.data).isoformat() if isinstance(self.data, str) else self.data.isoformat()
        return self.raw_data[0] if self.raw_data else ""


class Choice(SelectField):
    """One code among those of a Field, or None."""

    def __init__(self, spec: Field, choices: Pairs, **options: Any) -> None:
        super().__init__(
            spec.label, description=spec.help, choices=_as_choices(choices), validate_choice=False, **options
        )
        self.spec = spec

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = valuelist[0] or None
            if self.data and self.choices and self.data not in {one.value for one in self.choices}:
                raise ValueError("Choisissez une valeur de la liste.")


class Choices(SelectMultipleField):
    """Several codes of a Field; unchecking all of them is an answer."""

    def __init__(self, spec: Field, **options: Any) -> None:
        super().__init__(
            spec.label, description=spec.help, choices=_as_choices(spec.options), validate_choice=False, **options
        )
        self.spec = spec

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = sorted(set(valuelist))
        if set(self.data) - {code for code, _label in self.spec.options}:
            raise ValueError("Choisissez des valeurs de la liste.")


class RowForm(Form):
    """One row of a list; a row left blank is no row."""

    rows: Rows

    def values(self) -> dict[str, Any]:
        return {column.name: self[column.name].data for column in self.rows.columns}

    def is_blank(self) -> bool:
        return all(self[c.name].data in (None, "", False) and not self[c.name].errors for c in self.rows.columns)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        valid = super().validate(*args, **kwargs)
        if self[DELETE].data or self.is_blank():
            return True
        for column in self.rows.columns:
            if column.gate and self[column.name].data in (None, "") and not self[column.name].errors:
                self[column.name].errors = ["À renseigner, ou supprimez la ligne."]
                valid = False
        return valid


class FicheForm(Form):
    """A section of a fiche, or the fields that begin one."""

    fields_table: tuple[Field, ...]
    rows_table: tuple[Rows, ...]

    def process(self, formdata: Any = None, *args: Any, **kwargs: Any) -> None:
        self.rows_dropped: set[str] = set()
        super().process(self._with_real_rows(formdata) if formdata else formdata, *args, **kwargs)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        valid = super().validate(*args, **kwargs)
        for rows in self.rows_table:
            number = len(self._rows_values(rows))
            if number > MAX_ROWS or rows.name in self.rows_dropped:
                self._refuse_rows(rows.name, f"{number} lignes, pour {MAX_ROWS} au plus. Rien n’est enregistré.")
                valid = False
        return valid

    def with_territoires(self, territoires: Iterable[tuple[str, str]]) -> FicheForm:
        """Fill the list of territoires one may choose: (code, name)."""
        if "territoire" in self:
            chosen = list(territoires)
            self.territoire.choices = _as_choices(chosen if len(chosen) == 1 else [BLANK_CHOICE, *chosen])
            if len(chosen) == 1 and not self.territoire.data:
                self.territoire.data = chosen[0][0]
        return self

    def changes(self) -> dict[str, Any]:
        """The plain values of every field and list of rows."""
        values = {spec.name: self[spec.name].data for spec in self.fields_table}
        return values | {rows.name: self._rows_values(rows) for rows in self.rows_table}

    def add_row(self, name: str) -> None:
        """« Ajouter une ligne » without JavaScript."""
        if not any(rows.name == name for rows in self.rows_table):
            return
        if len(self[name].entries) < MAX_ROWS:
            self[name].append_entry()
        else:
            self._refuse_rows(name, f"{MAX_ROWS} lignes au plus : supprimez-en une avant d’en ajouter.")

    def add_errors(self, errors: dict[str, list[str]]) -> None:
        """Show what the service refused beside the fields it names, or at the top."""
        for name, sentences in errors.items():
            if name in self:
                self[name].errors = [*self[name].errors, *sentences]
            else:
                self.form_errors.extend(sentences)

    def _refuse_rows(self, name: str, sentence: str) -> None:
        self[name].errors = [*self[name].errors, sentence]

    def _with_real_rows(self, posted: Any) -> MultiDict[str, str]:
        """What was posted, without the keys of rows no page of ours makes: WTForms takes « ² » for a number."""
        lists = {rows.name: re.compile(rf"{rows.name}-([0-9]{{1,4}})-.+") for rows in self.rows_table}
        own = {spec.name for spec in self.fields_table}
        kept: MultiDict[str, str] = MultiDict(
            (key, value)
            for key, value in posted.items(multi=True)
            if key in own or all(real.fullmatch(key) for name, real in lists.items() if key.startswith(name))
        )
        for name, real in lists.items():
            self._drop_beyond(kept, name, real)
        return kept

    def _drop_beyond(self, posted: MultiDict[str, str], name: str, real: re.Pattern[str]) -> None:
        indexes = {key: int(found[1]) for key in posted if (found := real.fullmatch(key))}
        dropped = set(sorted(set(indexes.values()))[MOST_ROWS:])
        for key in [key for key, index in indexes.items() if index in dropped]:
            del posted[key]
        if dropped:
            self.rows_dropped.add(name)

    def _rows_values(self, rows: Rows) -> list[dict[str, Any]]:
        entries = (entry.form for entry in self[rows.name].entries)
        return [row.values() for row in entries if not row[DELETE].data and not row.is_blank()]


@cache
def section_form(section: str) -> type[FicheForm]:
    """The form class of a section."""
    return _form_class([field for field in fields_of(section) if field.name not in NOT_IN_FORMS], rows_of(section))


@cache
def creation_form() -> type[FicheForm]:
    """What it takes to file: every field of gate F, so that a fiche may be filed ten minutes after it is begun."""
    return _form_class([field for field in FIELDS if field.gate == Gate.FILE], [])


class TransitionForm(Form):
    """The answers of a transition; which ones are asked is the workflow's business."""

    action = StringField("Action")
    motif = TextAreaField("Motif")
    reponse = TextAreaField("Réponse")
    champs = SelectMultipleField(
        "Champs à compléter",
        choices=_as_choices([(item.name, item.label) for item in POINTED_AT]),
        validate_choice=False,
    )

    def too_long(self) -> str:
        """The sentence about an answer longer than the journal keeps, or nothing."""
        sentences = (_too_long(control.label.text, control.data, ANSWER_MAX) for control in (self.motif, self.reponse))
        return " ".join(filter(None, sentences))

    def answers(self) -> dict[str, Any]:
        return {
            "motif": (self.motif.data or "").strip(),
            "reponse": (self.reponse.data or "").strip(),
            "champs": list(self.champs.data or []),
        }


class CommentForm(Form):
    body = TextAreaField("Votre message", render_kw={"data-max": COMMENT_MAX})

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        if not (self.body.data or "").strip():
            self.body.errors = ["Écrivez un message avant de l’envoyer."]
        elif refused := _too_long("Message", self.body.data, COMMENT_MAX):
            self.body.errors = [refused]
        return not self.body.errors


def _too_long(label: str, text: str | None, limit: int) -> str:
    """A line end is one character, as the browser counts it."""
    length = len((text or "").strip().replace("\r\n", "\n"))
    if length <= limit:
        return ""
    return f"{label} : {length} caractères, c’est trop long ({limit} au plus). Raccourcissez ; rien n’a été enregistré."


def _form_class(specs: list[Field], rows: list[Rows]) -> type[FicheForm]:
    attributes: dict[str, Any] = {spec.name: _control(spec) for spec in specs}
    attributes |= {one.name: _rows_control(one) for one in rows}
    return type("FicheForm", (FicheForm,), {**attributes, "fields_table": tuple(specs), "rows_table": tuple(rows)})


def _rows_control(rows: Rows) -> FieldList:
    attributes: dict[str, Any] = {column.name: _control(column) for column in rows.columns}
    attributes[DELETE] = BooleanField("Supprimer cette ligne")
    row_form = type("RowForm", (RowForm,), {**attributes, "rows": rows})
    words = {"row_label": rows.singular[:1].upper() + rows.singular[1:], "add_label": f"Ajouter : {rows.singular}"}
    return FieldList(FormField(row_form), rows.label, description=rows.help, render_kw=words)


def _control(spec: Field) -> Any:
    if spec.kind == Kind.CHOICE:
        return Choice(spec, spec.options if spec.name in ALWAYS else [BLANK_CHOICE, *spec.options])
    if spec.kind == Kind.TERRITOIRE:
        return Choice(spec, [])
    if spec.kind == Kind.CHOICES:
        return Choices(spec)
    if spec.kind == Kind.FLAG:
        return BooleanField(spec.label, description=spec.help)
    if spec.kind == Kind.DATE:
        return ParsedDate(spec)
    if spec.kind in {Kind.LONG, Kind.LIEUX, Kind.TERRITOIRES}:
        return ParsedLongText(spec, render_kw=_text_area(spec))
    return ParsedText(spec, render_kw=_text_options(spec))


def _text_area(spec: Field) -> dict[str, Any]:
    short = spec.max_length <= 400 or spec.kind != Kind.LONG
    options: dict[str, Any] = {"rows": 3 if short else 6}
    return options | ({"data-max": spec.max_length} if spec.kind == Kind.LONG else {})


def _text_options(spec: Field) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if spec.kind == Kind.AMOUNT:
        options["data-suffix"] = "€"
    if spec.kind in {Kind.INTEGER, Kind.DECIMAL, Kind.SIRET}:
        options["inputmode"] = "numeric"
    types = {Kind.EMAIL: "email", Kind.PHONE: "tel", Kind.URL: "url"}
    return options | ({"type": types[spec.kind]} if spec.kind in types else {})


def _shown(value: Any, spec: Field) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ("\n" if spec.kind in {Kind.LIEUX, Kind.TERRITOIRES} else " ; ").join(value)
    if spec.kind in {Kind.AMOUNT, Kind.DECIMAL}:
        text = str(value)
        return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")
    return str(value)
