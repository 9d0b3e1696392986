"""What an answer cost, by the published list prices.

The price list comes with the package genai-prices and is never fetched. It matches names loosely, so a price
counts only where the list's own name is the model's, or the model's without its date; any other model
has no price rather than a wrong one.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Any

from gevent import get_hub
from gevent.monkey import is_module_patched

from app.domain.usage import TokenSource, Usage
from app.providers.base import ProviderKind

_DATE = re.compile(r"-\d{4}-\d{2}-\d{2}$|-\d{8}$")


class Prices:
    """Loads the list when it is first needed, off the event loop: that takes half a second."""

    def __init__(self) -> None:
        self._list: Any = None
        self._known: dict[tuple[str, str], bool] = {}

    def load(self) -> None:
        if self._list is None:
            self._list = _imported("genai_prices")

    def cost_usd(self, kind: ProviderKind, model: str, usage: Usage) -> float | None:
        """Dollars; 0 for what runs on one's own machines, None where no price is known or no tokens were reported."""
        if kind.is_free:
            return 0.0
        if kind.price_list is None or usage.source is not TokenSource.PROVIDER:
            return None
        if not self._is_known(kind.price_list, model):
            return None
        return self._calculated(kind.price_list, model, usage)

    def _is_known(self, price_list: str, model: str) -> bool:
        known = self._known.get((price_list, model))
        if known is None:
            known = self._known[price_list, model] = self._matched(price_list, model) in (model, _DATE.sub("", model))
        return known

    def _matched(self, price_list: str, model: str) -> str | None:
        self.load()
        try:
            return str(self._list.calc_price(self._usage(Usage()), model, provider_id=price_list).model.id)
        except LookupError:
            return None

    def _calculated(self, price_list: str, model: str, usage: Usage) -> float:
        return float(self._list.calc_price(self._usage(usage), model, provider_id=price_list).total_price)

    def _usage(self, usage: Usage) -> Any:
        return self._list.Usage(
            input_tokens=usage.prompt_tokens,
            output_tokens=usage.completion_tokens,
            cache_read_tokens=usage.cached_tokens,
        )


def _imported(name: str) -> Any:
    load: Callable[[str], Any] = importlib.import_module
    return get_hub().threadpool.apply(load, (name,)) if is_module_patched("socket") else load(name)
