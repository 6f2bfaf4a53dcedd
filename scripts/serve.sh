#!/usr/bin/env bash
# Bring the database up to date, then serve with gunicorn: one process and threads by default, WEB_CONCURRENCY processes where several cores are to be used.
set -euo pipefail
cd "$(dirname "$0")/.."
# The schema and the geography, quick once they are there: a new instance answers from its first page.
.venv/bin/flask init
exec .venv/bin/gunicorn wsgi:app --bind "${HOST:-127.0.0.1}:${PORT:-5000}" --worker-class gthread \
    --workers "${WEB_CONCURRENCY:-1}" --threads "${THREADS:-8}" --timeout 60 --access-logfile - --no-control-socket
