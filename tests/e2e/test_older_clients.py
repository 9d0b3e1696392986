"""Older services' clients against a Patchbay that runs: lines as they come, leaving, and the root as an address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.gateway import Gateway
from tests.e2e.questions import HELLO
from tests.support.replies import answer_with, stall
from tests.support.upstream import Upstream

LM_STUDIO, AI_LIBRARY = "/lmstudio-service/chat", "/ai-library/api/chat/stream"
WITHIN_S = 10.0


def body(path: str, model: str) -> dict[str, Any]:
    if path == AI_LIBRARY:
        return {"model": model, "user_prompt": "hello", "save_conversation": False}
    return {"model_key": model, "messages": HELLO}


@pytest.mark.parametrize("path", [LM_STUDIO, f"{LM_STUDIO}/stream", AI_LIBRARY])
def test_leaving_before_the_first_token_ends_the_call(
    gateway: Gateway, upstream: Upstream, model: str, path: str
) -> None:
    upstream.will(stall())

    with gateway.call(path, body(path, model)) as call:
        upstream.wait_for(2)  # the list of models, and the call
        call.leave()

    upstream.wait_until_left(within_s=WITHIN_S)


@pytest.mark.parametrize("path", [f"{LM_STUDIO}/stream", AI_LIBRARY])
def test_text_comes_as_it_is_made_and_leaving_then_ends_the_call(
    gateway: Gateway, upstream: Upstream, model: str, path: str
) -> None:
    upstream.will(answer_with("hello there", ending="stall"))

    with gateway.call(path, body(path, model)) as call:
        found: list[str] = []
        for line in call.lines():
            found.append(json.loads(line.removeprefix("data: ")).get("content") or "")
            if "".join(found) == "hello there":
                break
        call.leave()

    upstream.wait_until_left(within_s=WITHIN_S)


@pytest.fixture(scope="module")
def rooted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("rooted"), PATCHBAY_ROOT_FACE="llama-chat") as gateway:
        yield gateway


def test_a_client_whose_address_can_not_be_changed_chats_with_the_demo_model(rooted: Gateway) -> None:
    assert rooted.ask("GET", "/health").json == {"status": "healthy", "model_loaded": True}

    first = rooted.ask("POST", "/chat", {"message": "Hello!"}).json
    with rooted.call("/chat/stream", {"message": "What did I just say?", "session_id": first["session_id"]}) as call:
        events = [json.loads(line.removeprefix("data: ")) for line in call.lines()]
    listed = rooted.ask("GET", "/sessions").json
    cleared = rooted.ask("POST", "/chat/clear", {"session_id": first["session_id"]})

    assert first["response"]
    assert "".join(one["token"] for one in events[:-1])
    assert events[-1] == {"done": True, "session_id": first["session_id"]}
    assert listed == {"sessions": [first["session_id"]], "count": 1}
    assert cleared.json == {"status": "cleared", "session_id": first["session_id"]}
    assert rooted.ask("GET", "/", key="").status == 401
    assert rooted.ask("GET", "/v1/models").status == 200
