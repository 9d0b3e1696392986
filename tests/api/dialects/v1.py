"""What the tests of /v1 ask, and how they have a recorded stream played."""

from __future__ import annotations

from tests.api.dialects.conftest import HELLO, recorded
from tests.support.replies import Reply, respond

CHAT = "/v1/chat/completions"
ASK = {"model": "box/hello-1", "messages": HELLO}
SSE = {"Content-Type": "text/event-stream"}
JSON = {"Content-Type": "application/json"}


def streamed(name: str) -> Reply:
    return respond(200, recorded(name), headers=SSE, framing="chunked")
