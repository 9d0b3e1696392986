"""A change is served at once by the process that made it. (tests/deploy has the same for two workers.)"""

from __future__ import annotations

from tests.e2e.conftest import Provide
from tests.e2e.gateway import Gateway
from tests.e2e.questions import HELLO
from tests.support.fixtures import NewUpstream
from tests.support.upstream import Upstream

V1 = "/v1/chat/completions"


def test_the_next_call_goes_where_the_provider_has_moved(
    gateway: Gateway, new_upstream: NewUpstream, provide: Provide
) -> None:
    old, new = new_upstream(), new_upstream()
    slug = provide(old)
    question = {"model": f"{slug}/hello-1", "messages": HELLO}
    before = gateway.ask("POST", V1, question).headers["x-patchbay-config-version"]

    change = {"base_url": new.base_url, "api_key": "sk-of-the-new-one"}
    gateway.admin("PATCH", f"/api/v1/llm-providers/{slug}", change)
    reply = gateway.ask("POST", V1, question)

    assert reply.status == 200
    assert int(reply.headers["x-patchbay-config-version"]) > int(before)
    assert [request.method for request in old.requests].count("POST") == 1
    assert (new.last.method, new.last.key) == ("POST", "sk-of-the-new-one")


def test_a_provider_that_is_switched_off_or_removed_is_not_found_by_the_next_call(
    gateway: Gateway, upstream: Upstream
) -> None:
    slug = gateway.add_provider(upstream)
    question = {"model": f"{slug}/hello-1", "messages": HELLO}

    def status() -> int:
        return gateway.ask("POST", V1, question).status

    seen = [status()]
    for enabled in (False, True):
        gateway.admin("PATCH", f"/api/v1/llm-providers/{slug}", {"enabled": enabled})
        seen.append(status())
    gateway.remove_provider(slug)
    seen.append(status())

    assert seen == [200, 404, 200, 404]


def test_the_default_changes_without_a_restart(gateway: Gateway, upstream: Upstream, provide: Provide) -> None:
    slug = provide(upstream, model="hello-1")
    before = gateway.admin("GET", "/api/v1/llm-providers/active")["slug"]

    gateway.admin("POST", f"/api/v1/llm-providers/{slug}/activate")
    reply = gateway.ask("POST", V1, {"messages": HELLO})
    gateway.admin("POST", f"/api/v1/llm-providers/{before}/activate")

    assert (reply.status, reply.headers["x-patchbay-provider"]) == (200, slug)


def test_a_key_is_narrowed_and_ended_at_once(gateway: Gateway, model: str) -> None:
    made = gateway.admin("POST", "/api/v1/api-keys", {"name": "soon gone"})
    path, question = f"/api/v1/api-keys/{made['id']}", {"model": model, "messages": HELLO}

    seen = [gateway.ask("POST", V1, question, key=made["key"]).status]
    gateway.admin("PATCH", path, {"models": ["local/*"]})
    seen.append(gateway.ask("POST", V1, question, key=made["key"]).status)
    gateway.admin("DELETE", path)
    seen.append(gateway.ask("POST", V1, question, key=made["key"]).status)

    assert seen == [200, 403, 401]


def test_an_alias_leads_to_its_model_as_soon_as_it_is_made(gateway: Gateway, upstream: Upstream, model: str) -> None:
    made = gateway.admin("POST", "/api/v1/aliases", {"name": "my-model", "targets": [{"model": model}]})
    reply = gateway.ask("POST", V1, {"model": "my-model", "messages": HELLO})
    gateway.admin("DELETE", f"/api/v1/aliases/{made['id']}")
    after = gateway.ask("POST", V1, {"model": "my-model", "messages": HELLO})

    assert (reply.status, upstream.last.json["model"]) == (200, "hello-1")
    assert after.status == 404
