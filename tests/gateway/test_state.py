"""The configuration that requests read."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

from app.domain.settings import Settings
from app.domain.snapshot import Snapshot
from app.gateway.state import LOOK_AGAIN_S, State

NOTHING = Snapshot(1, (), {}, {}, frozenset(), {}, Settings())


def test_the_database_is_asked_again_at_most_so_often() -> None:
    stored, asked = [1], 0

    def version() -> int:
        nonlocal asked
        asked += 1
        return stored[0]

    state = State(lambda: replace(NOTHING, version=stored[0]), version)
    assert state.current.version == 1
    stored[0] = 2

    seen = [state.look_again().version for _ in range(50)]

    assert set(seen) == {2}
    assert asked < 50
    time.sleep(LOOK_AGAIN_S)
    stored[0] = 3
    assert state.look_again().version == 3


def test_who_comes_while_the_database_is_asked_again_gets_the_answer_too() -> None:
    stored, asked, may_go_on = [1], threading.Event(), threading.Event()
    seen: list[int] = []

    def version() -> int:
        asked.set()
        assert may_go_on.wait(5)
        return stored[0]

    state = State(lambda: replace(NOTHING, version=stored[0]), version)
    assert state.current.version == 1
    stored[0] = 2
    both = [threading.Thread(target=lambda: seen.append(state.look_again().version)) for _ in range(2)]
    both[0].start()
    assert asked.wait(5)
    both[1].start()
    threading.Timer(0.1, may_go_on.set).start()

    for one in both:
        one.join()
    assert seen == [2, 2]


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
