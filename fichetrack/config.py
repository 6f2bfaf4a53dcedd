"""Values and paths, read from the environment; no logic beyond refusing an unsafe start."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_SECRET_KEY = "demonstration-only"  # noqa: S105 — refused outside the demonstration
DEMO_DOMAIN = "demo.fichetrack.fr"
DEMO_PASSWORD = "fichetrack-demo"  # noqa: S105 — printed on the demonstration's sign-in page
# The accounts a visitor of the demonstration is shown; its other people may sign in with the same password.
DEMO_LOGINS = (
    "chef.ales", "chef.lacq", "region.occitanie", "region.nouvelle-aquitaine", "dti", "contributeur.ales",
    "operateur.bdt", "elu.ales", "etat.gard", "animateur", "abonne", "admin",
)  # fmt: skip


def from_environ() -> dict[str, Any]:
    """The configuration of one process, from FICHETRACK_* variables (README lists them)."""
    instance = Path(os.environ.get("FICHETRACK_INSTANCE") or ROOT / "instance").resolve()
    public_url = os.environ.get("FICHETRACK_PUBLIC_URL") or f"http://localhost:{os.environ.get('PORT') or 5000}"
    https = public_url.startswith("https://")
    return {
        "INSTANCE": instance,
        "SQLALCHEMY_DATABASE_URI": _database_url(instance),
        "SECRET_KEY": os.environ.get("FICHETRACK_SECRET_KEY") or DEFAULT_SECRET_KEY,
        "PUBLIC_URL": public_url.rstrip("/"),
        "MAIL_URL": os.environ.get("FICHETRACK_MAIL_URL") or None,
        "MAIL_FROM": os.environ.get("FICHETRACK_MAIL_FROM") or "FicheTrack <ne-pas-repondre@fichetrack.localhost>",
        "MAIL_TIMEOUT_SECONDS": 20,
        "DEMO": os.environ.get("FICHETRACK_DEMO") == "1",
        "TRUSTED_PROXIES": int(os.environ.get("FICHETRACK_TRUSTED_PROXIES") or 0),
        "MAX_CONTENT_LENGTH": 20 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "HTTPS": https,
        "SESSION_COOKIE_NAME": "__Host-fichetrack" if https else "fichetrack",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "SESSION_IDLE": timedelta(hours=12),
        "WTF_CSRF_TIME_LIMIT": None,  # The token lives as long as the session: a form left open overnight still posts.
        "WTF_CSRF_SSL_STRICT": https,
        "ARGON2": {},
        "PAGE_SIZE": 30,
        "FIGURES_SECONDS": 20,  # of processor, a minute and a reader, for pages of figures nobody has kept yet
        "COMPRESS_MIMETYPES": [
            "text/html",
            "text/css",
            "text/csv",
            "text/plain",
            "text/javascript",
            "application/javascript",
            "application/json",
            "application/geo+json",
            "image/svg+xml",
        ],
    }


def for_tests(**overrides: Any) -> dict[str, Any]:
    """The configuration of tests: cheap password hashes, no e-mail, a fixed key that is not the default one."""
    return {
        **from_environ(),
        "TESTING": True,
        "SECRET_KEY": "tests-tests-tests-tests",
        "PUBLIC_URL": "http://localhost",
        "MAIL_URL": None,
        "DEMO": False,
        "ARGON2": {"time_cost": 1, "memory_cost": 8, "parallelism": 1},
        "FIGURES_SECONDS": 0,
        **overrides,
    }


def _database_url(instance: Path) -> str:
    url = os.environ.get("FICHETRACK_DATABASE_URL") or f"sqlite:///{instance / 'fichetrack.db'}"
    # Hosting services still hand out the old spelling.
    return url.replace("postgres://", "postgresql://", 1)
