"""The whole gateway as a process, and a client that is signed in as its administrator."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import httpx

from tests.serving.running import Running, free_port
from tests.support.upstream import Upstream

NAME, PASSWORD = "ada", "correct horse battery"
ASK = {"model": "hello-1", "messages": [{"role": "user", "content": "hi"}]}


def gateway(home: Path, **settings: str) -> Running:
    """Patchbay, started as the script starts it."""
    home.mkdir(exist_ok=True)
    everything = {
        "PATCHBAY_HOME": str(home),
        "PORT": str(free_port()),
        "LOCAL_ENGINE": "0",
        "ADMIN_USERNAME": NAME,
        "ADMIN_PASSWORD": PASSWORD,
        **settings,
    }
    return Running([sys.executable, "-m", "app.serving.launch"], everything, home / "output")


def data(reply: httpx.Response) -> Any:
    """What a successful answer of the native face carries."""
    assert reply.is_success, reply.text
    return reply.json()["data"]


@contextmanager
def administrator(url: str, **options: Any) -> Iterator[httpx.Client]:
    """Signed in at `url`; `options` are httpx's."""
    with httpx.Client(base_url=url, timeout=20, **options) as client:
        reply = client.post("api/v1/auth/login", json={"username": NAME, "password": PASSWORD})
        client.headers["Authorization"] = f"Bearer {data(reply)['access_token']}"
        yield client


def add_provider(client: httpx.Client, upstream: Upstream, name: str = "Fake") -> str:
    """The slug of a provider that is answered by `upstream`."""
    body = {"provider": "openai_compatible", "name": name, "base_url": upstream.base_url}
    return cast("str", data(client.post("api/v1/llm-providers", json=body))["slug"])


def stream(client: httpx.Client, each: Callable[[str], None]) -> None:
    """Ask for a streamed chat; `each` gets every line of data as it arrives."""
    with client.stream("POST", "v1/chat/completions", json={**ASK, "stream": True}) as reply:
        assert reply.status_code == 200
        for line in reply.iter_lines():
            if line.startswith("data: "):
                each(line.removeprefix("data: "))
