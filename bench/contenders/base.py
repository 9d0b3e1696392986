"""What a contender is: something that can be prepared once and started several times, always on a fresh port."""

import http.client
import json
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from bench.children import Child, free_port, spawn
from bench.load import Target, request_body
from bench.places import RUN
from bench.upstream import INSTANT

START_LIMIT_S = 120.0
PROBE_PAUSE_S = 0.005


class LeftOut(Exception):
    """This contender cannot be measured here; the message says why and how to change that."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The upstream every contender stands before."""

    port: int
    models: tuple[str, ...]

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"


@dataclass(frozen=True, slots=True)
class Running:
    """A started contender; `child` is None for the upstream itself."""

    target: Target
    cold_start_s: float | None
    child: Child | None

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()


class Contender(ABC):
    """A gateway under test."""

    name: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    @abstractmethod
    def prepare(self) -> None:
        """Install and configure, once. Raises `LeftOut`."""

    @abstractmethod
    def version(self) -> str: ...

    @abstractmethod
    def command(self, port: int) -> Sequence[str | Path]: ...

    def environment(self, _port: int) -> dict[str, str]:
        return {**os.environ}

    def target(self, port: int) -> Target:
        return Target(port)

    def ledger_rows(self) -> int | None:
        """How many usage rows the gateway has written; None where it keeps no ledger."""
        return None

    def start(self) -> Running:
        """Start and wait for the first answer to a chat request. Raises `LeftOut` when there is none."""
        port = free_port()
        began = time.perf_counter()
        child = spawn(self.command(port), log=RUN / f"{self.name}.log", env=self.environment(port), cwd=self.folder())
        target = replace(self.target(port), pid=child.pid)
        wait_for_first_answer(target, child)
        return Running(target, time.perf_counter() - began, child)

    def folder(self) -> Path | None:
        """The working directory; None for this process's own."""
        return None


def wait_for_first_answer(target: Target, child: Child) -> None:
    limit = time.monotonic() + START_LIMIT_S
    said = "no answer"
    while time.monotonic() < limit:
        if child.process.poll() is not None:
            raise LeftOut(f"it ended at once with status {child.process.returncode}: {child.log_tail()}")
        try:
            status, said = ask(target)
        except (OSError, http.client.HTTPException):
            status = 0
        if status == 200:
            return
        time.sleep(PROBE_PAUSE_S if status == 0 else 10 * PROBE_PAUSE_S)
    child.stop()
    raise LeftOut(f"no answer within {START_LIMIT_S:.0f} s ({said}): {child.log_tail()}")


def ask(target: Target) -> tuple[int, str]:
    """One chat request; its status and body. Raises OSError or HTTPException."""
    connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=30)
    headers = dict(header.split(": ", 1) for header in target.headers) | {"Content-Type": "application/json"}
    try:
        connection.request(
            "POST", "/v1/chat/completions", json.dumps(request_body(target.model_prefix + INSTANT)), headers
        )
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")[:500]
    finally:
        connection.close()
