"""Debian's Chromium driven by Playwright: a page that reports what a user's browser would have refused, and axe."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = Path(__file__).resolve().parent.parent / "node_modules" / "axe-core" / "axe.min.js"
RGAA_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "RGAAv4"]


def find_chromium() -> str | None:
    """The browser's program: FICHETRACK_CHROMIUM, else Debian's."""
    return os.environ.get("FICHETRACK_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def launch() -> Iterator[Browser]:
    """One browser, closed at the end."""
    program = find_chromium()
    if program is None:
        raise RuntimeError("Chromium is missing: apt-get install -y --no-install-recommends chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            yield chromium
        finally:
            chromium.close()


def new_context(chromium: Browser, address: str, **options: object) -> BrowserContext:
    """A French visitor's context whose relative addresses are those of the site."""
    settings = {"base_url": address, "locale": "fr-FR", "timezone_id": "Europe/Paris"}
    context = chromium.new_context(**{**settings, **options})
    context.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)  # A busy machine is slow, not wrong.
    return context


class Complaints:
    """What a page must never do: errors in the console, refusals by the CSP, calls to another host, crashes, 5xx."""

    def __init__(self, page: Page, address: str) -> None:
        self.found: list[str] = []
        self.host = urlsplit(address).netloc
        page.on("console", lambda message: self._on_console(message.type, message.text))
        page.on("pageerror", lambda error: self.found.append(f"exception: {error}"))
        page.on("request", lambda request: self._on_request(request.url))
        page.on("response", lambda response: self._on_response(response.status, response.url))

    def _on_console(self, kind: str, text: str) -> None:
        # A refusal the server meant (403, 404, 409, 422…) is shown by the page itself.
        if kind == "error" and "the server responded with a status of 4" not in text:
            self.found.append(f"console: {text}")

    def _on_request(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self.host:
            self.found.append(f"third party: {url}")

    def _on_response(self, status: int, url: str) -> None:
        if status >= 500:
            self.found.append(f"{status}: {url}")


def axe_violations(page: Page) -> list[str]:
    """What axe holds against the page as it is now, one line per rule with the first faulty elements."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    options = json.dumps({"runOnly": {"type": "tag", "values": RGAA_TAGS}, "resultTypes": ["violations"]})
    results = page.evaluate(f"axe.run(document, {options})")
    return [
        f"{page.url} {violation['id']}: {violation['help']} — "
        + " ; ".join(
            node["html"][:160] + " " + node["failureSummary"].replace("\n", " ")[:240]
            for node in violation["nodes"][:3]
        )
        for violation in results["violations"]
    ]
