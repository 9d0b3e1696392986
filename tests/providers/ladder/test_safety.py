"""A test never hands a key to somebody else, and never goes where it may not."""

from __future__ import annotations

import socket

import pytest

from app.providers.http.target import Target
from app.providers.ladder.climb import Climb, Outcome
from app.providers.ladder.line import Place
from app.providers.ladder.repairs import Url, may_go_plain, redirected
from app.providers.ladder.report import Diagnosis, Fault
from tests.providers.ladder.faults import LIST, SHORT, climb, provider
from tests.support.fixtures import NewUpstream
from tests.support.proxy import forward_proxy
from tests.support.replies import openai_error, redirect_to
from tests.support.upstream import Upstream


def test_a_redirect_to_another_host_is_not_followed(new_upstream: NewUpstream) -> None:
    ours, other = new_upstream(), new_upstream(host="127.0.0.2")
    ours.will(redirect_to(f"{other.base_url}/models?token=abc"), on=LIST)

    report = climb(provider(ours.base_url, api_key="sk-secret"))

    assert (report.diagnosis, report.repair) == ("redirects", None)
    assert other.log.connections == 0
    assert "http://127.0.0.2/v1/models." in report.message
    assert "token" not in report.message


def test_a_redirect_from_tls_to_plain_is_not_followed(new_upstream: NewUpstream) -> None:
    secure, plain = new_upstream(speaks="tls"), new_upstream()
    secure.will(redirect_to(f"http://localhost:{plain.port}/v1/models"), on=LIST)

    report = climb(provider(secure.base_url, ca_pem=secure.ca_pem, api_key="sk-secret"))

    assert (report.diagnosis, report.repair) == ("redirects", None)
    assert plain.log.connections == 0


def test_where_a_redirect_may_lead() -> None:
    def leads_to(location: str | None) -> list[str]:
        fault = Fault(Diagnosis.REDIRECTS, "", location=location)
        return [str(url) for url in redirected(Url.of("http://api.test/v1"), fault)]

    assert leads_to("https://api.test/v1/models") == ["https://api.test/v1"]
    assert leads_to("/api/v1/models/") == ["http://api.test/api/v1"]
    assert leads_to("//api.test/v2/models?x=1") == ["http://api.test/v2"]
    assert leads_to("https://evil.test/v1/models") == []
    assert leads_to("https://api.test@evil.test/v1/models") == []
    assert leads_to("/login") == []
    assert leads_to("/v1/models") == []
    assert leads_to("file:///models") == []
    assert leads_to("http://[broken/models") == []
    assert leads_to("http://api.test:99999/models") == []
    assert leads_to(None) == []


def test_whether_a_port_speaks_plain_http_is_asked_without_the_key(upstream: Upstream) -> None:
    upstream.will(openai_error(500), on="* *")

    climb(provider(f"https://127.0.0.1:{upstream.port}/v1", api_key="sk-secret", extra_headers={"X-Key": "also"}))

    assert upstream.requests[0].key == ""
    assert "x-key" not in upstream.requests[0].headers


def test_a_key_does_not_go_plain_over_the_internet() -> None:
    def may_go(ip: str, **fields: object) -> bool:
        outcome = Outcome(0.0, (), None, (Place(socket.AF_INET, (ip, 443)),), ())
        return may_go_plain(provider(f"https://{ip}/v1", **fields), outcome)

    assert may_go("192.168.1.7", api_key="sk-secret")
    assert may_go("8.8.8.8")
    assert not may_go("8.8.8.8", api_key="sk-secret")
    assert not may_go("8.8.8.8", extra_headers={"X-Key": "secret"})


@pytest.mark.parametrize("ip", ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "100.100.100.200"])
def test_addresses_of_credentials_are_never_connected_to(ip: str) -> None:
    report = climb(provider(f"http://{ip}/v1"), allow_private=True)

    assert report.diagnosis == "address_not_allowed"
    assert [step.step for step in report.steps] == ["resolve"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "2130706433", "127.1"])
def test_private_addresses_are_not_connected_to_unless_allowed(upstream: Upstream, host: str) -> None:
    config = provider(f"http://{host}:{upstream.port}/v1")

    assert climb(config, allow_private=False).diagnosis == "address_not_allowed"
    assert upstream.log.connections == 0


def test_a_repair_goes_nowhere_either_where_private_addresses_are_not_allowed(upstream: Upstream) -> None:
    report = climb(provider(upstream.url), allow_private=False)

    assert report.repair is None
    assert upstream.log.connections == 0


def test_a_proxy_is_no_way_round() -> None:
    with forward_proxy() as proxy:
        report = climb(provider("http://169.254.169.254/v1", proxy_url=proxy.url))

    assert report.diagnosis == "address_not_allowed"
    assert proxy.heads == []


def test_the_name_is_resolved_once(upstream: Upstream) -> None:
    """All that is asked of a server goes to the addresses that were checked, however its name resolves later."""
    upstream.imitate("llamacpp")
    config = provider(f"http://localhost:{upstream.port}/v1")
    climbing = Climb(config, Target.of(config, allow_private=True), SHORT)

    outcome = climbing.run(completion=True)

    assert outcome.fault is None
    assert [place.family for place in outcome.places if place.ip == "127.0.0.1"] == [socket.AF_INET]
    assert [request.path for request in upstream.requests] == ["/v1/models", "/props", "/v1/chat/completions"]


def test_a_report_holds_no_key(new_upstream: NewUpstream) -> None:
    config = provider(new_upstream(key="sk-right").base_url, api_key="sk-very-secret")

    assert "sk-very-secret" not in repr(climb(config))
