"""What protects every answer whatever the page: headers, and what is refused: odd requests, an unsafe start."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Flask, Response, abort, request
from werkzeug.routing import IntegerConverter, Map

from fichetrack.config import DEFAULT_SECRET_KEY
from fichetrack.errors import UnsafeStart

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
# The longest list of filters is far below; each one costs a piece of a query.
MAX_QUERY_BYTES = 8192
HSTS = "max-age=31536000; includeSubDomains"


def refuse_unsafe_start(app: Flask) -> None:
    """Outside the demonstration and tests, a default secret key would let anyone sign sessions and links."""
    if app.config["DEMO"] or app.config.get("TESTING"):
        return
    if app.config["SECRET_KEY"] == DEFAULT_SECRET_KEY or len(app.config["SECRET_KEY"]) < 16:
        raise UnsafeStart(
            "FICHETRACK_SECRET_KEY est absente ou trop courte. Donnez-lui une valeur secrète d’au moins 16 caractères, "
            "par exemple : python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )


class Identifier(IntegerConverter):
    """A number in an address that the databases can hold: a larger one is no identifier of ours."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


def refuse_malformed(app: Flask) -> None:
    """Refuse what no form of ours sends. Called before the other extensions: some of them read the form first."""

    @app.before_request
    def refuse_too_long() -> None:
        if len(request.query_string) > MAX_QUERY_BYTES:
            abort(414)
        # Werkzeug bounds the text of multipart forms only.
        typed = request.mimetype != "multipart/form-data"
        if typed and (request.content_length or 0) > app.config["MAX_FORM_MEMORY_SIZE"]:
            abort(413)

    @app.before_request
    def refuse_odd_texts() -> None:
        """Nobody types a NUL, and PostgreSQL refuses it: a bad request, not an error of ours."""
        if any(text is None or "\0" in text for text in _texts_sent()):
            abort(400)


def _texts_sent() -> Iterator[str | None]:
    """Every name and value sent, and the names of files; None is a part without a name."""
    yield request.path
    for name, value in (*request.args.items(multi=True), *request.form.items(multi=True)):
        yield from (name, value)
    for name, file in request.files.items(multi=True):
        yield from (name, file.filename or "", file.content_type or "")


def init_app(app: Flask) -> None:
    """Set the headers of every answer, errors included; answers that depend on who asks are never stored."""
    app.url_map.converters["int"] = Identifier

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
