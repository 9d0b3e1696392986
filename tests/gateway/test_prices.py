"""What answers cost, also by the figures of a provider that counts oddly."""

from __future__ import annotations

import pytest

from app.domain.events import CompletionDetails, PromptDetails, UsageBody
from app.gateway.prices import Prices
from app.providers.vendors.openai import OpenAI


@pytest.mark.parametrize(
    "body",
    [
        UsageBody(prompt_tokens=5, completion_tokens=1, prompt_tokens_details=PromptDetails(cached_tokens=10)),
        UsageBody(prompt_tokens=-5, completion_tokens=1),
        UsageBody(prompt_tokens=5, completion_tokens=-1),
        UsageBody(completion_tokens=1, completion_tokens_details=CompletionDetails(reasoning_tokens=-1)),
    ],
    ids=["more cached than sent", "less than nothing sent", "less than nothing made", "less than no reasoning"],
)
def test_odd_counts_have_a_price_and_are_no_failure(body: UsageBody) -> None:
    usage = body.usage()

    cost_usd = Prices().cost_usd(OpenAI.KIND, "gpt-4o", usage)

    assert cost_usd is not None
    assert cost_usd >= 0
    assert min(usage.prompt_tokens, usage.completion_tokens, usage.reasoning_tokens, usage.cached_tokens) >= 0
