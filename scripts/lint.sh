#!/usr/bin/env bash
# Style, types, templates and rendered HTML. Every check runs; the exit code tells whether one complained.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
failures=0
check() {
    step "$*"
    "$@" || failures=$((failures + 1))
}
check .venv/bin/ruff format --check .
check .venv/bin/ruff check .
check .venv/bin/mypy fichetrack
if compgen -G 'templates/*' >/dev/null; then check .venv/bin/djlint --lint --quiet templates; fi
check .venv/bin/pytest -q -p no:cacheprovider --databases=sqlite --numprocesses=2 -m html tests/test_html.py
[ "$failures" = 0 ] || fail "$failures vérification(s) en échec"
step "lint : tout est en ordre"
