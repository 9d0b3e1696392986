"""What Prometheus reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.domain.usage import UsageRecord
from app.gateway.metrics import Metrics


def record(**changes: Any) -> UsageRecord:
    values: dict[str, Any] = {
        "id": "1",
        "request_id": "r",
        "started_at": datetime(2026, 11, 21, tzinfo=UTC),
        "attempt": 1,
        "user_id": "u",
        "key_id": None,
        "face": "v1",
        "task": "chat",
        "provider_id": "p",
        "provider": "groq",
        "model_asked": "m",
        "model": "m",
        "streamed": True,
        "prompt_tokens": 7,
        "completion_tokens": 11,
        "reasoning_tokens": 0,
        "cached_tokens": 0,
        "token_source": "provider",
        "first_token_ms": 40.0,
        "total_ms": 300.0,
        "overhead_ms": 0.2,
        "outcome": "ok",
    }
    return UsageRecord(**{**values, **changes})


def figures(metrics: Metrics) -> dict[str, float]:
    """Every sample that is not zero, by its line's name and labels."""
    lines = [line for line in metrics.render().decode().splitlines() if not line.startswith("#")]
    pairs = {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}
    return {name: value for name, value in pairs.items() if value and "_created" not in name and "_bucket" not in name}


def test_a_retried_request_is_one_request_and_two_attempts() -> None:
    metrics = Metrics()

    metrics.observe([record(outcome="provider_unreachable", provider="slow", first_token_ms=None, completion_tokens=0)])
    metrics.observe([record(attempt=2)])

    told = figures(metrics)
    assert told['patchbay_requests_total{face="v1",task="chat"}'] == 1
    assert told['patchbay_attempts_total{face="v1",outcome="provider_unreachable",provider="slow",task="chat"}'] == 1
    assert told['patchbay_attempts_total{face="v1",outcome="ok",provider="groq",task="chat"}'] == 1
    assert told['patchbay_tokens_total{direction="completion",provider="groq"}'] == 11
    assert told['patchbay_attempt_seconds_sum{provider="groq"}'] == 0.3
    assert told['patchbay_first_token_seconds_count{provider="groq"}'] == 1


def test_a_request_that_reached_no_provider_has_no_provider_times() -> None:
    metrics = Metrics()

    metrics.observe([record(attempt=0, provider="", provider_id=None, outcome="rate_limited", first_token_ms=None)])

    told = figures(metrics)
    assert told['patchbay_attempts_total{face="v1",outcome="rate_limited",provider="",task="chat"}'] == 1
    assert not any(name.startswith(("patchbay_attempt_seconds", "patchbay_tokens")) for name in told)


def test_two_applications_in_one_process_count_for_themselves() -> None:
    first, second = Metrics(), Metrics()

    first.observe([record()])

    assert 'patchbay_requests_total{face="v1",task="chat"}' in figures(first)
    assert figures(second) == {}
