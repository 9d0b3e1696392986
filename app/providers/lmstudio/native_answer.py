"""An answer of LM Studio's native chat, which alone tells how far it is with the load and with reading the prompt.

Source: https://lmstudio.ai/docs/developer/rest. Its events become chunks of OpenAI's format.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import msgspec

from app.domain.catalog import ModelInfo
from app.domain.errors import (
    ProviderAuthFailed,
    ProviderError,
    ProviderFailed,
    ProviderProtocol,
    ProviderRejected,
    ProviderTimeout,
    StreamCut,
)
from app.domain.events import AnswerBody, Burst, Chunk, Event
from app.domain.lifecycle import READING_PROMPT, Progress
from app.providers.base import Attempt, Sent
from app.providers.http.client import HttpCall, Patience
from app.providers.lmstudio.native import LMStudioApi
from app.providers.lmstudio.native_body import SAID
from app.providers.lmstudio.watching import CHAT, progress_in
from app.providers.plain_models import first_int

AFTER_ERROR_S = 1.0
"""How long the counts are waited for that follow an error."""

_DELTAS = {"message.delta": "content", "reasoning.delta": "reasoning_content"}
_OUTPUTS = {"message": "content", "reasoning": "reasoning_content"}


@dataclass(frozen=True, slots=True)
class Pace:
    """`first` makes the patience for the first token, `moved` gives a call the one for what follows these events."""

    first: Callable[[], Patience]
    moved: Callable[[HttpCall, list[Event]], None]


def answered_natively(
    api: LMStudioApi, body: Mapping[str, Any], model: ModelInfo, attempt: Attempt, pace: Pace
) -> Generator[Burst, None, bool]:
    """The answer's bursts, an empty one with each news of `attempt.progress`; whether there was an answer.

    There is none where LM Studio refuses to be asked this way, or can't be understood, before anything was said.
    Raises ProviderError, or the stop's reason.
    """
    answer = NativeAnswer(api, body, model, attempt, pace)
    try:
        yield from answer.bursts()
    except (ProviderRejected, ProviderProtocol, ProviderFailed, ProviderAuthFailed) as error:
        has_failed = answer.has_begun and not isinstance(error, ProviderRejected | ProviderProtocol)
        if answer.has_content or has_failed:
            raise
    else:
        return True
    if attempt.progress is not None:
        # How far that was says nothing about the next call.
        attempt.progress = Progress(detail=attempt.progress.detail)
        yield ()
        attempt.told()
    return False


class NativeAnswer:
    """One call."""

    def __init__(
        self, api: LMStudioApi, body: Mapping[str, Any], model: ModelInfo, attempt: Attempt, pace: Pace
    ) -> None:
        self._api = api
        self._body = body
        self._model = model
        self._attempt = attempt
        self._pace = pace
        self._call = api.chat_call(CHAT, body, pace.first(), attempt)
        self._common = {"id": f"chatcmpl-{uuid4().hex}", "object": "chat.completion.chunk", "created": int(time.time())}
        self._instance = model.id
        self._error: ProviderError | None = None
        self.has_begun = False
        """Whether anything came that is an event."""
        self.has_content = False

    def bursts(self) -> Iterator[Burst]:
        self._attempt.sent = Sent(self._call.path, self._body, from_root=True, said=SAID)
        try:
            with closing(self._api.streamed(self._call)) as documents:
                for document in documents:
                    if document is None:
                        yield ()
                        continue
                    yield from self._read(document)
                    if document.get("type") == "chat.end":
                        break
                else:
                    raise self._incomplete()
        except (StreamCut, ProviderTimeout):
            if self._error is None:
                raise
        if self._error is not None:
            raise self._error

    def _read(self, document: Mapping[str, Any]) -> Iterator[Burst]:
        self.has_begun = True
        progress = progress_in(document)
        if progress is not None:
            yield from self._tell(document, progress)
            return
        match document:
            case {"type": "chat.start"}:
                self._instance = str(document.get("model_instance_id") or self._instance)
            case {"type": "message.delta" | "reasoning.delta" as kind, "content": str() as text}:
                yield self._said(_DELTAS[kind], text)
            case {"type": "error"}:
                self._error = self._api.error_in(document)
                self._call.patience.until = min(self._call.patience.until, time.monotonic() + AFTER_ERROR_S)
                self._call.patience.is_idle = False
            case {"type": "chat.end", "result": dict() as result}:
                yield from self._ended(result)
            case {"type": str() as kind} if kind not in (*_DELTAS, "chat.end"):
                # Beginnings and ends of what is told, and what later versions may add.
                return
            case _:
                raise self._api.garbage()

    def _tell(self, document: Mapping[str, Any], progress: Progress) -> Iterator[Burst]:
        if document["type"] == "model_load.end":
            # The time to the first token is that of a model in memory.
            self._call.patience = self._pace.first()
        if self.has_content or (document["type"] == "prompt_processing.start" and self._is_reading):
            return
        self._attempt.progress = progress
        yield ()
        self._attempt.told()

    @property
    def _is_reading(self) -> bool:
        return self._attempt.progress is not None and self._attempt.progress.detail == READING_PROMPT

    def _said(self, name: str, text: str) -> Burst:
        first = {} if self.has_content else {"role": "assistant"}
        self.has_content = self.has_content or bool(text)
        events: list[Event] = [self._chunk([{"index": 0, "delta": {**first, name: text}, "finish_reason": None}])]
        self._pace.moved(self._call, events)
        return tuple(events)

    def _ended(self, result: Mapping[str, Any]) -> Iterator[Burst]:
        found = result.get("stats")
        stats = found if isinstance(found, dict) else {}
        made, read = first_int(stats, "total_output_tokens"), first_int(stats, "input_tokens")
        if self._error is None:
            yield from self._left_out(result)
            end = {"index": 0, "delta": {}, "finish_reason": self._finish_reason(made, read, stats)}
            yield (self._chunk([end]),)
        elif not self.has_content:
            return
        if made is not None and read is not None:
            details = {"reasoning_tokens": first_int(stats, "reasoning_output_tokens") or 0}
            usage = {"prompt_tokens": read, "completion_tokens": made, "total_tokens": read + made}
            yield (self._chunk([], usage={**usage, "completion_tokens_details": details}),)

    def _left_out(self, result: Mapping[str, Any]) -> Iterator[Burst]:
        """What a version that tells its text in another way says at the end alone."""
        output = result.get("output")
        if self.has_content or not isinstance(output, list):
            return
        for item in output:
            match item:
                case {"type": "message" | "reasoning" as kind, "content": str() as text} if text:
                    yield self._said(_OUTPUTS[kind], text)

    def _finish_reason(self, made: int | None, read: int | None, stats: Mapping[str, Any]) -> str | None:
        """LM Studio does not say why it ended. None where the counts don't either.

        At the end of its context it may have stopped, or have gone on without the beginning.
        """
        most = self._body.get("max_output_tokens")
        if made is None or read is None:
            return None
        if most is not None and made >= most:
            return "length"
        # One that was loaded just now may have another context than the list said.
        context = None if "model_load_time_seconds" in stats else self._context()
        return "stop" if context is not None and read + made < context else None

    def _context(self) -> int | None:
        """Of the instance that answered, as the list has it."""
        found = [one.context_length for one in self._model.instances if one.id == self._instance]
        return found[0] if found else self._model.loaded_context_length if self._instance == self._model.id else None

    def _chunk(self, choices: list[dict[str, Any]], **more: Any) -> Chunk:
        document = {**self._common, "model": self._instance, "choices": choices, **more}
        return Chunk(msgspec.json.encode(document), msgspec.convert(document, AnswerBody))

    def _incomplete(self) -> ProviderError:
        """A stream that ends in order and has said nothing was not understood."""
        is_cut = self.has_content or self._error is not None
        return self._api.incomplete() if is_cut else self._api.garbage()
