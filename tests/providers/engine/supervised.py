"""A real supervisor process with a models folder of its own, for tests."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.providers.engine.client import EngineClient
from app.providers.engine.messages import EngineAddress

PROJECT = Path(__file__).resolve().parents[3]
DEMO = PROJECT / "demo" / "patchbay-toy.gguf"


class Supervisor:
    """Started at once, in `folder`; `models` is where GGUF files go."""

    def __init__(self, folder: Path, *options: str, python: tuple[str, ...] = ("-m",)) -> None:
        self.models = folder / "models"
        self.models.mkdir(exist_ok=True)
        self.socket = folder / "engine.sock"
        self.process = subprocess.Popen(
            [
                *(sys.executable, *python, "app.providers.engine.supervisor"),
                *("--socket", str(self.socket), "--models", str(self.models)),
                *options,
            ],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.client = EngineClient(self.socket)
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()

    def put(self, name: str, content: bytes | None = None) -> Path:
        """Place a file in the models folder: a copy of the demo model, unless told otherwise."""
        path = self.models / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(DEMO.read_bytes() if content is None else content)
        return path

    def pids(self) -> dict[str, int]:
        """The children, by model."""
        return {child.id: child.pid for child in self.client.status().loaded}

    def end(self) -> str:
        """Stop by closing stdin, as when the launcher dies; returns what was logged, the first time."""
        if self.process.stdin is not None and not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(5)
        finally:
            self.process.kill()
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        if self.process.stderr.closed:
            return ""
        with self.process.stdout, self.process.stderr:
            return self.process.stderr.read().decode()


def ask(address: EngineAddress, path: str, body: dict[str, Any]) -> Any:
    """POST `body` to a loaded model and decode its answer."""
    url = urlsplit(address.base_url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=30)
    headers = {"Authorization": f"Bearer {address.api_key}", "Content-Type": "application/json"}
    try:
        connection.request("POST", url.path + path, json.dumps(body), headers)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def said(address: EngineAddress, question: str) -> str:
    """What the model answers."""
    messages = [{"role": "user", "content": question}]
    answer = ask(address, "/chat/completions", {"messages": messages, "temperature": 0})
    content = answer["choices"][0]["message"]["content"]
    assert isinstance(content, str)
    return content


def is_running(pid: int) -> bool:
    """Whether the process exists and is not merely waiting to be buried."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state = found.stdout.strip()
    return bool(state) and not state.startswith("Z")


def eventually(claim: Callable[[], bool], within_s: float = 5.0) -> bool:
    """Whether `claim` comes true in time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if claim():
            return True
        time.sleep(0.02)
    return claim()


def kill(pid: int) -> None:
    """End a process the hard way."""
    os.kill(pid, 9)
