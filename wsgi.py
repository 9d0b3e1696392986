"""For servers other than the built-in one, and for `flask --app wsgi admin …` and `flask --app wsgi db …`."""

from flask_migrate import Migrate

from app import cli, create_app
from app.admin.logs import configure_logs
from app.storage.database import db
from config import Config

config = Config.from_env()
configure_logs(config.log_level)
application = create_app(config)
cli.register(application)
Migrate(application, db, directory="migrations")
