"""How much context a model gets and what it costs in memory; used by the supervisor and where children are started."""

from typing import NamedTuple

from app.providers.engine.gguf_header import GgufHeader
from app.providers.engine.messages import LoadOptions

_USUAL_CONTEXT_TOKENS = 8192
_UNKNOWN_CONTEXT_TOKENS = 4096
_USUAL_PARALLEL = 4
_CHEAP_CACHE_BYTES = 512 * 1024**2


class Context(NamedTuple):
    """`tokens` for one answer; `all_tokens` is what the cache holds."""

    tokens: int
    parallel: int
    shared: bool
    """Whether one answer may take all, or each has its equal part."""

    @property
    def all_tokens(self) -> int:
        return self.tokens if self.shared else self.tokens * self.parallel


def context_of(header: GgufHeader, options: LoadOptions) -> Context:
    """A whole context for each answer at once where that costs little; otherwise all share one."""
    parallel = options.parallel or _USUAL_PARALLEL
    tokens = options.context_length or min(header.context_length or _UNKNOWN_CONTEXT_TOKENS, _USUAL_CONTEXT_TOKENS)
    cheap = tokens * parallel * header.cache_bytes_per_token <= _CHEAP_CACHE_BYTES
    return Context(tokens, parallel, shared=not cheap)


def memory_bytes(weights_bytes: int, header: GgufHeader, options: LoadOptions) -> int | None:
    """Weights and the cache of keys and values; None where the header does not say how large the latter is."""
    per_token = header.cache_bytes_per_token
    return weights_bytes + per_token * context_of(header, options).all_tokens if per_token else None
