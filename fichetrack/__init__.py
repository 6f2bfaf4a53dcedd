"""FicheTrack, the register of the fiches actions of « Territoires d'industrie »: the application factory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from fichetrack import assets, cli, config, models, redaction, security, sessions, templating
from fichetrack.blueprints import register_blueprints
from fichetrack.extensions import csrf, db, htmx, login_manager, migrate

__all__ = ["create_app", "models", "sessions"]


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """config → extensions → templating → blueprints → cli. `overrides` is a whole configuration for tests."""
    app = Flask(
        __name__,
        template_folder=str(config.ROOT / "templates"),
        static_folder=str(config.ROOT / "static"),
        instance_path=str((overrides or {}).get("INSTANCE") or config.from_environ()["INSTANCE"]),
    )
    app.config.update(overrides if overrides is not None else config.from_environ())
    security.refuse_unsafe_start(app)
    app.config["INSTANCE"].mkdir(parents=True, exist_ok=True)
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    db.init_app(app)
    migrate.init_app(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True, compare_type=True)
    login_manager.init_app(app)
    security.refuse_malformed(app)
    csrf.init_app(app)
    htmx.init_app(app)
    Compress(app)
    assets.init_app(app)
    sessions.init_app(app)
    security.init_app(app)
    redaction.init_app(app)
    templating.init_app(app)
    register_blueprints(app)
    cli.init_app(app)
    return app
