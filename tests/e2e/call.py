"""One HTTP call over a plain socket: read to its end, event by event, or left at any moment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from typing import Any, Self


@dataclass(frozen=True)
class Reply:
    """Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Heard:
    """What a stream said, of either face: text, comments, and every ending that it announced, in order."""

    text: str = ""
    comments: list[str] = field(default_factory=list)
    endings: list[str] = field(default_factory=list)
    """`done`, or the code of an error."""
    complete: bool = True
    """Whether the HTTP body came to its own end."""


class Call:
    """A request that was sent; `leave` closes the connection without reading on."""

    def __init__(self, connection: HTTPConnection) -> None:
        self._connection = connection
        self._response: HTTPResponse | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        if self._response is not None:
            self._response.close()
        self._connection.close()

    @property
    def response(self) -> HTTPResponse:
        """Waits for status and headers."""
        if self._response is None:
            self._response = self._connection.getresponse()
        return self._response

    def reply(self) -> Reply:
        response = self.response
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, headers, response.read().decode())

    def lines(self) -> Iterator[str]:
        """The body's lines without their ends, as they come; empty lines left out."""
        while line := self.response.readline():
            if text := line.decode().rstrip("\r\n"):
                yield text

    def wait_for_text(self) -> str:
        """The first text of a stream."""
        for line in self.lines():
            if text := text_of(line):
                return text
        raise AssertionError("the stream ended without text")

    def listen(self) -> Heard:
        """The whole stream."""
        heard = Heard()
        try:
            for line in self.lines():
                _note(heard, line)
        except (IncompleteRead, ConnectionResetError):
            heard.complete = False
        return heard


def text_of(line: str) -> str:
    """The text in one line of a stream, of either face."""
    document = _document(line)
    if not isinstance(document, dict):
        return ""
    if document.get("type") == "delta":
        return str(document["text"])
    return "".join(choice.get("delta", {}).get("content") or "" for choice in document.get("choices") or ())


def _note(heard: Heard, line: str) -> None:
    if line.startswith(":"):
        heard.comments.append(line)
    heard.text += text_of(line)
    document = _document(line)
    if document == "[DONE]" or (isinstance(document, dict) and document.get("type") == "done"):
        heard.endings.append("done")
    elif isinstance(document, dict) and "error" in document:
        heard.endings.append(document["error"]["code"])
    elif isinstance(document, dict) and document.get("type") == "error":
        heard.endings.append(document["code"])


def _document(line: str) -> Any:
    if not line.startswith("data: "):
        return None
    data = line.removeprefix("data: ")
    return data if data == "[DONE]" else json.loads(data)
