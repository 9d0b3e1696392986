"""What a server's refusals have taught: which parameters a model does not take, and whether it streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from app.domain.errors import ProviderRejected

Lesson = Literal["parameter", "stream"]
_CODES = frozenset({"unsupported_parameter", "unsupported_value"})
_NEEDED = frozenset({"messages", "prompt", "tools"})
"""Without these it would be another request."""


class Lessons:
    """Of one provider, by model."""

    def __init__(self, *, learns: bool) -> None:
        """Without `learns` everything that is refused is an error: not every server means what it says."""
        self._learns = learns
        self._refused: dict[str, frozenset[str]] = {}
        self._unwanted: dict[str, frozenset[str]] = {}
        self._plain_only: set[str] = set()

    def refused(self, model_id: str) -> frozenset[str]:
        """Names of parameters to leave out."""
        return self._refused.get(model_id, frozenset())

    def unwanted(self, model_id: str) -> frozenset[str]:
        """Names of wishes to leave out."""
        return self._unwanted.get(model_id, frozenset())

    def learn_without(self, model_id: str, wishes: frozenset[str]) -> None:
        """That a request was refused with these wishes, and answered without them."""
        self._unwanted[model_id] = self.unwanted(model_id) | wishes

    def streams(self, model_id: str) -> bool:
        return model_id not in self._plain_only

    def learn(
        self, error: ProviderRejected, model_id: str, sent: Mapping[str, object], *, streamed: bool, strict: bool
    ) -> Lesson | None:
        """What is remembered of this refusal, so that the call can be made again; None where that makes no sense.

        `strict`: no parameter may be left out. An answer that comes whole is no less than a streamed one.
        """
        name = error.param
        if not self._learns or error.provider_code not in _CODES or name is None:
            return None
        # OpenAI's way to say that an organisation is not verified for streaming this model.
        if name == "stream" and streamed and error.provider_code == "unsupported_value":
            self._plain_only.add(model_id)
            return "stream"
        if strict or name not in sent or name in _NEEDED:
            return None
        self._refused[model_id] = self.refused(model_id) | {name}
        return "parameter"
