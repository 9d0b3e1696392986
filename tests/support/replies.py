"""What the upstream server can be told to answer, as values that travel to its process as JSON.

Two sorts: `Answer`, a model's answer that is rendered as each request wants it (chat, completion or embeddings,
streamed or whole), and `Response`, one fixed HTTP response. The functions below make the usual ones.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

Headers = tuple[tuple[str, str], ...]

Ending = Literal[
    "done",  # as it should be: finish reason, `[DONE]`
    "no_done",  # finish reason, then the end without `[DONE]` (llama.cpp, Ollama)
    "close",  # the body just ends, between two events, without finish reason
    "mid_event",  # the connection closes inside an event
    "reset",  # the connection is reset
    "stall",  # silent for ever, with the connection open
    "garbage",  # bytes that are no JSON
    "not_a_chunk",  # JSON that is no chunk
    "error_event",  # Groq, LM Studio: `event: error`, then the end
    "error_data",  # llama.cpp: `data: {"error": …}`, then the end
    "error_then_done",  # vLLM: `data: {"error": …}`, then `[DONE]`
    "error_chunk",  # OpenRouter: a chunk with choices and a top-level error
    "error_string",  # `data: {"error": "words"}`, then the end
]


class ToolCall(msgspec.Struct, frozen=True):
    name: str
    arguments: str = "{}"
    """JSON text; sent in two pieces unless the answer's `tool_calls_whole`."""
    id: str = "call_1"


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag="answer"):
    """A model's answer. Each element of `text` and `reasoning` is one chunk of a stream."""

    text: tuple[str, ...] = ("hello", " there")
    reasoning: tuple[str, ...] = ()
    reasoning_in: Literal["reasoning_content", "reasoning", "think"] = "reasoning_content"
    tool_calls: tuple[ToolCall, ...] = ()
    tool_calls_whole: bool = False
    """Groq and Ollama send a call in one delta, OpenAI its arguments in pieces."""
    finish_reason: str | None = None
    """`tool_calls` or `stop` unless given."""
    logprobs: bool = False
    model: str | None = None
    """The model the answer claims to come from; the one asked for unless given."""
    usage: tuple[int, int] | None = (3, 2)
    """Prompt and completion tokens; None leaves usage out, whatever was asked."""
    usage_in: Literal["asked", "finish", "x_groq", "every", "thrice"] = "asked"
    """Where a stream has it: a last chunk if asked, the finish chunk, its `x_groq`, every chunk, Groq's three."""
    extra: dict[str, Any] = {}
    """Added to the top level of every chunk and of the whole answer."""
    headers: Headers = ()
    comments: int = 0
    """How many `: OPENROUTER PROCESSING` lines precede the first event."""
    line_end: Literal["\n", "\r\n", "\r"] = "\n"
    data_lines: int = 1
    """Over how many `data:` lines each event is spread."""
    padding_bytes: int = 0
    """Added to every event as a field `padding`."""
    slice_bytes: int | None = None
    """Sends the stream in pieces of so many bytes, wherever that cuts an event or a character."""
    role_first: bool = True
    """Whether a chunk with only the role precedes the text."""
    headers_after_s: float = 0.0
    first_after_s: float = 0.0
    """Between the headers (and the role chunk) and the first piece."""
    every_s: float = 0.0
    """Before each piece after the first, kept on average: what a pause was too long, the next ones make good."""
    pauses_s: tuple[float, ...] = ()
    """Before each of the first pieces, instead of `first_after_s`."""
    ending: Ending = "done"
    ending_after: int | None = None
    """After how many pieces the ending comes; after all of them unless given."""
    error: str = "The model has crashed"
    """The words of the `error_…` endings."""


class Response(msgspec.Struct, frozen=True, kw_only=True, tag="response"):
    """One HTTP response, right or wrong. `{api_key}` in the body becomes the key that the request came with."""

    status: int = 200
    headers: Headers = (("Content-Type", "application/json"),)
    body: bytes = b""
    repeat: int = 1
    """How often the body is sent, for bodies too large to write down."""
    framing: Literal["length", "chunked", "until_close", "raw"] = "length"
    """`raw` sends the body as it is, without status line and headers."""
    missing_bytes: int = 0
    """How much more the Content-Length promises than is sent."""
    headers_after_s: float = 0.0
    body_after_s: float = 0.0
    piece_bytes: int | None = None
    piece_every_s: float = 0.0
    """With `piece_bytes`: drips the body."""
    then: Literal["keep", "close", "reset", "stall"] = "keep"


Reply = Answer | Response


def answer_with(text: str | Sequence[str] = "hello there", **options: Any) -> Answer:
    """An answer of `text`: a string is streamed word by word, a list piece by piece. `options` are Answer's fields."""
    return Answer(text=_words(text) if isinstance(text, str) else tuple(text), **options)


def call_tool(name: str, arguments: Mapping[str, Any], **options: Any) -> Answer:
    """An answer without text that calls one tool."""
    return Answer(text=(), tool_calls=(ToolCall(name, json.dumps(arguments)),), **options)


def respond(
    status: int = 200, body: object = b"", *, headers: Mapping[str, str] | None = None, **options: Any
) -> Response:
    """Any response: `body` is bytes, text, or a value that becomes JSON. `options` are Response's fields."""
    content, content_type = _content(body)
    merged = {"Content-Type": content_type, **(headers or {})}
    return Response(status=status, headers=tuple(merged.items()), body=content, **options)


def openai_error(
    status: int,
    message: str = "It did not work",
    *,
    error_type: str = "invalid_request_error",
    code: str | int | None = None,
    param: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An error as OpenAI and most others shape it; an integer `code` is llama.cpp's and vLLM's habit."""
    body = {"error": {"message": message, "type": error_type, "param": param, "code": code}}
    return respond(status, body, headers=headers)


def string_error(status: int, message: str = "It did not work") -> Response:
    """An error that is only words: LM Studio's context overflow, vLLM's 401."""
    return respond(status, {"error": message})


def flat_error(status: int, message: str = "It did not work") -> Response:
    """Older vLLM."""
    return respond(
        status,
        {"object": "error", "message": message, "type": "BadRequestError", "param": None, "code": status},
    )


def rate_limited(retry_after_s: float | None = None, *, in_ms: bool = False) -> Response:
    """429 that passes with time. `in_ms` says it in `retry-after-ms`."""
    headers = {}
    if retry_after_s is not None:
        headers = {"retry-after-ms": str(int(retry_after_s * 1000))} if in_ms else {"Retry-After": f"{retry_after_s:g}"}
    return openai_error(
        429, "Rate limit reached", error_type="rate_limit_error", code="rate_limit_exceeded", headers=headers
    )


def out_of_quota(code: str = "insufficient_quota") -> Response:
    """429 that no waiting cures."""
    return openai_error(429, "You exceeded your current quota", error_type="insufficient_quota", code=code)


def groq_tokens_per_minute() -> Response:
    """Groq's 413: a quota, not a size."""
    return openai_error(
        413, "Request too large: Limit 8000, Requested 12328", error_type="tokens", code="rate_limit_exceeded"
    )


def key_refused() -> Response:
    """401 that repeats the key it got."""
    return openai_error(401, "Incorrect API key provided: {api_key}", code="invalid_api_key")


def unexpected_endpoint() -> Response:
    """LM Studio's way to say 404: status 200."""
    return respond(200, {"error": "Unexpected endpoint or method. (GET /nothing)"})


def web_page(status: int = 200, title: str = "Welcome") -> Response:
    page = f"<!doctype html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return respond(status, page, headers={"Content-Type": "text/html; charset=utf-8"})


def redirect_to(location: str, status: int = 307) -> Response:
    return respond(status, b"", headers={"Location": location})


def huge_json(size_bytes: int) -> Response:
    """A body of about so many bytes, valid JSON only at its very end."""
    return Response(body=b" " * 65536, repeat=size_bytes // 65536 + 1)


def truncated(body: object = "", *, missing_bytes: int = 100) -> Response:
    """Content-Length promises more than comes before the connection closes."""
    return respond(200, body, missing_bytes=missing_bytes, then="close")


def stall() -> Response:
    """Silence instead of a response, for as long as the client waits."""
    return Response(framing="raw", then="stall")


def hang_up() -> Response:
    """The connection closes instead of a response."""
    return Response(framing="raw", then="close")


def reset() -> Response:
    """The connection is reset instead of a response."""
    return Response(framing="raw", then="reset")


def raw(wire: bytes, then: Literal["keep", "close", "reset", "stall"] = "close") -> Response:
    """Exactly these bytes on the wire."""
    return Response(framing="raw", body=wire, then=then)


def _words(text: str) -> tuple[str, ...]:
    """`"a b c"` → `("a", " b", " c")`."""
    first, *rest = text.split(" ")
    return (first, *(f" {word}" for word in rest))


def _content(body: object) -> tuple[bytes, str]:
    if isinstance(body, bytes):
        return body, "application/octet-stream"
    if isinstance(body, str):
        return body.encode(), "text/plain; charset=utf-8"
    return json.dumps(body).encode(), "application/json"
