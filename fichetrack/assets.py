"""Static files: served beside Flask, compressed beforehand, named by their content so that a browser may keep them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

KEPT_SECONDS = 30 * 24 * 3600


def init_app(app: Flask) -> None:
    """Serve static/ without going through the application; addresses made by url_for carry a digest of the file."""
    root = Path(str(app.static_folder))
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(root),
        prefix="static/",
        max_age=KEPT_SECONDS,
        autorefresh=app.debug,
        allow_all_origins=False,
        add_headers_function=_add_headers,
    )

    @app.url_defaults
    def add_digest(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "v" not in values:
            values["v"] = _digest(root / values["filename"])


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "absent"


def _add_headers(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
