"""For servers other than the built-in one, and for `flask --app wsgi admin …` and `flask --app wsgi db …`."""

from flask_migrate import Migrate

from app import cli, create_app
from app.storage.database import db
from config import Config

application = create_app(Config.from_env())
cli.register(application)
Migrate(application, db, directory="migrations")
