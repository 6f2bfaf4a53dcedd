"""/fiches/import: upload, check page, apply, undo; and the workbooks that go out."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("imports", __name__)
