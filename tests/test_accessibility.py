"""What a person with a keyboard, a screen reader or a telephone meets: axe (RGAA’s rules) and 360 pixels, every page.

The page is the real one, under its CSP: console errors, refusals and third parties fail the test as well.
"""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from fichetrack.config import DEMO_PASSWORD
from tests import tour
from tests.chromium import Complaints, axe_violations, new_context
from tests.serving import serve

# What the page is wider than, when it is wider than the window: nothing, or the element to blame.
WIDEST = """() => {
  if (document.documentElement.scrollWidth <= window.innerWidth) return null;
  const wide = [...document.querySelectorAll("main *, header *, footer *")]
    .filter(e => e.getBoundingClientRect().right > window.innerWidth + 1);
  return wide.slice(0, 3).map(e => e.outerHTML.slice(0, 160)).join(" | ") || "the page";
}"""


@pytest.mark.parametrize("role", tour.ROLES, ids=str)
def test_axe_reports_nothing_and_pages_fit_a_telephone(demo_app: Flask, chromium: Chromium, role: str) -> None:
    paths = [page.url for page in tour.visit(demo_app, tour.browser_of(demo_app, role), 1, tour.left_out(role))]
    with serve(demo_app) as address:
        context = new_context(chromium, address)
        page = context.new_page()
        complaints = Complaints(page, address)
        sign_in(demo_app, page, role)
        faults = [fault for path in paths for fault in look_at(page, path)]
        context.close()
    assert faults + complaints.found == []


def sign_in(app: Flask, page: Page, role: str) -> None:
    """Through the real form, as a person would."""
    if role != tour.VISITOR:
        person = tour.find_person(app, role)
        assert person is not None
        page.goto("/connexion")
        page.locator("input[name=courriel]").fill(person.courriel)
        page.locator("input[name=mot_de_passe]").fill(DEMO_PASSWORD)
        page.locator("input[name=mot_de_passe]").press("Enter")
        page.wait_for_url(lambda url: "/connexion" not in url)


def look_at(page: Page, path: str) -> list[str]:
    """What is wrong with one page, wide then narrow."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(path)
    faults = axe_violations(page)
    page.set_viewport_size({"width": 360, "height": 740})
    widest = page.evaluate(WIDEST)
    return [*faults, f"{path} is wider than 360 pixels: {widest}"] if widest else faults
