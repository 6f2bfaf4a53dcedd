#!/usr/bin/env bash
# Serve with gunicorn: one process and threads by default, WEB_CONCURRENCY processes where several cores are to be used.
set -euo pipefail
cd "$(dirname "$0")/.."
exec .venv/bin/gunicorn wsgi:app --bind "${HOST:-127.0.0.1}:${PORT:-5000}" --worker-class gthread \
    --workers "${WEB_CONCURRENCY:-1}" --threads "${THREADS:-8}" --timeout 60 --access-logfile - --no-control-socket
