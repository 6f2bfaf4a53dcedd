"""HTTP only: parse, call, answer. `register_blueprints` is the list of what the application serves."""

from __future__ import annotations

import importlib

from flask import Flask

from fichetrack.blueprints import errors, layout
from fichetrack.blueprints.guards import close_unguarded_routes

MODULES = ("home", "accounts", "mandats", "fiches", "imports", "instruction", "territoires", "pilotage", "subscriptions")


def register_blueprints(app: Flask) -> None:
    for name in MODULES:
        try:
            module = importlib.import_module(f"fichetrack.blueprints.{name}")
        except ModuleNotFoundError:
            continue
        app.register_blueprint(module.blueprint)
    errors.init_app(app)
    layout.init_app(app)
    close_unguarded_routes(app)
