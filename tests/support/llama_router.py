"""A stand-in for `llama-server` in router mode: models that are loaded, unloaded, fetched and deleted, each by and by.

Written from its `tools/server/README.md` ("Using multiple models"). How far something has come counts in looks at the
list, not in seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.support.standing_in import Asked, Said, StandIn

FILE_BYTES = 4000


@dataclass
class Habits:
    """How this server is different."""

    load_looks: int = 1
    """How many looks at the list show a model as loading."""
    load_fails: bool = False
    shows_progress: bool = False
    unload_looks: int = 1
    fetch_looks: int = 2
    fetch_fails: bool = False
    refuses_fetch: bool = False
    statuses: dict[str, str] = field(default_factory=lambda: {"qwen3": "unloaded", "gemma3": "loaded"})
    n_ctx: int = 8192


class LlamaRouter(StandIn):
    def __init__(self, **habits: Any) -> None:
        self.habits = Habits(**habits)
        self.statuses = self.habits.statuses
        self.loaded_by_accident: list[str] = []
        """Models that a question about them has loaded."""
        self._looks: dict[str, int] = {}
        self._failed: set[str] = set()
        super().__init__()

    def answer(self, asked: Asked) -> Said:
        name = str((asked.body or {}).get("model") or asked.query.get("model", ""))
        match asked.method, asked.path:
            case "GET", "/models" | "/v1/models":
                self._pass()
                return Said({"object": "list", "data": [self._entry(one) for one in self.statuses]})
            case "GET", "/health":
                return Said({"status": "ok"})
            case "GET", "/props":
                return self._props(name, autoload=asked.query.get("autoload") != "false")
            case "POST", "/models/load":
                return self._load(name)
            case "POST", "/models/unload":
                return self._unload(name)
            case "POST", "/models":
                return self._fetch(name)
            case "DELETE", "/models":
                return Said({"success": True}) if self.statuses.pop(name, None) else _refused("model is not found")
        return _refused("File Not Found", 404, "not_found_error")

    def _pass(self) -> None:
        """One look further."""
        for name, looks in list(self._looks.items()):
            if looks:
                self._looks[name] = looks - 1
                continue
            del self._looks[name]
            match self.statuses[name]:
                case "loading":
                    self.statuses[name] = "unloaded" if self.habits.load_fails else "loaded"
                    self._failed |= {name} if self.habits.load_fails else set()
                case "downloading" if self.habits.fetch_fails:
                    del self.statuses[name]
                case _:
                    self.statuses[name] = "unloaded"

    def _entry(self, name: str) -> dict[str, Any]:
        value = self.statuses[name]
        status: dict[str, Any] = {"value": value}
        if value == "loading" and self.habits.shows_progress:
            status["progress"] = {"stages": ["text_model"], "current": "text_model", "value": 0.5}
        if value == "downloading":
            done = FILE_BYTES * (self.habits.fetch_looks - self._looks[name]) // (self.habits.fetch_looks + 1)
            status["progress"] = {f"https://hf.co/{name}.gguf": {"done": done, "total": FILE_BYTES}}
        if name in self._failed:
            status |= {"failed": True, "exit_code": 1}
        entry: dict[str, Any] = {
            "id": name,
            "object": "model",
            "owned_by": "llamacpp",
            "path": f"/models/{name}-Q4_K_M.gguf",
            "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
            "status": status,
        }
        if value == "loaded":
            entry["meta"] = {"n_ctx_train": 40960, "size": 5_027_783_488, "n_params": 8_190_735_360}
        return entry

    def _props(self, name: str, *, autoload: bool) -> Said:
        if self.statuses.get(name) != "loaded":
            if not autoload:
                return _refused("model is not loaded")
            self.loaded_by_accident.append(name)
        return Said(
            {
                "default_generation_settings": {"n_ctx": self.habits.n_ctx},
                "total_slots": 4,
                "model_path": f"/models/{name}-Q4_K_M.gguf",
                "chat_template": "{% for tool in tools %}{% endfor %}",
                "modalities": {"vision": name.startswith("gemma"), "audio": False},
            }
        )

    def _load(self, name: str) -> Said:
        match self.statuses.get(name):
            case None:
                return _refused("model is not found", 404, "not_found_error")
            case "unloaded":
                self.statuses[name] = "loading"
                self._failed.discard(name)
                self._looks[name] = self.habits.load_looks
                return Said({"success": True})
        return _refused("model is already running")

    def _unload(self, name: str) -> Said:
        match self.statuses.get(name):
            case "downloading":
                del self.statuses[name], self._looks[name]
            case "loaded" | "loading" | "sleeping":
                self._looks[name] = self.habits.unload_looks
            case _:
                return _refused("model is not loaded")
        return Said({"success": True})

    def _fetch(self, name: str) -> Said:
        if self.habits.refuses_fetch:
            return _refused("model validation failed, unable to download")
        listed = name if ":" in name else f"{name}:Q4_K_M"
        self.statuses[listed] = "downloading"
        self._looks[listed] = self.habits.fetch_looks
        return Said({"success": True})


def _refused(message: str, status: int = 400, kind: str = "invalid_request_error") -> Said:
    return Said({"error": {"code": status, "message": message, "type": kind}}, status)
