"""A stop ends every kind of wait at once, whatever is being waited for."""

from __future__ import annotations

import socket
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import gevent
import pytest

from app.domain.errors import ClientLeft, ProviderTimeout, Stopped
from app.domain.stopping import Stop
from app.providers.http.waiting import sleep
from tests.providers.asking import asked, attempt, events_of, model
from tests.providers.conftest import NewProvider
from tests.providers.http.conftest import Asking, To
from tests.support.fixtures import NewUpstream
from tests.support.replies import answer_with, respond, stall
from tests.support.upstream import Upstream

AT_ONCE_S = 0.5


@contextmanager
def stopped_soon(stop: Stop) -> Iterator[None]:
    """The block ends with the stop's reason, soon after it was stopped."""
    reason = Stopped("Enough.")
    gevent.get_hub().loop.update_now()
    stopping = gevent.spawn_later(0.05, stop.stop, reason)
    began = time.monotonic()

    with pytest.raises(Stopped) as raised:
        yield

    assert raised.value.message == reason.message
    assert 0.04 <= time.monotonic() - began < AT_ONCE_S
    stopping.join()


Wait = Callable[[To, NewUpstream], Asking]


def connecting(to: To, new_upstream: NewUpstream) -> Asking:
    return to(new_upstream(speaks="deaf").base_url)


def shaking_hands(to: To, new_upstream: NewUpstream) -> Asking:
    return to(f"https://127.0.0.1:{new_upstream(speaks='silence').port}")


def asking_a_proxy(to: To, new_upstream: NewUpstream) -> Asking:
    return to("https://provider.example/v1", proxy_url=new_upstream(speaks="silence").url)


def waiting_for_the_head(to: To, new_upstream: NewUpstream) -> Asking:
    upstream = new_upstream()
    upstream.will(stall())
    return to(upstream.base_url)


def waiting_for_the_body(to: To, new_upstream: NewUpstream) -> Asking:
    upstream = new_upstream()
    upstream.will(respond(200, b"hi", missing_bytes=3, then="stall"))
    return to(upstream.base_url)


def waiting_over_tls(to: To, new_upstream: NewUpstream) -> Asking:
    upstream = new_upstream(speaks="tls")
    upstream.will(stall())
    return to(upstream.base_url, ca_pem=upstream.ca_pem)


@pytest.mark.parametrize(
    "waiting",
    [connecting, shaking_hands, asking_a_proxy, waiting_for_the_head, waiting_for_the_body, waiting_over_tls],
)
def test_a_stop_ends(waiting: Wait, to: To, new_upstream: NewUpstream) -> None:
    asking = waiting(to, new_upstream)

    with stopped_soon(asking.stop):
        asking.ask()


def test_a_stop_ends_sending_to_a_server_that_does_not_read(to: To) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        asking = to(f"http://127.0.0.1:{listening.getsockname()[1]}")
        with stopped_soon(asking.stop):
            asking.ask(b"x" * 50_000_000)


def test_a_stop_ends_resolving_a_name(to: To) -> None:
    pool = gevent.get_hub().threadpool
    busy = [pool.spawn(time.sleep, 0.4) for _ in range(pool.maxsize)]
    asking = to("http://localhost:1/v1")

    with stopped_soon(asking.stop):
        asking.ask()

    gevent.joinall(busy)


def test_a_name_that_is_not_resolved_in_time_is_a_timeout(to: To) -> None:
    pool = gevent.get_hub().threadpool
    busy = [pool.spawn(time.sleep, 0.4) for _ in range(pool.maxsize)]

    with pytest.raises(ProviderTimeout):
        to("http://localhost:1/v1", connect_s=0.05).ask()

    gevent.joinall(busy)


def test_a_call_that_was_stopped_before_it_began_sends_nothing(to: To, upstream: Upstream) -> None:
    asking = to(upstream.base_url)
    asking.stop.stop(ClientLeft("Gone."))

    with pytest.raises(ClientLeft):
        asking.ask()

    assert upstream.requests == []


def test_the_first_reason_stays(to: To, upstream: Upstream) -> None:
    asking = to(upstream.base_url)
    asking.stop.stop(Stopped("First."))
    asking.stop.stop(ClientLeft("Second."))

    with pytest.raises(Stopped):
        asking.ask()


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_a_stopped_answer_closes_the_connection_to_the_provider(
    stream: bool, upstream: Upstream, new_provider: NewProvider
) -> None:
    upstream.will(answer_with("one two three", every_s=5))
    stop = Stop()

    with stopped_soon(stop):
        events_of(new_provider("openai", upstream.base_url), asked(stream=stream), during=attempt(stop=stop))

    upstream.wait_until_left(within_s=1)


def test_a_stop_between_two_reads_is_noticed_at_the_next_wait(upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(answer_with("one two three", every_s=0.05))
    stop = Stop()
    bursts = new_provider("openai", upstream.base_url).answer(asked(stream=True), model(), attempt(stop=stop))

    next(bursts)
    stop.stop(Stopped("Enough."))

    with pytest.raises(Stopped):
        list(bursts)
    upstream.wait_until_left(within_s=1)


class _Body:
    """Something that a call holds while it waits."""


def test_what_a_stopped_call_held_is_freed_though_its_stop_is_kept() -> None:
    stop, held = Stop(), []

    def call() -> str:
        body = _Body()
        held.append(weakref.ref(body))
        try:
            sleep(5, stop)
        except Stopped as error:
            return error.message
        return "not stopped"

    calling = gevent.spawn(call)
    gevent.sleep(0.02)
    stop.stop(Stopped("Enough."))

    assert calling.get(timeout=AT_ONCE_S) == "Enough."
    assert stop.reason is not None
    assert held[0]() is None
