"""For servers other than the built-in one: `gunicorn -c … wsgi:application`."""

from app import create_app
from config import Config

application = create_app(Config.from_env())
