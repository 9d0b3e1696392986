"""Against a real LM Studio, with `./patchbay test -m live tests/providers/lmstudio` where `LMSTUDIO_TEST_URL` is set.

It is an address such as `http://localhost:1234/v1`.
`LMSTUDIO_TEST_KEY` is its API token where it asks for one, `LMSTUDIO_TEST_MODEL` the key of a model that may be loaded
and unloaded; the smallest one that chats unless given.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.domain.catalog import ModelInfo, ModelState, ModelType, Timeouts
from app.domain.events import Event
from app.domain.lifecycle import Act
from app.providers.base import Surroundings
from app.providers.registry import connect
from tests.providers.asking import asked, attempt, config_of, events_of, folded
from tests.providers.lmstudio.conftest import LIVE_URL, Person

pytestmark = pytest.mark.live


@pytest.fixture
def somebody() -> Iterator[Person]:
    config = config_of("lmstudio", os.environ[LIVE_URL], api_key=os.environ.get("LMSTUDIO_TEST_KEY"))
    provider = connect(replace(config, timeouts=Timeouts()), Surroundings(allow_private=True))
    yield Person(provider)
    provider.close()


@pytest.fixture
def model(somebody: Person) -> ModelInfo:
    named = os.environ.get("LMSTUDIO_TEST_MODEL")
    models = somebody.models()
    if named is not None:
        return models[named]
    chatting = [one for one in models.values() if one.type is not ModelType.EMBEDDINGS]
    return min(chatting, key=lambda one: one.size_bytes or 0)


@pytest.mark.timeout(900)
def test_a_model_is_loaded_answers_and_is_unloaded(somebody: Person, model: ModelInfo) -> None:
    if Act.UNLOAD in somebody.provider.acts(model):
        somebody.unload(model.id)

    loaded = somebody.load(model.id)
    again = somebody.load(model.id)
    listed = somebody.models()[model.id]
    answers = [
        folded(events_of(somebody.provider, asked(stream=stream, max_tokens=200), listed, attempt(300.0)))
        for stream in (False, True)
    ]

    assert (loaded.was_loaded, again.was_loaded) == (False, True)
    assert listed.state in (ModelState.LOADED, ModelState.REMOTE)
    assert loaded.context_length == listed.loaded_context_length
    assert all((one.text or one.reasoning) and one.finish_reason for one in answers)
    if Act.UNLOAD in somebody.provider.acts(model):
        assert list(somebody.unload(model.id)) == [loaded.instance_id]
        assert somebody.models()[model.id].state is ModelState.NOT_LOADED


@pytest.mark.timeout(900)
def test_a_load_tells_how_far_it_is(somebody: Person, model: ModelInfo) -> None:
    """And leaves the model in memory, which shows whether such a load counts as one just in time."""
    if Act.UNLOAD in somebody.provider.acts(model):
        somebody.unload(model.id)

        somebody.load(model.id, progress=True)

        assert somebody.fractions()[-1] == 1.0
        somebody.unload(model.id)


@pytest.mark.timeout(900)
def test_a_first_question_tells_how_much_of_it_is_read(somebody: Person, model: ModelInfo) -> None:
    document = ({"role": "user", "content": "One line of many.\n" * 100 + "How many lines?"},)
    somebody.load(model.id)
    during, shares, events = replace(attempt(600.0), watches=True), list[float | None](), list[Event]()

    request = asked(stream=True, messages=document, max_tokens=50)
    for burst in somebody.provider.answer(request, somebody.models()[model.id], during):
        events += burst
        if not burst and during.progress is not None:
            shares.append(during.progress.fraction)

    assert during.sent is not None
    assert during.sent.path.endswith("/api/v1/chat")
    assert shares[-1] == 1.0
    assert folded(events).usage is not None
