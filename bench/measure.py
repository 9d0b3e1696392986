"""One round of one started contender (streams, requests, a slow upstream, memory, CPU time) and the soak."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from bench import processes
from bench.figures import Figures, Soak
from bench.load import LoadResult, Plan, Target, run
from bench.upstream import ABANDONED, DELAYED, INSTANT, UNPACED, UNPACED_CHUNKS, paced

PACED_STREAMS = 1000
PACED_PER_S = 10
UNPACED_STREAMS = 16
DELAYED_CONNECTIONS = 1000
SOAK_CONNECTIONS = 32
SOAK_QUARTERS = 4
ABORT_EVERY = 10
QUIET_SHARE = 0.1
SETTLE_LIMIT_S = 12.0


@dataclass(frozen=True, slots=True)
class Scale:
    """How long each part takes."""

    rounds: int
    window_s: float
    paced_window_s: float
    paced_ramp_s: float
    soak_requests: int

    @property
    def paced_chunks(self) -> int:
        """Enough for every stream to run through the whole window and a second more."""
        return int((self.paced_ramp_s + self.paced_window_s + 1) * PACED_PER_S)

    @property
    def models(self) -> tuple[str, ...]:
        return (INSTANT, DELAYED, UNPACED, paced(self.paced_chunks), ABANDONED)


FULL = Scale(rounds=3, window_s=2.5, paced_window_s=4.0, paced_ramp_s=2.0, soak_requests=100_000)
QUICK = Scale(rounds=1, window_s=1.2, paced_window_s=2.0, paced_ramp_s=1.0, soak_requests=10_000)


@dataclass(frozen=True, slots=True)
class Round:
    """A round's figures and how many requests it sent."""

    figures: Figures
    sent: int


def measure(target: Target, cold_start_s: float | None, scale: Scale, say: Callable[[str], None]) -> Round:
    """Every load in turn, each after the gateway has become quiet again."""
    sent: list[int] = []
    failures: list[int] = []

    def load(plan: Plan) -> LoadResult:
        settle(target)
        result = run(plan, target)
        sent.append(result.issued)
        failures.append(result.failures)
        return result

    def requests(connections: int) -> LoadResult:
        say(f"{connections} connection{'s' if connections > 1 else ''}")
        return load(Plan(model=INSTANT, connections=connections, window_s=scale.window_s))

    time.sleep(1)
    idle_bytes = None if target.pid is None else processes.memory_bytes(target.pid)
    say(f"{PACED_STREAMS} streams")
    streams = load(_paced_plan(scale))
    one, many, crowd = requests(1), requests(32), requests(256)
    say("slow upstream")
    delayed = load(
        Plan(model=DELAYED, connections=DELAYED_CONNECTIONS, window_s=scale.window_s, warmup_s=1.5, ramp_s=1.0)
    )
    say("unpaced streams")
    unpaced = load(Plan(model=UNPACED, connections=UNPACED_STREAMS, window_s=scale.window_s, chunks=UNPACED_CHUNKS))
    settle(target)
    figures = Figures(
        cold_start_s=cold_start_s,
        idle_bytes=idle_bytes,
        requests_per_s_1=one.requests_per_s,
        requests_per_s_32=many.requests_per_s,
        requests_per_s_256=crowd.requests_per_s,
        p50_us=one.latency.p50_us,
        p99_us=one.latency.p99_us,
        cpu_us_per_request=_us_each(many.cpu_s, many.requests),
        chunks_per_s=unpaced.chunks_per_s,
        cpu_us_per_chunk=_us_each(unpaced.cpu_s, unpaced.chunks),
        paced_chunks_per_s=streams.chunks_per_s,
        paced_due_per_s=PACED_STREAMS * PACED_PER_S,
        paced_delay_p50_us=streams.chunk_delay.p50_us,
        paced_delay_p99_us=streams.chunk_delay.p99_us,
        paced_first_chunk_p99_us=streams.first_chunk.p99_us,
        paced_core_share=None if streams.cpu_s is None else streams.cpu_s / streams.window_s,
        paced_streams_complete=streams.streams_done / PACED_STREAMS,
        streaming_bytes=streams.memory_bytes,
        bytes_per_stream=_bytes_per_stream(idle_bytes, streams.memory_bytes),
        delayed_requests_per_s=delayed.requests_per_s,
        failures=sum(failures),
    )
    return Round(figures, sum(sent))


def _paced_plan(scale: Scale) -> Plan:
    return Plan(
        model=paced(scale.paced_chunks),
        connections=PACED_STREAMS,
        window_s=scale.paced_window_s,
        warmup_s=scale.paced_ramp_s,
        ramp_s=scale.paced_ramp_s,
        drain_s=scale.paced_ramp_s + 3,
        chunks=scale.paced_chunks,
        reopen=False,
    )


def _us_each(cpu_s: float | None, count: int) -> float | None:
    return None if cpu_s is None or count == 0 else cpu_s * 1e6 / count


def _bytes_per_stream(idle_bytes: int | None, streaming_bytes: int | None) -> float | None:
    if idle_bytes is None or streaming_bytes is None:
        return None
    return (streaming_bytes - idle_bytes) / PACED_STREAMS


def settle(target: Target) -> None:
    """Wait until the gateway uses little CPU, so that one load's leftovers do not slow the next one."""
    if target.pid is None:
        return
    pause_s = 0.25
    limit = time.monotonic() + SETTLE_LIMIT_S
    share = 1.0
    while share > QUIET_SHARE and time.monotonic() < limit:
        before_s = processes.cpu_s(target.pid)
        time.sleep(pause_s)
        share = (processes.cpu_s(target.pid) - before_s) / pause_s


def soak(target: Target, scale: Scale) -> tuple[Soak, int]:
    """Many requests, a tenth of them left by the client; the second value is how many were sent."""
    if target.pid is None:
        raise ValueError("a soak needs a process to watch")
    time.sleep(1)
    before_bytes = processes.memory_bytes(target.pid)
    after_bytes, sent, aborted, failures = [], 0, 0, 0
    for _ in range(SOAK_QUARTERS):
        result = run(_soak_plan(scale), target)
        settle(target)
        time.sleep(1)
        after_bytes.append(processes.memory_bytes(target.pid))
        sent, aborted, failures = sent + result.issued, aborted + result.aborted, failures + result.failures
    found = Soak(
        requests=sent,
        aborted=aborted,
        failures=failures,
        before_bytes=before_bytes,
        after_bytes=tuple(after_bytes),
    )
    return found, sent


def _soak_plan(scale: Scale) -> Plan:
    return Plan(
        model=INSTANT,
        connections=SOAK_CONNECTIONS,
        window_s=60,
        warmup_s=0,
        count=scale.soak_requests // SOAK_QUARTERS,
        abort_every=ABORT_EVERY,
        abort_model=ABANDONED,
    )
