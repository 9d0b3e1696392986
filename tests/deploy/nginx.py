"""A real nginx, configured with the example of docs/deployment.md."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.serving.running import ROOT, eventually, free_port
from tests.support.certificates import Certificates

PROGRAM = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def documented() -> str:
    """The one example of the page."""
    [example] = re.findall(r"```nginx\n(.*?)```", (ROOT / "docs" / "deployment.md").read_text(), re.DOTALL)
    return str(example)


@contextmanager
def nginx(folder: Path, gateway_port: int, certificates: Certificates) -> Iterator[str]:
    """Its address, while it runs in front of the gateway."""
    assert PROGRAM is not None
    folder.mkdir()
    port = free_port()
    pem = folder / "server.pem"
    pem.write_bytes(certificates._server_pem("good"))
    site = documented()
    for example, ours in (
        ("127.0.0.1:8000", f"127.0.0.1:{gateway_port}"),
        ("443 ssl", f"127.0.0.1:{port} ssl"),
        ("/etc/ssl/gateway.pem", str(pem)),
        ("/etc/ssl/gateway.key", str(pem)),
    ):
        assert example in site
        site = site.replace(example, ours)
    temporary = "\n".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Started by root, nginx would else become a user that may not enter a test's folder.
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}\ndaemon off;\nworker_processes 1;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{ worker_connections 256; }}\nhttp {{\naccess_log off;\n{temporary}\n{site}\n}}\n"
    )
    process = subprocess.Popen([PROGRAM, "-c", folder / "nginx.conf", "-p", folder, "-e", folder / "error.log"])
    try:
        assert eventually(lambda: _listens(port)), (folder / "error.log").read_text()
        yield f"https://localhost:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
