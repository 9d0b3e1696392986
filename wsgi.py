"""For servers other than the built-in one, and for `flask --app wsgi admin …`."""

from app import cli, create_app
from config import Config

application = create_app(Config.from_env())
cli.register(application)
