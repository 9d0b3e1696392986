"""Going up the ladder: each step is timed, and the first that fails is the last."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from app.domain.catalog import ProviderConfig
from app.providers.http.target import Target
from app.providers.ladder import judging, line
from app.providers.ladder.asking import Question, Reply, ask
from app.providers.ladder.report import Diagnosis, Fault, Step

_TOKEN_CAPS = ("max_tokens", "max_completion_tokens")
_ANSWER_TOKENS = 8


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds for single steps, and for everything. `repair_s` is kept for trying repairs out."""

    resolve_s: float = 3.0
    connect_s: float = 5.0
    tls_s: float = 3.0
    http_s: float = 5.0
    repair_s: float = 3.0
    total_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far it went; `fault` is what the last step failed with, None when all of them went well."""

    started: float
    """On the monotonic clock."""
    steps: tuple[Step, ...]
    fault: Fault | None
    places: tuple[line.Place, ...]
    models: tuple[str, ...]
    """Ids of the listed models that can chat."""

    @property
    def reached_api(self) -> bool:
        """Whether something answered as an API does, though perhaps not with what was hoped for."""
        return any(step.step == "http" and step.ok for step in self.steps)

    @property
    def reached_http(self) -> bool:
        """Whether an HTTP response came at all."""
        return self.reached_api or (self.fault is not None and self.fault.status is not None)


class Climb:
    """One test of one configuration; used once."""

    def __init__(self, config: ProviderConfig, target: Target, limits: Limits) -> None:
        self._config = config
        self._target = target
        self._limits = limits
        self._started = time.monotonic()
        self._until = self._started + limits.total_s - limits.repair_s
        self._steps: list[Step] = []
        self._places: tuple[line.Place, ...] = ()
        self._models: tuple[str, ...] = ()
        self._headers = _headers(config)

    def run(self, *, completion: bool = False) -> Outcome:
        try:
            self._go(completion=completion)
        except Fault as fault:
            return self._outcome(fault)
        return self._outcome(None)

    def _outcome(self, fault: Fault | None) -> Outcome:
        return Outcome(self._started, tuple(self._steps), fault, self._places, self._models)

    def _go(self, *, completion: bool) -> None:
        sock = self._reach()
        with self._step("http") as says:
            reply = self._ask(sock, Question(f"{self._target.path}/models", self._headers), self._limits.http_s)
            judging.check_status(reply)
            says(f"status {reply.status}")
        with self._step("auth") as says:
            self._check_key(reply)
            says("the key is accepted" if self._has_key else "no key is needed")
        with self._step("models") as says:
            models = self._chat_models(reply)
            self._models = tuple(models)
            says(f"{len(models)} {'model' if len(models) == 1 else 'models'} can chat")
        if completion:
            # No repair follows a failure from here on, and a model may need all the time there is.
            self._until = self._started + self._limits.total_s
            model = self._config.models.chat or models[0]
            with self._step("completion") as says:
                self._complete(model)
                says(f"{model} answers")

    def _reach(self) -> socket.socket:
        """A connection that is ready for a question."""
        with self._step("resolve") as says:
            self._places = line.resolve(self._target, self._within(self._limits.resolve_s))
            says(", ".join(place.ip for place in self._places))
        with self._step("connect") as says:
            sock = self._connected()
            says(f"{sock.getpeername()[0]} port {sock.getpeername()[1]}")
        if not self._target.tls:
            return sock
        with self._step("tls") as says:
            secure = line.enter_tls(sock, self._target, self._within(self._limits.tls_s))
            says(secure.version() or "TLS")
        return secure

    def _connected(self) -> socket.socket:
        """To one of the places found before: a name is resolved once, so that it can't change in between."""
        sock = line.connect(self._places, self._within(min(self._config.timeouts.connect_s, self._limits.connect_s)))
        if self._target.proxy is not None and self._target.tls:
            try:
                line.tunnel(sock, self._target, self._within(self._limits.connect_s))
            except Fault:
                sock.close()
                raise
        return sock

    def _ask_anew(self, question: Question, within_s: float) -> Reply:
        sock = self._connected()
        if self._target.tls:
            sock = line.enter_tls(sock, self._target, self._within(self._limits.tls_s))
        return self._ask(sock, question, within_s)

    def _ask(self, sock: socket.socket, question: Question, within_s: float) -> Reply:
        return ask(sock, self._target, question, time.monotonic() + self._within(within_s))

    # Keys

    @property
    def _has_key(self) -> bool:
        return "authorization" in {name.lower() for name in self._headers}

    def _check_key(self, reply: Reply) -> None:
        judging.check_key(reply, has_key=self._has_key)
        path = _guarded_path(self._target, reply)
        if path is not None:
            guarded = self._ask_anew(Question(path, self._headers), self._limits.http_s)
            judging.check_key(guarded, has_key=self._has_key)

    # Models

    def _chat_models(self, reply: Reply) -> list[str]:
        models = judging.models_in(reply)
        embeddings = {model["id"] for model in models if judging.is_embedding(model)}
        embeddings |= self._embeddings_told_elsewhere()
        chatting = [model["id"] for model in models if model["id"] not in embeddings]
        if not chatting:
            raise Fault(Diagnosis.ONLY_EMBEDDINGS, f"{len(models)} for embeddings, none that can chat")
        return chatting

    def _embeddings_told_elsewhere(self) -> set[str]:
        """Some OpenAI-compatible lists tell no types, but the vendor's own does."""
        match self._config.kind:
            case "lmstudio":
                return self._embeddings_of_lmstudio()
            case "ollama":
                return self._embeddings_of_ollama()
        return set()

    def _embeddings_of_ollama(self) -> set[str]:
        path = f"{self._target.path.removesuffix('/v1')}/api/tags"
        try:
            return judging.embeddings_of_ollama(self._ask_anew(Question(path, self._headers), self._limits.http_s))
        except Fault:
            return set()  # It may be hidden behind a proxy; the other list has to do.

    def _embeddings_of_lmstudio(self) -> set[str]:
        try:
            reply = self._ask_anew(Question("/api/v0/models", self._headers), self._limits.http_s)
            models = judging.models_in(reply)
        except Fault:
            return set()  # Before 0.3.6 there is no such list; the other one has to do.
        return {model["id"] for model in models if judging.is_embedding(model)}

    # Completion

    def _complete(self, model: str) -> None:
        first, second = _TOKEN_CAPS if self._config.kind != "openai" else reversed(_TOKEN_CAPS)
        reply = self._ask_for_answer(model, first)
        if judging.unsupported_parameter(reply) == first:
            reply = self._ask_for_answer(model, second)
        judging.check_completion(reply, has_key=self._has_key)

    def _ask_for_answer(self, model: str, cap: str) -> Reply:
        asked = {"model": model, "messages": [{"role": "user", "content": "Say hello."}], cap: _ANSWER_TOKENS}
        headers = {**self._headers, "Content-Type": "application/json"}
        path = f"{self._target.path}/chat/completions"
        return self._ask_anew(Question(path, headers, "POST", msgspec.json.encode(asked)), self._limits.total_s)

    # Time

    def _within(self, seconds: float) -> float:
        return min(seconds, line.seconds_left(self._until))

    @contextmanager
    def _step(self, name: str) -> Iterator[Any]:
        """Yields a function that takes the step's detail."""
        started = time.monotonic()
        details: list[str] = []
        try:
            yield details.append
        except Fault as fault:
            self._note(name, started, fault.detail, ok=False)
            raise
        self._note(name, started, details[-1], ok=True)

    def _note(self, name: str, started: float, detail: str, *, ok: bool) -> None:
        self._steps.append(Step(name, ok, round((time.monotonic() - started) * 1000, 1), detail))


def _headers(config: ProviderConfig) -> Mapping[str, str]:
    """As the hot path sends them: the key's header goes over one of the same name among the extra ones."""
    headers = dict(config.extra_headers)
    if config.api_key:
        headers = {name: value for name, value in headers.items() if name.lower() != "authorization"}
        headers["Authorization"] = f"Bearer {config.api_key}"
    return headers


def _guarded_path(target: Target, reply: Reply) -> str | None:
    """What to ask for where the model list is open to everyone, so that it says nothing about the key."""
    if reply.status != 200 or not isinstance(reply.document, dict):
        return None
    entries = reply.document.get("data")
    first = entries[0] if isinstance(entries, list) and entries else None
    if not isinstance(first, dict):
        return None
    if first.get("owned_by") == "llamacpp":
        return "/props"
    # OpenRouter alone lists what parameters each model takes.
    return f"{target.path}/key" if "supported_parameters" in first else None
