"""The house rules that a machine can check: who imports whom, where things may be named, docstrings, orphans.

The table is that of ARCHITECTURE: a zone is a module of fichetrack/ or a folder of it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "fichetrack"
TEMPLATES = ROOT / "templates"
MODULES = sorted(PACKAGE.rglob("*.py"))

WORDS = {"vocabulary", "errors", "clock", "config"}  # facts without behaviour: anybody may read them
MAY_IMPORT: dict[str, set[str]] = {
    "vocabulary": set(),
    "errors": {"vocabulary"},
    "config": set(),
    "clock": set(),
    "links": set(),
    "addresses": set(),
    "search": set(),
    "extensions": set(),
    "indicators": set(),
    "fields": {"vocabulary"},
    "versions": {"fields", "vocabulary"},
    "geography": {"search", "tables", "vocabulary", "errors", "clock", "config"},
    "store": {"clock"},
    "sources": {"indicators", "tables", "geography", "search", *WORDS},
    "workflow": {"fields", "versions", *WORDS},
    "tables": {"fields", *WORDS},
    "models": {"extensions", "search", "fields", "versions", *WORDS},
    "transactions": {"errors", "clock", "extensions", "models"},
    "permissions": {"models", "workflow", "fields", *WORDS},
    "mailing": {"extensions", "links", "models", *WORDS},
}
MAY_IMPORT["queries"] = {
    "extensions", "models", "permissions", "workflow", "versions", "tables", "indicators", "fields", "search",
    "geography", "workbook", "passwords", "sources", "store", *WORDS
}  # fmt: skip
MAY_IMPORT["services"] = {
    "addresses",
    "queries",
    "mailing",
    "links",
    "transactions",
    "passwords",
    *MAY_IMPORT["queries"],
}
MAY_IMPORT["forms"] = {"fields", "workbook", *WORDS}
MAY_IMPORT["blueprints"] = {
    "extensions", "links", "models", "permissions", "tables", "queries", "services", "forms", "transactions", "fields",
    "search", "sessions", "workbook", "addresses", *WORDS
}  # fmt: skip
MAY_IMPORT["templating"] = {"fields", *WORDS}
MAY_IMPORT["jobs"] = {"services", *WORDS}
MAY_IMPORT["demo"] = {
    "fields",
    "extensions",
    "models",
    "services",
    "geography",
    "transactions",
    "search",
    "passwords",
    "queries",
    "sources",
    "indicators",
    "tables",
    *WORDS,
}
MAY_IMPORT["operations"] = {"store", "extensions", "models", "queries", *WORDS}
MAY_IMPORT["cli"] = {"queries", "services", "jobs", "demo", "operations", "geography", "extensions", "sources", *WORDS}
MAY_IMPORT["security"] = {"extensions", "models", *WORDS}
MAY_IMPORT["passwords"] = {*WORDS}
MAY_IMPORT["redaction"] = set()
MAY_IMPORT["assets"] = set()
MAY_IMPORT["sessions"] = {"extensions", "models", "passwords", *WORDS}
MAY_IMPORT["workbook"] = {"fields", "tables", "versions", *WORDS}
MAY_IMPORT["fichetrack"] = {
    "assets", "config", "extensions", "models", "redaction", "security", "sessions", "templating", "blueprints", "cli"
}  # fmt: skip

MAY_USE_FLASK = {
    "assets",
    "extensions",
    "mailing",
    "blueprints",
    "templating",
    "cli",
    "fichetrack",
    "forms",
    "redaction",
    "security",
    "sessions",
    "store",
}
REQUEST_OBJECTS = {"current_user", "request", "session", "g"}
# flask_login.UserMixin is a plain class; queries, services and permissions stay free of the request.
FLASK_ELSEWHERE = {
    "models": {"flask_login"},
    "passwords": {"flask.current_app"},
    "services": {"flask.current_app"},
    "jobs": {"flask.Flask", "flask.current_app"},
    "demo": {"flask.current_app"},
    "operations": {"flask.current_app"},
}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_its_zone_may(path: Path) -> None:
    allowed = {zone(path), *MAY_IMPORT[zone(path)]}
    strangers = [
        name
        for name in imported_names(path)
        if name.split(".")[0] == "fichetrack" and (name.split(".")[1:2] or ["fichetrack"])[0] not in allowed
    ]
    assert strangers == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_flask_stays_where_the_web_is(path: Path) -> None:
    names = [name for name in imported_names(path) if name.startswith("flask")]
    if zone(path) in MAY_USE_FLASK:
        names = (
            []
            if zone(path) in {"blueprints", "fichetrack", "security", "sessions"}
            else [n for n in names if is_request_object(n)]
        )
    else:
        allowed = FLASK_ELSEWHERE.get(zone(path), set())
        names = [name for name in names if not any(name.startswith(one) for one in allowed)]
    assert names == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_are_absolute_and_at_the_top(path: Path) -> None:
    tree = parse(path)
    relative = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    hidden = [
        inner.lineno for node in functions for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert (relative, hidden) == ([], [])


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(parse(path)) or not path.read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_time_is_asked_from_the_clock(path: Path) -> None:
    if zone(path) != "clock":
        found = re.findall(r"\b(?:datetime\.(?:now|utcnow|today)|date\.today|time\.time)\(", path.read_text("utf-8"))
        assert found == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_services_and_transactions_commit(path: Path) -> None:
    if zone(path) not in {"services", "transactions", "demo", "cli"}:
        assert ".commit()" not in path.read_text(encoding="utf-8")


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = [path.name for path in MODULES if path.stem in {"utils", "helpers", "common", "misc"}]
    assert drawers == []


def test_no_template_is_an_orphan() -> None:
    sources = [*MODULES, *TEMPLATES.rglob("*")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources if path.is_file())
    orphans = [name for name in template_names() if not is_named(name, text)]
    assert orphans == []


def test_an_email_is_always_its_three_files() -> None:
    folders = [folder for folder in (TEMPLATES / "email").glob("*") if folder.is_dir()]
    wanted = {"subject.txt", "body.txt", "body.html"}
    incomplete = [folder.name for folder in folders if not wanted <= {path.name for path in folder.iterdir()}]
    assert incomplete == []


def test_templates_hold_no_inline_script_nor_style() -> None:
    pattern = re.compile(
        r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")|<style|\sstyle=|\son[a-z]+=\"", re.I
    )
    pages = [path for path in TEMPLATES.rglob("*.html") if "email" not in path.parts]
    guilty = {
        str(path.relative_to(TEMPLATES)): found
        for path in pages
        if (found := pattern.findall(path.read_text(encoding="utf-8")))
    }
    assert guilty == {}


def zone(path: Path) -> str:
    """The module or the folder of fichetrack/ a file belongs to; « fichetrack » for the package's own __init__."""
    first = path.relative_to(PACKAGE).parts[0]
    return "fichetrack" if first == "__init__.py" else first.removesuffix(".py")


def imported_names(path: Path) -> Iterator[str]:
    """`from fichetrack import clock` and `import fichetrack.clock` both give fichetrack.clock."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def is_request_object(name: str) -> bool:
    return name.rsplit(".", 1)[-1] in REQUEST_OBJECTS


def template_names() -> list[str]:
    folders = ("pages", "partials", "email")
    paths = [path for folder in folders for path in (TEMPLATES / folder).rglob("*") if path.is_file()]
    return sorted(path.relative_to(TEMPLATES).as_posix() for path in paths)


def is_named(template: str, text: str) -> bool:
    """Pages and partials are named by their path; an e-mail by its folder: mailing.render("digest", …)."""
    if template.startswith("email/"):
        parts = template.split("/")
        return len(parts) == 2 or f'"{parts[1]}"' in text
    return f'"{template}"' in text or f"'{template}'" in text
