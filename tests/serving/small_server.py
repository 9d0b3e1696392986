"""A server with Patchbay's worker around an application of a few lines; `python -m tests.serving.small_server`."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import gevent

from app.domain.errors import Draining, GatewayError
from app.domain.stopping import Stop
from app.gateway.draining import draining
from app.serving.launch import PatchbayServer, serve
from app.serving.start_error import StartError


class SmallServer(PatchbayServer):
    lean = "--stock" not in sys.argv

    def announce(self, application: Any) -> None:
        """Nothing: the application is too small."""

    def load(self) -> Any:
        if "--broken" in sys.argv:
            raise StartError("the small application does not want to start")
        draining.on_exit.append(lambda: note(self.config.home, "flushed"))
        return SmallApplication(self.config.home)


def told(environ: dict[str, Any]) -> dict[str, str]:
    """What the application knows of a request."""
    seen = {name: value for name, value in environ.items() if isinstance(value, str) and name != "REMOTE_PORT"}
    del seen["SERVER_PORT"]
    return {**seen, "body": environ["wsgi.input"].read().decode("latin-1")}


def failing() -> Iterator[bytes]:
    yield b"first"
    raise RuntimeError("after the head")


def note(home: Path, text: str) -> None:
    with (home / "notes").open("a") as file:
        file.write(f"{text}\n")


class SmallApplication:
    def __init__(self, home: Path) -> None:
        self._home = home

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
        match environ["PATH_INFO"]:
            case "/stream":
                start_response("200 OK", [("Content-Type", "text/event-stream")])
                return self._stream(float(query["seconds"]))
            case "/echo":
                body = environ["wsgi.input"].read()
                start_response("200 OK", [("Content-Length", str(len(body)))])
                return [body]
            case "/environ":
                body = json.dumps(told(environ), sort_keys=True).encode()
                start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
                return [body]
            case "/pieces":
                start_response("200 OK", [("Content-Type", "text/plain")])
                return iter([b"one", b"", b"two" * 100_000])
            case "/nothing":
                start_response("204 No Content", [])
                return [b""]
            case "/no-pieces":
                start_response("200 OK", [])
                return []
            case "/broken":
                raise RuntimeError("before the head")
            case "/broken-later":
                start_response("200 OK", [])
                return failing()
            case "/injected":
                start_response("200 OK", [("X-Text", "a\r\nX-Other: b"), ("Content-Length", "0")])
                return [b""]
            case "/crash":
                os._exit(1)
            case _:
                body = f"pid {os.getpid()}".encode()
                start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
                return [body]

    def _stream(self, seconds: float) -> Iterator[bytes]:
        """One event every 50 ms, then `done`; or an error event when it is stopped."""
        stop = Stop()
        draining.register(stop)
        try:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                yield b"data: tick\n\n"
                sleep(0.05, stop)
            yield b"data: done\n\n"
        except Draining as error:
            yield f"data: error {error.code}\n\n".encode()
        finally:
            draining.unregister(stop)
            note(self._home, "usage written")


def sleep(seconds: float, stop: Stop) -> None:
    """Wait as the gateway waits for a provider: whoever stops the call raises the reason here."""
    waiting = gevent.getcurrent()

    def wake(reason: GatewayError) -> None:
        gevent.get_hub().loop.run_callback(waiting.throw, reason)

    stop.begin_wait(wake)
    try:
        gevent.sleep(seconds)
    finally:
        stop.end_wait()


if __name__ == "__main__":
    sys.exit(serve(os.environ, server=SmallServer))
