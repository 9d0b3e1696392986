"""What is measured of one contender, and the median over rounds. None means: does not apply or was not measured."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One round's figures; field names carry the units."""

    cold_start_s: float | None = None
    idle_bytes: float | None = None
    requests_per_s_1: float | None = None
    requests_per_s_32: float | None = None
    requests_per_s_256: float | None = None
    p50_us: float | None = None
    p99_us: float | None = None
    cpu_us_per_request: float | None = None
    chunks_per_s: float | None = None
    cpu_us_per_chunk: float | None = None
    paced_chunks_per_s: float | None = None
    paced_due_per_s: float | None = None
    paced_delay_p50_us: float | None = None
    paced_delay_p99_us: float | None = None
    paced_first_chunk_p99_us: float | None = None
    paced_core_share: float | None = None
    paced_streams_complete: float | None = None
    streaming_bytes: float | None = None
    bytes_per_stream: float | None = None
    delayed_requests_per_s: float | None = None
    failures: float | None = None


def medians(rounds: Sequence[Figures]) -> Figures:
    """The median of every figure over the rounds that have it."""
    found: dict[str, float | None] = {}
    for field in fields(Figures):
        values = [value for one in rounds if (value := getattr(one, field.name)) is not None]
        found[field.name] = statistics.median(values) if values else None
    return Figures(**found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Soak:
    """Memory over many requests of which a tenth are left by the client; `after_bytes` has one entry per quarter."""

    requests: int
    aborted: int
    failures: int
    before_bytes: int
    after_bytes: tuple[int, ...]

    @property
    def growth(self) -> float:
        """From the end of the first quarter, when caches and pools are filled, to the end of the last."""
        return self.after_bytes[-1] / self.after_bytes[0] - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The gateway's usage rows beside what was sent. A client that left early may or may not have been noticed."""

    rows: int
    sent: int
    aborted: int

    @property
    def agrees(self) -> bool:
        return self.sent - self.aborted <= self.rows <= self.sent
