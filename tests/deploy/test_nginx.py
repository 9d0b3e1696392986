"""Patchbay behind the nginx of docs/deployment.md: TLS, a sub-path, believed and unbelieved headers, streams."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from tests.deploy.gateway import ASK, add_provider, administrator, data, gateway
from tests.deploy.nginx import nginx
from tests.serving.running import Running
from tests.support.certificates import Certificates
from tests.support.replies import answer_with
from tests.support.upstream import Upstream

pytestmark = pytest.mark.nginx

CLIENT = "127.0.0.2"
"""An address that is nobody's proxy, for a client on this machine."""


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates()


@pytest.fixture(scope="module")
def trusting(certificates: Certificates) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=certificates.ca_pem)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    settings = {"PUBLIC_URL": "https://localhost/patchbay", "TRUSTED_PROXIES": "127.0.0.1"}
    with gateway(tmp_path_factory.mktemp("gateway") / "home", **settings) as server:
        yield server.wait_until_ready()


@pytest.fixture(scope="module")
def url(server: Running, certificates: Certificates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("proxy") / "nginx"
    with nginx(folder, server.port, certificates) as address:
        yield f"{address}/patchbay/"


@pytest.fixture(scope="module")
def admin(url: str, trusting: ssl.SSLContext) -> Iterator[httpx.Client]:
    transport = httpx.HTTPTransport(local_address=CLIENT, verify=trusting)
    with administrator(url, transport=transport) as client:
        yield client


def addresses(client: httpx.Client) -> set[str]:
    """Where the administrator's sessions came from."""
    sessions = data(client.get("api/v1/auth/sessions"))
    return {session["address"] for session in sessions["items"]}


def test_a_model_answers_under_the_sub_path(admin: httpx.Client, upstream: Upstream) -> None:
    slug = add_provider(admin, upstream, "Plain")

    reply = admin.post("v1/chat/completions", json={**ASK, "model": f"{slug}/hello-1"})

    assert reply.json()["choices"][0]["message"]["content"] == "hello there"
    assert reply.headers["X-Patchbay-Provider"] == slug


def test_the_page_and_the_documents_name_the_sub_path(admin: httpx.Client, url: str) -> None:
    page = admin.get("chat/some-conversation", headers={"Accept": "text/html"})
    document = admin.get("openapi.json")

    assert '<base href="/patchbay/">' in page.text
    assert document.json()["servers"] == [{"url": "/patchbay"}]
    assert 'src="/patchbay/docs/assets/' in admin.get("docs").text


def test_pieces_of_a_stream_arrive_one_by_one(admin: httpx.Client, upstream: Upstream) -> None:
    slug = add_provider(admin, upstream, "Streaming")
    upstream.will(answer_with(["one", "two", "three"], every_s=0.3))
    arrivals: list[float] = []

    with admin.stream("POST", "v1/chat/completions", json={**ASK, "model": f"{slug}/hello-1", "stream": True}) as reply:
        for line in reply.iter_lines():
            if any(word in line for word in ("one", "two", "three")):
                arrivals.append(time.monotonic())

    gaps = [later - earlier for earlier, later in pairwise(arrivals)]
    assert len(gaps) == 2
    assert min(gaps) > 0.15


def test_the_client_s_address_comes_from_the_proxy(admin: httpx.Client) -> None:
    assert addresses(admin) == {CLIENT}


def test_a_client_can_not_choose_its_address(url: str, trusting: ssl.SSLContext, server: Running) -> None:
    lie = {"X-Forwarded-For": "203.0.113.9"}
    transport = httpx.HTTPTransport(local_address=CLIENT, verify=trusting)
    with administrator(url, transport=transport, headers=lie) as through_the_proxy:
        seen = addresses(through_the_proxy)
    with administrator(
        f"{server.url}/patchbay/", transport=httpx.HTTPTransport(local_address="127.0.0.3"), headers=lie
    ) as past_the_proxy:
        seen |= addresses(past_the_proxy)

    assert "203.0.113.9" not in seen
    assert seen == {CLIENT, "127.0.0.3"}


def test_the_refresh_cookie_is_secure_and_reaches_the_sub_path(url: str, trusting: ssl.SSLContext) -> None:
    with administrator(url, verify=trusting) as client:
        cookies = {cookie.name: cookie for cookie in client.cookies.jar}

        renewed = client.post("api/v1/auth/refresh")

    assert cookies["pb_refresh"].secure
    assert renewed.status_code == 200, renewed.text


def test_a_body_of_many_megabytes_passes(admin: httpx.Client, upstream: Upstream) -> None:
    slug = add_provider(admin, upstream, "Large")
    question = {"role": "user", "content": "x" * 12_000_000}

    reply = admin.post("v1/chat/completions", json={"model": f"{slug}/hello-1", "messages": [question]})

    assert reply.status_code == 200, reply.text
    assert len(upstream.last.body) > 12_000_000
