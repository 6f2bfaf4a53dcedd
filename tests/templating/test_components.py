"""What macros need computed."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form, FormField, StringField
from wtforms.validators import DataRequired

from fichetrack.templating.components import diff_parts, form_errors, page_window, rows_editor


class JalonForm(Form):
    libelle = StringField("Libellé", [DataRequired("Donnez un libellé.")])


class CalendrierForm(Form):
    pilote = StringField("Pilote", [DataRequired("Dites qui pilote.")])
    jalons = FieldList(FormField(JalonForm), label="Jalons", render_kw={"row_label": "Jalon"})


def test_errors_of_rows_name_their_line_and_their_control() -> None:
    form = CalendrierForm(MultiDict({"jalons-0-libelle": "Étude", "jalons-4-libelle": ""}))
    form.validate()
    assert form_errors(form) == [
        {"id": "pilote", "label": "Pilote", "message": "Dites qui pilote."},
        {"id": "jalons-1-libelle", "label": "Jalons, ligne 2 : Libellé", "message": "Donnez un libellé."},
    ]


def test_a_list_of_forms_edits_as_rows_with_a_blank_one() -> None:
    editor = rows_editor(CalendrierForm(data={"jalons": [{"libelle": "Étude"}]}).jalons)
    assert (editor.name, editor.row_label, len(editor.rows)) == ("jalons", "Jalon", 1)
    assert editor.blank.libelle.name == "jalons-__n__-libelle"


def test_far_pages_are_left_out() -> None:
    assert page_window(5, 20) == [1, None, 4, 5, 6, None, 20]
    assert page_window(1, 2) == [1, 2]


def test_a_diff_marks_the_words_that_changed() -> None:
    parts = diff_parts("une halle de 1200 m²", "une halle de 1500 m²")
    assert [run for run in parts["before"] if run[0]] == [(True, "1200")]
    assert "".join(words for _, words in parts["after"]) == "une halle de 1500 m²"
