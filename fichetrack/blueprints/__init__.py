"""HTTP only: parse, call, answer. `register_blueprints` is the list of what the application serves."""

from __future__ import annotations

from flask import Flask

from fichetrack.blueprints import (
    accounts,
    comparison,
    donnees,
    errors,
    fiche_acts,
    fiche_sections,
    fiches,
    home,
    imports,
    instruction,
    layout,
    mandats,
    panels,
    pilotage,
    subscriptions,
    territoires,
)
from fichetrack.blueprints.guards import close_unguarded_routes

MODULES = (
    home, accounts, mandats, fiches, imports, instruction, territoires, panels, comparison, donnees, pilotage, subscriptions
)  # fmt: skip


# These add their routes to the blueprint of `fiches`, so they are loaded before it is registered.
LOADED = (fiche_acts, fiche_sections)


def register_blueprints(app: Flask) -> None:
    for module in MODULES:
        app.register_blueprint(module.blueprint)
    errors.init_app(app)
    layout.init_app(app)
    close_unguarded_routes(app)
