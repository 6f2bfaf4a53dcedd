"""The public home, « À faire », health checks, the State-service pages, and the demonstration's outbox."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import text

from fichetrack import permissions
from fichetrack.blueprints.guards import demo_only, public
from fichetrack.extensions import db
from fichetrack.queries import fiches, figures, messaging, methods, personnes, territoires, todo
from fichetrack.vocabulary import Action

blueprint = Blueprint("home", __name__)


# What somebody for whom nothing waits may do next: the first right they have.
NEXT: tuple[tuple[permissions.Predicate, str, str, str, str], ...] = (
    (
        permissions.edits_somewhere,
        "Rien n’attend de réponse de votre part",
        "Vos fiches sont à jour. Une action nouvelle sur le territoire ? Un brouillon suffit pour commencer.",
        "Commencer une fiche",
        "fiches.create",
    ),
    (
        permissions.instructs_somewhere,
        "Aucune fiche n’attend la région",
        "Les fiches déposées dans vos territoires arriveront ici et dans l’instruction.",
        "Parcourir les fiches",
        "fiches.index",
    ),
    (
        permissions.is_in_network,
        "Rien ne vous attend",
        "Voyez où en est le programme, ou parcourez les fiches.",
        "Ouvrir le pilotage",
        "pilotage.index",
    ),
    (
        permissions.administers,
        "Rien ne vous attend",
        "Les personnes et leurs mandats se gèrent à part ; vous lisez des fiches ce que le public en lit.",
        "Ouvrir les personnes",
        "mandats.index",
    ),
    (
        permissions.is_signed_in,
        "Rien ne vous attend",
        "Suivez un axe ou un territoire : un seul courriel vous dit ce qui a changé, jamais un courriel vide.",
        "Suivre un sujet",
        "subscriptions.index",
    ),
)


@blueprint.get("/")
@public
def index() -> ResponseReturnValue:
    if not current_user.is_authenticated:
        return _public_home()
    return render_template(
        "pages/home/todo.html",
        lists=todo.list_pending(current_user),
        reports=methods.count_waiting(current_user),
        thin=personnes.list_short_territoires(current_user),
        axes=figures.count_by_axe(current_user),
        may_create=permissions.can(current_user, Action.CREATE),
        next_step=next(words for holds, *words in NEXT if holds(current_user, None)),
    )


@blueprint.get("/accueil")
@public
def welcome() -> ResponseReturnValue:
    """The public home, for somebody signed in too."""
    return _public_home()


def _public_home() -> str:
    counts = fiches.count_by_territoire(current_user)
    total = sum(counts.values())
    everywhere = territoires.list_territoires()
    return render_template(
        "pages/home/index.html",
        axes=figures.count_by_axe(current_user),
        total=total,
        hidden=fiches.count_hidden({}, total),
        territoires=everywhere,
        regions=len({region.code for one in everywhere for region in one.regions}),
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
