"""A real forward proxy: absolute URIs for plain HTTP, CONNECT for the rest. It remembers what it was asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Proxy:
    """`heads` are the request heads as they came."""

    port: int
    refuses: bool = False
    heads: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://someone:secret@127.0.0.1:{self.port}"


@contextmanager
def forward_proxy(*, refuses: bool = False) -> Iterator[Proxy]:
    """`refuses`: answers 407 to everything."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = Proxy(listening.getsockname()[1], refuses)
        threading.Thread(target=_accept, args=(listening, proxy), daemon=True).start()
        yield proxy


def _accept(listening: socket.socket, proxy: Proxy) -> None:
    while True:
        try:
            client, _ = listening.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(client, proxy), daemon=True).start()


def _serve(client: socket.socket, proxy: Proxy) -> None:
    with client:
        head = _head_of(client)
        proxy.heads.append(head)
        method, target, _ = head.split("\r\n")[0].split(" ")
        if proxy.refuses:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            with socket.create_connection((host.strip("[]"), int(port))) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                _relay(client, server)
            return
        url = urlsplit(target)
        with socket.create_connection((url.hostname or "", url.port or 80)) as server:
            server.sendall(head.replace(f"{url.scheme}://{url.netloc}", "", 1).encode("latin-1"))
            _relay(client, server)


def _head_of(client: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head and (piece := client.recv(65536)):
        head += piece
    return head.decode("latin-1")


def _relay(client: socket.socket, server: socket.socket) -> None:
    back = threading.Thread(target=_pump, args=(server, client), daemon=True)
    back.start()
    _pump(client, server)
    back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        return  # One side is gone, so there is nothing left to carry.
