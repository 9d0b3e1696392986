"""A server for every diagnosis, each with the fault in question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.domain.catalog import ProviderConfig, Timeouts
from app.providers.ladder import Diagnosis, LadderReport, Limits, run_ladder
from tests.support.fixtures import NewUpstream
from tests.support.replies import (
    huge_json,
    key_refused,
    openai_error,
    rate_limited,
    redirect_to,
    respond,
    stall,
    unexpected_endpoint,
    web_page,
)
from tests.support.upstream import Upstream

LIST = "GET */models"
SHORT = Limits(resolve_s=3.0, connect_s=0.3, tls_s=0.3, http_s=0.5, repair_s=1.0, total_s=3.0)
"""Time is short in tests: what is slow is slow for ever."""


def provider(base_url: str, **fields: Any) -> ProviderConfig:
    given: dict[str, Any] = {"id": "1", "slug": "mine", "name": "My server", "kind": "openai_compatible", **fields}
    return ProviderConfig(base_url=base_url, **given)


def climb(config: ProviderConfig, **options: Any) -> LadderReport:
    return run_ladder(config, limits=SHORT, **options)


def listing(reply: Any, **manners: Any) -> Callable[[NewUpstream], ProviderConfig]:
    """A server that answers `reply` where its models should be, at every address."""

    def make(new_upstream: NewUpstream) -> ProviderConfig:
        upstream = new_upstream(**manners)
        upstream.will(reply, on=LIST)
        return provider(upstream.base_url)

    return make


def behaving(**manners: Any) -> Callable[[NewUpstream], ProviderConfig]:
    def make(new_upstream: NewUpstream) -> ProviderConfig:
        upstream = new_upstream(**manners)
        return provider(upstream.base_url, ca_pem=upstream.ca_pem)

    return make


def at(change: Callable[[Upstream], str], **manners: Any) -> Callable[[NewUpstream], ProviderConfig]:
    """A friendly server, and an address that is not quite its own."""

    def make(new_upstream: NewUpstream) -> ProviderConfig:
        upstream = new_upstream(**manners)
        return provider(change(upstream), ca_pem=upstream.ca_pem)

    return make


def _with_key(new_upstream: NewUpstream) -> ProviderConfig:
    return provider(new_upstream(key="sk-right").base_url, api_key="sk-wrong")


def _only_embeddings(new_upstream: NewUpstream) -> ProviderConfig:
    upstream = new_upstream()
    upstream.will_list("text-embedding-hello")
    return provider(upstream.base_url)


def _no_models(new_upstream: NewUpstream) -> ProviderConfig:
    upstream = new_upstream()
    upstream.imitate("ollama", [])
    return provider(upstream.base_url)


FAULTS: dict[Diagnosis, Callable[[NewUpstream], ProviderConfig]] = {
    Diagnosis.OK: behaving(),
    Diagnosis.DNS_FAILED: lambda _: provider("http://nothing.invalid/v1"),
    Diagnosis.NOTHING_LISTENING: behaving(speaks="nothing"),
    # A broadcast address takes no connections.
    Diagnosis.UNREACHABLE: lambda _: provider("http://127.255.255.255:9/v1", timeouts=Timeouts(connect_s=0.3)),
    Diagnosis.CONNECT_TIMEOUT: behaving(speaks="deaf"),
    Diagnosis.TLS_NAME: behaving(speaks="tls", certificate="wrong_name"),
    Diagnosis.TLS_EXPIRED: behaving(speaks="tls", certificate="expired"),
    Diagnosis.TLS_UNTRUSTED: behaving(speaks="tls", certificate="untrusted"),
    Diagnosis.TLS_ON_PLAIN_PORT: at(lambda upstream: f"https://127.0.0.1:{upstream.port}/v1"),
    Diagnosis.PLAIN_ON_TLS_PORT: at(lambda upstream: f"http://localhost:{upstream.port}/v1", speaks="tls"),
    Diagnosis.NOT_HTTP: behaving(speaks="banner"),
    Diagnosis.WEB_PAGE: listing(web_page()),
    Diagnosis.MISSING_V1: at(lambda upstream: upstream.url),
    Diagnosis.DOUBLED_V1: at(lambda upstream: f"{upstream.base_url}/v1"),
    Diagnosis.DOUBLE_SLASH: at(lambda upstream: f"{upstream.url}//v1"),
    Diagnosis.ENDPOINT_IN_URL: at(lambda upstream: f"{upstream.base_url}/chat/completions"),
    Diagnosis.REDIRECTS: listing(redirect_to("https://elsewhere.test/login")),
    Diagnosis.ERROR_IN_200: listing(unexpected_endpoint()),
    Diagnosis.KEY_MISSING: behaving(key="sk-right"),
    Diagnosis.KEY_REFUSED: _with_key,
    Diagnosis.FORBIDDEN: listing(openai_error(403)),
    Diagnosis.NOT_FOUND: listing(openai_error(404)),
    Diagnosis.RATE_LIMITED: listing(rate_limited(30)),
    Diagnosis.SERVER_ERROR: listing(openai_error(500)),
    Diagnosis.NO_MODELS: _no_models,
    Diagnosis.ONLY_EMBEDDINGS: _only_embeddings,
    Diagnosis.BAD_JSON: listing(respond(200, b'{"object": "list", "data": [{"id": ')),
    Diagnosis.TOO_SLOW: listing(stall()),
    Diagnosis.TOO_LARGE: listing(huge_json(5_000_000)),
    Diagnosis.ADDRESS_NOT_ALLOWED: lambda _: provider("http://169.254.169.254/v1"),
}

__all__ = ["FAULTS", "LIST", "SHORT", "at", "behaving", "climb", "key_refused", "listing", "provider"]
