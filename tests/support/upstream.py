"""A real HTTP server, in a process of its own, that does what a test tells it and remembers what it was asked.

In a test (fixtures in `tests.support.fixtures`):

    def test_falls_back(upstream, new_upstream):
        upstream.will(openai_error(500), answer_with("hello there"))   # in turn; the last one stays
        upstream.will(stall(), on="GET /v1/models")                    # METHOD and path, with wildcards
        second = new_upstream(speaks="tls", certificate="expired")     # another port, other manners (commands.Manners)

        ...ask the code under test, which calls upstream.base_url...

        assert upstream.last.json["stream"] is True                    # body, headers, key, path, connection
        upstream.wait_until_left()                                     # raises unless a client left early

Told nothing, a port is a friendly OpenAI: `hello-1` answers "hello there" with usage 3/2, `text-embedding-hello`
makes vectors, every other path is 404. `imitate("lmstudio")` makes it another vendor (names in `vendors.PERSONAS`).

Replies are made by the functions of `tests.support.replies`. A model's answer is
`answer_with(text, **fields of Answer)`: reasoning, tool calls, usage and where a stream has it, pauses
(`first_after_s`, `every_s`), the form of the event stream (`line_end`, `data_lines`, `padding_bytes`, `slice_bytes`,
`comments`) and how it ends (`ending="mid_event"`, `ending_after=1`). Everything else is `respond(status, body)`, or
one of the named faults: `rate_limited`, `web_page`, `stall`, `reset`, `truncated`, `redirect_to`, `raw`, …

`python -m tests.support.upstream` starts the process alone: it prints `{"id", "port", "ca_pem", "control_port"}` of a
friendly port in one line, takes the same commands as JSON on the control port, and ends with its standard input.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec

from tests.support.commands import Log, Manners, Opened, Received, Rule
from tests.support.replies import Reply, respond
from tests.support.vendors import PERSONAS, openai_models

_ROOT = Path(__file__).parents[2]
_T = TypeVar("_T")


class UpstreamProcess:
    """The server's process; ports are opened in it."""

    def __init__(self, module: str = "tests.support.upstream") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module], cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        self._control_port: int = msgspec.json.decode(self._process.stdout.readline())["control_port"]

    def open(self, **manners: Any) -> Upstream:
        """A port with `manners` (the fields of `commands.Manners`)."""
        asked = Manners(**manners)
        return Upstream(self, self.command("POST", "/ports", asked, Opened), asked)

    def command(self, method: str, path: str, body: object, answer: type[_T]) -> _T:
        connection = HTTPConnection("127.0.0.1", self._control_port, timeout=10)
        try:
            connection.request(method, path, msgspec.json.encode(body))
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if response.status != 200:
            raise RuntimeError(content.decode())
        return msgspec.json.decode(content, type=answer)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Upstream:
    """One port of the server: an address to call, and how it behaves from now on."""

    def __init__(self, process: UpstreamProcess, opened: Opened, manners: Manners) -> None:
        self._process = process
        self._path = f"/ports/{opened.id}"
        self._manners = manners
        self.port = opened.port
        self.ca_pem = opened.ca_pem
        """The authority to trust for a TLS port."""

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`, or `https://localhost:<port>` for a TLS port."""
        if self._manners.speaks == "tls":
            return f"https://localhost:{self.port}"
        host = f"[{self._manners.host}]" if ":" in self._manners.host else self._manners.host
        return f"http://{host}:{self.port}"

    @property
    def base_url(self) -> str:
        """What a provider is configured with."""
        return f"{self.url}/v1"

    # Behaviour

    def will(self, *replies: Reply, on: str = "POST *") -> None:
        """Give these replies in turn to requests that match `on`; the last one stays. A later call goes first."""
        self.tell("rules", [Rule(on, replies)])

    def will_list(self, *ids: str) -> None:
        """Have these models, in OpenAI's shape."""
        self.will(respond(200, openai_models(ids)), on="GET */models")

    def imitate(self, vendor: str, ids: Sequence[str] | None = None) -> None:
        """Look like this vendor's server, on every path."""
        persona = PERSONAS[vendor]() if ids is None else PERSONAS[vendor](ids)
        # A later rule goes first, and a persona's first rule is its most specific one.
        self.tell("rules", [Rule(on, (reply,)) for on, reply in reversed(persona)])

    def behave(self, **manners: Any) -> None:
        """Change fields of `commands.Manners` for connections to come, on the same port."""
        self._manners = msgspec.structs.replace(self._manners, **manners)
        self.tell("manners", self._manners)

    def refuse(self) -> None:
        """Refuse connections to come, as when nothing listens; `accept` ends it."""
        self.behave(speaks="nothing")

    def accept(self) -> None:
        self.behave(speaks="http")

    def hang_up(self) -> None:
        """Close all connections now, as a server that restarts does."""
        self.tell("hang-up")

    # What happened

    @property
    def log(self) -> Log:
        return self._process.command("GET", self._path, None, Log)

    @property
    def requests(self) -> list[Received]:
        return self.log.requests

    @property
    def last(self) -> Received:
        """The newest request."""
        return self.requests[-1]

    def wait_for(self, count: int = 1, *, within_s: float = 5.0) -> list[Received]:
        """All requests, once there are `count`. Raises TimeoutError."""
        return _until(lambda: self.requests, lambda requests: len(requests) >= count, within_s)

    def wait_until_left(self, count: int = 1, *, within_s: float = 5.0) -> Received:
        """The newest request whose client left before it was answered, once there are `count`. Raises TimeoutError."""
        left = _until(
            lambda: [request for request in self.requests if request.left_at is not None],
            lambda requests: len(requests) >= count,
            within_s,
        )
        return left[-1]

    def forget(self) -> None:
        """Empty the record of requests."""
        self.tell("forget")

    def close(self) -> None:
        """Close the port and its connections."""
        self._process.command("DELETE", self._path, None, type(None))

    def tell(self, command: str, body: object = None) -> None:
        """One of the port's commands."""
        self._process.command("POST", f"{self._path}/{command}", body, type(None))


def _until(look: Callable[[], _T], is_enough: Callable[[_T], bool], within_s: float) -> _T:
    deadline = time.monotonic() + within_s
    while not is_enough(seen := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not seen within {within_s} s; seen so far: {seen}")
        time.sleep(0.01)
    return seen


if __name__ == "__main__":
    from tests.support.control import Switchboard, main

    main(Switchboard())
