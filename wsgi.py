"""The WSGI entry point: `app` for gunicorn and for the flask command."""

import os

from fichetrack import create_app, sessions

app = create_app()
if os.environ.get("FLASK_RUN_FROM_CLI") != "true":  # Commands still run, to examine and to repair.
    sessions.refuse_demo_accounts(app)
