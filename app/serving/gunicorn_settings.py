"""What gunicorn is told, in one place."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from config import Config

STOCK_WORKER = "app.serving.worker.PatchbayWorker"
YOUNG_WORKER = "app.serving.young_worker.YoungWorker"
LEAN_WORKER = "app.serving.lean.LeanWorker"

KEEPALIVE_S = 75
"""Longer than nginx's 60 s, so that the proxy closes first and never writes into a closing connection."""


def worker_name(*, lean: bool) -> str:
    """The worker's class; `lean` takes our request loop where it can run."""
    return LEAN_WORKER if lean and find_spec("gunicorn_h1c") else STOCK_WORKER


def gunicorn_settings(config: Config, listener_fd: int, *, reload: bool = False) -> dict[str, Any]:
    """gunicorn's settings by name. `listener_fd` is a bound socket."""
    return {
        "bind": f"fd://{listener_fd}",
        "workers": 1 if reload else config.workers,
        "worker_class": YOUNG_WORKER,
        "worker_connections": 4000,
        "backlog": 2048,
        "keepalive": KEEPALIVE_S,
        "graceful_timeout": config.graceful_timeout_s,
        # A worker whose hub is blocked this long is replaced. Slow answers do not count: they yield.
        "timeout": 60,
        "http_parser": "auto",
        "limit_request_line": 8190,
        "limit_request_fields": 100,
        "limit_request_field_size": 64 * 1024,
        # Patchbay believes forwarding headers by TRUSTED_PROXIES itself; gunicorn must not do so too.
        "forwarded_allow_ips": "",
        "forwarder_headers": "",
        "proc_name": "patchbay",
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "debug" if config.log_level == "debug" else "warning",
        # Two instances would share the default path of this socket.
        "control_socket_disable": True,
        "reload": reload,
        "raw_env": [f"PROMETHEUS_MULTIPROC_DIR={metrics_folder(config)}"] if config.workers > 1 else [],
    }


def metrics_folder(config: Config) -> Path:
    """Where several workers keep their figures for one another."""
    return config.home / "metrics"
