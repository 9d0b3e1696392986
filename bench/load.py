"""Runs the load generator (load.c) against one target and reads the target's CPU time around the window."""

import json
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import processes
from bench.build import program
from bench.children import LOAD_CORE, pinned_to
from bench.places import RUN


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go, what they carry, and whose CPU time and memory count (None: nobody's)."""

    port: int
    headers: tuple[str, ...] = ()
    model_prefix: str = ""
    pid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One load: so many connections, each sending its next request when the last answer is complete."""

    model: str
    connections: int
    window_s: float
    warmup_s: float = 0.5
    ramp_s: float = 0.0
    drain_s: float = 3.0
    chunks: int | None = None  # set for streams: how many each must bring
    reopen: bool = True
    count: int = 0
    abort_every: int = 0
    abort_model: str = ""


@dataclass(frozen=True, slots=True)
class Delays:
    p50_us: float
    p99_us: float


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What the load generator saw; `requests` and `chunks` within the window, `issued` and `answered` over all."""

    window_s: float
    requests: int
    requests_per_s: float
    issued: int
    answered: int
    aborted: int
    failures: int
    chunks: int
    chunks_per_s: float
    streams_done: int
    latency: Delays
    chunk_delay: Delays
    first_chunk: Delays
    cpu_s: float | None = field(default=None)
    memory_bytes: int | None = field(default=None)


def run(plan: Plan, target: Target) -> LoadResult:
    """Blocks until the load has ended; it ends by itself, and is ended when it does not."""
    process = subprocess.Popen(
        [str(program("load")), *_options(plan, target)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=pinned_to(LOAD_CORE),
    )
    limit_s = plan.warmup_s + plan.window_s + plan.drain_s + 30
    watchdog = threading.Timer(limit_s, process.kill)
    watchdog.start()
    with process:
        try:
            _expect(process, "begin")
            cpu_before_s = None if target.pid is None else processes.cpu_s(target.pid)
            _expect(process, "end")
            cpu_s = None if target.pid is None or cpu_before_s is None else processes.cpu_s(target.pid) - cpu_before_s
            memory = None if target.pid is None else processes.memory_bytes(target.pid)
            line = _line(process)
        finally:
            watchdog.cancel()
            process.kill()
    return _result(json.loads(line), cpu_s, memory)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _expect(process: subprocess.Popen[str], word: str) -> None:
    line = _line(process)
    if line != word:
        raise SystemExit(f"bench: the load generator said {line!r} instead of {word!r}")


def _options(plan: Plan, target: Target) -> list[str]:
    options = [
        f"port={target.port}",
        f"body={_body_file('body', plan.model, plan, target)}",
        f"connections={plan.connections}",
        f"window_s={plan.window_s}",
        f"warmup_s={plan.warmup_s}",
        f"ramp_s={plan.ramp_s}",
        f"drain_s={plan.drain_s}",
        f"reopen={int(plan.reopen)}",
        f"count={plan.count}",
        *(f"header={header}" for header in target.headers),
    ]
    if plan.chunks is not None:
        options += ["streams=1", f"chunks={plan.chunks}"]
    if plan.abort_every:
        abandoned = _body_file("abandoned", plan.abort_model, plan, target, streamed=True)
        options += [f"abort_every={plan.abort_every}", f"abort_body={abandoned}"]
    return options


def request_body(model: str, *, streamed: bool = False) -> dict[str, Any]:
    """A small chat request; a streamed one asks for usage, so that every gateway has the same to relay."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [
            {"role": "system", "content": "You are a helpful assistant."},
            {"role": "user", "content": "Tell me briefly how a fox gets home when the bridge is closed."},
        ],
        "temperature": 0.7,
    }
    return {**body, "stream": True, "stream_options": {"include_usage": True}} if streamed else body


def _body_file(name: str, model: str, plan: Plan, target: Target, *, streamed: bool = False) -> Path:
    RUN.mkdir(parents=True, exist_ok=True)
    file = RUN / f"{name}.json"
    body = request_body(target.model_prefix + model, streamed=streamed or plan.chunks is not None)
    file.write_text(json.dumps(body, separators=(",", ":")))
    return file


def _result(raw: dict[str, Any], cpu_s: float | None, memory: int | None) -> LoadResult:
    def delays(name: str) -> Delays:
        return Delays(raw[name]["p50_us"], raw[name]["p99_us"])

    failures = sum(raw[name] for name in ("errors", "non_2xx", "streams_incomplete", "error_events", "unfinished"))
    return LoadResult(
        window_s=raw["window_s"],
        requests=raw["requests"],
        requests_per_s=raw["requests_per_s"],
        issued=raw["issued"],
        answered=raw["requests_total"],
        aborted=raw["aborted"],
        failures=failures,
        chunks=raw["chunks"],
        chunks_per_s=raw["chunks_per_s"],
        streams_done=raw["streams_done"],
        latency=delays("latency"),
        chunk_delay=delays("chunk_delay"),
        first_chunk=delays("first_chunk"),
        cpu_s=cpu_s,
        memory_bytes=memory,
    )
