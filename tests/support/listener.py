"""One port of the upstream server: its manners, its rules, and the record of what was asked."""

from __future__ import annotations

import fnmatch
import socket
import ssl
import threading
import time
from collections.abc import Iterator

import msgspec

from tests.support.certificates import Certificates
from tests.support.commands import Log, Manners, Received, Rule
from tests.support.connection import Connection
from tests.support.rendering import Action, render
from tests.support.replies import Reply, key_refused, openai_error
from tests.support.vendors import USUAL


class Listener:
    """Accepts connections in a thread of its own, and each connection in another."""

    def __init__(self, manners: Manners, certificates: Certificates) -> None:
        self._certificates = certificates
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._taken: dict[int, int] = {}
        self._requests: list[Received] = []
        self._connections = 0
        self._open: set[socket.socket] = set()
        self._fillers: list[socket.socket] = []
        self.manners = manners
        self._socket = self._bound(manners.port)
        self.port: int = self._socket.getsockname()[1]
        self._start()

    # Commands

    def behave(self, manners: Manners) -> None:
        """Takes effect for connections to come, on the same port."""
        self._stop()
        self.manners = manners
        self._socket = self._bound(self.port)
        self._start()

    def add(self, rule: Rule) -> None:
        with self._lock:
            self._rules.append(rule)

    def forget(self) -> None:
        with self._lock:
            self._requests.clear()

    def log(self) -> Log:
        with self._lock:
            return Log(list(self._requests), self._connections, len(self._open))

    def hang_up(self) -> None:
        """Closes every connection there is, as a server does that restarts."""
        for sock in list(self._open):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # It closed by itself in the meantime.

    def close(self) -> None:
        self._stop()
        self.hang_up()

    # The port

    def _bound(self, port: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.manners.host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((self.manners.host, port))
        return sock

    def _start(self) -> None:
        if self.manners.speaks == "deaf":
            self._fill_backlog()
        elif self.manners.speaks != "nothing":
            # A port that is bound without listening refuses connections and can't be taken by anyone else.
            self._socket.listen(1024)
            threading.Thread(target=self._accept, args=(self._socket, self.manners), daemon=True).start()

    def _fill_backlog(self) -> None:
        """With a queue that is full and never emptied, the handshake of the next connection is left unanswered."""
        self._socket.listen(0)
        for _ in range(3):
            filler = socket.socket(self._socket.family, socket.SOCK_STREAM)
            filler.setblocking(False)
            filler.connect_ex((self.manners.host, self.port))
            self._fillers.append(filler)
        time.sleep(0.05)

    def _stop(self) -> None:
        try:
            # Wakes the accepting thread, where there is one.
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()
        for filler in self._fillers:
            filler.close()
        self._fillers.clear()

    def _accept(self, listening: socket.socket, manners: Manners) -> None:
        while True:
            try:
                sock, _ = listening.accept()
            except OSError:
                return  # The port was closed.
            threading.Thread(target=self._welcome, args=(sock, manners), daemon=True).start()

    def _welcome(self, sock: socket.socket, manners: Manners) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._connections += 1
            number = self._connections
        try:
            stream = self._handshake(sock, manners)
        except OSError:
            sock.close()
            return
        if stream is None:
            return
        with self._lock:
            self._open.add(stream)
        self._serve(Connection(stream, number, manners), manners)
        with self._lock:
            self._open.discard(stream)

    def _handshake(self, sock: socket.socket, manners: Manners) -> socket.socket | None:
        if manners.speaks == "banner":
            sock.sendall(manners.banner)
            sock.settimeout(5)
            sock.recv(65536)
            sock.close()
            return None
        if manners.speaks != "tls":
            return sock
        if sock.recv(1, socket.MSG_PEEK) != b"\x16":
            sock.recv(65536)
            sock.sendall(manners.plain_reply)
            sock.close()
            return None
        context: ssl.SSLContext = self._certificates.context(manners.certificate)
        return context.wrap_socket(sock, server_side=True)

    def _serve(self, connection: Connection, manners: Manners) -> None:
        if manners.speaks == "silence":
            connection.stay_silent()
        else:
            connection.serve(self._reply_to)

    # The rules

    def _reply_to(self, request: Received) -> Iterator[Action]:
        with self._lock:
            self._requests.append(request)
            reply = self._choose(request)
        return self._rendered(reply, request)

    def _rendered(self, reply: Reply, request: Received) -> Iterator[Action]:
        return render(reply, request.path, _decoded(request.body), request.key)

    def _choose(self, request: Received) -> Reply:
        ruled = self._ruled(request) or self.usual(request)
        return ruled or openai_error(404, f"Unknown request URL: {request.method} {request.path}")

    def _ruled(self, request: Received) -> Reply | None:
        """What was said to be given to such a request, None where nothing was."""
        if self.manners.key is not None and request.key != self.manners.key:
            return key_refused()
        for number in range(len(self._rules) - 1, -1, -1):
            rule = self._rules[number]
            if matches(rule.on, request):
                taken = self._taken.get(number, 0)
                self._taken[number] = taken + 1
                return rule.replies[min(taken, len(rule.replies) - 1)]
        return None

    def usual(self, request: Received) -> Reply | None:
        """What is given where no rule matches."""
        return next((reply for on, reply in USUAL if matches(on, request)), None)


def matches(on: str, request: Received) -> bool:
    """Whether `METHOD path`, both with wildcards, names this request."""
    method, _, path = on.partition(" ")
    return fnmatch.fnmatchcase(request.method, method) and fnmatch.fnmatchcase(request.path, path)


def _decoded(body: bytes) -> object:
    try:
        return msgspec.json.decode(body) if body else None
    except msgspec.DecodeError:
        return None
