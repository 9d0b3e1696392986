"""OpenAI's responses at /v1/responses (and /openai/v1/responses), answered by any provider.

    POST /v1/responses {"model": "…", "input": "hello", "previous_response_id": "resp_…"}
    {"id": "resp_…", "object": "response", "status": "completed", "output": [
       {"id": "msg_…", "type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hi"}]}],
     "usage": {"input_tokens": 3, "output_tokens": 1, …}, …}

Unless `store` is false, an answer is kept so that the next question can name it. Source:
https://platform.openai.com/docs/api-reference/responses. Requests are translated in translation/responses_prompt.py,
answers in translation/responses_output.py.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from app.api.admission import admitted
from app.api.credentials import Credentials
from app.api.openai_errors import error_body, error_code
from app.api.parsing import wrong
from app.api.streaming import KEEP_ALIVE, SSE_HEADERS, event_stream, read_all, sse
from app.api.translation.chat import decoded_body, translated_headers
from app.api.translation.responses_output import Output, usage_of
from app.api.translation.responses_prompt import Asked, asked, items_of, previous_id
from app.api.wire import JSON, WireReply, WireRequest, guarded
from app.domain.accounts import Caller
from app.domain.errors import GatewayError
from app.domain.events import HEARTBEAT_S, Burst
from app.domain.responses import KeptResponse
from app.gateway.answer import Answer, Call
from app.gateway.responses import ResponseShelf
from app.gateway.service import LLMService

FACE = "responses"
PATHS = ("/v1/responses", "/openai/v1/responses")
_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}
_OWN_ID = re.compile(r"[a-z]+_([0-9a-f]{32})([0-9a-f]*)")
MAX_REFERRED = 100
_encode = msgspec.json.Encoder().encode

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OpenAIResponses:
    """The call as a plain function from request to reply."""

    llm: LLMService
    credentials: Credentials
    shelf: ResponseShelf

    def hot_routes(self) -> Mapping[str, Callable[[WireRequest], WireReply]]:
        """Path → function, for POST."""
        return dict.fromkeys(PATHS, self.create)

    def create(self, request: WireRequest) -> WireReply:
        return guarded(self._answer, request, error_body)

    def _answer(self, wire: WireRequest) -> WireReply:
        caller = admitted(self.credentials, wire.headers)
        body = decoded_body(wire)
        before = self._before(caller, body)
        items = self._with_referenced(caller, items_of(body))
        earlier = (item for turn in before for item in (*turn.input, *turn.document["output"]))
        given = asked(body, items, (dict(item) for item in earlier), strict=wire.strict)
        wire.call = Call(caller, wire.request_id, FACE, wire.started, wire.stop)
        answer = self.llm.answer(given.request, wire.call)
        headers = translated_headers(answer, given.left_out)
        response = Response(answer, given, keep=self._keeping(caller, given, before))
        if given.request.stream:
            return WireReply(200, [*SSE_HEADERS, *headers], _streamed(response, wire.request_id))
        read_all(answer, response.output.take)
        for _ in response.output.finish(response.status):
            pass
        return WireReply(200, [JSON, *headers], _encode(response.ended()))

    def _before(self, caller: Caller, body: Mapping[str, Any]) -> list[KeptResponse]:
        previous = previous_id(body)
        if previous is None:
            return []
        turns = self.shelf.turns(caller.user_id, row_id(previous) or "")
        if turns is None:
            raise wrong(
                "previous_response_id", "names a response that is not there (any more), or builds on one that is not"
            )
        return turns

    def _with_referenced(self, caller: Caller, items: list[Document]) -> list[Document]:
        """The items, with output items of kept responses in place of references to them."""
        names = [_reference(item) for item in items if item.get("type") == "item_reference"]
        if not names:
            return items
        wanted = {found for name in names if (found := row_id(name)) is not None}
        if len(wanted) > MAX_REFERRED:
            raise wrong("input", f"refers to more than {MAX_REFERRED} responses; name the last in previous_response_id")
        kept = self.shelf.several(caller.user_id, sorted(wanted))
        outputs = {item["id"]: item for one in kept for item in one.document["output"]}
        if any(name not in outputs for name in names):
            raise wrong("input", "refers to an item of a response that is not there (any more)")
        return [dict(outputs[item["id"]]) if item.get("type") == "item_reference" else item for item in items]

    def _keeping(self, caller: Caller, given: Asked, before: list[KeptResponse]) -> Callable[[str, Document], None]:
        def keep(hexadecimal: str, document: Document) -> None:
            if given.store:
                own_id = str(uuid.UUID(hexadecimal))
                self.shelf.keep(caller.user_id, own_id, before, asked=given.items, document=document)

        return keep


def row_id(name: str) -> str | None:
    """The id under which a response is kept, from its own or an item's; None for what is neither."""
    match = _OWN_ID.fullmatch(name)
    return None if match is None else str(uuid.UUID(match[1]))


def _reference(item: Document) -> str:
    name = item.get("id")
    if not isinstance(name, str):
        raise wrong("input", "refers to an item without its id")
    return name


@dataclass(slots=True)
class Response:
    """An answer on its way, as the response that it becomes. `keep` takes its id and its document."""

    answer: Answer
    given: Asked
    keep: Callable[[str, Document], None]
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created_at: int = field(default_factory=lambda: int(time.time()))
    output: Output = field(init=False)

    def __post_init__(self) -> None:
        self.output = Output(self.answer, self.id, self.given.offers)

    @property
    def status(self) -> str:
        return "incomplete" if self.answer.finish_reason in _INCOMPLETE else "completed"

    def document(self, status: str, **fields: Any) -> Document:
        return {
            "id": f"resp_{self.id}",
            "object": "response",
            "created_at": self.created_at,
            "status": status,
            "background": False,
            "error": None,
            "incomplete_details": None,
            "model": self.answer.model,
            "output": [],
            "usage": None,
            **self.given.told,
            **fields,
        }

    def ended(self) -> Document:
        """The whole response, which is kept before anybody is told of its end."""
        reason = _INCOMPLETE.get(self.answer.finish_reason or "")
        document = self.document(
            self.status,
            incomplete_details=None if reason is None else {"reason": reason},
            output=self.output.items,
            usage=usage_of(self.answer),
            completed_at=int(time.time()),
        )
        self.keep(self.id, document)
        return document

    def failed(self, error: GatewayError) -> Document:
        told = {"code": error_code(error), "message": error.message}
        return self.document("failed", error=told, output=self.output.items)


def _streamed(response: Response, request_id: str) -> Iterator[bytes]:
    stream = ResponseStream(response)
    return event_stream(response.answer, request_id, piece=stream.piece, ending=stream.ending, failure=stream.failure)


class ResponseStream:
    """The bytes of a streamed response; its events are numbered. While what comes can't be told yet, comments do."""

    def __init__(self, response: Response, now: Callable[[], float] = time.monotonic) -> None:
        self._response = response
        self._number = 0
        self._now = now
        self._told_at = 0.0

    def piece(self, burst: Burst) -> bytes:
        output = self._response.output
        told = self._beginning() + b"".join([self._named(one) for event in burst for one in output.read(event)])
        if not told and self._now() - self._told_at >= HEARTBEAT_S:
            told = KEEP_ALIVE
        if told:
            self._told_at = self._now()
        return told

    def ending(self) -> bytes:
        response = self._response
        beginning = self._beginning()
        last = [self._named(one) for one in response.output.finish(response.status)]
        return b"".join([beginning, *last, self._about(f"response.{response.status}", response.ended())])

    def failure(self, error: GatewayError) -> bytes:
        return self._beginning() + self._about("response.failed", self._response.failed(error))

    def _beginning(self) -> bytes:
        if self._number:
            return b""
        begun = self._response.document("in_progress")
        return self._about("response.created", begun) + self._about("response.in_progress", begun)

    def _about(self, name: str, response: Document) -> bytes:
        return self._named({"type": name, "response": response})

    def _named(self, event: Document) -> bytes:
        number, self._number = self._number, self._number + 1
        return sse({**event, "sequence_number": number}, event["type"])
