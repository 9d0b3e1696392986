"""A month of made-up usage: the same for the same day, so that writing it twice adds nothing."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.usage import TokenSource, UsageRecord

DAYS = 30
REQUESTS_PER_HOUR = 9.0
FAILURES = (("provider_timeout", 2), ("provider_rate_limited", 3), ("client_left", 4), ("stopped", 3))
FAILURE_SHARE = 0.035

_SPACE = uuid.UUID("6f0c1d2e-3b4a-4c5d-8e6f-7a8b9c0d1e2f")


@dataclass(frozen=True, slots=True)
class DemoModel:
    """How a model of the demo behaves. Prices are in USD for a million tokens; None has no price."""

    provider: str
    """Slug."""
    model: str
    share: float
    first_token_ms: float
    tokens_per_second: float
    prompt_usd: float | None = None
    completion_usd: float | None = None


MODELS = (
    DemoModel("demo-lm-studio", "qwen3-8b", 5.0, 240, 46, 0.0, 0.0),
    DemoModel("demo-lm-studio", "gemma-3-12b-it", 2.0, 380, 29, 0.0, 0.0),
    DemoModel("demo-groq", "openai/gpt-oss-120b", 4.0, 130, 410, 0.15, 0.75),
    DemoModel("demo-openai", "gpt-5.6-mini", 3.0, 620, 92, 0.25, 2.0),
    DemoModel("demo-ollama", "llama3.2:3b", 1.0, 190, 61),
)


@dataclass(frozen=True, slots=True)
class DemoCallers:
    """Who asks, by id: people in the chat, and keys (with their owners) through `/v1`."""

    user_ids: tuple[str, ...]
    owner_of_key: Mapping[str, str]
    provider_ids: Mapping[str, str]
    """By slug."""


def month_until(now: datetime, callers: DemoCallers) -> Iterator[UsageRecord]:
    """Every record of the last DAYS days before `now`, oldest first within an hour."""
    hour = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    while hour <= now:
        chance = random.Random(f"patchbay demo {hour.isoformat()}")
        for number in range(_requests_in(hour, chance)):
            record = _record(hour, number, chance, callers)
            if record.started_at <= now:
                yield record
        hour += timedelta(hours=1)


def _requests_in(hour: datetime, chance: random.Random) -> int:
    """Few at night and at weekends, most in the afternoon."""
    awake = 0.1 if hour.hour < 6 else 0.5 if hour.hour < 9 or hour.hour > 19 else 1.0
    weekend = 0.35 if hour.weekday() >= 5 else 1.0
    return round(REQUESTS_PER_HOUR * awake * weekend * chance.uniform(0.4, 1.6))


def _record(hour: datetime, number: int, chance: random.Random, callers: DemoCallers) -> UsageRecord:
    model = chance.choices(MODELS, [one.share for one in MODELS])[0]
    key_id = chance.choice((None, None, *callers.owner_of_key))
    user_id = chance.choice(callers.user_ids) if key_id is None else callers.owner_of_key[key_id]
    outcome = _outcome(chance)
    prompt, completion = int(chance.lognormvariate(6.2, 0.8)), int(chance.lognormvariate(5.4, 0.7))
    if outcome != "ok":
        completion = 0 if outcome.startswith("provider") else completion // 3
    first_token_ms = model.first_token_ms * chance.lognormvariate(0, 0.35)
    total_ms = first_token_ms + completion / model.tokens_per_second * 1000
    identity = str(uuid.uuid5(_SPACE, f"{hour.isoformat()} {number}"))
    return UsageRecord(
        id=identity,
        request_id=f"demo-{identity[:18]}",
        started_at=hour + timedelta(seconds=chance.uniform(0, 3600)),
        attempt=1,
        user_id=user_id,
        key_id=key_id,
        face="chat" if key_id is None else "v1",
        task="chat",
        provider_id=callers.provider_ids[model.provider],
        provider=model.provider,
        model_asked=f"{model.provider}/{model.model}",
        model=model.model,
        streamed=True,
        prompt_tokens=prompt,
        completion_tokens=completion,
        reasoning_tokens=0,
        cached_tokens=0,
        token_source=TokenSource.PROVIDER,
        first_token_ms=first_token_ms if completion else None,
        total_ms=total_ms,
        overhead_ms=chance.uniform(0.3, 2.0),
        outcome=outcome,
        cost_usd=_cost_usd(model, prompt, completion),
    )


def _outcome(chance: random.Random) -> str:
    if chance.random() >= FAILURE_SHARE:
        return "ok"
    return chance.choices([name for name, _ in FAILURES], [weight for _, weight in FAILURES])[0]


def _cost_usd(model: DemoModel, prompt_tokens: int, completion_tokens: int) -> float | None:
    if model.prompt_usd is None or model.completion_usd is None:
        return None
    return (prompt_tokens * model.prompt_usd + completion_tokens * model.completion_usd) / 1_000_000
