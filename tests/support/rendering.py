"""Turning a reply into what happens on the wire: bytes, pauses and an end."""

from __future__ import annotations

import base64
import itertools
import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from tests.support.replies import Answer, Headers, Response


@dataclass(frozen=True, slots=True)
class Send:
    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: float


@dataclass(frozen=True, slots=True)
class Talk:
    """The connection is no HTTP from now on: `with_client` gets it, and what had come already, until it returns."""

    with_client: Callable[[socket.socket, bytes], None]


How = Literal["keep", "close", "reset", "stall"]


@dataclass(frozen=True, slots=True)
class End:
    how: How


Action = Send | Wait | Talk | End
_CUTS: dict[str, How] = {"close": "close", "mid_event": "close", "reset": "reset", "stall": "stall"}
_ERROR_ENDINGS = ("error_event", "error_data", "error_then_done", "error_chunk", "error_string")


def render(reply: Answer | Response, path: str, body: Any, api_key: str) -> Iterator[Action]:
    """What happens after a request for `path` with the decoded JSON `body`."""
    if isinstance(reply, Response):
        return _response(reply, api_key)
    asked = body if isinstance(body, dict) else {}
    if path.endswith("/embeddings"):
        return _whole(reply, _embeddings(reply, asked))
    if asked.get("stream") is True:
        return _stream(reply, asked, chat=path.endswith("/chat/completions"))
    return _whole(reply, _completion(reply, asked, chat=path.endswith("/chat/completions")))


def head(status: int, headers: Headers) -> bytes:
    reason = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


# One fixed response


def _response(reply: Response, api_key: str) -> Iterator[Action]:
    yield Wait(reply.headers_after_s)
    body = reply.body.replace(b"{api_key}", api_key.encode("latin-1"))
    if reply.framing != "raw":
        yield Send(head(reply.status, (*reply.headers, *_framing(reply, len(body)))))
    yield Wait(reply.body_after_s)
    for _ in range(reply.repeat):
        for piece in _pieces(body, reply.piece_bytes):
            yield Send(_chunk(piece) if reply.framing == "chunked" else piece)
            yield Wait(reply.piece_every_s)
    if reply.framing == "chunked" and reply.then == "keep":
        yield Send(b"0\r\n\r\n")
    yield End("close" if reply.framing == "until_close" and reply.then == "keep" else reply.then)


def _framing(reply: Response, body_bytes: int) -> Headers:
    if reply.framing == "chunked":
        return (("Transfer-Encoding", "chunked"),)
    if reply.framing == "until_close":
        return (("Connection", "close"),)
    if reply.status in (204, 304):
        return ()
    return (("Content-Length", str(body_bytes * reply.repeat + reply.missing_bytes)),)


def _pieces(body: bytes, size: int | None) -> Iterator[bytes]:
    step = size or max(len(body), 1)
    return (body[start : start + step] for start in range(0, len(body), step))


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data) if data else b""


# A whole answer


def _whole(answer: Answer, body: dict[str, Any]) -> Iterator[Action]:
    yield Wait(answer.headers_after_s + sum(itertools.islice(_pauses_s(answer), len(answer.text) + 1)))
    if answer.ending == "garbage":
        content = b"\x00\xff not json {{{"
    elif answer.ending == "not_a_chunk":
        content = b'{"colour": "blue"}'
    elif answer.ending in _ERROR_ENDINGS:
        content = json.dumps(_error_body(answer)).encode()
    else:
        content = json.dumps(body | answer.extra).encode()
    cut = answer.ending in _CUTS
    length = ("Content-Length", str(len(content)))
    yield Send(head(200, (("Content-Type", "application/json"), length, *answer.headers)))
    yield Send(content[: len(content) // 2] if cut else content)
    yield End(_CUTS.get(answer.ending, "keep"))


def _completion(answer: Answer, asked: dict[str, Any], *, chat: bool) -> dict[str, Any]:
    body = _frame(answer, asked, "chat.completion" if chat else "text_completion")
    body["choices"] = [_choice(answer, index, chat=chat) for index in range(_count(asked))]
    if answer.usage is not None:
        body["usage"] = _usage(answer)
    return body


def _choice(answer: Answer, index: int, *, chat: bool) -> dict[str, Any]:
    choice: dict[str, Any] = {"index": index, "finish_reason": _finish(answer), "logprobs": _logprobs(answer)}
    if not chat:
        return choice | {"text": "".join(answer.text)}
    text = "".join(_think(answer)) + "".join(answer.text)
    message: dict[str, Any] = {"role": "assistant", "content": text or None}
    if answer.reasoning and answer.reasoning_in != "think":
        message[answer.reasoning_in] = "".join(answer.reasoning)
    if answer.tool_calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in answer.tool_calls
        ]
    return choice | {"message": message}


def _embeddings(answer: Answer, asked: dict[str, Any]) -> dict[str, Any]:
    """Vectors made of their input's length and place, so that different inputs have different vectors."""
    given = asked.get("input", "")
    inputs = given if isinstance(given, list) and given and not isinstance(given[0], int) else [given]
    dimensions = asked.get("dimensions") or 8
    encoded = asked.get("encoding_format") == "base64"
    data = []
    for index, text in enumerate(inputs):
        vector = [round((len(text) + index + place) / 100, 2) for place in range(dimensions)]
        packed = base64.b64encode(struct.pack(f"<{dimensions}f", *vector)).decode()
        data.append({"object": "embedding", "index": index, "embedding": packed if encoded else vector})
    body: dict[str, Any] = {"object": "list", "data": data, "model": answer.model or asked.get("model")}
    if answer.usage is not None:
        body["usage"] = {"prompt_tokens": answer.usage[0], "total_tokens": answer.usage[0]}
    return body


# A streamed answer


def _stream(answer: Answer, asked: dict[str, Any], *, chat: bool) -> Iterator[Action]:
    yield Wait(answer.headers_after_s)
    event_stream = ("Content-Type", "text/event-stream; charset=utf-8")
    yield Send(head(200, (event_stream, ("Transfer-Encoding", "chunked"), *answer.headers)))
    for action in _events(answer, asked, chat=chat):
        if isinstance(action, Send):
            yield from (Send(_chunk(piece)) for piece in _pieces(action.data, answer.slice_bytes))
        else:
            yield action
    if answer.ending in ("mid_event", "reset", "stall"):
        yield End(_CUTS[answer.ending])
    else:
        # A body that is complete for HTTP, whatever is missing in the events.
        yield Send(b"0\r\n\r\n")
        yield End("keep")


def _events(answer: Answer, asked: dict[str, Any], *, chat: bool) -> Iterator[Action]:
    """The body of a stream: bytes of events, and pauses."""
    end = answer.line_end
    if answer.comments:
        yield Send((f": OPENROUTER PROCESSING{end}{end}" * answer.comments).encode())
    frame = _frame(answer, asked, "chat.completion.chunk" if chat else "text_completion")
    if chat and answer.role_first:
        opening = {"role": "assistant", "content": None if answer.tool_calls else ""}
        yield _event(answer, frame | {"choices": _deltas(opening, asked)})
    pieces = _chat_deltas(answer) if chat else [{"text": text} for text in answer.text]
    due = time.monotonic()
    for piece, pause_s in zip(pieces[: answer.ending_after], _pauses_s(answer), strict=False):
        due += pause_s
        yield Wait(due - time.monotonic())
        choices = _deltas(piece, asked, answer) if chat else _texts(piece, asked)
        yield _event(answer, frame | {"choices": choices})
    yield from _ending(answer, asked, frame, chat=chat)


def _pauses_s(answer: Answer) -> Iterator[float]:
    return itertools.chain(answer.pauses_s or (answer.first_after_s,), itertools.repeat(answer.every_s))


def _chat_deltas(answer: Answer) -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = []
    if answer.reasoning_in == "think":
        deltas += [{"content": text} for text in _think(answer)]
    else:
        deltas += [{answer.reasoning_in: text} for text in answer.reasoning]
    deltas += [{"content": text} for text in answer.text]
    for index, call in enumerate(answer.tool_calls):
        half = len(call.arguments) if answer.tool_calls_whole else 0
        function = {"name": call.name, "arguments": call.arguments[:half]}
        deltas.append({"tool_calls": [{"index": index, "id": call.id, "type": "function", "function": function}]})
        if not answer.tool_calls_whole:
            middle = len(call.arguments) // 2
            for part in (call.arguments[:middle], call.arguments[middle:]):
                deltas.append({"tool_calls": [{"index": index, "function": {"arguments": part}}]})
    return deltas


def _deltas(delta: dict[str, Any], asked: dict[str, Any], answer: Answer | None = None) -> list[dict[str, Any]]:
    logprobs = _logprobs(answer) if answer is not None else None
    return [
        {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": None} for index in range(_count(asked))
    ]


def _texts(piece: dict[str, Any], asked: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"index": index, **piece, "finish_reason": None} for index in range(_count(asked))]


def _ending(answer: Answer, asked: dict[str, Any], frame: dict[str, Any], *, chat: bool) -> Iterator[Action]:
    end = answer.line_end
    done = Send(f"data: [DONE]{end}{end}".encode())
    match answer.ending:
        case "done":
            yield from _finish_events(answer, asked, frame, chat=chat)
            yield done
        case "no_done":
            yield from _finish_events(answer, asked, frame, chat=chat)
        case "mid_event":
            yield Send(b'data: {"id": "chatcmpl-1", "choices": [{"index": 0, "delta": {"con')
        case "garbage":
            yield Send(f"data: {{{{{{ not json{end}{end}".encode() + b"\x00\xff\xfe\x80")
        case "not_a_chunk":
            yield Send(f'data: {{"colour": "blue"}}{end}{end}'.encode())
            yield Send(f"data: 42{end}{end}".encode())
        case "error_event":
            yield Send(f"event: error{end}".encode())
            yield _event(answer, _error_body(answer))
        case "error_data" | "error_string":
            yield _event(answer, _error_body(answer))
        case "error_then_done":
            yield _event(answer, _error_body(answer))
            yield done
        case "error_chunk":
            yield _event(answer, frame | {"choices": _deltas({"content": ""}, asked)} | _error_body(answer))
        case "close" | "reset" | "stall":
            pass


def _finish_events(answer: Answer, asked: dict[str, Any], frame: dict[str, Any], *, chat: bool) -> Iterator[Action]:
    empty: dict[str, Any] = {"delta": {}, "logprobs": None} if chat else {"text": ""}
    choices = [{"index": index, **empty, "finish_reason": _finish(answer)} for index in range(_count(asked))]
    finish = frame | {"choices": choices}
    if answer.usage is not None and answer.usage_in in ("finish", "every", "thrice"):
        finish["usage"] = _usage(answer)
    if answer.usage is not None and answer.usage_in in ("x_groq", "thrice"):
        finish["x_groq"] = {"id": "req_1", "usage": _usage(answer)}
    yield _event(answer, finish)
    options = asked.get("stream_options") or {}
    wanted = answer.usage_in == "thrice" or (answer.usage_in == "asked" and options.get("include_usage") is True)
    if answer.usage is not None and wanted:
        yield _event(answer, frame | {"choices": [], "usage": _usage(answer)})


def _event(answer: Answer, body: dict[str, Any]) -> Send:
    if answer.usage_in == "every" and answer.usage is not None and "choices" in body:
        body = {"usage": _usage(answer)} | body
    if answer.padding_bytes:
        body = body | {"padding": "x" * answer.padding_bytes}
    return Send((answer.line_end.join(_data_lines(body, answer.data_lines)) + answer.line_end * 2).encode())


def _data_lines(body: dict[str, Any], count: int) -> list[str]:
    """One event's JSON over `count` lines; line breaks between its members are white space."""
    if count == 1:
        return [f"data: {json.dumps(body, ensure_ascii=False)}"]
    lines = json.dumps(body, ensure_ascii=False, indent=0).split("\n")
    return [f"data: {line}" for line in (*lines[: count - 1], "".join(lines[count - 1 :]))]


# Parts of both


def _frame(answer: Answer, asked: dict[str, Any], kind: str) -> dict[str, Any]:
    model = answer.model or asked.get("model")
    return {"id": "chatcmpl-1", "object": kind, "created": int(time.time()), "model": model} | answer.extra


def _count(asked: dict[str, Any]) -> int:
    wanted = asked.get("n")
    return wanted if isinstance(wanted, int) and wanted > 0 else 1


def _finish(answer: Answer) -> str:
    return answer.finish_reason or ("tool_calls" if answer.tool_calls else "stop")


def _think(answer: Answer) -> tuple[str, ...]:
    if answer.reasoning_in != "think" or not answer.reasoning:
        return ()
    return ("<think>", *answer.reasoning, "</think>")


def _usage(answer: Answer) -> dict[str, int]:
    prompt, completion = answer.usage or (0, 0)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def _logprobs(answer: Answer) -> dict[str, Any] | None:
    if not answer.logprobs:
        return None
    return {"content": [{"token": "hello", "logprob": -0.1, "bytes": None, "top_logprobs": []}], "refusal": None}


def _error_body(answer: Answer) -> dict[str, Any]:
    if answer.ending == "error_string":
        return {"error": answer.error}
    code: str | int = "tool_use_failed" if answer.ending == "error_event" else 500
    return {"error": {"message": answer.error, "type": "server_error", "param": None, "code": code}}
