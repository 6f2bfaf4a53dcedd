"""/donnees: the datasets and their millésimes, the methods, the reports of readers and their answers."""

from __future__ import annotations

import io
import re
from urllib.parse import urlsplit

from flask import Blueprint, flash, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack import permissions
from fichetrack.blueprints.guards import public, requires
from fichetrack.blueprints.rendering import redirect_after_post, submission
from fichetrack.errors import EditRefused, NotVisible, TooManyAttempts
from fichetrack.forms.figures import AnswerForm, ReportForm
from fichetrack.queries import methods, places
from fichetrack.queries.panels import exporting
from fichetrack.queries.places import Place
from fichetrack.services import figure_reports
from fichetrack.vocabulary import Action

blueprint = Blueprint("donnees", __name__, url_prefix="/donnees")


@blueprint.get("")
@public
def index() -> ResponseReturnValue:
    datasets = methods.list_datasets()
    late = [row for row in datasets if row.line and row.line.is_late]
    animates = permissions.can(current_user, Action.MANAGE_DATA)
    return render_template("pages/donnees/index.html", datasets=datasets, late=late, animates=animates)


@blueprint.get("/fichiers")
@requires(Action.MANAGE_DATA)
def files() -> ResponseReturnValue:
    """Every file imported, with what became of its rows."""
    return render_template(
        "pages/donnees/files.html", datasets=methods.list_datasets(), files=methods.list_files(current_user)
    )


@blueprint.get("/methodes")
@public
def catalogue() -> ResponseReturnValue:
    return render_template("pages/donnees/methods.html", datasets=methods.list_datasets())


@blueprint.get("/modeles/<source>.xlsx")
@public
def model(source: str) -> ResponseReturnValue:
    """The workbook to fill for a source that nobody publishes."""
    content = methods.model_of(source)
    if content is None:
        raise NotVisible
    name = f"fichetrack-{source}.xlsx"
    return send_file(io.BytesIO(content), mimetype=exporting.MIMETYPES["xlsx"], as_attachment=True, download_name=name)


@blueprint.get("/signaler")
@public
def report_form() -> ResponseReturnValue:
    form = ReportForm(current_user.is_authenticated, formdata=request.args)
    form.page.data = figure_reports.page_of_figures(form.page.data) or _came_from()
    return _report_page(form)


@blueprint.post("/signaler")
@public
def report() -> ResponseReturnValue:
    form = ReportForm(current_user.is_authenticated)
    if not form.validate_on_submit():
        return _report_page(form), 422
    courriel = form.courriel.data if "courriel" in form else ""
    try:
        figure_reports.report(
            current_user, form.indicateur.data, form.message.data, form.territoire.data, form.millesime.data, courriel,
            form.page.data or "", submission=submission(),
        )  # fmt: skip
    except (EditRefused, TooManyAttempts) as refusal:
        form.show(refusal)
        return _report_page(form), refusal.status
    flash("Merci : votre signalement est transmis à l’équipe qui anime les données.", "success")
    # Back to the figures read, as they were set; without an anchor, which would scroll past the thanks.
    place = _place_of(form)
    shown = figure_reports.page_of_figures(form.page.data) if place else None
    shown = shown or (url_for("territoires.show", code=place.code) if place else url_for("donnees.catalogue"))
    return redirect_after_post(shown)


@blueprint.get("/signalements")
@requires(Action.MANAGE_DATA)
def reports() -> ResponseReturnValue:
    return render_template(
        "pages/donnees/reports.html",
        page=methods.list_reports(current_user, request.args.get("page", 1, type=int)),
        labels=methods.BY_CODE,
        url_for_page=lambda number: url_for(".reports", page=number),
    )


@blueprint.get("/signalements/<int:report_id>")
@requires(Action.MANAGE_DATA)
def answer_form(report_id: int) -> ResponseReturnValue:
    return _answer_page(AnswerForm(), report_id)


@blueprint.post("/signalements/<int:report_id>")
@requires(Action.MANAGE_DATA)
def answer(report_id: int) -> ResponseReturnValue:
    form = AnswerForm()
    if not form.validate_on_submit():
        return _answer_page(form, report_id), 422
    try:
        figure_reports.answer(current_user, report_id, form.answer.data, submission=submission())
    except EditRefused as refusal:
        form.show(refusal)
        return _answer_page(form, report_id), refusal.status
    flash("Réponse enregistrée.", "success")
    return redirect_after_post(url_for("donnees.reports"))


def _came_from() -> str:
    """The page whose bulle led here, with its settings: browsers tell it to the site itself."""
    came = urlsplit(request.referrer or "")
    address = f"{came.path}?{came.query}" if came.query else came.path
    return figure_reports.page_of_figures(address) or "" if came.netloc == request.host else ""


def _report_page(form: ReportForm) -> str:
    indicator = methods.get_indicator(form.indicateur.data or "")
    if indicator is None:
        raise NotVisible
    return render_template("pages/donnees/report.html", form=form, indicator=indicator, place=_place_of(form))


def _place_of(form: ReportForm) -> Place | None:
    """The place of a report, when its address is one this reader may read."""
    code = form.territoire.data or ""
    place = places.get_place(code) if re.fullmatch(r"[0-9A-Za-z-]{1,60}", code) else None
    return place if place and places.may_read(current_user, place) else None


def _answer_page(form: AnswerForm, report_id: int) -> str:
    found = methods.get_report(current_user, report_id)
    if found is None:
        raise NotVisible
    return render_template(
        "pages/donnees/answer.html",
        form=form,
        report=found,
        indicator=methods.get_indicator(found.indicator),
        place=places.names_of([found.place]).get(found.place or ""),
    )
