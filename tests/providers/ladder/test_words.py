"""Messages are plain words, name the vendor's usual remedy, and end with what to do."""

from __future__ import annotations

import pytest

from app.providers.ladder import Diagnosis
from tests.providers.ladder.faults import FAULTS, LIST, climb, provider
from tests.support.fixtures import NewUpstream
from tests.support.replies import key_refused, web_page


@pytest.mark.parametrize(
    ("fields", "remedy"),
    [
        (
            {"kind": "lmstudio"},
            "Start LM Studio's server (its Developer tab, or `lms server start`), or check the port.",
        ),
        ({"preset": "ollama"}, "Start Ollama (`ollama serve`), or check the port."),
        ({"preset": "llamacpp"}, "Start `llama-server`, or check the port."),
        ({"preset": "vllm"}, "Start it with `vllm serve`, or check the port."),
        ({"kind": "ollama"}, "Start Ollama (`ollama serve`), or check the port."),
        ({"kind": "llamacpp"}, "Start `llama-server`, or check the port."),
        ({"kind": "vllm"}, "Start it with `vllm serve`, or check the port."),
        ({"preset": "custom"}, "Start it, or check the address and the port."),
        ({}, "Start it, or check the address and the port."),
    ],
)
def test_who_is_not_there_is_to_be_started(new_upstream: NewUpstream, fields: dict[str, str], remedy: str) -> None:
    nobody = new_upstream(speaks="nothing")

    message = climb(provider(f"http://[::1]:{nobody.port}/v1", **fields)).message

    assert message == f"Nothing is listening at [::1]:{nobody.port}. {remedy}"


def test_a_page_says_where_the_api_is(new_upstream: NewUpstream) -> None:
    upstream = new_upstream()
    upstream.will(web_page(), on="* *")
    upstream.imitate("openai")

    message = climb(provider(upstream.url, kind="lmstudio")).message

    assert message == f"This is a web page; LM Studio's API is at {upstream.base_url}."


def test_a_key_is_made_where_the_vendor_makes_them(new_upstream: NewUpstream) -> None:
    upstream = new_upstream()
    upstream.will(key_refused(), on=LIST)

    message = climb(provider(upstream.base_url, kind="groq", api_key="gsk_old")).message

    assert message == "Groq refuses this key. Make a key at console.groq.com/keys."


@pytest.mark.parametrize("diagnosis", list(Diagnosis))
def test_every_message_is_finished(new_upstream: NewUpstream, diagnosis: Diagnosis) -> None:
    message = climb(FAULTS[diagnosis](new_upstream)).message

    assert message[0].isupper()
    assert message.endswith(".")
    assert not any(unfinished in message for unfinished in ("{", "}", "None", "  ", "!"))
