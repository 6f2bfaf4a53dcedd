"""What protects every answer whatever the page: headers, and the refusal to start with an unsafe configuration."""

from __future__ import annotations

from flask import Flask, Response, abort, request
from werkzeug.routing import IntegerConverter, Map

from fichetrack.config import DEFAULT_SECRET_KEY

# No script or style but our own files: nothing inline, so no nonce is needed.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000; includeSubDomains"


def refuse_unsafe_start(app: Flask) -> None:
    """Outside the demonstration and tests, a default secret key would let anyone sign sessions and links."""
    if app.config["DEMO"] or app.config.get("TESTING"):
        return
    if app.config["SECRET_KEY"] == DEFAULT_SECRET_KEY or len(app.config["SECRET_KEY"]) < 16:
        raise RuntimeError(
            "FICHETRACK_SECRET_KEY est absente ou trop courte. Donnez-lui une valeur secrète d’au moins 16 caractères, "
            "par exemple : python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )


class Identifier(IntegerConverter):
    """A number in an address that the databases can hold: a larger one is no identifier of ours."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


def init_app(app: Flask) -> None:
    """Set the headers of every answer, errors included; answers that depend on who asks are never stored."""
    app.url_map.converters["int"] = Identifier

    @app.before_request
    def refuse_nul() -> None:
        """Nobody types a NUL, and PostgreSQL refuses it: a bad request, not an error of ours."""
        typed = (*request.args.items(multi=True), *request.form.items(multi=True))
        if "\0" in request.path or any("\0" in name or "\0" in value for name, value in typed):
            abort(400)

    @app.after_request
    def set_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if app.config["HTTPS"]:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "private, no-store")
            response.vary.add("HX-Request")
            response.vary.add("Cookie")
        return response
