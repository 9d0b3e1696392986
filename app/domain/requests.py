"""What a caller asks of a model, in one form for every dialect and every vendor.

The names are those of OpenAI's chat completions, completions and embeddings, because nearly every server speaks them.
A field's value stays JSON text (`msgspec.Raw`) until somebody needs its meaning: a request with a 10 MB image goes
through without being taken apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from app.domain.catalog import Task

Json = msgspec.Raw
VISION = "vision"
IMAGE_ADDRESS = "image_address"
_decode = msgspec.json.Decoder().decode


class ModelRequest(msgspec.Struct, frozen=True):
    """`fields` holds everything but `model`, `stream` and `stream_options`, checked by the dialect it came from.

    `include_usage` is what the client wants to see in a stream. `needs` is what it takes to answer: VISION where images
    are among the messages, IMAGE_ADDRESS too where one is given by its address, which the provider would have to fetch.
    `wishes` names fields that are left out, with notice, where the model does not take their value: agents send some
    with every request, whatever the model.
    """

    task: Task
    model: str | None
    fields: Mapping[str, Json]
    stream: bool = False
    include_usage: bool = False
    strict: bool = False
    """Whether a parameter that the model does not take is refused rather than dropped with notice."""
    needs: frozenset[str] = frozenset()
    wishes: frozenset[str] = frozenset()
    stream_options: Mapping[str, Any] = {}  # msgspec makes a new one each time

    @property
    def counted_as(self) -> str:
        """What the ledger calls it."""
        return self.task.value

    def value(self, name: str, default: Any = None) -> Any:
        """A field's decoded value."""
        raw = self.fields.get(name)
        return default if raw is None else _decode(raw)

    def size_bytes(self, name: str) -> int:
        """How many bytes of JSON text a field has."""
        raw = self.fields.get(name)
        return 0 if raw is None else len(bytes(raw))
