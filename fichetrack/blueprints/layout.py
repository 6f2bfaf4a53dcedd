"""What the frame of every page shows: navigation, account, banner, footer."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user

from fichetrack import permissions
from fichetrack.vocabulary import Action

# label, endpoint, the right that shows it (None: everyone)
MENU: tuple[tuple[str, str, Action | None], ...] = (
    ("À faire", "home.index", Action.FOLLOW),
    ("Fiches", "fiches.index", None),
    ("Instruction", "instruction.index", Action.INSTRUCT),
    ("Territoires", "territoires.index", None),
    ("Données", "donnees.index", None),
    ("Signalements", "donnees.reports", Action.MANAGE_DATA),
    ("Pilotage", "pilotage.index", Action.STEER),
    ("Abonnements", "subscriptions.index", Action.FOLLOW),
    ("Personnes", "mandats.index", Action.MANAGE_MANDATS),
)
# Pages whose entry is not that of their blueprint.
SECTIONS = {
    "donnees.answer_form": "donnees.reports",
    "donnees.answer": "donnees.reports",
    "panels.show": "territoires.index",
    "comparison.show": "territoires.index",
}
FOOTER = (
    ("Aide", "home.help_page"),
    ("Contact", "home.contact"),
    ("Accessibilité", "home.accessibility"),
    ("Mentions légales", "home.legal"),
    ("Données personnelles", "home.privacy"),
)


def init_app(app: Flask) -> None:
    @app.context_processor
    def frame() -> dict[str, Any]:
        if g.get("plain_frame"):
            return {**_plain(), "navigation": [], "account": None, "login_url": None}
        return {
            **_plain(),
            "navigation": _navigation(),
            "account": _account(),
            "login_url": url_for("accounts.login"),
        }


def _plain() -> dict[str, Any]:
    """What asks the database nothing."""
    return {
        "demo_banner": current_app.config["DEMO"],
        "footer_links": [{"label": label, "url": url_for(endpoint)} for label, endpoint in FOOTER],
    }


def _navigation() -> list[dict[str, Any]]:
    shown = [
        (label, endpoint) for label, endpoint, right in MENU if right is None or permissions.can(current_user, right)
    ]
    entries = [{"label": label, "url": url_for(endpoint), "current": _is_here(endpoint)} for label, endpoint in shown]
    if current_app.config["DEMO"]:
        entries.append(
            {
                "label": "Courriels",
                "url": url_for("home.demo_emails"),
                "current": request.endpoint == "home.demo_emails",
            }
        )
    return entries


def _is_here(endpoint: str) -> bool:
    """Whether the page belongs to that entry: its own page, or one of its section that has no entry of its own."""
    here = SECTIONS.get(request.endpoint or "", request.endpoint or "")
    entries = [one for _label, one, _right in MENU]
    if here == endpoint or here in entries or here.startswith("home."):
        return here == endpoint
    return endpoint == next((one for one in entries if one.split(".")[0] == here.split(".")[0]), None)


def _account() -> dict[str, Any] | None:
    if not current_user.is_authenticated:
        return None
    mandats = permissions.valid_mandats(current_user)
    first = f"{mandats[0].role_label}, {mandats[0].perimeter_label}" if mandats else "Compte connecté"
    more = f" (+{len(mandats) - 1})" if len(mandats) > 1 else ""
    return {
        "name": current_user.nom,
        "url_profile": url_for("accounts.profile"),
        "url_logout": url_for("accounts.logout"),
        "mandats_label": first + more,
    }
