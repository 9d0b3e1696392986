"""A conversation tells how far its model is loaded and its prompt read; the other faces' streams stay as they are."""

from __future__ import annotations

import json
from typing import Any

from tests.api.callers import Doorstep
from tests.api.chat.people import CONVERSATIONS, Person
from tests.support.fixtures import NewLMStudio

PHI = "mlx-community/phi-4-mini"
ASK = {"model": f"studio/{PHI}", "messages": [{"role": "user", "content": "hello"}], "stream": True}
SHARES = (None, 0.25, 0.5, 0.75, 1.0)
LOADS = [{"stage": "loading", "fraction": one} for one in SHARES]
READS = [{"stage": "reading_prompt", "fraction": one} for one in SHARES]


def events(text: str) -> list[tuple[int, Any]]:
    parts = [event.split("\n") for event in text.split("\n\n")[:-1] if not event.startswith(":")]
    return [(int(one[0].removeprefix("id: ")), json.loads(one[-1].removeprefix("data: "))) for one in parts]


def stages(found: list[tuple[int, Any]]) -> list[dict[str, Any]]:
    return [{name: one[name] for name in ("stage", "fraction")} for _, one in found if one["type"] == "progress"]


def test_a_conversation_tells_how_far_the_load_is(door: Doorstep, ada: Person, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(load_s=0.2)
    door.provider(provider="lmstudio", name="Studio", base_url=server.base_url)
    path = f"{CONVERSATIONS}/{ada.conversation()['id']}/messages"

    found = events(ada.asker.post(path, {"content": "hello", "model": ASK["model"]}).text)

    assert [number for number, _ in found] == list(range(1, len(found) + 1))
    told = stages(found)
    assert told == [*LOADS, *READS]
    kinds = [one["type"] for _, one in found]
    assert kinds[0] == "start"
    assert kinds[-1] == "done"
    assert kinds.index("delta") > len(told)
    answer = ada.get(f"{path}/{found[0][1]['message_id']}")
    assert (answer["status"], answer["last_event"]) == ("done", found[-1][0])


def test_a_first_question_is_read_with_a_percentage_and_a_second_without(
    door: Doorstep, ada: Person, new_lmstudio: NewLMStudio
) -> None:
    server = new_lmstudio(loaded=[PHI], prompt_s=0.2)
    door.provider(provider="lmstudio", name="Studio", base_url=server.base_url)
    path = f"{CONVERSATIONS}/{ada.conversation(system_prompt='Be kind.')['id']}/messages"

    first = events(ada.asker.post(path, {"content": "hello", "model": ASK["model"]}).text)
    in_its_words = server.last.json
    second = events(ada.asker.post(path, {"content": "again", "model": ASK["model"]}).text)

    assert (stages(first), stages(second)) == (READS, [])
    assert first[-1][1]["usage"]["source"] == "provider"
    assert (server.asked("/api/v1/chat"), server.asked("/v1/chat/completions")) == (1, 1)
    sent = ada.get(f"{path}/{first[0][1]['message_id']}/request")
    assert (sent["url"], sent["body"]) == ("/api/v1/chat", in_its_words)
    assert {"system_prompt": "Be kind.", "input": "hello"}.items() <= in_its_words.items()
    assert not {"system_prompt", "input"} & ada.get(f"{path}/{first[0][1]['message_id']}")["request"].keys()


def test_many_small_steps_are_told_by_whole_percents(door: Doorstep, ada: Person, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(load_s=0.2, progress_steps=500)
    door.provider(provider="lmstudio", name="Studio", base_url=server.base_url)
    path = f"{CONVERSATIONS}/{ada.conversation()['id']}/messages"

    found = events(ada.asker.post(path, {"content": "hello", "model": ASK["model"]}).text)

    told = [one["fraction"] for _, one in found if one["type"] == "progress" and one["stage"] == "loading"]
    assert told[0] is None
    assert told[1:] == sorted({round(one, 2) for one in told[1:]})
    assert told[-1] == 1.0


def test_other_faces_hear_nothing_of_it(door: Doorstep, ada: Person, new_lmstudio: NewLMStudio) -> None:
    server = new_lmstudio(load_s=0.1)
    door.provider(provider="lmstudio", name="Studio", base_url=server.base_url)

    streams = [ada.asker.post(path, ASK).text for path in ("/v1/chat/completions", "/api/v1/llm-providers/chat")]

    assert not any("progress" in one or one.startswith(":") for one in streams)
    assert server.asked("/api/v1/chat") == 0
