"""The web application, as gunicorn and the flask command find it."""

from fichetrack import create_app

app = create_app()
