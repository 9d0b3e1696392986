"""Servers are found where they are, told apart by what they answer, and only where one may look."""

from __future__ import annotations

import time

import pytest

from app.domain.errors import InvalidRequest
from app.providers.discovery import PORTS, Discovery, Found, addresses_of
from tests.support.fixtures import NewUpstream
from tests.support.replies import key_refused, openai_error, respond, stall, string_error, web_page
from tests.support.upstream import Upstream


def look_at(upstream: Upstream, own_port: int | None = None) -> Discovery:
    """Looks for every vendor at one port."""
    return Discovery(own_port, dict.fromkeys(PORTS, upstream.port))


@pytest.mark.parametrize(
    ("vendor", "kind", "preset", "name", "models_count", "detail"),
    [
        ("lmstudio", "lmstudio", "lmstudio", "LM Studio", 2, ""),
        ("lmstudio-0.3", "lmstudio", "lmstudio", "LM Studio", 2, ""),
        ("ollama", "ollama", "ollama", "Ollama", 2, "version 0.14.2"),
        ("llamacpp", "llamacpp", "llamacpp", "llama.cpp's server", 1, ""),
        ("vllm", "vllm", "vllm", "vLLM", 1, "version 0.19.1"),
    ],
)
def test_each_vendor_is_recognised_and_taken_for_no_other(
    upstream: Upstream, vendor: str, kind: str, preset: str, name: str, models_count: int, detail: str
) -> None:
    upstream.imitate(vendor)

    found = look_at(upstream).scan()

    assert found == (Found(kind, preset, f"http://localhost:{upstream.port}/v1", name, models_count, detail),)


@pytest.mark.parametrize("vendor", ["openai", "groq", "openrouter"])
def test_other_servers_are_not_taken_for_one(upstream: Upstream, vendor: str) -> None:
    upstream.imitate(vendor)

    assert look_at(upstream).scan() == ()


def test_a_web_server_is_not_taken_for_one(upstream: Upstream) -> None:
    upstream.will(web_page(), on="* *")

    assert look_at(upstream).scan() == ()


def test_a_server_that_says_200_to_everything_is_not_taken_for_one(upstream: Upstream) -> None:
    upstream.will(respond(200, {"status": "ok", "version": "1.0"}), on="* *")

    assert look_at(upstream).scan() == ()


def test_all_four_are_found_at_once(new_upstream: NewUpstream) -> None:
    servers = {preset: new_upstream() for preset in PORTS}
    for preset, server in servers.items():
        server.imitate(preset)

    found = Discovery(None, {preset: server.port for preset, server in servers.items()}).scan()

    assert [one.preset for one in found] == ["lmstudio", "ollama", "llamacpp", "vllm"]


def test_a_machine_is_looked_at_in_300_ms_whatever_listens_on_it(new_upstream: NewUpstream) -> None:
    slow, silent, deaf = new_upstream(), new_upstream(speaks="silence"), new_upstream(speaks="deaf")
    slow.will(stall(), on="* *")
    nothing = new_upstream(speaks="nothing")
    ports = {"lmstudio": slow.port, "ollama": silent.port, "llamacpp": deaf.port, "vllm": nothing.port}
    started = time.monotonic()

    found = Discovery(None, ports).scan()

    assert found == ()
    assert time.monotonic() - started < 0.3


def test_the_gateway_does_not_look_at_itself(upstream: Upstream) -> None:
    upstream.imitate("vllm")

    assert look_at(upstream, own_port=upstream.port).scan() == ()
    assert upstream.requests == []


def test_a_server_on_ipv6_alone_is_found(new_upstream: NewUpstream) -> None:
    upstream = new_upstream(host="::1")
    upstream.imitate("ollama")

    assert [one.base_url for one in look_at(upstream).scan()] == [f"http://[::1]:{upstream.port}/v1"]


def test_a_server_without_models_is_found(upstream: Upstream) -> None:
    upstream.imitate("ollama", [])

    assert [one.models_count for one in look_at(upstream).scan()] == [0]


def test_a_server_that_wants_a_key_is_found(upstream: Upstream) -> None:
    upstream.imitate("lmstudio")
    upstream.will(key_refused(), on="GET /v1/models")

    assert [(one.models_count, one.detail) for one in look_at(upstream).scan()] == [(None, "a key is needed")]


def test_a_vllm_that_wants_a_key_is_found(upstream: Upstream) -> None:
    upstream.imitate("vllm")
    upstream.will(string_error(401, "Unauthorized"), on="GET /v1/*")

    assert [(one.preset, one.detail) for one in look_at(upstream).scan()] == [
        ("vllm", "version 0.19.1, a key is needed")
    ]


def test_a_llamacpp_that_still_loads_is_found(upstream: Upstream) -> None:
    upstream.imitate("llamacpp")
    upstream.will(openai_error(503, "Loading model", error_type="unavailable_error", code=503), on="GET /health")

    assert [one.detail for one in look_at(upstream).scan()] == ["a model is being loaded"]


def test_a_network_is_looked_at_when_asked(new_upstream: NewUpstream) -> None:
    upstream = new_upstream(host="127.0.0.2")
    upstream.imitate("ollama")

    found = Discovery(None, {"ollama": upstream.port}).scan("127.0.0.0/29")

    assert [one.base_url for one in found] == [f"http://127.0.0.2:{upstream.port}/v1"]


def test_a_network_of_256_addresses_is_looked_at_in_3_s(upstream: Upstream) -> None:
    upstream.imitate("ollama")
    started = time.monotonic()

    found = Discovery(None, {**dict.fromkeys(PORTS, 9), "ollama": upstream.port}).scan("127.0.0.0/24")

    assert [one.preset for one in found] == ["ollama"]
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("network", "problem"),
    [
        ("8.8.8.0/24", "must be a private network, such as 192.168.1.0/24"),
        ("0.0.0.0/0", "must be a private network, such as 192.168.1.0/24"),
        ("169.254.169.0/24", "must be a private network, such as 192.168.1.0/24"),
        ("2001:db8::/120", "must be a private network, such as 192.168.1.0/24"),
        ("192.168.0.0/16", "must have at most 256 addresses (a /24)"),
        ("10.0.0.0/23", "must have at most 256 addresses (a /24)"),
        ("fd00::/64", "must have at most 256 addresses (a /24)"),
        ("my network", "must be a network such as 192.168.1.0/24"),
        ("", "must be a network such as 192.168.1.0/24"),
    ],
)
def test_a_network_that_may_not_be_looked_at_is_refused(network: str, problem: str) -> None:
    with pytest.raises(InvalidRequest) as failure:
        Discovery().scan(network)

    assert [(one.field, one.problem) for one in failure.value.details] == [("network", problem)]


def test_a_network_is_all_its_addresses_for_hosts() -> None:
    assert addresses_of("192.168.1.5/30") == ("192.168.1.5", "192.168.1.6")
    assert len(addresses_of("10.1.2.0/24")) == 254
    assert addresses_of("192.168.1.9") == ("192.168.1.9",)
