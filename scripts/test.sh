#!/usr/bin/env bash
# The whole suite, on SQLite and on PostgreSQL, browser tests included: one run of pytest, one closing line.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
if ! command -v chromium >/dev/null; then apt_install "Chromium, pour les essais dans un navigateur" chromium; fi
if ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && ! command -v initdb >/dev/null; then
    apt_install "PostgreSQL, pour les essais sur cette base" postgresql
fi
exec .venv/bin/pytest --databases=sqlite,postgresql --numprocesses="${PYTEST_PROCESSES:-2}" --dist=loadgroup "$@"
