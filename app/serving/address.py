"""Where the server listens, and how people reach it."""

from __future__ import annotations

import errno
import socket

from app.serving.start_error import StartError
from config import Config


def bound_socket(config: Config) -> socket.socket:
    """A socket bound to HOST and PORT that does not listen yet. Raises StartError when that is impossible."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise StartError(f"HOST={config.host} can't be resolved to an address of this machine.") from error
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise StartError(_why_not(error, config)) from error
    return listener


def _why_not(error: OSError, config: Config) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {config.port} is already in use. Stop what uses it or choose another: PORT=8001 ./patchbay up"
        case errno.EACCES | errno.EPERM:
            return f"This user may not use port {config.port}. Choose one above 1023: PORT=8000 ./patchbay up"
        case _:
            return f"Can't listen on {config.host} port {config.port}: {error.strerror}."


def local_url(listener: socket.socket) -> str:
    """The address of `listener` for a browser on this machine."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # compared, not bound
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def welcome(config: Config, listener: socket.socket) -> str:
    """What the terminal shows once requests are served."""
    url = (config.public_url or local_url(listener)).rstrip("/")
    lines = [
        f"Patchbay is ready at {url}",
        f"  for SDKs      {url}/v1   (make a key: ./patchbay admin create-key NAME)",
        f"  API documents {url}/docs",
    ]
    if listener.getsockname()[0] in ("0.0.0.0", "::"):  # compared, not bound
        lines.append("  open to other machines, because HOST says so")
    return "\n".join([*lines, "  Ctrl-C stops it."])
