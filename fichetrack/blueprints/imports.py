"""/fiches/import: upload, check page, apply, undo; and the workbooks that go out."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from flask import Blueprint, flash, make_response, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack import clock, permissions, tables, workbook
from fichetrack.blueprints.guards import public, requires
from fichetrack.blueprints.rendering import redirect_after_post, submission
from fichetrack.errors import ImportRefused
from fichetrack.forms.imports import UploadForm
from fichetrack.queries import exports, filters, import_report, import_rows
from fichetrack.queries import fiches as lists
from fichetrack.queries import imports as queries
from fichetrack.services import imports as services
from fichetrack.transactions import Token
from fichetrack.vocabulary import Action

blueprint = Blueprint("imports", __name__, url_prefix="/fiches")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
NOTES = (
    "Une ligne par fiche. Les en-têtes rouges sont obligatoires ; l’ordre des colonnes est libre.",
    "Le fichier est d’abord vérifié : rien n’est écrit avant que vous ne le demandiez.",
)


# --- coming in ---------------------------------------------------------------------------------------------------------


@blueprint.route("/import", methods=["GET", "POST"])
@requires(Action.IMPORT)
def upload() -> ResponseReturnValue:
    form = UploadForm().for_reader(permissions.can(current_user, Action.IMPORT_REPRISE))
    if form.validate_on_submit():
        try:
            return _register(form)
        except ImportRefused as refusal:
            form.show(refusal)
    page = render_template("pages/imports/upload.html", form=form, batches=queries.list_batches(current_user))
    return make_response(page, 422 if form.errors or form.is_submitted() else 200)


def _register(form: UploadForm) -> ResponseReturnValue:
    content = form.fichier.data.read()
    filename = form.fichier.data.filename or "fichier"
    motif = form.motif.data or "" if "motif" in form else ""
    batch_id = services.register_upload(current_user, filename, content, motif, submission=_token_of(content))
    return redirect_after_post(url_for("imports.check", batch_id=batch_id))


def _token_of(content: bytes) -> Token | None:
    """The form's token, and what was posted with it: the bytes of the file included."""
    token = submission()
    if token is None:
        return None
    return Token.of(token.key, [("posted", token.fingerprint), ("fichier", hashlib.sha256(content).hexdigest())])


@blueprint.get("/import/<int:batch_id>")
@requires(Action.IMPORT)
def check(batch_id: int) -> ResponseReturnValue:
    return _check_page(batch_id)


def _check_page(batch_id: int, status: int = 200, refusal: ImportRefused | None = None) -> ResponseReturnValue:
    batch = queries.get_batch(current_user, batch_id)
    if batch.applied_at:
        return make_response(render_template("pages/imports/applied.html", batch=batch, refusal=refusal), status)
    page = render_template(
        "pages/imports/check.html",
        batch=batch,
        view=import_report.view(queries.check_batch(current_user, batch)),
        earlier=queries.earlier_batch(batch),
        choices=import_rows.field_choices(),
        refusal=refusal,
    )
    return make_response(page, status)


@blueprint.post("/import/<int:batch_id>/colonnes")
@requires(Action.IMPORT)
def choose_columns(batch_id: int) -> ResponseReturnValue:
    headings = request.form.getlist("titre")[:500]
    chosen = {heading: request.form.get(f"colonne-{number}", "") for number, heading in enumerate(headings)}
    services.choose_columns(current_user, batch_id, chosen, request.form.get("feuille"))
    return redirect_after_post(url_for("imports.check", batch_id=batch_id))


@blueprint.post("/import/<int:batch_id>/application")
@requires(Action.IMPORT)
def apply(batch_id: int) -> ResponseReturnValue:
    only_good = request.form.get("lignes") == "bonnes"
    try:
        services.apply_batch(current_user, batch_id, only_good, submission=submission())
    except ImportRefused as refusal:
        return _check_page(batch_id, 422, refusal)
    flash("Le fichier est appliqué.", "success")
    return redirect_after_post(url_for("imports.check", batch_id=batch_id))


@blueprint.post("/import/<int:batch_id>/annulation")
@requires(Action.IMPORT)
def undo(batch_id: int) -> ResponseReturnValue:
    try:
        services.undo_batch(current_user, batch_id, submission=submission())
    except ImportRefused as refusal:
        return _check_page(batch_id, 422, refusal)
    flash("L’import est annulé.", "success")
    return redirect_after_post(url_for("imports.check", batch_id=batch_id))


@blueprint.get("/import/<int:batch_id>/rapport.csv")
@requires(Action.IMPORT)
def report(batch_id: int) -> ResponseReturnValue:
    """Every line of the check, for files whose page shows only the first ones."""
    batch = queries.get_batch(current_user, batch_id)
    rows = import_report.report_rows(queries.check_batch(current_user, batch))
    return _csv(import_report.REPORT_COLUMNS, rows, f"fichetrack-import-{batch.id}-rapport")


# --- going out ---------------------------------------------------------------------------------------------------------


@blueprint.get("/modele.xlsx")
@requires(Action.IMPORT)
def model() -> ResponseReturnValue:
    stream = io.BytesIO()
    tables.write_model(stream, exports.model_columns(current_user), workbook.SOURCE["sheet"], NOTES)
    return _file(stream, XLSX, "fichetrack-modele.xlsx")


@blueprint.get("/export.xlsx")
@public
def export_xlsx() -> ResponseReturnValue:
    stream = io.BytesIO()
    tables.write_xlsx(stream, _export().sheets)
    return _file(stream, XLSX, f"fichetrack-fiches-{clock.today()}.xlsx")


@blueprint.get("/export.csv")
@public
def export_csv() -> ResponseReturnValue:
    export = _export()
    return _csv(export.columns, export.rows, f"fichetrack-fiches-{clock.today()}")


@blueprint.get("/export-sources.csv")
@public
def export_sources() -> ResponseReturnValue:
    """The second file of a CSV export: what it is, its filters, its sources."""
    about = _export().about_sheet
    return _csv(about.columns, about.rows, f"fichetrack-fiches-{clock.today()}-sources")


def _export() -> exports.Export:
    chosen = filters.clean(request.args.to_dict(flat=False), permissions.reads_internal(current_user))
    return exports.get_export(current_user, chosen, request.args.get("tri", lists.DEFAULT_SORT))


def _csv(columns: Any, rows: Any, name: str) -> ResponseReturnValue:
    stream = io.BytesIO()
    tables.write_csv(stream, columns, rows)
    return _file(stream, CSV, f"{name}.csv")


def _file(stream: io.BytesIO, mimetype: str, name: str) -> ResponseReturnValue:
    stream.seek(0)
    response = send_file(stream, mimetype=mimetype, as_attachment=True, download_name=name, max_age=0)
    response.headers["Cache-Control"] = "private, no-store"
    return response
