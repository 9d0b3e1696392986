"""How far llama.cpp has read the prompt, for who watches.

Source: llama.cpp's tools/server/README.md, `return_progress`: chunks before the first token that carry
`prompt_progress: {total, cache, processed, time_ms}`, counted in tokens. Versions that do not know it ignore it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import msgspec

from app.domain.catalog import ModelInfo, Task
from app.domain.events import Burst
from app.domain.lifecycle import READING_PROMPT, Progress
from app.domain.requests import Json, ModelRequest
from app.providers.base import Attempt

Ask = Callable[[ModelRequest, ModelInfo, Attempt], Iterator[Burst]]

_ASKED = Json(b"true")


class _Read(msgspec.Struct):
    total: int
    processed: int


class _Chunk(msgspec.Struct):
    prompt_progress: _Read | None = None


_decode = msgspec.json.Decoder(_Chunk).decode


def told_while_it_reads(ask: Ask, request: ModelRequest, model: ModelInfo, attempt: Attempt) -> Iterator[Burst]:
    """What `ask` yields, with an empty burst after each news of `attempt.progress`."""
    if not attempt.watches or not request.stream or request.task is not Task.CHAT:
        yield from ask(request, model, attempt)
        return
    request = msgspec.structs.replace(request, fields={**request.fields, "return_progress": _ASKED})
    with closing(ask(request, model, attempt)) as bursts:  # type: ignore[type-var]  # a generator
        for burst in bursts:
            yield burst
            share = _share(burst)
            if share is not None:
                attempt.progress = Progress(fraction=share, detail=READING_PROMPT)
                yield ()
                attempt.told()


def _share(burst: Burst) -> float | None:
    """Of the prompt's tokens, by the newest chunk that tells."""
    for event in reversed(burst):
        if b'"prompt_progress"' in event.data:
            try:
                read = _decode(event.data).prompt_progress
            except msgspec.ValidationError:
                continue
            if read is not None and 0 <= read.processed <= read.total and read.total > 0:
                return read.processed / read.total
    return None
