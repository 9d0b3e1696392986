"""TLS, proxies, and addresses that a provider may not have."""

from __future__ import annotations

import base64

import pytest

from app.domain.catalog import Scope
from app.domain.errors import ProviderError, ProviderUnreachable
from tests.providers.asking import asked, events_of, folded, timeouts
from tests.providers.conftest import NewProvider
from tests.providers.http.conftest import To
from tests.support.certificates import Certificate
from tests.support.fixtures import NewUpstream
from tests.support.proxy import forward_proxy
from tests.support.upstream import Upstream

CREDENTIALS = "Basic " + base64.b64encode(b"someone:secret").decode()


# TLS


def test_a_private_authority_is_trusted_when_it_is_given(to: To, new_upstream: NewUpstream) -> None:
    upstream = new_upstream(speaks="tls")
    asking = to(upstream.base_url, ca_pem=upstream.ca_pem)

    statuses = [asking.ask()[0].status for _ in range(2)]

    assert statuses == [200, 200]
    assert [request.connection for request in upstream.requests] == [1, 1]
    assert upstream.last.headers["host"] == f"localhost:{upstream.port}"


def test_a_large_body_over_tls(to: To, new_upstream: NewUpstream) -> None:
    upstream = new_upstream(speaks="tls")

    to(upstream.base_url, ca_pem=upstream.ca_pem).ask(b"x" * 3_000_000)

    assert len(upstream.last.body) == 3_000_000


@pytest.mark.parametrize(
    ("certificate", "words"),
    [("expired", "expired"), ("wrong_name", "made for another name"), ("untrusted", "not trusted")],
)
def test_a_certificate_that_proves_nothing_is_refused(
    certificate: Certificate, words: str, to: To, new_upstream: NewUpstream
) -> None:
    upstream = new_upstream(speaks="tls", certificate=certificate)

    with pytest.raises(ProviderUnreachable) as raised:
        to(upstream.base_url, ca_pem=upstream.ca_pem).ask()

    assert raised.value.message == f"Box isn't answering: its certificate could not be verified ({words})."
    assert upstream.requests == []


def test_a_private_authority_is_refused_unless_it_is_given(to: To, new_upstream: NewUpstream) -> None:
    with pytest.raises(ProviderUnreachable):
        to(new_upstream(speaks="tls").base_url).ask()


def test_tls_on_a_plain_port(to: To, new_upstream: NewUpstream) -> None:
    plain = new_upstream(speaks="banner", banner=b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with pytest.raises(ProviderUnreachable) as raised:
        to(f"https://127.0.0.1:{plain.port}/v1").ask()

    assert raised.value.message == "Box isn't answering: no TLS connection could be made."


def test_a_stale_tls_connection_is_replaced_unseen(to: To, new_upstream: NewUpstream) -> None:
    upstream = new_upstream(speaks="tls", requests_per_connection=1)
    asking = to(upstream.base_url, ca_pem=upstream.ca_pem)

    asking.ask()
    asking.ask()

    assert [request.connection for request in upstream.requests] == [1, 2]


# Proxies


def test_plain_http_through_a_proxy_names_the_whole_address(to: To, upstream: Upstream) -> None:
    with forward_proxy() as proxy:
        head, _ = to(upstream.base_url, proxy_url=proxy.url).ask()

    first, *headers = proxy.heads[0].split("\r\n")
    assert head.status == 200
    assert first == f"POST http://127.0.0.1:{upstream.port}/v1/chat/completions HTTP/1.1"
    assert f"Proxy-Authorization: {CREDENTIALS}" in headers
    assert f"Host: 127.0.0.1:{upstream.port}" in headers


def test_https_through_a_proxy_makes_a_tunnel(to: To, new_upstream: NewUpstream) -> None:
    upstream = new_upstream(speaks="tls")

    with forward_proxy() as proxy:
        asking = to(upstream.base_url, proxy_url=proxy.url, ca_pem=upstream.ca_pem)
        statuses = [asking.ask()[0].status for _ in range(2)]
        asking.client.close()

    assert statuses == [200, 200]
    assert [head.split("\r\n")[0] for head in proxy.heads] == [f"CONNECT localhost:{upstream.port} HTTP/1.1"]
    assert f"Proxy-Authorization: {CREDENTIALS}" in proxy.heads[0].split("\r\n")
    assert "proxy-authorization" not in upstream.last.headers


def test_the_certificate_counts_behind_a_proxy_too(to: To, new_upstream: NewUpstream) -> None:
    upstream = new_upstream(speaks="tls", certificate="wrong_name")

    with forward_proxy() as proxy, pytest.raises(ProviderUnreachable) as raised:
        to(upstream.base_url, proxy_url=proxy.url, ca_pem=upstream.ca_pem).ask()

    assert "made for another name" in raised.value.message


def test_a_proxy_that_refuses(to: To, new_upstream: NewUpstream) -> None:
    with forward_proxy(refuses=True) as proxy, pytest.raises(ProviderUnreachable) as raised:
        to(new_upstream(speaks="tls").base_url, proxy_url=proxy.url).ask()

    assert raised.value.message == "Box isn't answering: the proxy answered with status 407."


def test_what_stands_in_for_a_proxy_but_is_none(to: To, new_upstream: NewUpstream) -> None:
    banner = new_upstream(speaks="banner", banner=b"220 mail.example ESMTP\r\n\r\n")

    with pytest.raises(ProviderUnreachable) as raised:
        to(new_upstream(speaks="tls").base_url, proxy_url=banner.url).ask()

    assert raised.value.message == "Box isn't answering: the proxy did not answer in HTTP."


# Addresses


PRIVATE = ["http://127.0.0.1:{port}/v1", "http://localhost:{port}/v1", "http://[::ffff:127.0.0.1]:{port}/v1"]


@pytest.mark.parametrize("address", PRIVATE)
@pytest.mark.parametrize("kind", ["openai", "groq", "lmstudio", "openai_compatible"])
def test_a_personal_provider_reaches_no_private_address(
    kind: str, address: str, upstream: Upstream, new_provider: NewProvider
) -> None:
    base_url = address.format(port=upstream.port)
    provider = new_provider(kind, base_url, scope=Scope.PERSONAL, owner_id="u1")

    for ask in (lambda: events_of(provider, asked()), provider.models):
        with pytest.raises(ProviderUnreachable) as raised:
            ask()
        assert "network that it may not use" in raised.value.message

    assert upstream.log.connections == 0


def test_a_personal_provider_reaches_private_addresses_where_that_is_allowed(
    upstream: Upstream, new_provider: NewProvider
) -> None:
    base_url = f"http://localhost:{upstream.port}/v1"
    provider = new_provider("openai", base_url, allow_private=True, scope=Scope.PERSONAL, owner_id="u1")

    assert folded(events_of(provider, asked())).text == "hello there"
    assert provider.models()


def test_a_personal_provider_reaches_no_private_proxy(upstream: Upstream, new_provider: NewProvider) -> None:
    with forward_proxy() as proxy:
        provider = new_provider("openai", upstream.base_url, proxy_url=proxy.url, scope=Scope.PERSONAL, owner_id="u1")
        with pytest.raises(ProviderUnreachable):
            events_of(provider, asked())

    assert proxy.heads == []


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "100.100.100.200"])
def test_nobody_reaches_link_local_and_metadata_addresses(host: str, new_provider: NewProvider) -> None:
    provider = new_provider("openai_compatible", f"http://{host}/v1", timeouts=timeouts(connect_s=0.2))

    with pytest.raises(ProviderUnreachable) as raised:
        events_of(provider, asked())

    assert "network that it may not use" in raised.value.message


# Lists, which the vendors' SDKs ask for, take the same ways


@pytest.mark.parametrize("kind", ["openai", "groq"])
def test_an_sdk_takes_the_providers_own_way(kind: str, new_upstream: NewUpstream, new_provider: NewProvider) -> None:
    upstream = new_upstream(speaks="tls")
    upstream.imitate("groq")

    with forward_proxy() as proxy:
        base_url = f"{upstream.url}/openai/v1"
        provider = new_provider(kind, base_url, proxy_url=proxy.url, ca_pem=upstream.ca_pem)
        models = provider.models()
        provider.close()

    assert len(models) == 2
    assert upstream.last.target == "/openai/v1/models"
    assert proxy.heads[0].startswith("CONNECT ")


@pytest.mark.parametrize("kind", ["openai", "groq"])
def test_an_sdk_names_what_went_wrong(kind: str, new_upstream: NewUpstream, new_provider: NewProvider) -> None:
    untrusted = new_upstream(speaks="tls", certificate="untrusted")
    gone = new_upstream(speaks="nothing")

    messages = []
    for upstream in (untrusted, gone):
        with pytest.raises(ProviderError) as raised:
            new_provider(kind, f"{upstream.url}/openai/v1").models()
        messages.append(raised.value.message)

    assert messages == [
        "Box isn't answering: its certificate could not be verified (not trusted).",
        "Box isn't answering: nothing is listening at its address.",
    ]


def test_extra_headers_are_sent(upstream: Upstream, new_provider: NewProvider) -> None:
    provider = new_provider("openai_compatible", upstream.base_url, extra_headers={"X-Title": "Patchbay"})

    events_of(provider, asked())

    assert upstream.last.headers["x-title"] == "Patchbay"
