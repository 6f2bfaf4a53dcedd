"""What templates may call: Jinja filters (text.py, components.py), `icon` and `new_submission`. No request, no database."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask

from fichetrack import vocabulary
from fichetrack.templating import components, fiche, text

FILTERS: dict[str, Any] = {
    function.__name__: function
    for function in (
        text.date_fr,
        text.datetime_fr,
        text.ago,
        text.number_fr,
        text.euros,
        text.quantity,
        text.percent,
        text.plural,
        text.label,
        text.sentence_case,
        text.markdown,
        text.icon,
        text.phone_fr,
        text.unbroken,
        vocabulary.millesime_label,
        fiche.field_label,
        fiche.field_value,
        fiche.column_value,
        fiche.event_public,
        fiche.section_label,
        fiche.field_section,
        components.field_kind,
        components.field_attrs,
        components.form_errors,
        components.rows_editor,
        components.page_window,
        components.diff_parts,
    )
}


def init_app(app: Flask) -> None:
    """Register every filter, and the two globals."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals["icon"] = text.icon
    app.jinja_env.globals["new_submission"] = new_submission
    app.jinja_env.globals["gates"] = fiche.GATES


def new_submission() -> str:
    """The single-use token of one drawing of a form: the same POST sent twice is done once (transactions.py)."""
    return secrets.token_urlsafe(16)
