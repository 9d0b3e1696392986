"""Every provider's list of models: cached, refreshed behind the caller, served with its age."""

from __future__ import annotations

import time

import gevent
import pytest

from app.domain.errors import ModelNotFound
from app.gateway import model_lists as module
from app.gateway.model_lists import Listing
from app.gateway.service import ROUTE_S
from tests.gateway.conftest import Gateway
from tests.gateway.making import provider
from tests.support.fixtures import NewUpstream
from tests.support.replies import respond, stall, web_page
from tests.support.upstream import Upstream


def asked(upstream: Upstream) -> int:
    return len([request for request in upstream.requests if request.method == "GET"])


def ids(listing: Listing) -> list[str]:
    return [model.id for model in listing.models]


def test_a_list_is_asked_for_once(gateway: Gateway, upstream: Upstream) -> None:
    config = provider("box", base_url=upstream.base_url)
    gateway.use(config)

    first = gateway.lists.listings([config])
    for _ in range(5):
        gateway.lists.listings([config])

    assert ids(first[0]) == ["hello-1", "text-embedding-hello"]
    assert asked(upstream) == 1
    assert (module.FRESH_S, module.LOCAL_FRESH_S) == (300, 2)


def test_calls_that_come_together_ask_once(gateway: Gateway, upstream: Upstream) -> None:
    gateway.use(provider("box", base_url=upstream.base_url))

    gevent.joinall([gevent.spawn(gateway.ask, "box/hello-1") for _ in range(5)], raise_error=True)

    assert asked(upstream) == 1


def test_it_is_asked_for_again_when_wanted(gateway: Gateway, upstream: Upstream) -> None:
    config = provider("box", base_url=upstream.base_url)
    gateway.use(config)
    gateway.lists.listings([config])
    generation = gateway.lists.generation
    upstream.will_list("another")

    [listing] = gateway.lists.listings([config], refresh=True)

    assert ids(listing) == ["another"]
    assert gateway.lists.generation > generation


def test_a_list_that_did_not_change_changes_nothing(gateway: Gateway, upstream: Upstream) -> None:
    config = provider("box", base_url=upstream.base_url)
    gateway.use(config)
    gateway.lists.listings([config])
    generation = gateway.lists.generation

    gateway.lists.listings([config], refresh=True)

    assert gateway.lists.generation == generation


def test_the_old_list_is_served_with_its_age_while_a_provider_is_away(gateway: Gateway, upstream: Upstream) -> None:
    config = provider("box", base_url=upstream.base_url)
    gateway.use(config)
    gateway.lists.listings([config])
    upstream.will(web_page(500), on="GET *")
    time.sleep(0.05)

    [listing] = gateway.lists.listings([config], refresh=True)

    assert ids(listing) == ["hello-1", "text-embedding-hello"]
    assert listing.error == "Box answered with status 500."
    age_s = listing.age_s()
    assert age_s is not None
    assert age_s >= 0.05


def test_a_list_that_is_due_is_refreshed_behind_the_caller(gateway: Gateway, upstream: Upstream) -> None:
    config = provider("box", base_url=upstream.base_url)
    gateway.use(config)
    [listing] = gateway.lists.listings([config])
    long_ago = time.monotonic() - module.FRESH_S - 1
    gateway.lists._keep(Listing(config, listing.models, long_ago, long_ago))
    upstream.will(respond(200, {"data": [{"id": "newer"}]}, headers_after_s=0.1), on="GET *")
    began = time.monotonic()

    [stale] = gateway.lists.listings([config])
    waited_s = time.monotonic() - began
    gevent.sleep(0.3)
    [fresh] = gateway.lists.listings([config])

    assert (ids(stale), ids(fresh)) == (["hello-1", "text-embedding-hello"], ["newer"])
    assert waited_s < 0.09


def test_a_new_configuration_is_asked_anew(gateway: Gateway, upstream: Upstream, new_upstream: NewUpstream) -> None:
    second = new_upstream()
    second.will_list("of-the-second")
    gateway.use(provider("box", base_url=upstream.base_url))
    gateway.lists.listings(gateway.snapshot.providers)

    gateway.use(provider("box", base_url=second.base_url, version=2))
    [listing] = gateway.lists.listings(gateway.snapshot.providers)

    assert ids(listing) == ["of-the-second"]


def test_a_new_configuration_does_not_wait_for_the_answer_of_the_old(
    gateway: Gateway, upstream: Upstream, new_upstream: NewUpstream
) -> None:
    silent = new_upstream()
    silent.will(stall(), on="GET *")
    old, new = provider("box", base_url=silent.base_url), provider("box", base_url=upstream.base_url, version=2)
    gateway.use(old)
    gateway.lists.listings([old], wait_s=0.05)

    gateway.use(new)
    began = time.monotonic()
    [listing] = gateway.lists.listings([new])

    assert ids(listing) == ["hello-1", "text-embedding-hello"]
    assert time.monotonic() - began < 1


def test_an_old_answer_never_replaces_a_newer_one(gateway: Gateway) -> None:
    old, new = provider("box"), provider("box", version=2)
    gateway.lists._keep(Listing(new, (), 1.0, time.monotonic()))

    gateway.lists._keep(Listing(old, (), 2.0, time.monotonic()))

    assert gateway.lists.listings([new])[0].listed_at == 1.0


def test_nine_dead_providers_do_not_slow_the_tenth(
    gateway: Gateway, upstream: Upstream, new_upstream: NewUpstream
) -> None:
    silent = new_upstream(speaks="silence")
    dead = [provider(f"dead-{number}", base_url=silent.base_url) for number in range(9)]
    gateway.use(*dead, provider("box", base_url=upstream.base_url), aliases={"quick": "box/hello-1"})
    began = time.monotonic()

    answers = [gateway.ask(name) for name in ("box/hello-1", "quick")]

    assert answers == ["hello there", "hello there"]
    assert time.monotonic() - began < 1


def test_the_default_provider_settles_a_bare_id_without_the_others(
    gateway: Gateway, upstream: Upstream, new_upstream: NewUpstream
) -> None:
    silent = new_upstream(speaks="silence")
    gateway.use(
        provider("dead", base_url=silent.base_url), provider("box", base_url=upstream.base_url, is_default=True)
    )
    began = time.monotonic()

    assert gateway.ask("hello-1") == "hello there"
    assert time.monotonic() - began < 1


def test_all_lists_are_asked_for_at_once_and_not_for_long(gateway: Gateway, new_upstream: NewUpstream) -> None:
    silent = new_upstream(speaks="silence")
    configs = [provider(f"dead-{number}", base_url=silent.base_url) for number in range(3)]
    gateway.use(*configs)
    began = time.monotonic()

    found = gateway.lists.listings(configs)

    assert {listing.error for listing in found} == {
        f"Dead-{number} did not list its models within 5 s." for number in range(3)
    }
    assert 4.9 < time.monotonic() - began < 6.5


def test_a_list_that_could_not_be_had_is_not_waited_for_again(
    gateway: Gateway, upstream: Upstream, new_upstream: NewUpstream
) -> None:
    gateway.use(
        provider("dead", base_url=new_upstream(speaks="nothing").base_url), provider("box", base_url=upstream.base_url)
    )
    with pytest.raises(ModelNotFound):
        gateway.ask("nothing")
    upstream.forget()
    began = time.monotonic()

    with pytest.raises(ModelNotFound):
        gateway.ask("nothing")

    assert asked(upstream) == 0
    assert time.monotonic() - began < 0.2


def test_a_model_that_was_called_before_its_provider_could_list_is_looked_up_again(
    gateway: Gateway, upstream: Upstream
) -> None:
    upstream.will(web_page(500), respond(200, {"data": [{"id": "late", "owned_by": "llamacpp"}]}), on="GET *")
    gateway.use(provider("box", base_url=upstream.base_url))
    gateway.ask("box/late")
    gateway.ask("box/late")
    [listing] = gateway.lists.listings(gateway.snapshot.providers)
    long_ago = time.monotonic() - module.ASK_AGAIN_S
    gateway.lists._keep(Listing(listing.config, (), None, long_ago, "away"))
    gateway.llm._routes = {key: (found, 0.0) for key, (found, _) in gateway.llm._routes.items()}

    gateway.ask("box/late")
    gevent.sleep(0.2)
    gateway.ask("box/late")

    streamed = [request.json.get("stream") for request in upstream.requests if request.method == "POST"]
    assert streamed == [None, None, None, True]
    assert ROUTE_S <= module.ASK_AGAIN_S
