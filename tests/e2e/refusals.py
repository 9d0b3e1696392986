"""Every error class of the official SDKs: how it comes about, and what the SDK's error then says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.conftest import Provide
from tests.e2e.gateway import TOY, Gateway
from tests.e2e.questions import HELLO
from tests.support.replies import answer_with, key_refused, openai_error, out_of_quota, rate_limited, respond, stall
from tests.support.upstream import Upstream

AT_ONCE = {"retry-after-ms": "1"}


@dataclass
class Scene:
    """What a case may arrange: the gateway, a server behind it, and providers that lead there."""

    gateway: Gateway
    upstream: Upstream
    provide: Provide

    def model(self, **fields: object) -> str:
        return f"{self.provide(self.upstream, **fields)}/hello-1"

    def answering(self, *replies: Any, **fields: object) -> Question:
        """A question to a model whose server gives these replies."""
        self.upstream.will(*replies)
        return Question(self.model(**fields), self.gateway.key)


@dataclass
class Question:
    model: str
    key: str
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        return {"model": self.model, "messages": HELLO, **self.parameters}


@dataclass(frozen=True)
class Told:
    """An SDK's error: its class and the fields of it that programs decide by."""

    name: str
    status: int | None
    type: str | None
    code: str | None
    param: str | None = None


@dataclass(frozen=True)
class Case:
    name: str
    arrange: Callable[[Scene], Question]
    told: Told


def _limited(scene: Scene) -> Question:
    key = scene.gateway.new_key(requests_per_minute=1)
    scene.gateway.ask("POST", "/v1/chat/completions", {"model": "no/model", "messages": HELLO}, key=key)
    return Question(TOY, key)


def _unreachable(scene: Scene) -> Question:
    model = scene.model()
    # Its list is known, so the call itself meets the closed port.
    scene.gateway.ask("GET", "/v1/models")
    scene.upstream.refuse()
    scene.upstream.hang_up()
    return Question(model, scene.gateway.key)


def _invalid(code: str, param: str | None = None, name: str = "BadRequestError", status: int = 400) -> Told:
    return Told(name, status, "invalid_request_error", code, param)


def _failed(status: int, code: str) -> Told:
    return Told("InternalServerError", status, "api_error", code)


def _limit(code: str) -> Told:
    return Told("RateLimitError", 429, "rate_limit_error", code)


CASES = (
    Case(
        "a key that nobody has",
        lambda _: Question(TOY, "pb-nobody"),
        Told("AuthenticationError", 401, "authentication_error", "invalid_api_key"),
    ),
    Case(
        "a model outside the key's list",
        lambda scene: Question(TOY, scene.gateway.new_key(models=["elsewhere/*"])),
        Told("PermissionDeniedError", 403, "permission_error", "model_not_allowed", "model"),
    ),
    Case(
        "a model that does not exist",
        lambda scene: Question("no-such-model", scene.gateway.key),
        _invalid("model_not_found", "model", "NotFoundError", 404),
    ),
    Case(
        "a model that its provider does not know",
        lambda scene: scene.answering(openai_error(404, "No such model", code="model_gone", param="model")),
        _invalid("model_gone", "model", "NotFoundError", 404),
    ),
    Case(
        "a parameter out of its range",
        lambda scene: Question(TOY, scene.gateway.key, {"temperature": 9}),
        _invalid("invalid_request", "temperature"),
    ),
    Case(
        "a prompt longer than the engine's context",
        lambda scene: Question(TOY, scene.gateway.key, {"messages": [{"role": "user", "content": "go " * 5000}]}),
        _invalid("context_length_exceeded"),
    ),
    Case(
        "a request that the provider refuses",
        lambda scene: scene.answering(openai_error(400, "Bad stop", code="bad_stop", param="stop")),
        _invalid("bad_stop", "stop"),
    ),
    Case(
        "a request that the provider can't process",
        lambda scene: scene.answering(openai_error(422, "Bad schema", code="bad_schema", param="tools")),
        _invalid("bad_schema", "tools", "UnprocessableEntityError", 422),
    ),
    Case("the key's own limit", _limited, _limit("rate_limited")),
    Case(
        "the provider's limit",
        lambda scene: scene.answering(rate_limited(0.001, in_ms=True)),
        _limit("rate_limit_exceeded"),
    ),
    Case("the provider's bill", lambda scene: scene.answering(out_of_quota()), _limit("insufficient_quota")),
    Case(
        "a provider that fails",
        lambda scene: scene.answering(openai_error(500, error_type="server_error", headers=AT_ONCE)),
        _failed(502, "provider_error"),
    ),
    Case(
        "a provider that refuses the gateway's key",
        lambda scene: scene.answering(key_refused()),
        _failed(502, "provider_auth_failed"),
    ),
    Case(
        "a provider that answers nonsense",
        lambda scene: scene.answering(respond(200, "what?")),
        _failed(502, "provider_protocol"),
    ),
    Case("a provider that can't be reached", _unreachable, _failed(503, "provider_unreachable")),
    Case(
        "a provider that stays silent",
        lambda scene: scene.answering(stall(), request_timeout=0.3),
        _failed(504, "provider_timeout"),
    ),
    Case(
        "a stream that is cut in the middle",
        lambda scene: Question(
            scene.answering(answer_with("hello there", ending="mid_event")).model, scene.gateway.key, {"stream": True}
        ),
        Told("APIError", None, "api_error", "stream_cut"),
    ),
)
