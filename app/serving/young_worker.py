"""What gunicorn's arbiter holds of a worker: as little as possible.

The arbiter makes a worker object before it forks. Were it the real one, the arbiter would import gevent and everything
that the worker needs, and keep ten megabytes of it for nothing.
"""

from __future__ import annotations

from gunicorn.util import load_class
from gunicorn.workers.base import Worker

from app.serving.plain_imports import import_structlog


class YoungWorker(Worker):  # type: ignore[misc]  # gunicorn has no types
    """Becomes the worker that the settings name once it runs in a process of its own."""

    def init_process(self) -> None:
        import_structlog()
        real = load_class(self.app.worker_name)(
            self.age, self.ppid, self.sockets, self.app, self.timeout, self.cfg, self.log
        )
        # The arbiter watches the file that this object was made with.
        real.tmp.close()
        real.tmp, real.pid = self.tmp, self.pid
        # The arbiter's code in this process goes on asking this object how the worker is.
        self.__dict__ = real.__dict__
        real.init_process()
