"""/abonnements: what I follow, follow a list, stop; and the one-click stop of e-mails, which needs no session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from fichetrack import clock, links
from fichetrack.blueprints.guards import members, signed_link
from fichetrack.blueprints.rendering import redirect_after_post
from fichetrack.extensions import csrf
from fichetrack.forms.subscriptions import FollowViewForm, SubscriptionForm
from fichetrack.queries import journal, messaging
from fichetrack.services import subscriptions
from fichetrack.vocabulary import Frequency

blueprint = Blueprint("subscriptions", __name__)

REHEARSAL = timedelta(days=30)


@blueprint.get("/abonnements")
@members
def index() -> ResponseReturnValue:
    """Mine; with filters in the address (« S’abonner à cette vue »), the form to follow that list."""
    return _page(*_forms())


@blueprint.post("/abonnements")
@members
def create() -> ResponseReturnValue:
    form, filters = _forms()
    if not form.validate_on_submit():
        return _page(form, filters), 422
    chosen = filters or form.filters()
    subscriptions.subscribe(current_user, chosen, Frequency(form.frequence.data))
    flash(f"Vous suivez désormais : {messaging.subscription_name(chosen)}.", "success")
    return redirect_after_post(url_for("subscriptions.index"))


@blueprint.post("/abonnements/<int:subscription_id>/fin")
@members
def stop(subscription_id: int) -> ResponseReturnValue:
    subscriptions.stop(current_user, subscription_id)
    flash("Abonnement arrêté : vous ne recevrez plus ce récapitulatif.", "success")
    return redirect_after_post(url_for("subscriptions.index"))


@blueprint.get("/abonnements/<int:subscription_id>/apercu")
@members
def rehearse(subscription_id: int) -> ResponseReturnValue:
    """What one would have received these last 30 days, under one's present rights. Nothing is written nor sent."""
    found = messaging.list_subscriptions_of(current_user.id, (subscription_id,))
    if not found:
        abort(404)
    since = clock.now() - REHEARSAL
    return render_template(
        "pages/subscriptions/rehearse.html",
        name=messaging.subscription_name(found[0].filters),
        list_path=messaging.list_path(found[0].filters),
        news=journal.list_recent(current_user, found[0].filters, since),
        since=since,
    )


@blueprint.get("/abonnements/<token>/stop")
@signed_link
def confirm_stop(token: str) -> ResponseReturnValue:
    """Opening a link never acts: mail readers open links by themselves."""
    return _stop_page(_link(token), done=False)


# Whoever holds the signed link may act; mail services post here without a session (RFC 8058), hence no CSRF token.
@blueprint.post("/abonnements/<token>/stop")
@csrf.exempt
@signed_link
def stop_by_link(token: str) -> ResponseReturnValue:
    link = _link(token)
    subscriptions.stop_by_link(None, link)
    return _stop_page(link, done=True)


def _forms() -> tuple[Any, dict[str, list[str]]]:
    filters = messaging.followable_filters(current_user, request.args.to_dict(flat=False))
    return (FollowViewForm() if filters else SubscriptionForm(messaging.territoire_choices())), filters


def _page(form: Any, filters: dict[str, list[str]]) -> str:
    address: dict[str, Any] = dict(filters)
    return render_template(
        "pages/subscriptions/index.html",
        form=form,
        followed=messaging.list_followed(current_user),
        view_name=messaging.subscription_name(filters) if filters else None,
        form_action=url_for("subscriptions.create", **address),
    )


def _link(token: str) -> links.SignedLink:
    link = links.read(current_app.config["SECRET_KEY"], links.Act.STOP, token, clock.now())
    if link is None:
        abort(404)
    return link


def _stop_page(link: links.SignedLink, done: bool) -> str:
    found = messaging.list_subscriptions_of(link.personne_id, link.subject)
    return render_template(
        "pages/subscriptions/stop.html",
        names=[messaging.subscription_name(subscription.filters) for subscription in found],
        done=done or all(subscription.ended_at for subscription in found),
    )
