"""/v1/messages/count_tokens: exact, or refused."""

from __future__ import annotations

import base64
from typing import Any

from tests.api.chat.files import png
from tests.api.dialects.conftest import HELLO, Stage
from tests.support.fixtures import NewUpstream
from tests.support.replies import openai_error, respond

COUNT = "/v1/messages/count_tokens"


def test_tokens_are_counted_where_the_provider_tells_and_nowhere_recorded(
    stage: Stage, new_upstream: NewUpstream
) -> None:
    server = new_upstream()
    server.imitate("llamacpp")
    server.will(respond(200, {"prompt": "hello"}), on="POST /apply-template")
    server.will(respond(200, {"tokens": [1, 2, 3]}), on="POST /tokenize")
    stage.door.provider(provider="llamacpp", name="Llama", base_url=server.base_url)
    stage.upstream.will(openai_error(400))
    stage.call("/v1/messages", {"model": "box/hello-1", "max_tokens": 50, "messages": HELLO})

    reply = stage.call(COUNT, {"model": "llama/hello-1", "messages": HELLO, "system": "Be brief.", "stream": True})

    assert (reply.status_code, reply.json) == (200, {"input_tokens": 3})
    [asked] = [one.json for one in server.requests if one.path == "/apply-template"]
    assert asked["messages"] == [{"role": "system", "content": "Be brief."}, *HELLO]
    assert stage.recorded_outcome() == "invalid_request"


def test_what_can_not_be_counted_exactly_is_refused(stage: Stage) -> None:
    image = {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": base64.b64encode(png()).decode()},
    }
    bodies: dict[str, dict[str, Any]] = {
        "Tokens can't be counted: ": {"messages": HELLO},
        "The tokens of images can't be counted": {"messages": [{"role": "user", "content": [image]}]},
        "messages is required": {},
    }

    told = {words: stage.call(COUNT, {"model": "box/hello-1", **body}) for words, body in bodies.items()}
    unknown = stage.call(COUNT, {"model": "nobody/hello-1", "messages": HELLO})

    for words, reply in told.items():
        document: Any = reply.json
        assert (reply.status_code, document["error"]["type"]) == (400, "invalid_request_error")
        assert words in document["error"]["message"]
    assert unknown.status_code == 404
