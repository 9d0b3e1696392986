"""A provider without an address is asked through its own class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from app.domain.catalog import DefaultModels, ModelInfo, Parameter, ProviderConfig, Task
from app.domain.errors import ProviderError, ProviderFailed, ProviderTimeout, ProviderUnreachable
from app.domain.events import AnswerBody, Burst, Whole
from app.domain.requests import ModelRequest
from app.providers.base import Attempt, Provider, ProviderKind, Surroundings
from app.providers.ladder import LadderReport, run_ladder

CHAT = ModelInfo("hello.gguf", "local", "hello.gguf", capabilities=("chat", "completion"))
OTHER = ModelInfo("other.gguf", "local", "other.gguf", capabilities=("chat",))
EMBEDDING = ModelInfo("embed.gguf", "local", "embed.gguf", capabilities=("embedding",))


class Engine(Provider):
    """An engine that has, or fails with, what it was made with."""

    KIND = ProviderKind(name="local_gguf", label="This machine", default_base_url="", local=True)

    def __init__(
        self,
        models: Sequence[ModelInfo] | ProviderError,
        answer: ProviderError | None = None,
        default: str | None = None,
    ) -> None:
        config = ProviderConfig("1", "local", "Local", "local_gguf", "", models=DefaultModels(chat=default))
        super().__init__(config, Surroundings())
        self._models = models
        self._answer = answer
        self.asked: list[tuple[str, object]] = []

    def models(self) -> Sequence[ModelInfo]:
        if isinstance(self._models, ProviderError):
            raise self._models
        return self._models

    def answer(self, request: ModelRequest, model: ModelInfo, attempt: Attempt) -> Iterator[Burst]:
        self.asked.append((model.id, request.value("max_tokens")))
        if self._answer is not None:
            raise self._answer
        yield (Whole(b"{}", AnswerBody()),)

    def parameters(self, model: ModelInfo, task: Task = Task.CHAT) -> Sequence[Parameter]:
        return ()


def climb(engine: Engine, *, completion: bool = False) -> LadderReport:
    return run_ladder(engine.config, probe=engine, completion=completion)


def test_an_engine_with_models_is_well() -> None:
    engine = Engine([EMBEDDING, CHAT])

    report = climb(engine)

    assert report.ok
    assert [(step.step, step.ok, step.detail) for step in report.steps] == [("models", True, "2 found")]
    assert report.message == "The built-in engine answers with 1 model."
    assert engine.asked == []


@pytest.mark.parametrize(("default", "asked"), [(None, "hello.gguf"), ("other.gguf", "other.gguf")])
def test_an_engine_answers_when_asked_to(default: str | None, asked: str) -> None:
    engine = Engine([CHAT, OTHER], default=default)

    report = climb(engine, completion=True)

    assert [(step.step, step.ok) for step in report.steps] == [("models", True), ("completion", True)]
    assert engine.asked == [(asked, 8)]


@pytest.mark.parametrize(("models", "diagnosis"), [([], "no_models"), ([EMBEDDING], "only_embeddings")])
def test_an_engine_without_a_model_that_chats_says_where_to_put_one(models: list[ModelInfo], diagnosis: str) -> None:
    report = climb(Engine(models), completion=True)

    assert (report.ok, report.diagnosis, report.steps[-1].ok) == (False, diagnosis, False)
    assert "models folder" in report.message


@pytest.mark.parametrize(
    ("error", "diagnosis"),
    [
        (ProviderUnreachable("The engine is off."), "nothing_listening"),
        (ProviderTimeout("The engine is slow."), "too_slow"),
        (ProviderFailed("The engine crashed."), "server_error"),
    ],
)
def test_an_engine_that_fails_is_diagnosed_by_the_class_of_its_error(error: ProviderError, diagnosis: str) -> None:
    listing, answering = climb(Engine(error)), climb(Engine([CHAT], error), completion=True)

    assert (listing.diagnosis, listing.message) == (diagnosis, error.message)
    assert (answering.diagnosis, answering.steps[-1].step) == (diagnosis, "completion")
