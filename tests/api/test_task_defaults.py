"""Who answers when nobody is named: the overall default for the task, else the default provider's."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from app.domain.accounts import Role
from tests.api.callers import Asker, Doorstep, failure
from tests.api.chat.files import png
from tests.support.upstream import Upstream

IMAGE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{base64.b64encode(png()).decode()}"}}
TEXT: dict[str, Any] = {"messages": [{"role": "user", "content": "hello"}]}
ABOUT_IMAGE: dict[str, Any] = {"messages": [{"role": "user", "content": [IMAGE]}]}
VECTORS: dict[str, Any] = {"input": "hello"}
FACES = {
    "v1": ("/v1/chat/completions", "/v1/embeddings"),
    "native": ("/api/v1/llm-providers/chat", "/api/v1/llm-providers/embeddings"),
}


def asked(caller: Asker, upstream: Upstream, face: str) -> list[str]:
    """The provider's names of the models that were asked for a text, about an image, and for vectors."""
    chat, embeddings = FACES[face]
    upstream.forget()
    for path, body in ((chat, TEXT), (chat, ABOUT_IMAGE), (embeddings, VECTORS)):
        reply = caller.post(path, body)
        assert reply.status_code == 200, reply.text
    return [one.json["model"] for one in upstream.requests if one.method == "POST"]


@pytest.mark.parametrize("face", FACES)
def test_the_default_providers_models_answer_unless_there_is_an_overall_one(
    door: Doorstep, upstream: Upstream, face: str
) -> None:
    door.provider(base_url=upstream.base_url, models={"chat": "c", "vision": "v", "embedding": "e"})
    boss = door.client(door.token(door.person("Ada", Role.ADMIN)))

    of_provider = asked(boss, upstream, face)
    overall = {"chat": "shared/C", "vision": "shared/V", "embedding": "shared/E"}
    assert boss.ask("PATCH", "/api/v1/settings", json={"default_models": overall}).status_code == 200
    of_all = asked(boss, upstream, face)

    assert (of_provider, of_all) == (["c", "v", "e"], ["C", "V", "E"])


@pytest.mark.parametrize("face", FACES)
def test_without_a_default_for_its_task_a_request_has_to_name_a_model(
    door: Doorstep, upstream: Upstream, face: str
) -> None:
    door.provider(base_url=upstream.base_url, models={"chat": "c", "vision": None, "embedding": None})
    caller = door.client(door.token(door.person("Ada")))
    chat, embeddings = FACES[face]

    replies = [caller.post(chat, ABOUT_IMAGE), caller.post(embeddings, VECTORS)]

    assert [failure(one) for one in replies] == [(400, "capability_not_supported")] * 2
    assert "no default model is set for reading images" in replies[0].text
    assert "no default model is set for embeddings" in replies[1].text
