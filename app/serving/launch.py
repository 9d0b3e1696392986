"""`python -m app.serving.launch`: start the built-in engine and gunicorn, and end them in the right order.

This process stays small: it imports neither Flask nor SQLAlchemy, which the worker imports once.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from app.serving.address import bound_socket, welcome
from app.serving.engine_keeper import EngineKeeper
from app.serving.gunicorn_settings import gunicorn_settings, metrics_folder, worker_name
from app.serving.secrets_file import config_with_secrets
from app.serving.start_error import CANNOT_START, StartError, StartFailure
from config import Config, ConfigError


class PatchbayArbiter(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's arbiter, which also keeps the engine's supervisor alive."""

    def __init__(self, application: PatchbayServer, engine: EngineKeeper | None) -> None:
        self._engine = engine
        super().__init__(application)

    def manage_workers(self) -> None:
        super().manage_workers()
        if self._engine is not None:
            self._engine.ensure()

    def halt(self, reason: str | None = None, exit_status: int = 0) -> None:
        failure = self.app.start_failure.read()
        if failure is not None:
            print(f"patchbay: {failure}", file=sys.stderr, flush=True)
            reason, exit_status = None, CANNOT_START
            self.log.error_log.disabled = True
        super().halt(reason, exit_status)

    def handle_usr2(self) -> None:
        """Replacing the running program is a restart here."""
        self.log.warning("SIGUSR2 is not supported; restart instead.")


class PatchbayServer(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """What gunicorn asks for its settings and, inside a worker, for the application."""

    lean = True
    """Whether our own request loop is used where it can run."""

    def __init__(self, config: Config, listener: socket.socket, *, reload: bool = False) -> None:
        self.config = config
        self.worker_name = worker_name(lean=self.lean)
        self._welcome = welcome(config, listener)
        # gunicorn closes the descriptor it is given; a socket object would later close somebody else's.
        self._listener_fd = listener.detach()
        self._reload = reload
        self.start_failure = StartFailure()
        self.engine = EngineKeeper(config) if config.local_engine else None
        super().__init__()

    def load_config(self) -> None:
        for name, value in gunicorn_settings(self.config, self._listener_fd, reload=self._reload).items():
            self.cfg.set(name, value)
        self.cfg.set("post_fork", self._in_worker)
        self.cfg.set("on_starting", self._before_workers)
        self.cfg.set("child_exit", self._after_worker)
        self.cfg.set("post_worker_init", self._worker_is_ready)
        self.cfg.set("on_exit", self._after_workers)

    def load(self) -> Any:
        """The WSGI application, in a worker, with everything prepared that it needs. Raises StartError."""
        # Imported here because only workers may hold the application.
        from app.serving.plain_imports import import_jwt

        import_jwt()
        from app.serving.prepare import prepared_application

        return prepared_application(self.config)

    def _before_workers(self, _arbiter: Arbiter) -> None:
        # Figures of an earlier run would be counted again.
        shutil.rmtree(metrics_folder(self.config), ignore_errors=True)
        if self.config.workers > 1:
            metrics_folder(self.config).mkdir(parents=True)

    def _after_worker(self, _arbiter: Arbiter, worker: Any) -> None:
        # What prometheus_client.multiprocess.mark_process_dead does, without importing it into this small process:
        # counters of a worker that ended still count, what it had open does not.
        for path in metrics_folder(self.config).glob(f"gauge_live*_{worker.pid}.db"):
            path.unlink(missing_ok=True)

    def _in_worker(self, _arbiter: Arbiter, _worker: Any) -> None:
        if self.engine is not None:
            self.engine.forget()

    def _worker_is_ready(self, worker: Any) -> None:
        if worker.age == 1:
            print(self._welcome, flush=True)
            if not worker.cfg.reload:
                self.announce(worker.wsgi)

    def announce(self, application: Any) -> None:
        """Tell, in the first worker and beside its requests, what else is worth knowing."""
        import gevent

        from app.serving.neighbours import tell_neighbours

        gevent.spawn(tell_neighbours, application.extensions["patchbay"])

    def _after_workers(self, _arbiter: Arbiter) -> None:
        if self.engine is not None:
            self.engine.stop()

    def run(self) -> None:
        PatchbayArbiter(self, self.engine).run()


def serve(environ: Mapping[str, str], *, server: type[PatchbayServer] = PatchbayServer, reload: bool = False) -> int:
    """Serve until told to stop. Returns an exit status only when the start is refused."""
    try:
        config = config_with_secrets(environ)
        listener = bound_socket(config)
    except (ConfigError, StartError) as error:
        for line in str(error).splitlines():
            print(f"patchbay: {line}", file=sys.stderr)
        return CANNOT_START
    server(config, listener, reload=reload).run()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="patchbay up", description="Serve Patchbay.")
    parser.add_argument("--reload", action="store_true", help="start again when a source file changes")
    return serve(os.environ, reload=parser.parse_args().reload)


if __name__ == "__main__":
    sys.exit(main())
