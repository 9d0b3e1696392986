"""A load that an answer waits for is told where somebody watches, and changes nothing for anybody else.

What is asked has earlier answers, so that the native chat can't take it (`test_native_answer` has what it can).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.domain import errors as e
from app.domain.lifecycle import LOADING, READING_PROMPT
from app.domain.stopping import Stop
from app.providers.base import Attempt
from tests.providers.asking import asked, attempt
from tests.providers.lmstudio.conftest import PHI, At, Person
from tests.support.fixtures import NewLMStudio
from tests.support.lmstudio.server import LMStudio
from tests.support.replies import hang_up, respond

NATIVE, CHAT = "/api/v1/chat", "/v1/chat/completions"
ALL = [(LOADING, None), (LOADING, 0.25), (LOADING, 0.5), (LOADING, 0.75), (LOADING, 1.0), (READING_PROMPT, None)]
TURNS = (
    {"role": "user", "content": "hi"},
    {"role": "assistant", "content": "Hello."},
    {"role": "user", "content": "hello"},
)
HELLO = "Phi 4 Mini here. You said: hello"
Heard = tuple[list[tuple[str, float | None]], str]


def heard(somebody: Person, during: Attempt, **fields: Any) -> Heard:
    """What was told before the answer, and its text."""
    model = somebody.models()[PHI]
    told: list[tuple[str, float | None]] = []
    text = ""
    for burst in somebody.provider.answer(asked(stream=True, **{"messages": TURNS, **fields}), model, during):
        progress = during.progress
        if not burst and progress is not None:
            told.append((progress.detail, progress.fraction))
        text += "".join(event.text for event in burst)
    return told, text


def watching(stop: Stop | None = None) -> Attempt:
    return replace(attempt(stop=stop), watches=True)


@pytest.mark.parametrize("version", ["0.4.0", "0.4.23", "1.1.7"])
def test_who_watches_hears_how_far_the_load_is(new_lmstudio: NewLMStudio, at: At, version: str) -> None:
    server = new_lmstudio(version, load_s=0.2)
    during = watching()

    assert heard(at(server), during) == (ALL, HELLO)
    assert (server.asked(NATIVE), server.asked(CHAT)) == (1, 1)
    assert list(server.state.loaded) == [PHI]
    assert during.waited_s >= 0.2


def test_nobody_else_is_asked_for_it(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(load_s=0.05)

    assert heard(at(server), attempt()) == ([], HELLO)
    assert server.asked(NATIVE) == 0


@pytest.mark.parametrize(
    ("version", "loaded", "fields"),
    [("0.4.23", [PHI], {}), ("0.3.6", [], {}), ("0.3.5", [], {}), ("0.4.23", [], {"ttl": 60})],
    ids=["loaded", "v0", "OpenAI's API alone", "a time to live"],
)
def test_there_is_nothing_to_tell(
    new_lmstudio: NewLMStudio, at: At, version: str, loaded: list[str], fields: dict[str, Any]
) -> None:
    server = new_lmstudio(version, loaded=loaded)

    assert heard(at(server), watching(), **fields) == ([], HELLO)
    assert server.asked(NATIVE) == 0


def test_a_model_that_was_loaded_since_its_list_is_asked_at_once(lmstudio: LMStudio, at: At) -> None:
    somebody = at(lmstudio)
    before = somebody.models()[PHI]
    somebody.load(PHI)
    during = watching()

    bursts = list(somebody.provider.answer(asked(stream=True, messages=TURNS), before, during))

    assert (during.progress, lmstudio.asked(NATIVE)) == (None, 0)
    assert "".join(event.text for burst in bursts for event in burst) == HELLO


@pytest.mark.parametrize("status", [200, 404])
def test_where_it_can_not_be_watched_the_answer_comes_all_the_same(lmstudio: LMStudio, at: At, status: int) -> None:
    lmstudio.will(respond(status, {"error": "Unexpected endpoint or method."}), on=f"POST {NATIVE}")

    assert heard(at(lmstudio), watching()) == ([], HELLO)


def test_a_load_whose_connection_ends_is_not_sent_twice(lmstudio: LMStudio, at: At) -> None:
    lmstudio.will(hang_up(), on=f"POST {NATIVE}")

    with pytest.raises(e.StreamCut):
        heard(at(lmstudio), watching())

    assert (lmstudio.asked(NATIVE), lmstudio.asked(CHAT)) == (1, 0)


def test_who_stops_waiting_waits_no_longer(new_lmstudio: NewLMStudio, at: At) -> None:
    server, stop = new_lmstudio(load_s=10.0), Stop()
    somebody = at(server)
    bursts = somebody.provider.answer(asked(stream=True, messages=TURNS), somebody.models()[PHI], watching(stop))
    assert next(bursts) == ()

    stop.stop(e.Stopped("Stopped."))

    with pytest.raises(e.Stopped):
        list(bursts)
    assert server.asked(CHAT) == 0
