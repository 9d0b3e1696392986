"""Prometheus figures of the model calls, of one worker or of all of them.

With several workers, prometheus-client keeps the values in files of PROMETHEUS_MULTIPROC_DIR, which the launcher sets
before the first import; whichever worker is asked then tells the sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.values import MutexValue, ValueClass

from app.domain.usage import UsageRecord
from app.gateway.draining import draining

CONTENT_TYPE = CONTENT_TYPE_LATEST

_ATTEMPT_BUCKETS_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
_FIRST_TOKEN_BUCKETS_S = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
_OVERHEAD_BUCKETS_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0)


@dataclass(frozen=True, slots=True)
class _OfProvider:
    attempt_s: Histogram
    first_token_s: Histogram
    prompt: Counter
    completion: Counter


@dataclass(frozen=True, slots=True, eq=False)
class _Series:
    """What one kind of record counts for."""

    requests: Counter
    attempts: Counter
    overhead_s: Histogram
    of_provider: _OfProvider | None


class Metrics:
    """Labels have few values (faces, tasks, providers, outcomes): callers and models are in the usage reports."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._series: dict[tuple[str, str, str, str], _Series] = {}
        registry = self._registry
        self._requests = Counter(
            "patchbay_requests", "Model calls that were asked for.", ["face", "task"], registry=registry
        )
        self._attempts = Counter(
            "patchbay_attempts",
            "Attempts at providers by outcome: ok, an error code, client_left or stopped. No provider: none was tried.",
            ["face", "task", "provider", "outcome"],
            registry=registry,
        )
        self._attempt_s = Histogram(
            "patchbay_attempt_seconds",
            "How long attempts took, to their last byte.",
            ["provider"],
            buckets=_ATTEMPT_BUCKETS_S,
            registry=registry,
        )
        self._first_token_s = Histogram(
            "patchbay_first_token_seconds",
            "How long attempts took to their first text, reasoning or tool call.",
            ["provider"],
            buckets=_FIRST_TOKEN_BUCKETS_S,
            registry=registry,
        )
        self._overhead_s = Histogram(
            "patchbay_overhead_seconds",
            "Time inside the gateway, not waiting for a provider.",
            ["face"],
            buckets=_OVERHEAD_BUCKETS_S,
            registry=registry,
        )
        self._tokens = Counter(
            "patchbay_tokens",
            "Tokens by direction: prompt or completion.",
            ["provider", "direction"],
            registry=registry,
        )
        self._open = Gauge(
            "patchbay_open_calls",
            "Model calls in progress, counted about once a second.",
            multiprocess_mode="livesum",
            registry=registry,
        )

    def observe(self, records: Sequence[UsageRecord]) -> None:
        """Count attempts, and requests that reached no provider."""
        counts: defaultdict[_Series, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for record in records:
            series = self._series_of(record)
            # A counter's lock costs more than the sum.
            count = counts[series]
            count[0] += record.attempt <= 1
            count[1] += 1
            series.overhead_s.observe(record.overhead_ms / 1000)
            if series.of_provider is None:
                continue
            count[2] += record.prompt_tokens
            count[3] += record.completion_tokens
            series.of_provider.attempt_s.observe(record.total_ms / 1000)
            if record.first_token_ms is not None:
                series.of_provider.first_token_s.observe(record.first_token_ms / 1000)
        for series, (requests, attempts, prompt, completion) in counts.items():
            series.requests.inc(requests)
            series.attempts.inc(attempts)
            if series.of_provider is not None:
                series.of_provider.prompt.inc(prompt)
                series.of_provider.completion.inc(completion)

    def _series_of(self, record: UsageRecord) -> _Series:
        """Looking series up by their labels costs more than counting, so they are kept."""
        key = (record.face, record.task, record.provider, record.outcome)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = self._made(record)
        return series

    def _made(self, record: UsageRecord) -> _Series:
        provider = record.provider
        return _Series(
            requests=self._requests.labels(record.face, record.task),
            attempts=self._attempts.labels(record.face, record.task, provider, record.outcome),
            overhead_s=self._overhead_s.labels(record.face),
            of_provider=_OfProvider(
                self._attempt_s.labels(provider),
                self._first_token_s.labels(provider),
                self._tokens.labels(provider, "prompt"),
                self._tokens.labels(provider, "completion"),
            )
            if provider
            else None,
        )

    def count_open(self) -> None:
        """Tell how many calls are open in this worker; called about once a second."""
        self._open.set(len(draining))

    def render(self) -> bytes:
        """The text that Prometheus reads, of all workers together."""
        self.count_open()
        if ValueClass is MutexValue:
            return generate_latest(self._registry)
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]  # prometheus-client has types in part
        return generate_latest(everyone)
