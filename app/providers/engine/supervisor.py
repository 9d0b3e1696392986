"""One process beside gunicorn that owns every model's child process.

`python -m app.providers.engine.supervisor --socket PATH --models DIR[:DIR]`, started by the launcher with a pipe
as its stdin: when the pipe ends, however the launcher died, the children end and so does this.

It waits most of its life, so it imports little: no argparse, socketserver, logging, dataclasses or msgspec.
"""

import importlib.util
import json
import os
import signal
import socket
import stat
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from app.providers.engine import log
from app.providers.engine.address import own_folder, socket_path
from app.providers.engine.errors import EngineFailed
from app.providers.engine.messages import EngineStatus, LoadOptions, Problem, Reply, Request
from app.providers.engine.pool import Pool
from app.providers.engine.shelf import Shelf

DEMO_FOLDER = Path(__file__).resolve().parents[3] / "demo"
_WAITING_CONNECTIONS = 128
_PAUSE_S = 0.1


class Settings(NamedTuple):
    """What the command line says."""

    socket: Path
    folders: tuple[Path, ...]
    max_loaded: int
    defaults: LoadOptions

    @classmethod
    def of(cls, arguments: Sequence[str]) -> "Settings":
        """Of `--name value` pairs; the last of a name counts. Raises SystemExit."""
        try:
            given = dict(zip(arguments[::2], arguments[1::2], strict=True))
            folders = given.pop("--models", "").split(":")
            path = Path(given.pop("--socket"))
            numbers = {name.removeprefix("--").replace("-", "_"): int(value) for name, value in given.items()}
            max_loaded = numbers.pop("max_loaded", 2)
            defaults = LoadOptions(**numbers)
        except (KeyError, TypeError, ValueError) as error:
            raise SystemExit(f"supervisor: wrong arguments: {error}") from error
        return cls(path, tuple(Path(folder).expanduser() for folder in folders if folder), max_loaded, defaults)


def main() -> None:
    """Serve until stdin ends or SIGTERM arrives."""
    settings = Settings.of(sys.argv[1:])
    installed = importlib.util.find_spec("xllamacpp") is not None
    shelf = Shelf(settings.folders, DEMO_FOLDER)
    pool = Pool(shelf, max_loaded=settings.max_loaded, defaults=settings.defaults, installed=installed)
    wanted = settings.socket.absolute()
    path = socket_path(wanted)
    if path != wanted:
        log.info(f"socket={path} because the wanted path is too long for a socket")
    listener = listening(path)
    _serve(listener, Desk(pool, settings, installed=installed), pool)
    path.unlink(missing_ok=True)
    # Threads that still wait for a model must not keep this process.
    os._exit(0)


def _serve(listener: socket.socket, desk: "Desk", pool: Pool) -> None:
    """Answer until told to stop; then end the children."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    threading.Thread(target=_watch_stdin, args=(ended,), daemon=True).start()
    threading.Thread(target=_accept, args=(listener, desk), daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    ended.wait()
    pool.stop()
    log.info("stopped")


def _watch_stdin(ended: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    ended.set()


class Desk:
    """Answers one request; knows nothing of sockets."""

    def __init__(self, pool: Pool, settings: Settings, *, installed: bool) -> None:
        self._pool = pool
        self._settings = settings
        self._installed = installed

    def answer(self, line: bytes) -> Reply:
        """The reply to one line; a problem is a reply as well."""
        try:
            return self._done(_request(line))
        except EngineFailed as problem:
            return Reply(problem=Problem(problem.code, problem.message))

    def _done(self, request: Request) -> Reply:
        match request.op:
            case "list":
                return Reply(models=self._pool.models(request.options))
            case "status":
                return Reply(status=self._status())
            case "ensure":
                return Reply(address=self._pool.ensure(_named(request), wait_s=request.wait_s))
            case "load":
                name, options = _named(request), request.options
                address = self._pool.load(name, options, wait_s=request.wait_s, pinned=request.pinned)
                return Reply(address=address)
            case "unload":
                self._pool.unload(_named(request))
                return Reply()

    def _status(self) -> EngineStatus:
        return EngineStatus(
            installed=self._installed,
            pid=os.getpid(),
            max_loaded=self._settings.max_loaded,
            folders=tuple(map(str, self._settings.folders)),
            loaded=self._pool.loaded(),
        )


def _request(line: bytes) -> Request:
    """Raises EngineFailed for what no client of ours sends."""
    try:
        op, model, options, wait_s, pinned = json.loads(line)
        if op not in ("list", "status", "ensure", "load", "unload"):
            raise ValueError(f"{op!r} is unknown")
        return Request(op, model, LoadOptions(*options), float(wait_s), bool(pinned))
    except (TypeError, ValueError) as error:
        raise EngineFailed("invalid_request", str(error)) from error


def _named(request: Request) -> str:
    if request.model is None:
        raise EngineFailed("invalid_request", f"{request.op} needs a model")
    return request.model


def listening(path: Path) -> socket.socket:
    """A socket at `path`. Raises SystemExit when somebody else listens there."""
    own_folder(path)
    _remove_stale(path)
    listener = socket.socket(socket.AF_UNIX)
    # Whoever may connect may run models, so nobody else may.
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(_WAITING_CONNECTIONS)
    return listener


def _accept(listener: socket.socket, desk: Desk) -> None:
    """A thread for each client: it may wait for a model."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError as error:
            # Too many open files: some will be closed.
            log.warning(f"no connection could be accepted: {error}")
            time.sleep(_PAUSE_S)
            continue
        threading.Thread(target=_talk, args=(connection, desk), daemon=True).start()


def _talk(connection: socket.socket, desk: Desk) -> None:
    """One client; it may ask several things, one after the other."""
    with connection, connection.makefile("rb") as lines:
        try:
            for line in lines:
                connection.sendall(json.dumps(desk.answer(line)).encode() + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            # The client left while its model was loading. The model stays.
            return


def _remove_stale(path: Path) -> None:
    """Take away a socket that nobody listens on any more. Raises SystemExit if somebody does."""
    if not path.exists():
        return
    if not stat.S_ISSOCK(path.stat().st_mode):
        raise SystemExit(f"{path} exists and is not a socket")
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise SystemExit(f"another engine is already listening on {path}")


if __name__ == "__main__":
    main()
