"""A stand-in for Ollama's own API: models that are listed, shown, loaded, unloaded, fetched and deleted.

Written from its documentation and `server/routes.go`; `/v1` is what `imitate("ollama")` of the upstream server does.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.standing_in import Asked, Said, StandIn

DEFAULT_CONTEXT = 4096
LAYERS = (("sha256:aa", 3000), ("sha256:bb", 1000))


@dataclass
class File:
    """A model on Ollama's disk."""

    size: int = 4_683_075_271
    digest: str = ""
    family: str = "llama"
    quantization: str = "Q4_K_M"
    context: int = 131072
    abilities: tuple[str, ...] | None = ("completion", "tools")
    """None as before 0.6.4, which did not tell them."""
    tells_early: bool = False
    """Whether the list itself has them, as in the newest versions."""
    remote_host: str | None = None


@dataclass
class Habits:
    """How this server is different."""

    unload_after: int = 0
    """How many looks at `/api/ps` still show a model after it was unloaded: it is answering."""
    keeps_nothing: bool = False
    """A load succeeds, and the model is gone the next moment."""
    load_error: tuple[int, str] | None = None
    load_waits: threading.Event | None = None
    lists_while_loading: bool = False
    """As its newer versions do."""
    show_error: int | None = None
    pull_error: str | None = None
    """What is said in the stream, after the first layer has begun."""
    pull_waits: bool = False
    """The stream goes on with the same line until the client leaves."""
    pull_stops: bool = False
    """The stream ends before the last word."""
    only_openai: int | None = None
    """The status that everything but `/v1` gets, as behind a proxy."""
    absent: tuple[str, ...] = ()
    """Paths that this version does not have."""
    files: dict[str, File] = field(default_factory=dict)


class Ollama(StandIn):
    def __init__(self, **habits: Any) -> None:
        self.habits = Habits(**habits)
        self.files = self.habits.files
        self.loaded: dict[str, dict[str, Any]] = {}
        self._leaving: dict[str, int] = {}
        super().__init__()

    def answer(self, asked: Asked) -> Said:
        if asked.path == "/v1/models":
            models = [{"id": name, "object": "model", "owned_by": "library"} for name in self.files]
            return Said({"object": "list", "data": models or None})
        if self.habits.only_openai is not None:
            return Said({"error": "not allowed here"}, self.habits.only_openai)
        if asked.path in self.habits.absent:
            return Said({"error": "404 page not found"}, 404)
        body = asked.body if isinstance(asked.body, dict) else {}
        match asked.method, asked.path:
            case "GET", "/api/tags":
                return Said({"models": [self._tag(name, file) for name, file in self.files.items()]})
            case "GET", "/api/ps":
                return Said({"models": self._running()})
            case "POST", "/api/show":
                return self._show(body)
            case "POST", "/api/generate":
                return self._generate(body)
            case "POST", "/api/embed":
                return self._embed(body)
            case "POST", "/api/pull":
                return Said(lines=self._pull(body["model"]), is_stream=True)
            case "DELETE", "/api/delete":
                return self._delete(body)
        return Said({"error": "404 page not found"}, 404)

    def _tag(self, name: str, file: File) -> dict[str, Any]:
        details = {"format": "gguf", "family": file.family, "parameter_size": "8B"}
        tag: dict[str, Any] = {
            "name": name,
            "model": name,
            "modified_at": "2026-08-21T10:00:00Z",
            "size": file.size,
            "digest": file.digest or f"digest of {name}",
            "details": {**details, "quantization_level": file.quantization},
        }
        if file.tells_early:
            tag["details"]["context_length"] = file.context
            tag["capabilities"] = list(file.abilities or ())
        return tag | ({"remote_host": file.remote_host, "remote_model": name} if file.remote_host else {})

    def _running(self) -> list[dict[str, Any]]:
        for name in list(self._leaving):
            if self._leaving[name] == 0:
                del self._leaving[name], self.loaded[name]
            else:
                self._leaving[name] -= 1
        return [{"name": name, "model": name, **facts} for name, facts in self.loaded.items()]

    def _show(self, body: Mapping[str, Any]) -> Said:
        if self.habits.show_error is not None:
            return Said({"error": "it failed"}, self.habits.show_error)
        file = self.files.get(body["model"])
        if file is None:
            return _unknown(body)
        facts = {"general.architecture": file.family, f"{file.family}.context_length": file.context}
        shown: dict[str, Any] = {
            "details": {"family": file.family},
            "model_info": facts,
            "parameters": "",
            "template": "",
        }
        return Said(shown if file.abilities is None else {**shown, "capabilities": list(file.abilities)})

    def _generate(self, body: Mapping[str, Any]) -> Said:
        name = body["model"]
        file = self.files.get(name)
        if file is None:
            return _unknown(body)
        if body.get("keep_alive") == 0:
            if name in self.loaded:
                self._leaving[name] = self.habits.unload_after
            return Said({"model": name, "response": "", "done": True, "done_reason": "unload"})
        if file.abilities is not None and "completion" not in file.abilities:
            return Said({"error": f'"{name}" does not support generate'}, 400)
        return self._load(body, {"model": name, "response": "", "done": True, "done_reason": "load"})

    def _embed(self, body: Mapping[str, Any]) -> Said:
        return _unknown(body) if body["model"] not in self.files else self._load(body, {"embeddings": []})

    def _load(self, body: Mapping[str, Any], done: dict[str, Any]) -> Said:
        habits = self.habits
        if habits.load_waits is not None:
            if habits.lists_while_loading:
                self.loaded[body["model"]] = {"context_length": DEFAULT_CONTEXT}
            # Others are answered meanwhile.
            self.lock.release()
            try:
                habits.load_waits.wait(10)
            finally:
                self.lock.acquire()
        if habits.load_error is not None:
            status, words = habits.load_error
            return Said({"error": words}, status)
        if not habits.keeps_nothing:
            # Also where it was loaded with another context: that of the last question counts (sched.go).
            context = body.get("options", {}).get("num_ctx", DEFAULT_CONTEXT)
            self.loaded[body["model"]] = {"context_length": context, "size": 5_000_000_000}
        return Said(done)

    def _pull(self, name: str) -> Iterator[Any]:
        yield {"status": "pulling manifest"}
        for digest, total in LAYERS:
            layer = {"status": f"pulling {digest[7:]}", "digest": digest, "total": total}
            yield layer
            if self.habits.pull_error is not None:
                yield {"error": self.habits.pull_error}
                return
            for _ in itertools.count() if self.habits.pull_waits else range(1):
                yield {**layer, "completed": total // 2}
            yield {**layer, "completed": total}
        if self.habits.pull_stops:
            return
        yield {"status": "verifying sha256 digest"}
        yield {"status": "writing manifest"}
        with self.lock:
            self.files[name if ":" in name.rpartition("/")[2] else f"{name}:latest"] = File()
        yield {"status": "success"}

    def _delete(self, body: Mapping[str, Any]) -> Said:
        return _unknown(body) if self.files.pop(body["model"], None) is None else Said(None)


def _unknown(body: Mapping[str, Any]) -> Said:
    return Said({"error": f"model '{body['model']}' not found"}, 404)
