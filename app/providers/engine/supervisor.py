"""One process beside gunicorn that owns every model's child process.

`python -m app.providers.engine.supervisor --socket PATH --models DIR[:DIR]`, started by the launcher with a pipe
as its stdin: when the pipe ends, however the launcher died, the children end and so does this.
"""

import argparse
import importlib.util
import logging
import os
import signal
import socket
import socketserver
import stat
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from app.providers.engine.address import own_folder, socket_path
from app.providers.engine.errors import EngineFailed
from app.providers.engine.messages import EngineStatus, LoadOptions, Problem, Reply, Request
from app.providers.engine.pool import Pool
from app.providers.engine.shelf import Shelf

log = logging.getLogger(__name__)

DEMO_FOLDER = Path(__file__).resolve().parents[3] / "demo"


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until stdin ends or SIGTERM arrives."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s engine %(message)s", stream=sys.stderr)
    installed = importlib.util.find_spec("xllamacpp") is not None
    folders = [Path(folder).expanduser() for folder in chosen.models.split(":") if folder]
    shelf = Shelf(folders, None if chosen.no_demo else DEMO_FOLDER)
    defaults = LoadOptions(
        context_length=chosen.context_length,
        threads=chosen.threads,
        gpu_layers=chosen.gpu_layers,
        parallel=chosen.parallel,
    )
    pool = Pool(shelf, max_loaded=chosen.max_loaded, defaults=defaults, installed=installed)
    desk = Desk(pool, installed=installed, max_loaded=chosen.max_loaded, folders=folders)
    path = socket_path(chosen.socket.absolute())
    if path != chosen.socket.absolute():
        log.info("socket=%s because the wanted path is too long for a socket", path)
    server = _Server(path, desk)
    _serve(server, pool)
    path.unlink(missing_ok=True)
    # Threads that still wait for a model must not keep this process.
    os._exit(0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="supervisor", description="Runs GGUF models for Patchbay.")
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--models", default="", help="folders of GGUF files, separated by colons")
    parser.add_argument("--max-loaded", type=int, default=2)
    parser.add_argument("--context-length", type=int)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--gpu-layers", type=int)
    parser.add_argument("--parallel", type=int)
    parser.add_argument("--no-demo", action="store_true", help="leave the demo model out")
    return parser


def _serve(server: "_Server", pool: Pool) -> None:
    """Answer until told to stop; then end the children."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    threading.Thread(target=_watch_stdin, args=(ended,), daemon=True).start()
    threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
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

    def __init__(self, pool: Pool, *, installed: bool, max_loaded: int, folders: Sequence[Path]) -> None:
        self._pool = pool
        self._installed = installed
        self._max_loaded = max_loaded
        self._folders = tuple(map(str, folders))

    def answer(self, line: bytes) -> Reply:
        """The reply to one line; a problem is a reply as well."""
        try:
            return self._done(msgspec.json.decode(line, type=Request))
        except EngineFailed as problem:
            return Reply(problem=Problem(problem.code, problem.message))
        except msgspec.MsgspecError as error:
            return Reply(problem=Problem("invalid_request", str(error)))

    def _done(self, request: Request) -> Reply:
        match request.op:
            case "list":
                return Reply(models=self._pool.models())
            case "status":
                return Reply(status=self._status())
            case "ensure":
                return Reply(address=self._pool.ensure(_named(request), wait_s=request.wait_s))
            case "load":
                address = self._pool.load(_named(request), request.options, wait_s=request.wait_s)
                return Reply(address=address)
            case "unload":
                self._pool.unload(_named(request))
                return Reply()

    def _status(self) -> EngineStatus:
        return EngineStatus(
            installed=self._installed,
            pid=os.getpid(),
            max_loaded=self._max_loaded,
            folders=self._folders,
            loaded=self._pool.loaded(),
        )


def _named(request: Request) -> str:
    if request.model is None:
        raise EngineFailed("invalid_request", f"{request.op} needs a model")
    return request.model


class _Connection(socketserver.StreamRequestHandler):
    """One client; it may ask several things, one after the other."""

    def handle(self) -> None:
        server: Any = self.server
        try:
            for line in self.rfile:
                self.wfile.write(msgspec.json.encode(server.desk.answer(line)) + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            # The client left while its model was loading. The model stays.
            return


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, path: Path, desk: Desk) -> None:
        self.desk = desk
        own_folder(path)
        _remove_stale(path)
        # Whoever may connect may run models, so nobody else may.
        before = os.umask(0o177)
        try:
            super().__init__(str(path), _Connection)
        finally:
            os.umask(before)

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.exception("a request failed")


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
