"""Fetching a model in a process of its own, seen from a worker: its network and its disk stop nobody there."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gevent.subprocess as subprocess

from app.domain.lifecycle import DownloadWish, Progress, Report
from app.domain.stopping import Stop
from app.providers.engine.hub import HUB
from app.providers.http.waiting import stoppable

_PROJECT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class HubAccess:
    """Which hub is asked for models, and on whose behalf."""

    endpoint: str = HUB
    token: str | None = field(default=None, repr=False)


class FetchFailed(Exception):
    """`code` is one of those of `web.Problem`; the message is for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def fetch(wish: DownloadWish, hub: HubAccess, folder: Path, report: Report, stop: Stop) -> Path:
    """Where the model now is, below `folder`. Raises FetchFailed, or the stop's reason; then what is there is kept."""
    # gevent's own, because a worker must go on meanwhile; the child ends with its stdin, so also when we die.
    process = subprocess.Popen(
        [sys.executable, "-m", "app.providers.engine.fetching"],
        cwd=_PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    order = {
        "model": wish.model,
        "quantization": wish.quantization,
        "folder": str(folder),
        "endpoint": hub.endpoint,
        "token": hub.token,
    }
    try:
        with stoppable(stop):
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.flush()
            for line in process.stdout:
                said = json.loads(line)
                if "path" in said:
                    return Path(said["path"])
                if "problem" in said:
                    raise FetchFailed(said["problem"], said["message"])
                report(_progress(said))
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()
    raise FetchFailed("failed", "The process that fetched it has ended before it was done. Order it again.")


def _progress(said: dict[str, Any]) -> Progress:
    done, total = said.get("done_bytes"), said.get("total_bytes")
    fraction = min(1.0, done / total) if done is not None and total else None
    return Progress(fraction, done, total, said["detail"], said.get("model"))
