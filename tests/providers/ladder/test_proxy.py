"""Through an outgoing proxy the ladder is the same."""

from __future__ import annotations

import base64

from tests.providers.ladder.faults import climb, provider
from tests.support.fixtures import NewUpstream
from tests.support.proxy import forward_proxy
from tests.support.upstream import Upstream

CREDENTIALS = base64.b64encode(b"someone:secret").decode()


def test_plain_http_goes_through_a_proxy(upstream: Upstream) -> None:
    with forward_proxy() as proxy:
        report = climb(provider(upstream.base_url, proxy_url=proxy.url, api_key="sk-1"))

    assert report.ok
    assert proxy.heads[0].startswith(f"GET {upstream.base_url}/models HTTP/1.1\r\n")
    assert f"Proxy-Authorization: Basic {CREDENTIALS}" in proxy.heads[0]
    assert upstream.last.target == "/v1/models"
    assert report.message.startswith(f"My server answers at 127.0.0.1:{upstream.port} (through the proxy 127.0.0.1:")


def test_tls_goes_through_a_tunnel(new_upstream: NewUpstream) -> None:
    upstream = new_upstream(speaks="tls")

    with forward_proxy() as proxy:
        report = climb(provider(upstream.base_url, ca_pem=upstream.ca_pem, proxy_url=proxy.url), completion=True)

    assert report.ok
    assert [head.split("\r\n")[0] for head in proxy.heads] == [f"CONNECT localhost:{upstream.port} HTTP/1.1"] * 2
    assert "proxy-authorization" not in upstream.last.headers


def test_a_proxy_that_refuses_is_named(new_upstream: NewUpstream) -> None:
    upstream = new_upstream(speaks="tls")

    with forward_proxy(refuses=True) as proxy:
        report = climb(provider(upstream.base_url, proxy_url=proxy.url))

    assert report.diagnosis == "unreachable"
    assert "the proxy answered 407" in report.message


def test_a_plain_refusal_of_a_proxy_is_told_from_the_servers(upstream: Upstream) -> None:
    with forward_proxy(refuses=True) as proxy:
        report = climb(provider(upstream.base_url, proxy_url=proxy.url))

    assert report.diagnosis == "unreachable"
    assert upstream.requests == []


def test_a_proxy_that_is_not_there_is_named(new_upstream: NewUpstream) -> None:
    nobody = new_upstream(speaks="nothing")

    report = climb(provider("http://api.test/v1", proxy_url=f"http://127.0.0.1:{nobody.port}"))

    assert report.diagnosis == "nothing_listening"
    assert f"the proxy 127.0.0.1:{nobody.port}" in report.message


def test_a_wrong_path_is_repaired_through_a_proxy(upstream: Upstream) -> None:
    with forward_proxy() as proxy:
        report = climb(provider(upstream.url, proxy_url=proxy.url))

    assert report.repair == {"base_url": upstream.base_url}
