"""The server that the other tests rely on does what its docstring says."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse, IncompleteRead, RemoteDisconnected
from urllib.request import urlopen

import openai
import pytest

from tests.support.fixtures import NewUpstream
from tests.support.replies import (
    Ending,
    answer_with,
    call_tool,
    hang_up,
    key_refused,
    openai_error,
    rate_limited,
    reset,
    respond,
    stall,
    truncated,
)
from tests.support.upstream import Upstream
from tests.support.vendors import PERSONAS

ASK = {"model": "hello-1", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.fixture
def sdk(upstream: Upstream) -> openai.OpenAI:
    return openai.OpenAI(base_url=upstream.base_url, api_key="sk-test", max_retries=0)


@contextmanager
def asked(upstream: Upstream, body: str = "{}") -> Iterator[tuple[HTTPConnection, HTTPResponse]]:
    """A connection that has asked once, with the response to it."""
    connection = HTTPConnection("127.0.0.1", upstream.port, timeout=5)
    try:
        connection.request("POST", "/v1/chat/completions", body)
        with connection.getresponse() as response:
            yield connection, response
    finally:
        connection.close()


def body_of(upstream: Upstream, body: str = '{"stream": true, "stream_options": {"include_usage": true}}') -> bytes:
    with asked(upstream, body) as (_, response):
        return response.read()


def ask_again(connection: HTTPConnection) -> HTTPResponse:
    connection.request("POST", "/v1/chat/completions", "{}")
    return connection.getresponse()


def test_it_answers_chats_without_being_told(sdk: openai.OpenAI, upstream: Upstream) -> None:
    answer = sdk.chat.completions.create(model="hello-1", messages=[{"role": "user", "content": "Hi"}])

    assert answer.choices[0].message.content == "hello there"
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (3, 2)
    assert upstream.last.key == "sk-test"
    assert upstream.last.json["messages"] == [{"role": "user", "content": "Hi"}]


def test_it_streams(sdk: openai.OpenAI) -> None:
    chunks = list(
        sdk.chat.completions.create(
            model="hello-1",
            messages=[{"role": "user", "content": "Hi"}],
            stream=True,
            stream_options={"include_usage": True},
        )
    )

    assert [chunk.choices[0].delta.content for chunk in chunks[1:3]] == ["hello", " there"]
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.total_tokens == 5


def test_it_completes_embeds_and_lists(sdk: openai.OpenAI) -> None:
    assert sdk.completions.create(model="hello-1", prompt="Hi").choices[0].text == "hello there"
    assert [one.index for one in sdk.embeddings.create(model="e", input=["a", "b"], dimensions=3).data] == [0, 1]
    assert len(sdk.embeddings.create(model="e", input="a", dimensions=3).data[0].embedding) == 3
    assert [model.id for model in sdk.models.list()] == ["hello-1", "text-embedding-hello"]


def test_it_calls_tools(sdk: openai.OpenAI, upstream: Upstream) -> None:
    upstream.will(call_tool("look_up", {"word": "hello"}))

    chunks = sdk.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}], stream=True)
    fragments = [chunk.choices[0].delta.tool_calls for chunk in chunks if chunk.choices]

    assert "".join(f[0].function.arguments or "" for f in fragments if f and f[0].function) == '{"word": "hello"}'


def test_it_reasons_in_every_vendors_way(sdk: openai.OpenAI, upstream: Upstream) -> None:
    upstream.will(
        answer_with("hi", reasoning=("so", " then")),
        answer_with("hi", reasoning=("so",), reasoning_in="reasoning"),
        answer_with("hi", reasoning=("so",), reasoning_in="think"),
    )
    messages = []

    for _ in range(3):
        answer = sdk.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])
        messages.append(answer.choices[0].message.model_dump(exclude_none=True))

    assert messages == [
        {"role": "assistant", "content": "hi", "reasoning_content": "so then"},
        {"role": "assistant", "content": "hi", "reasoning": "so"},
        {"role": "assistant", "content": "<think>so</think>hi"},
    ]


def test_it_gives_several_choices_with_logprobs(sdk: openai.OpenAI, upstream: Upstream) -> None:
    upstream.will(answer_with("hi", logprobs=True))

    answer = sdk.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}], n=2)

    assert [choice.index for choice in answer.choices] == [0, 1]
    assert all(choice.logprobs is not None for choice in answer.choices)


@pytest.mark.parametrize(
    ("place", "events", "in_groqs_place"),
    [("asked", 1, 0), ("finish", 1, 0), ("x_groq", 0, 1), ("thrice", 2, 1), ("every", 4, 0)],
)
def test_usage_is_where_the_vendor_has_it(upstream: Upstream, place: str, events: int, in_groqs_place: int) -> None:
    upstream.will(answer_with(usage_in=place))

    chunks = [json.loads(line[6:]) for line in body_of(upstream).split(b"\n\n") if line.startswith(b"data: {")]

    assert sum(chunk.get("usage") is not None for chunk in chunks) == events
    assert sum("x_groq" in chunk for chunk in chunks) == in_groqs_place


def test_it_leaves_usage_out(upstream: Upstream) -> None:
    upstream.will(answer_with(usage=None))

    assert b"usage" not in body_of(upstream)
    assert b"usage" not in body_of(upstream, "{}")


def test_vectors_come_as_numbers_or_in_base64(sdk: openai.OpenAI) -> None:
    plain = sdk.embeddings.create(model="e", input="abc", dimensions=2, encoding_format="float")
    packed = sdk.embeddings.create(model="e", input="abc", dimensions=2)

    assert plain.data[0].embedding == [0.03, 0.04]
    assert packed.data[0].embedding == pytest.approx([0.03, 0.04])


def test_a_stream_is_sliced_anywhere(sdk: openai.OpenAI, upstream: Upstream) -> None:
    upstream.will(answer_with(["grüß", " dich"], slice_bytes=3))

    chunks = sdk.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}], stream=True)

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "grüß dich"


def test_replies_come_in_turn_and_the_last_one_stays(sdk: openai.OpenAI, upstream: Upstream) -> None:
    upstream.will(rate_limited(1.5), openai_error(500), answer_with("at last"))
    seen = []

    for _ in range(4):
        with asked(upstream) as (_, response):
            seen.append((response.status, response.headers["Retry-After"]))

    assert seen == [(429, "1.5"), (500, None), (200, None), (200, None)]


def test_a_refusal_may_repeat_the_key(sdk: openai.OpenAI, upstream: Upstream) -> None:
    upstream.will(key_refused())

    with pytest.raises(openai.AuthenticationError, match="sk-test"):
        sdk.completions.create(model="m", prompt="Hi")


@pytest.mark.parametrize(
    ("ending", "last"),
    [
        ("done", b"data: [DONE]\n\n"),
        ("no_done", b'"total_tokens": 5}}\n\n'),
        ("close", b'"finish_reason": null}]}\n\n'),
        ("garbage", b"\x00\xff\xfe\x80"),
        ("not_a_chunk", b"data: 42\n\n"),
        ("error_data", b'"param": null, "code": 500}}\n\n'),
        ("error_then_done", b"data: [DONE]\n\n"),
        ("error_string", b'data: {"error": "The model has crashed"}\n\n'),
    ],
)
def test_a_stream_ends_as_told(upstream: Upstream, ending: Ending, last: bytes) -> None:
    upstream.will(answer_with(ending=ending))

    assert body_of(upstream).endswith(last)


def test_a_stream_ends_with_a_named_event(upstream: Upstream) -> None:
    upstream.will(answer_with(ending="error_event", ending_after=1))

    body = body_of(upstream)

    assert b'event: error\ndata: {"error"' in body
    assert b"there" not in body


def test_a_stream_is_cut_inside_an_event(upstream: Upstream) -> None:
    upstream.will(answer_with(ending="mid_event"))

    with pytest.raises(IncompleteRead):
        body_of(upstream)


@pytest.mark.parametrize("ending", ["reset"])
def test_a_stream_is_reset(upstream: Upstream, ending: Ending) -> None:
    upstream.will(answer_with(ending=ending))

    with pytest.raises(ConnectionResetError):
        body_of(upstream)


def test_events_come_in_any_form_that_the_format_allows(upstream: Upstream) -> None:
    upstream.will(answer_with("hello, there", line_end="\r\n", data_lines=3, comments=2, padding_bytes=70_000))

    body = body_of(upstream)

    events = [block for block in body.split(b"\r\n\r\n") if block.startswith(b"data:")]
    assert body.startswith(b": OPENROUTER PROCESSING\r\n\r\n: OPENROUTER")
    assert all(event.count(b"data: ") == 3 for event in events[:-1])
    assert len(events[0]) > 65536


def test_it_knows_when_a_client_left(upstream: Upstream) -> None:
    upstream.will(answer_with(first_after_s=60))

    with asked(upstream, '{"stream": true}') as (_, response):
        assert response.status == 200
    closed_at = time.monotonic()

    left = upstream.wait_until_left()
    assert left.left_at is not None
    assert left.left_at - closed_at < 0.5
    assert left.answered_at is None


def test_it_knows_when_a_client_left_before_any_byte(upstream: Upstream) -> None:
    upstream.will(stall())
    connection = HTTPConnection("127.0.0.1", upstream.port, timeout=5)
    connection.request("POST", "/v1/chat/completions", "{}")

    connection.close()

    assert upstream.wait_until_left().path == "/v1/chat/completions"


@pytest.mark.parametrize(
    ("reply", "error"),
    [(hang_up(), RemoteDisconnected), (reset(), ConnectionResetError), (truncated("abc"), IncompleteRead)],
)
def test_responses_break(upstream: Upstream, reply: object, error: type[Exception]) -> None:
    upstream.will(reply)  # type: ignore[arg-type]

    with pytest.raises(error):
        body_of(upstream)


def test_a_pooled_connection_goes_stale(new_upstream: NewUpstream) -> None:
    closes, resets = (
        new_upstream(requests_per_connection=1),
        new_upstream(requests_per_connection=1, afterwards="reset"),
    )
    for upstream in (closes, resets):
        with asked(upstream) as (connection, response):
            response.read()

            with pytest.raises(ConnectionError):
                ask_again(connection)

        assert upstream.log.connections == 1


def test_an_idle_connection_is_closed(new_upstream: NewUpstream) -> None:
    upstream = new_upstream(idle_close_s=0.05)
    with asked(upstream) as (connection, response):
        response.read()

        time.sleep(0.2)

        assert connection.sock.recv(1) == b""


def test_a_port_refuses_and_accepts_again(upstream: Upstream) -> None:
    upstream.refuse()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", upstream.port), timeout=1)

    upstream.accept()

    assert body_of(upstream)


def test_a_deaf_port_lets_connections_time_out(new_upstream: NewUpstream) -> None:
    upstream = new_upstream(speaks="deaf")

    with pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", upstream.port), timeout=0.3)


@pytest.mark.parametrize(("certificate", "code"), [("expired", 10), ("wrong_name", 62), ("untrusted", 20)])
def test_certificates_have_their_faults(new_upstream: NewUpstream, certificate: str, code: int) -> None:
    upstream = new_upstream(speaks="tls", certificate=certificate)
    trusting = ssl.create_default_context(cadata=upstream.ca_pem)

    with (
        socket.create_connection(("127.0.0.1", upstream.port)) as plain,
        pytest.raises(ssl.SSLCertVerificationError) as failure,
    ):
        trusting.wrap_socket(plain, server_hostname="localhost")

    assert failure.value.verify_code == code


def test_a_good_certificate_is_good(new_upstream: NewUpstream) -> None:
    upstream = new_upstream(speaks="tls")
    trusting = ssl.create_default_context(cadata=upstream.ca_pem)

    with urlopen(f"{upstream.base_url}/models", context=trusting) as response:
        assert response.status == 200


def test_other_protocols_greet_first(new_upstream: NewUpstream) -> None:
    upstream = new_upstream(speaks="banner", banner=b"220 mail\r\n")

    with socket.create_connection(("127.0.0.1", upstream.port)) as connection:
        assert connection.recv(100) == b"220 mail\r\n"


def test_a_key_may_be_required(new_upstream: NewUpstream) -> None:
    upstream = new_upstream(key="sk-right")

    with asked(upstream) as (_, response):
        assert response.status == 401


@pytest.mark.parametrize("vendor", sorted(PERSONAS))
def test_it_imitates_vendors(upstream: Upstream, vendor: str) -> None:
    upstream.imitate(vendor)
    root = {"groq": "/openai/v1", "openrouter": "/api/v1"}.get(vendor, "/v1")

    with urlopen(f"{upstream.url}{root}/models") as response:
        assert response.read().count(b"hello-1") > 0


def test_lmstudio_says_200_to_what_it_does_not_know(upstream: Upstream) -> None:
    upstream.imitate("lmstudio")

    with urlopen(f"{upstream.url}/nothing") as response:
        assert response.status == 200
        assert b'{"error":' in response.read()


def test_bodies_can_be_dripped_and_chunked(upstream: Upstream) -> None:
    upstream.will(respond(200, {"a": 1}, framing="chunked", piece_bytes=2, piece_every_s=0.01))

    assert body_of(upstream, "{}") == b'{"a": 1}'
