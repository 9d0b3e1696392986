"""A single question that somebody waits for is asked in the native chat, which tells how far the prompt is read.

Everything that chat can't say, and what it refuses, goes over OpenAI's API.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from app.domain import errors as e
from app.domain.catalog import ModelState
from app.domain.events import Event
from app.domain.lifecycle import LOADING, READING_PROMPT
from app.domain.stopping import Stop
from app.domain.usage import Usage
from app.providers.base import Attempt
from tests.providers.asking import asked, attempt, folded, timeouts
from tests.providers.lmstudio.conftest import PHI, QWEN, SEES, At, Person
from tests.support.fixtures import NewLMStudio
from tests.support.lmstudio.server import LMStudio
from tests.support.replies import Response, respond, web_page

NATIVE, CHAT = "/api/v1/chat", "/v1/chat/completions"
READ = [(READING_PROMPT, None), *((READING_PROMPT, share) for share in (0.25, 0.5, 0.75, 1.0))]
LOADED = [(LOADING, None), *((LOADING, share) for share in (0.25, 0.5, 0.75, 1.0))]
HELLO = "Phi 4 Mini here. You said: hello"
SYSTEM = {"role": "system", "content": "Be kind."}
USER = {"role": "user", "content": "hello"}
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PIXEL = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}


def watching(stop: Stop | None = None) -> Attempt:
    return replace(attempt(stop=stop), watches=True)


def heard(
    somebody: Person, during: Attempt, name: str = PHI, **fields: Any
) -> tuple[list[tuple[str, float | None]], list[Event]]:
    """What was told before the answer, and the answer's events."""
    told: list[tuple[str, float | None]] = []
    events: list[Event] = []
    for burst in somebody.provider.answer(asked(stream=True, **fields), somebody.models()[name], during):
        progress = during.progress
        if not burst and progress is not None:
            told.append((progress.detail, progress.fraction))
        events += burst
    return told, events


def stream(*documents: dict[str, Any], **options: Any) -> Response:
    """A native chat's events as they are given here."""
    text = "".join(f"event: {one.get('type')}\ndata: {json.dumps(one)}\n\n" for one in documents)
    return respond(200, text.encode(), headers={"Content-Type": "text/event-stream"}, **options)


def posts(server: LMStudio) -> tuple[int, int]:
    return server.asked(NATIVE), server.asked(CHAT)


@pytest.mark.parametrize("version", ["0.4.0", "0.4.23", "1.1.7"])
def test_who_watches_hears_how_much_is_read(new_lmstudio: NewLMStudio, at: At, version: str) -> None:
    server, during = new_lmstudio(version, loaded=[PHI], prompt_s=0.1), watching()

    told, events = heard(at(server), during)

    assert told == READ
    answer = folded(events)
    assert (answer.text, answer.finish_reason, answer.model) == (HELLO, "stop", PHI)
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (1, 7)
    assert posts(server) == (1, 0)
    assert server.last.json == {"model": PHI, "input": "hello", "stream": True, "store": False}
    assert during.waited_s >= 0.1


def test_the_load_is_told_in_the_same_call(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(load_s=0.2)

    told, events = heard(at(server), watching())

    assert told == [*LOADED, *READ]
    # Nobody has told how long its context is now, so why it ended is not known either.
    assert (folded(events).text, folded(events).finish_reason) == (HELLO, None)
    assert (posts(server), list(server.state.loaded)) == ((1, 0), [PHI])


@pytest.mark.parametrize("version", ["0.3.5", "0.3.6"])
def test_versions_without_a_native_chat_are_asked_as_ever(new_lmstudio: NewLMStudio, at: At, version: str) -> None:
    server = new_lmstudio(version, loaded=[PHI])

    told, events = heard(at(server), watching())

    assert (told, folded(events).text, posts(server)) == ([], HELLO, (0, 1))


@pytest.mark.parametrize(("version", "asked_at"), [("0.4.23", (1, 0)), ("0.3.6", (0, 1))])
def test_who_has_read_no_list_yet_reads_it_first(
    new_lmstudio: NewLMStudio, at: At, version: str, asked_at: tuple[int, int]
) -> None:
    server = new_lmstudio(version, loaded=[PHI])
    model = at(server).models()[PHI]

    bursts = at(server).provider.answer(asked(stream=True), model, watching())

    assert folded(one for burst in bursts for one in burst).text == HELLO
    assert posts(server) == asked_at


def test_nobody_else_is_asked_for_it(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(loaded=[PHI])

    told, events = heard(at(server), attempt())

    assert (told, folded(events).text, posts(server)) == ([], HELLO, (0, 1))


@pytest.mark.parametrize(
    "fields",
    [
        {"messages": [USER, {"role": "assistant", "content": "Hello."}, USER]},
        {"messages": [USER, SYSTEM]},
        {"messages": [{**USER, "name": "Ada"}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}, PIXEL]}]},
        {"tools": [{"type": "function", "function": {"name": "weather", "parameters": {}}}]},
        {"temperature": 1.2},
        {"stop": "x"},
        {"seed": 7},
        {"max_tokens": -1},
        {"n": 2},
        {"reasoning_effort": "low"},
        {"context_length": 4096},
        {"ttl": 60},
    ],
    ids=lambda fields: " ".join(fields),
)
def test_what_the_native_chat_can_not_say_goes_over_openais_api(
    new_lmstudio: NewLMStudio, at: At, fields: dict[str, Any]
) -> None:
    # QWEN thinks or does not; how much is no word of its.
    server = new_lmstudio(loaded=[QWEN, SEES])

    told, _ = heard(at(server), watching(), SEES if "image_url" in str(fields) else QWEN, **fields)

    assert (told, posts(server)) == ([], (0, 1))


def test_everything_that_is_asked_arrives(new_lmstudio: NewLMStudio, at: At) -> None:
    server, during = new_lmstudio(loaded=[QWEN]), watching()
    somebody = at(server, max_tokens=12, temperature=0.25)
    wishes = {"messages": [SYSTEM, USER], "top_p": 0.5, "top_k": 3, "min_p": 0.1, "repeat_penalty": 1.1, "n": 1}

    _, events = heard(somebody, during, QWEN, **wishes, reasoning_effort="none")

    body = {
        "model": QWEN,
        "system_prompt": "Be kind.",
        "input": "hello",
        "temperature": 0.25,
        "top_p": 0.5,
        "top_k": 3,
        "min_p": 0.1,
        "repeat_penalty": 1.1,
        "max_output_tokens": 12,
        "reasoning": "off",
        "stream": True,
        "store": False,
    }
    assert server.last.json == body
    assert during.sent is not None
    assert (during.sent.path, during.sent.body, during.sent.from_root) == (NATIVE, body, True)
    assert folded(events).text == "Qwen3 8B here. You said: hello I was told: Be kind."


def test_reasoning_is_told_apart_and_counted(new_lmstudio: NewLMStudio, at: At) -> None:
    _, events = heard(at(new_lmstudio(loaded=[QWEN])), watching(), QWEN)

    answer = folded(events)
    assert (answer.reasoning, answer.text) == (
        "The question is short, so the answer can be.",
        "Qwen3 8B here. You said: hello",
    )
    assert answer.usage is not None
    assert (answer.usage.completion_tokens, answer.usage.reasoning_tokens) == (15, 9)


def test_an_answer_that_reached_its_limit_says_so(new_lmstudio: NewLMStudio, at: At) -> None:
    _, events = heard(at(new_lmstudio(loaded=[PHI])), watching(), max_tokens=3)

    assert (folded(events).text, folded(events).finish_reason) == ("Phi 4 Mini", "length")


def test_what_the_model_does_not_take_is_left_out_as_ever(new_lmstudio: NewLMStudio, at: At) -> None:
    server, during = new_lmstudio(loaded=[PHI]), watching()

    told, _ = heard(at(server), during, reasoning_effort="low")

    assert (told, during.dropped, posts(server)) == (READ, ("reasoning_effort",), (1, 0))


def test_a_model_that_answers_for_another_is_named(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(loaded=[PHI])
    somebody = at(server)
    model = somebody.models()[PHI]
    server.set(loaded=[QWEN], serves_another=True, jit=False)

    events = [one for burst in somebody.provider.answer(asked(stream=True), model, watching()) for one in burst]

    # The context of another model is not known.
    assert (folded(events).model, folded(events).finish_reason, posts(server)) == (QWEN, None, (1, 0))


# What goes wrong

START: dict[str, Any] = {"type": "chat.start", "model_instance_id": PHI}
READING: dict[str, Any] = {"type": "prompt_processing.progress", "progress": 0.5}
HI: dict[str, Any] = {"type": "message.delta", "content": "Hi"}
END: dict[str, Any] = {
    "type": "chat.end",
    "result": {
        "model_instance_id": PHI,
        "output": [],
        "stats": {"input_tokens": 4, "total_output_tokens": 2, "reasoning_output_tokens": 0},
    },
}
REFUSED: dict[str, Any] = {"type": "error", "error": {"type": "invalid_request", "message": "No."}}
CRASHED: dict[str, Any] = {"type": "error", "error": {"type": "internal_error", "message": "The model has crashed."}}


@pytest.mark.parametrize(
    "refusal",
    [
        respond(200, {"error": "Unexpected endpoint or method."}),
        respond(400, {"error": {"type": "invalid_request", "message": "No."}}),
        respond(403, {"error": {"type": "invalid_request", "message": "This token may not."}}),
        respond(404, {"error": "Unexpected endpoint or method."}),
        respond(422, {"error": "No."}),
        web_page(500),
        web_page(200),
        stream(),
        stream({"colour": "blue"}),
        stream(START, READING, REFUSED, END),
        stream(START, READING, {"type": "message.delta", "text": "Hi"}, END),
        stream(START, {"type": "chat.end"}),
        stream(START, {"type": "message.started"}),
    ],
    ids=[
        *("200 with an error", "400", "403", "404", "422", "500", "a page", "nothing", "no type", "an error event"),
        *("another delta", "another end", "no end"),
    ],
)
def test_what_the_native_chat_refuses_is_asked_as_ever(new_lmstudio: NewLMStudio, at: At, refusal: Response) -> None:
    server = new_lmstudio(loaded=[PHI])
    server.will(refusal, on=f"POST {NATIVE}")
    during = watching()

    told, events = heard(at(server), during)

    answer = folded(events)
    assert (answer.text, answer.finish_reason, posts(server)) == (HELLO, "stop", (1, 1))
    assert during.sent is not None
    assert during.sent.path == "/chat/completions"
    assert [share for _, share in told] in ([], [0.5, None])


def test_a_refused_key_is_named_by_openais_api(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(loaded=[PHI])
    somebody = at(server)
    somebody.models()
    model = somebody.models()[PHI]
    server.set(token="another")

    with pytest.raises(e.ProviderAuthFailed):
        list(somebody.provider.answer(asked(stream=True), model, watching()))

    assert posts(server) == (1, 1)


@pytest.mark.parametrize(
    ("pieces", "error", "said", "usage"),
    [
        ((START, CRASHED, END), e.ProviderFailed, "", None),
        ((START, HI, CRASHED, END), e.ProviderFailed, "Hi", (4, 2)),
        ((START, HI, REFUSED, END), e.ProviderRejected, "Hi", (4, 2)),
        ((START, HI, REFUSED), e.ProviderRejected, "Hi", None),
        ((START, HI), e.StreamCut, "Hi", None),
        ((START, HI, {"type": "message.delta"}), e.ProviderProtocol, "Hi", None),
    ],
    ids=["crash", "crash later", "refusal later", "no end after it", "cut", "garbage later"],
)
def test_what_fails_is_not_asked_twice(
    new_lmstudio: NewLMStudio,
    at: At,
    pieces: tuple[dict[str, Any], ...],
    error: type[e.ProviderError],
    said: str,
    usage: tuple[int, int] | None,
) -> None:
    server = new_lmstudio(loaded=[PHI])
    server.will(stream(*pieces), on=f"POST {NATIVE}")
    somebody = at(server)
    events: list[Event] = []

    bursts = somebody.provider.answer(asked(stream=True), somebody.models()[PHI], watching())
    with pytest.raises(error) as caught:
        events.extend(one for burst in bursts for one in burst)

    assert type(caught.value) is error
    assert (folded(events).text, folded(events).finish_reason, posts(server)) == (said, None, (1, 0))
    assert _counts(folded(events).usage) == usage


def _counts(usage: Usage | None) -> tuple[int, int] | None:
    return None if usage is None else (usage.prompt_tokens, usage.completion_tokens)


def test_a_prompt_that_is_too_long_is_told_as_such(new_lmstudio: NewLMStudio, at: At) -> None:
    somebody = at(new_lmstudio(loaded=[PHI]))

    with pytest.raises(e.ProviderContextLength):
        heard(somebody, watching(), messages=[{"role": "user", "content": "word " * 9000}])


def test_what_only_the_end_tells_is_not_lost(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(loaded=[PHI])
    output = [{"type": "reasoning", "content": "Hm."}, {"type": "message", "content": "Hi there"}]
    server.will(stream(START, {"type": "message.piece"}, {**END, "result": {"output": output}}), on=f"POST {NATIVE}")

    _, events = heard(at(server), watching())

    answer = folded(events)
    assert (answer.reasoning, answer.text, answer.finish_reason, answer.usage) == ("Hm.", "Hi there", None, None)


# Time


def test_a_load_has_its_own_time_to_the_first_token(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(load_s=0.5, prompt_s=0.5)

    told, _ = heard(at(server, timeouts=timeouts(first_token_s=0.8)), watching())

    assert told == [*LOADED, *READ]


@pytest.mark.parametrize(
    ("switches", "limits", "words"),
    [
        ({"prompt_s": 5.0}, {"first_token_s": 0.4}, "no token within 0.4 s"),
        ({"token_s": 5.0}, {"first_token_s": 0.4}, "no token within 0.4 s"),
        ({"load_s": 5.0, "loaded": []}, {"first_token_s": 0.4}, "no token within 0.4 s"),
    ],
    ids=["reading", "the first token", "loading"],
)
def test_it_is_waited_for_as_ever(
    new_lmstudio: NewLMStudio, at: At, switches: dict[str, Any], limits: dict[str, float], words: str
) -> None:
    server = new_lmstudio(**{"loaded": [PHI], **switches})

    with pytest.raises(e.ProviderTimeout, match=words):
        heard(at(server, timeouts=timeouts(**limits)), watching())

    assert posts(server) == (1, 0)


def test_a_pause_that_is_too_long_ends_it(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(loaded=[PHI])
    server.will(stream(START, HI, framing="chunked", then="stall"), on=f"POST {NATIVE}")

    with pytest.raises(e.ProviderTimeout, match=r"went silent for 0\.3 s"):
        heard(at(server, timeouts=timeouts(idle_s=0.3)), watching())


@pytest.mark.parametrize("how", ["stopped", "left"])
def test_who_stops_while_it_reads_closes_the_connection(new_lmstudio: NewLMStudio, at: At, how: str) -> None:
    server, stop = new_lmstudio(loaded=[PHI], prompt_s=20.0), Stop()
    somebody = at(server)
    bursts = somebody.provider.answer(asked(stream=True), somebody.models()[PHI], watching(stop))
    assert next(bursts) == ()
    started = time.monotonic()

    if how == "left":
        bursts.close()  # type: ignore[attr-defined]  # a generator
    else:
        stop.stop(e.Stopped("Stopped."))
        with pytest.raises(e.Stopped):
            list(bursts)

    server.wait_until_left(within_s=1.0)
    assert time.monotonic() - started < 1.0
    assert (posts(server), somebody.models()[PHI].state) == ((1, 0), ModelState.LOADED)
