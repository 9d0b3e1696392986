"""Running the application: launcher, gunicorn's settings, worker."""
