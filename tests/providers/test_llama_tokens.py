"""Counting tokens: as many as the real server reads, or a clear refusal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.domain.errors import (
    CapabilityNotSupported,
    ProviderError,
    ProviderFailed,
    ProviderProtocol,
    ProviderRejected,
    Stopped,
)
from app.domain.stopping import Stop
from app.providers.base import Provider, Surroundings
from app.providers.engine.messages import LoadOptions
from app.providers.registry import connect
from tests.providers.asking import asked, config_of, events_of, folded, model, timeouts
from tests.providers.conftest import NewProvider
from tests.providers.engine.supervised import Supervisor
from tests.support.replies import Response, openai_error, respond
from tests.support.upstream import Upstream

TOY = "patchbay-toy"
LOOK = {
    "type": "function",
    "function": {"name": "look", "description": "Looks", "parameters": {"type": "object", "properties": {"at": {}}}},
}
CHATS: dict[str, dict[str, Any]] = {
    "a question": {"messages": [{"role": "user", "content": "What is 3 plus 4? äöü 😀 <|im_start|>"}]},
    "parts": {"messages": [{"role": "user", "content": [{"type": "text", "text": "What"}]}]},
    "a conversation": {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "hello"},
            {"role": "assistant", "content": "hi"},
            {"role": "user", "content": "and?"},
        ]
    },
    "tools": {"messages": [{"role": "user", "content": "look"}], "tools": [LOOK]},
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path_factory.mktemp("engine"))
    supervisor.put(f"{TOY}.gguf")
    yield supervisor
    supervisor.end()


@pytest.fixture(scope="module", params=["local_gguf", "llamacpp"])
def real(request: pytest.FixtureRequest, engine: Supervisor) -> Iterator[Provider]:
    """The built-in engine, and llama.cpp's own server; the built-in one loads the model when it is asked to count."""
    if request.param == "local_gguf":
        provider = connect(config_of("local_gguf", ""), Surroundings(engine=engine.client))
    else:
        address = engine.client.load(TOY, LoadOptions(context_length=1024))
        config = config_of("llamacpp", address.base_url, api_key=address.api_key)
        provider = connect(config, Surroundings())
    yield provider
    provider.close()


@pytest.mark.parametrize("chat", CHATS.values(), ids=CHATS)
def test_it_is_what_the_model_reads(chat: dict[str, Any], real: Provider) -> None:
    toy = model(TOY, capabilities=("chat", "toy"), owned_by="llamacpp")
    request = asked(**chat, max_tokens=1)

    count = real.count_tokens(request, toy, Stop())

    usage = folded(events_of(real, request, toy)).usage
    assert usage is not None
    assert count == usage.prompt_tokens > 5


@pytest.fixture
def box(upstream: Upstream, new_provider: NewProvider) -> Provider:
    return new_provider("llamacpp", upstream.base_url, timeouts=timeouts())


def test_the_template_gets_what_a_chat_sends_and_the_tokens_its_marks(upstream: Upstream, box: Provider) -> None:
    upstream.will(respond(200, {"prompt": "<hello>"}), on="POST /apply-template")
    upstream.will(respond(200, {"tokens": [1, 2, 3]}), on="POST /tokenize")

    count = box.count_tokens(asked(user="u1", tools=[LOOK]), model(), Stop())

    first, second = upstream.requests
    assert count == 3
    assert first.json == {"model": "model", "messages": [{"role": "user", "content": "hello"}], "tools": [LOOK]}
    assert second.json == {"model": "model", "content": "<hello>", "add_special": True, "parse_special": True}


@pytest.mark.parametrize(
    ("template", "tokens", "error", "words"),
    [
        (openai_error(404, "File Not Found"), None, CapabilityNotSupported, "can't count tokens: .*File Not Found"),
        (openai_error(400, "No tools here"), None, ProviderRejected, "No tools here"),
        (openai_error(500, "oh"), None, ProviderFailed, "oh"),
        (respond(200, {"text": "hello"}), None, ProviderProtocol, "can't be read"),
        (respond(200, {"prompt": "hello"}), respond(200, {"tokens": 3}), ProviderProtocol, "can't be read"),
    ],
)
def test_what_goes_wrong_is_no_count(
    template: Response,
    tokens: Response | None,
    error: type[ProviderError | CapabilityNotSupported],
    words: str,
    upstream: Upstream,
    box: Provider,
) -> None:
    upstream.will(template, on="POST /apply-template")
    if tokens is not None:
        upstream.will(tokens, on="POST /tokenize")

    with pytest.raises(error, match=words):
        box.count_tokens(asked(), model(), Stop())


def test_who_leaves_ends_the_counting(box: Provider) -> None:
    stop = Stop()
    stop.stop(Stopped("Enough."))

    with pytest.raises(Stopped):
        box.count_tokens(asked(), model(), stop)


@pytest.mark.parametrize("kind", ["openai", "openai_compatible", "ollama", "vllm", "lmstudio", "groq"])
def test_others_do_not_tell(kind: str, upstream: Upstream, new_provider: NewProvider) -> None:
    provider = new_provider(kind, upstream.base_url)

    with pytest.raises(CapabilityNotSupported, match="Tokens can't be counted"):
        provider.count_tokens(asked(), model(), Stop())

    assert upstream.requests == []
