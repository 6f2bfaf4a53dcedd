"""The WSGI entry point: `app` for gunicorn and for the flask command."""

from fichetrack import create_app

app = create_app()
