"""Every failure reaches the programs that use an official SDK as the error class they catch, with its code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import groq
import openai
import pytest

from tests.e2e.conftest import Provide
from tests.e2e.gateway import TOY, Gateway
from tests.e2e.node_sdk import in_node
from tests.e2e.questions import HELLO
from tests.e2e.refusals import CASES, Case, Question, Scene, Told
from tests.serving.running import free_port
from tests.support.replies import answer_with, stall
from tests.support.upstream import Upstream


@pytest.fixture
def scene(gateway: Gateway, upstream: Upstream, provide: Provide) -> Scene:
    return Scene(gateway, upstream, provide)


def with_openai(gateway: Gateway, question: Question) -> Exception:
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=question.key, max_retries=0) as sdk:
        return _raised(lambda: _read(sdk.chat.completions.create(**question.body)))


def with_async_openai(gateway: Gateway, question: Question) -> Exception:
    async def ask() -> None:
        async with openai.AsyncOpenAI(base_url=f"{gateway.url}/v1", api_key=question.key, max_retries=0) as sdk:
            answer = await sdk.chat.completions.create(**question.body)
            if isinstance(answer, openai.AsyncStream):
                async with answer:
                    async for _ in answer:
                        pass

    return _raised(lambda: asyncio.run(ask()))


def with_groq(gateway: Gateway, question: Question) -> Exception:
    with groq.Groq(base_url=gateway.url, api_key=question.key, max_retries=0) as sdk:
        return _raised(lambda: _read(sdk.chat.completions.create(**question.body)))


def _read(answer: Any) -> None:
    if isinstance(answer, (openai.Stream, groq.Stream)):
        with answer:
            for _ in answer:
                pass


def _raised(act: Callable[[], None]) -> Exception:
    with pytest.raises((openai.APIError, groq.APIError)) as raised:
        act()
    return raised.value


def told(error: Any) -> Told:
    """Groq's errors keep the body and leave taking it apart to the caller."""
    body = error.body if isinstance(error.body, dict) else {}
    said = body.get("error", body)
    return Told(
        type(error).__name__, getattr(error, "status_code", None), said.get("type"), said.get("code"), said.get("param")
    )


@pytest.mark.parametrize("ask", [with_openai, with_async_openai, with_groq])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_failure_is_the_error_class_that_python_programs_catch(
    scene: Scene, case: Case, ask: Callable[[Gateway, Question], Exception]
) -> None:
    error = ask(scene.gateway, case.arrange(scene))

    assert told(error) == case.told


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_failure_is_the_error_class_that_node_programs_catch(scene: Scene, case: Case) -> None:
    question = case.arrange(scene)
    action = "chatStream" if "stream" in question.parameters else "chat"

    (result,) = in_node(f"{scene.gateway.url}/v1", {"action": action, "params": question.body, "key": question.key})

    error = result["error"]
    assert Told(error["class"], error.get("status"), error["type"], error["code"], error["param"]) == case.told


def test_openais_errors_carry_the_request_id_and_when_to_ask_again(gateway: Gateway) -> None:
    key = gateway.new_key(requests_per_minute=1)

    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=key, max_retries=0) as sdk:
        sdk.chat.completions.create(model=TOY, messages=HELLO, max_tokens=1)
        with pytest.raises(openai.RateLimitError) as raised:
            sdk.chat.completions.create(model=TOY, messages=HELLO, extra_headers={"X-Request-Id": "one-too-many"})

    error = raised.value
    assert (error.type, error.code, error.param) == ("rate_limit_error", "rate_limited", None)
    assert error.request_id == "one-too-many"
    assert 1 <= int(error.response.headers["Retry-After"]) <= 120


def test_a_conflict_is_the_sdks_conflict_error(gateway: Gateway, model: str) -> None:
    default = gateway.admin("GET", "/api/v1/llm-providers/active")["slug"]
    address, path = f"{gateway.url}/api/v1", f"/llm-providers/{default}"

    with (
        openai.OpenAI(base_url=address, api_key=gateway.token) as sdk,
        groq.Groq(base_url=address, api_key=gateway.token) as other,
    ):
        with pytest.raises(openai.ConflictError) as raised:
            sdk.delete(path, cast_to=object)
        with pytest.raises(groq.ConflictError):
            other.delete(path, cast_to=object)
    (node,) = in_node(address, {"action": "delete", "params": {"path": path}, "key": gateway.token})

    assert raised.value.code == "default_provider"
    assert (node["error"]["class"], node["error"]["code"]) == ("ConflictError", "default_provider")


def test_an_answer_that_was_filtered_is_its_own_error(gateway: Gateway, upstream: Upstream, model: str) -> None:
    upstream.will(answer_with("", finish_reason="content_filter"))

    with (
        openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=gateway.key) as sdk,
        pytest.raises(openai.ContentFilterFinishReasonError),
    ):
        sdk.chat.completions.parse(model=model, messages=HELLO)


def test_a_client_that_waits_no_longer_has_a_timeout_and_its_call_ends(
    gateway: Gateway, upstream: Upstream, model: str
) -> None:
    upstream.will(stall())
    question = {"model": model, "messages": HELLO}

    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=gateway.key, max_retries=0, timeout=0.3) as sdk:
        with pytest.raises(openai.APITimeoutError):
            sdk.chat.completions.create(model=model, messages=HELLO)
        upstream.wait_until_left(1, within_s=1.0)
    with groq.Groq(base_url=gateway.url, api_key=gateway.key, max_retries=0, timeout=0.3) as other:
        with pytest.raises(groq.APITimeoutError):
            other.chat.completions.create(model=model, messages=HELLO)
        upstream.wait_until_left(2, within_s=1.0)
    call = {"action": "chat", "params": question, "key": gateway.key, "timeoutMs": 300}
    (node,) = in_node(f"{gateway.url}/v1", call)
    upstream.wait_until_left(3, within_s=1.0)

    assert node["error"]["class"] == "APIConnectionTimeoutError"


def test_a_gateway_that_does_not_run_is_a_connection_error() -> None:
    address = f"http://127.0.0.1:{free_port()}/v1"

    with (
        openai.OpenAI(base_url=address, api_key="pb-any", max_retries=0) as sdk,
        pytest.raises(openai.APIConnectionError),
    ):
        sdk.models.list()
    with (
        groq.Groq(base_url=address, api_key="pb-any", max_retries=0) as other,
        pytest.raises(groq.APIConnectionError),
    ):
        other.models.list()
    (node,) = in_node(address, {"action": "models", "params": {}, "key": "pb-any"})

    assert node["error"]["class"] == "APIConnectionError"
