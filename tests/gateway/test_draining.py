"""Ending every open call of a process."""

from __future__ import annotations

from app.domain.errors import Draining as Reason
from app.domain.errors import Stopped
from app.domain.stopping import Stop
from app.gateway.draining import Draining


def test_open_calls_end_with_the_reason_and_closed_ones_are_left_alone() -> None:
    draining = Draining()
    still_open, closed = Stop(), Stop()
    draining.register(still_open)
    draining.register(closed)
    draining.unregister(closed)
    reason = Reason("stopping")

    draining.begin(reason)

    assert still_open.reason is reason
    assert closed.reason is None
    assert len(draining) == 1


def test_a_call_that_comes_later_ends_at_once() -> None:
    draining = Draining()
    reason = Reason("stopping")
    draining.begin(reason)
    late = Stop()

    draining.register(late)

    assert late.reason is reason


def test_the_first_reason_stays() -> None:
    draining = Draining()
    call = Stop()
    draining.register(call)
    first = Reason("first")

    draining.begin(first)
    draining.begin(Stopped("second"))

    assert call.reason is first


def test_a_failing_exit_hook_does_not_keep_the_others_from_running() -> None:
    draining = Draining()
    ran = []

    def fails() -> None:
        raise OSError("disk full")

    draining.on_exit += [fails, lambda: ran.append("ledger")]

    draining.flush()

    assert ran == ["ledger"]
