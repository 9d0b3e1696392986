"""Messages with very many parts keep nobody waiting."""

from __future__ import annotations

import subprocess
import sys

from tests.serving.running import ROOT

MANY_PARTS = """
from gevent import monkey; monkey.patch_all()
import gevent, msgspec
from app.api.messages import checked_messages

part = b'{"type":"image_url","image_url":"https://example.org/a.png"}'
messages = msgspec.Raw(b'[{"role":"user","content":[' + b",".join([part] * 100_000) + b"]}]")
turns = 0

def others():
    global turns
    while True:
        turns += 1
        gevent.sleep(0)

waiting = gevent.spawn(others)
gevent.sleep(0)
before = turns
needs = checked_messages(messages)
print(sorted(needs), turns - before)
"""


def test_others_have_their_turn_while_many_parts_are_looked_at() -> None:
    done = subprocess.run([sys.executable, "-c", MANY_PARTS], cwd=ROOT, capture_output=True, text=True, check=True)

    needs, turns = done.stdout.rsplit(maxsplit=1)
    assert needs == "['image_address', 'vision']"
    assert int(turns) >= 20
