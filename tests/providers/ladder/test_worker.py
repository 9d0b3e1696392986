"""In a gevent worker a connection test leaves the other requests alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.support.fixtures import NewUpstream
from tests.support.upstream import Upstream

# A patched process: meanwhile a greenlet counts how long it was ever kept from running.
SCRIPT = """
from gevent import monkey
monkey.patch_all()
import json, sys, time
import gevent
from app.providers.discovery import Discovery
from tests.providers.ladder.faults import climb, provider

gaps = []
def count():
    last = time.monotonic()
    while True:
        gevent.sleep(0.005)
        gaps.append(time.monotonic() - last)
        last = time.monotonic()
gevent.spawn(count)
stalled, tls, ca_pem = json.loads(sys.argv[1])
diagnoses = [climb(provider(url, ca_pem=ca_pem)).diagnosis for url in (stalled, tls, tls + "/v1")]
Discovery(None, {"ollama": 9}).scan("127.0.0.0/24")
print(json.dumps([diagnoses, max(gaps)]))
"""


def test_other_greenlets_go_on_while_a_server_is_tested(new_upstream: NewUpstream) -> None:
    stalled, tls = new_upstream(speaks="silence"), new_upstream(speaks="tls")

    diagnoses, longest_gap_s = in_patched_process(stalled, tls)

    assert diagnoses == ["too_slow", "ok", "doubled_v1"]
    assert longest_gap_s < 0.4


def in_patched_process(stalled: Upstream, tls: Upstream) -> tuple[list[str], float]:
    given = json.dumps([stalled.base_url, tls.base_url, tls.ca_pem])
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, given],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    diagnoses, gap_s = json.loads(ended.stdout)
    return diagnoses, gap_s
