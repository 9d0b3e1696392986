"""The upstream server's process: the control port, through which tests open ports and say how they behave."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import msgspec

from tests.support.certificates import Certificates
from tests.support.commands import Manners, Opened, Rule
from tests.support.listener import Listener


class Switchboard:
    """Every open port, by id."""

    def __init__(self, server: type[Listener] = Listener) -> None:
        self._server = server
        self._certificates = Certificates()
        self._listeners: dict[int, Listener] = {}

    def open(self, manners: Manners) -> Opened:
        listener = self._server(manners, self._certificates)
        number = len(self._listeners) + 1
        self._listeners[number] = listener
        return Opened(number, listener.port, self._certificates.ca_pem)

    def answer(self, method: str, path: str, body: bytes) -> object:
        """Carry out one command; what it returns is sent as JSON."""
        match [method, *path.strip("/").split("/")]:
            case ["POST", "ports"]:
                return self.open(decoded(body, Manners))
            case ["GET", "ports", number]:
                return self._listeners[int(number)].log()
            case ["DELETE", "ports", number]:
                self._listeners[int(number)].close()
            case ["POST", "ports", number, command]:
                self.tell(self._listeners[int(number)], command, body)
            case _:
                raise ValueError(f"no such command: {method} {path}")
        return None

    def tell(self, listener: Listener, command: str, body: bytes) -> None:
        """Have one port do something. Raises ValueError for a command that there is not."""
        match command:
            case "rules":
                for rule in decoded(body, list[Rule]):
                    listener.add(rule)
            case "manners":
                listener.behave(decoded(body, Manners))
            case "forget":
                listener.forget()
            case "hang-up":
                listener.hang_up()
            case _:
                raise ValueError(f"no such command: {command}")


def main(switchboard: Switchboard, first: Manners | None = None, *, until: Callable[[], object] | None = None) -> None:
    """Serve until `until` returns, or standard input ends, which it does when who started this process is gone."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(switchboard))
    Thread(target=server.serve_forever, daemon=True).start()
    opened = msgspec.to_builtins(switchboard.open(first or Manners()))
    print(json.dumps(opened | {"control_port": server.server_address[1]}), flush=True)
    (until or sys.stdin.read)()


def _handler(switchboard: Switchboard) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def do_DELETE(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            try:
                status, answer = 200, switchboard.answer(self.command, self.path, body)
            except (ValueError, KeyError, OSError, msgspec.MsgspecError) as error:
                status, answer = 400, {"error": repr(error)}
            content = msgspec.json.encode(answer)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_request(self, *_: object) -> None:
            """Standard error belongs to the tests."""

    return Handler


def decoded(body: bytes, kind: Any) -> Any:
    """The JSON as a value of `kind`. Raises msgspec.ValidationError."""
    return msgspec.json.decode(body, type=kind)
