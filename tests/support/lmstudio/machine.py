"""What a simulated LM Studio has in memory, and since when: instances, downloads, stored chats."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.lmstudio.shelf import CATALOGUE, DOWNLOADED, HUB, Model, from_hub
from tests.support.lmstudio.switches import Switches, parsed

USUAL_CONTEXT = 8192


@dataclass(slots=True)
class Instance:
    """A model in memory, or on its way there. Times are of the monotonic clock."""

    id: str
    model: Model
    config: dict[str, Any]
    ready_at: float
    just_in_time: bool = False
    ttl_s: float | None = None
    used_at: float = field(default_factory=time.monotonic)
    gpu_ratio: float | None = None
    """No list tells it."""

    @property
    def is_ready(self) -> bool:
        return time.monotonic() >= self.ready_at

    @property
    def context(self) -> int:
        return int(self.config["context_length"])

    @property
    def is_over(self) -> bool:
        """Whether its time to live has passed since it was last used."""
        last = max(self.used_at, self.ready_at)
        return self.ttl_s is not None and time.monotonic() > last + self.ttl_s


@dataclass(frozen=True, slots=True)
class Job:
    """A download, as a function of time."""

    id: str
    model: Model
    started: datetime
    seconds: float
    outcome: str

    def status(self) -> dict[str, Any]:
        share = 1.0 if self.seconds == 0 else min(1.0, (_now() - self.started).total_seconds() / self.seconds)
        status = "completed" if share >= 1 else "downloading"
        if self.outcome != "works" and share >= 0.5:
            share, status = 0.5, "failed" if self.outcome == "fails" else "paused"
        body: dict[str, Any] = {
            "job_id": self.id,
            "status": status,
            "total_size_bytes": self.model.size_bytes,
            "downloaded_bytes": int(self.model.size_bytes * share),
            "started_at": _iso(self.started),
        }
        end = self.started + timedelta(seconds=self.seconds)
        if status == "downloading":
            body |= {
                "bytes_per_second": int(self.model.size_bytes / self.seconds),
                "estimated_completion": _iso(end),
            }
        elif status == "completed":
            body["completed_at"] = _iso(end)
        return body


class Machine:
    """Everything that one port has; safe to use from the threads of its connections."""

    def __init__(self, switches: Switches) -> None:
        self._lock = threading.RLock()
        self.switches = switches
        self._models = dict(DOWNLOADED)
        self._instances: list[Instance] = []
        self._jobs: dict[str, Job] = {}
        self.stored: dict[str, list[dict[str, Any]]] = {}
        """Chats that the native endpoint keeps, by the id of their newest answer."""
        self.prompts_read = 0
        self.tokens_made = 0
        for key in switches.loaded:
            self._instances.append(Instance(key, self._models[key], {"context_length": USUAL_CONTEXT}, 0.0))

    @property
    def version(self) -> tuple[int, ...]:
        return parsed(self.switches.version)

    # Models

    def models(self) -> list[Model]:
        """Every one that is downloaded, those included whose download has just ended."""
        with self._lock:
            for job in self._jobs.values():
                if job.status()["status"] == "completed":
                    self._models[job.model.key] = job.model
            return list(self._models.values())

    def model(self, key: str) -> Model | None:
        return next((one for one in self.models() if one.key == key), None)

    def instances(self, model: Model | None = None) -> list[Instance]:
        """Those of a model, or all; also those that are being loaded."""
        with self._lock:
            self._instances = [one for one in self._instances if not one.is_over]
            return [one for one in self._instances if model is None or one.model.key == model.key]

    def ready(self, name: str) -> Instance | None:
        """The instance that answers to this name: its own id, or its model's key."""
        ready = [one for one in self.instances() if one.is_ready]
        named = [one for one in ready if one.id == name] or [one for one in ready if one.model.key == name]
        return named[0] if named else None

    def any_ready(self) -> Instance | None:
        return next((one for one in self.instances() if one.is_ready and not one.model.embeds), None)

    @property
    def is_loading(self) -> bool:
        return any(not one.is_ready for one in self.instances())

    # Loading

    def load(
        self,
        model: Model,
        config: dict[str, Any],
        ttl_s: float | None = None,
        *,
        jit: bool = False,
        identifier: str | None = None,
        gpu_ratio: float | None = None,
    ) -> Instance:
        """Begins at once, and is ready after the time that loads take. Always makes one more instance."""
        with self._lock:
            if jit and self.switches.auto_evict:
                self._instances = [one for one in self._instances if not one.just_in_time or not one.is_ready]
            config = self._granted(model, config)
            ready_at = time.monotonic() + self.switches.load_s
            name = identifier or self._free_id(model)
            instance = Instance(name, model, config, ready_at, jit, ttl_s, gpu_ratio=gpu_ratio)
            if not self.switches.load_loses:
                self._instances.append(instance)
            return instance

    def load_just_in_time(self, model: Model, ttl_s: float | None, context: int | None = None) -> Instance:
        """The instance that is on its way already, or a new one."""
        with self._lock:
            on_its_way = [one for one in self.instances(model) if not one.is_ready]
            if on_its_way and not self.switches.jit_loads_twice:
                return on_its_way[0]
            config = {} if context is None else {"context_length": context}
            return self.load(model, config, self.switches.jit_ttl_s if ttl_s is None else ttl_s, jit=True)

    def unload(self, identifier: str) -> bool:
        with self._lock:
            kept = [one for one in self.instances() if one.id != identifier]
            found = len(kept) < len(self._instances)
            self._instances = kept
            return found

    def _granted(self, model: Model, wished: dict[str, Any]) -> dict[str, Any]:
        switches = self.switches
        context = wished.get("context_length", min(USUAL_CONTEXT, model.max_context))
        if not switches.accepts_any_context:
            context = min(context, model.max_context)
        if switches.context_limit is not None:
            context = min(context, switches.context_limit)
        if model.embeds:
            return {"context_length": context}
        usual: dict[str, Any] = {
            "eval_batch_size": 512,
            "parallel": 4,
            "flash_attention": True,
            "offload_kv_cache_to_gpu": True,
        }
        if model.experts:
            usual["num_experts"] = 4
        return {**usual, **wished, "context_length": context}

    def _free_id(self, model: Model) -> str:
        taken = {one.id for one in self.instances()}
        names = [model.key, *(f"{model.key}:{number}" for number in range(2, len(taken) + 3))]
        return next(name for name in names if name not in taken)

    # Downloads

    def find(self, name: str, quantization: str | None) -> Model | None:
        """What the catalogue or the hub calls so."""
        if name.startswith(HUB):
            return from_hub(name, quantization)
        return CATALOGUE.get(name) or self.model(name)

    def download(self, model: Model) -> Job:
        with self._lock:
            identifier = f"job_{len(self._jobs) + 1:010x}"
            job = Job(identifier, model, _now(), self.switches.download_s, self.switches.download)
            self._jobs[identifier] = job
            return job

    def job(self, identifier: str) -> Job | None:
        return self._jobs.get(identifier)

    def count(self, *, prompts: int = 0, tokens: int = 0) -> None:
        with self._lock:
            self.prompts_read += prompts
            self.tokens_made += tokens


def _now() -> datetime:
    return datetime.now(UTC)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
