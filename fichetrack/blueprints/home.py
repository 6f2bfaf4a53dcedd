"""The public home, « À faire », health checks, the State-service pages, and the demonstration's outbox."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import text

from fichetrack.blueprints.guards import demo_only, public
from fichetrack.extensions import db
from fichetrack.queries import fiches, figures, messaging, personnes, territoires

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@public
def index() -> ResponseReturnValue:
    if not current_user.is_authenticated:
        return _public_home()
    return render_template(
        "pages/home/todo.html",
        todos=fiches.list_todo(current_user),
        thin=personnes.list_short_territoires(current_user),
        axes=figures.count_by_axe(current_user),
    )


@blueprint.get("/accueil")
@public
def welcome() -> ResponseReturnValue:
    """The public home, for somebody signed in too."""
    return _public_home()


def _public_home() -> str:
    counts = fiches.count_by_territoire(current_user)
    total = sum(counts.values())
    return render_template(
        "pages/home/index.html",
        axes=figures.count_by_axe(current_user),
        total=total,
        hidden=fiches.count_hidden({}, total),
        territoires=territoires.list_territoires(),
        counts=counts,
    )


@blueprint.get("/aide")
@public
def help_page() -> str:
    return render_template("pages/home/help.html")


@blueprint.get("/contact")
@public
def contact() -> str:
    return render_template("pages/home/contact.html")


@blueprint.get("/accessibilite")
@public
def accessibility() -> str:
    return render_template("pages/home/accessibility.html")


@blueprint.get("/mentions-legales")
@public
def legal() -> str:
    return render_template("pages/home/legal.html")


@blueprint.get("/donnees-personnelles")
@public
def privacy() -> str:
    return render_template("pages/home/privacy.html")


@blueprint.get("/demo/courriels")
@demo_only
def demo_emails() -> str:
    page = messaging.list_emails(request.args.get("page", 1, type=int))
    return render_template("pages/home/demo_emails.html", page=page)


@blueprint.get("/demo/courriels/<int:email_id>")
@demo_only
def demo_email(email_id: int) -> str:
    email = messaging.get_email(email_id) or abort(404)
    return render_template("pages/home/demo_email.html", email=email)


@blueprint.get("/demo/courriels/<int:email_id>/html")
@demo_only
def demo_email_html(email_id: int) -> ResponseReturnValue:
    """The HTML version as sent: in a sandbox, where nothing runs."""
    email = messaging.get_email(email_id) or abort(404)
    body, policy = messaging.preview(email)
    response = make_response(body)
    response.headers["Content-Security-Policy"] = policy
    return response


@blueprint.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """The process answers and its database too."""
    db.session.execute(text("SELECT 1"))
    return {"status": "ok", "demonstration": current_app.config["DEMO"]}
