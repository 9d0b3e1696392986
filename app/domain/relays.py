"""What is passed on to a provider as it comes, but for the model's name: sound, images, moderation, ranking."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from app.domain.requests import ModelRequest


class Route(StrEnum):
    """Below the provider's base address, as OpenAI has them (ranking: as Jina, Cohere and vLLM have it)."""

    TRANSCRIPTIONS = "/audio/transcriptions"
    SPEECH = "/audio/speech"
    IMAGES = "/images/generations"
    MODERATIONS = "/moderations"
    RERANK = "/rerank"

    @property
    def task(self) -> str:
        """What the ledger calls it."""
        return _TASKS[self]

    @property
    def words(self) -> str:
        """What it does, for people."""
        return _WORDS[self]


_TASKS = {
    Route.TRANSCRIPTIONS: "transcription",
    Route.SPEECH: "speech",
    Route.IMAGES: "image",
    Route.MODERATIONS: "moderation",
    Route.RERANK: "rerank",
}
_WORDS = {
    Route.TRANSCRIPTIONS: "turn speech into text",
    Route.SPEECH: "turn text into speech",
    Route.IMAGES: "make images",
    Route.MODERATIONS: "judge texts",
    Route.RERANK: "rank documents",
}
EVERY_ROUTE = frozenset(Route)


class Relay(ModelRequest, frozen=True, kw_only=True):
    """`fields` are empty, and `task` only says how the model is found: by its name alone."""

    route: Route
    content_type: str
    body: Callable[[str], bytes]
    """The vendor's name of the model → the body to send."""

    @property
    def counted_as(self) -> str:
        return self.route.task
