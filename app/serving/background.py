"""What runs beside the requests in a worker: the ledger's writer, the configuration's poll, the lists' warm-up."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import gevent

from app.gateway.draining import draining

if TYPE_CHECKING:
    from app.api.parts import Parts

COUNT_S = 1.0
SWITCH_S = 0.0005


def start(application: Any) -> None:
    """Start it for an application made by create_app. What waits to be written is written when the worker ends."""
    parts: Parts = application.extensions["patchbay"]
    # SQLite's writing thread would otherwise hold the interpreter, and so every request, for 5 ms at a time.
    sys.setswitchinterval(SWITCH_S)
    gevent.spawn(parts.ledger.write_forever)
    gevent.spawn(parts.state.poll_forever)
    gevent.spawn(parts.key_uses.write_forever)
    gevent.spawn(parts.request_log.write_forever)
    gevent.spawn(parts.keeper.keep_forever)
    gevent.spawn(parts.purge.run_forever)
    gevent.spawn(parts.warm_up.run_forever)
    if parts.shared_events is not None:
        gevent.spawn(parts.shared_events.copy_forever)
        draining.on_exit.append(parts.shared_events.flush)
    if parts.stop_signals is not None:
        gevent.spawn(parts.stop_signals.listen_forever, parts.generations.stop_here)
    gevent.spawn(_load_prices, parts)
    gevent.spawn(_ask_for_lists, parts)
    gevent.spawn(_count_open_calls, parts)
    draining.on_exit += [parts.ledger.flush, parts.key_uses.write, parts.request_log.flush, parts.close]


def _ask_for_lists(parts: Parts) -> None:
    """So that the first request finds every list, or knows already who is down."""
    providers = [one for one in parts.state.current.providers if one.enabled]
    parts.model_lists.listings(providers, wait_s=0)


def _count_open_calls(parts: Parts) -> None:
    """Each worker tells the other workers' /metrics."""
    while True:
        parts.metrics.count_open()
        gevent.sleep(COUNT_S)


def _load_prices(parts: Parts) -> None:
    """Before the first answer that has a price, so that it does not wait for the list."""
    if any(parts.connections.to(one).KIND.price_list for one in parts.state.current.providers if one.enabled):
        parts.prices.load()
