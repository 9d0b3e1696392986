"""The configuration that requests read."""

from __future__ import annotations

import threading
from dataclasses import replace

from app.domain.settings import Settings
from app.domain.snapshot import Snapshot
from app.gateway.state import State

NOTHING = Snapshot(1, (), {}, {}, frozenset(), {}, Settings())


def test_what_was_read_earlier_never_replaces_what_was_read_later() -> None:
    version, slow, begun, may_go_on = [1], [True], threading.Event(), threading.Event()

    def load() -> Snapshot:
        read = replace(NOTHING, version=version[0])
        if slow.pop() if slow else False:
            begun.set()
            assert may_go_on.wait(5)
        return read

    state = State(load, lambda: version[0])
    earlier = threading.Thread(target=state.reload)
    earlier.start()
    assert begun.wait(5)
    version[0] = 2
    threading.Timer(0.1, may_go_on.set).start()

    state.reload()

    earlier.join()
    assert state.current.version == 2
