"""Two workers with PostgreSQL and Redis: one configuration, one set of figures."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import REDIS_URL, Postgres
from tests.deploy.gateway import ASK, add_provider, administrator, gateway
from tests.serving.running import Running, eventually
from tests.support.upstream import Upstream

pytestmark = [pytest.mark.postgres, pytest.mark.redis]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Running]:
    settings = {
        "WORKERS": "2",
        # As people write it, without the driver that SQLAlchemy wants named.
        "DATABASE_URL": postgres.create("workers").replace("postgresql+psycopg://", "postgresql://"),
        "REDIS_URL": urlsplit(REDIS_URL)._replace(path="/7").geturl(),
    }
    with gateway(tmp_path_factory.mktemp("workers") / "home", **settings) as server:
        yield server.wait_until_ready()


@pytest.fixture
def client(server: Running) -> Iterator[httpx.Client]:
    with administrator(server.url) as client:
        yield client


def workers(server: Running) -> int:
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    return len(children)


def asked_anew(client: httpx.Client, path: str, times: int = 24) -> list[httpx.Response]:
    """Every time on a new connection, so that both workers answer some."""
    answers = []
    for _ in range(times):
        with httpx.Client(base_url=client.base_url, headers=client.headers, timeout=20) as fresh:
            answers.append(fresh.get(path))
    return answers


def test_there_are_two(server: Running) -> None:
    assert eventually(lambda: workers(server) == 2)


def test_an_edit_is_served_by_both_within_two_seconds(client: httpx.Client, upstream: Upstream) -> None:
    client.post("v1/chat/completions", json=ASK)

    slug = add_provider(client, upstream, "Added later")
    time.sleep(2.0)
    seen = [
        {provider["slug"] for provider in reply.json()["data"]["items"]}
        for reply in asked_anew(client, "api/v1/llm-providers")
    ]

    assert all(slug in slugs for slugs in seen)


def test_a_revoked_key_is_refused_by_both_within_two_seconds(client: httpx.Client) -> None:
    key = client.post("api/v1/api-keys", json={"name": "short-lived"}).json()["data"]
    time.sleep(2.0)
    with httpx.Client(base_url=client.base_url, headers={"Authorization": f"Bearer {key['key']}"}) as service:
        before = {reply.status_code for reply in asked_anew(service, "v1/models", times=8)}

        client.delete(f"api/v1/api-keys/{key['id']}").raise_for_status()
        time.sleep(2.0)
        after = {reply.status_code for reply in asked_anew(service, "v1/models")}

    assert (before, after) == ({200}, {401})


def test_whoever_is_asked_tells_the_figures_of_both(client: httpx.Client, upstream: Upstream) -> None:
    slug = add_provider(client, upstream, "Counted")
    time.sleep(2.0)
    for _ in range(16):
        with httpx.Client(base_url=client.base_url, headers=client.headers, timeout=20) as fresh:
            fresh.post("v1/chat/completions", json={**ASK, "model": f"{slug}/hello-1"}).raise_for_status()
    line = f'patchbay_attempts_total{{face="v1",outcome="ok",provider="{slug}",task="chat"}} 16.0'

    assert eventually(lambda: all(line in reply.text for reply in asked_anew(client, "metrics", times=4)))


def test_ready_names_redis(client: httpx.Client) -> None:
    assert client.get("readyz").json()["parts"]["redis"]["ok"]
