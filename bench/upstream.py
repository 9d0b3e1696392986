"""The fake model server (upstream.c) as a context, and the models it is asked for."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from bench.build import program
from bench.children import LOAD_CORE, pinned_to

INSTANT = "instant"
DELAYED = "delay-200"
UNPACED_CHUNKS = 1000
UNPACED = f"stream-{UNPACED_CHUNKS}-0"
ABANDONED = "stream-50-20"


def paced(chunks: int) -> str:
    """Ten chunks a second."""
    return f"stream-{chunks}-100"


@contextmanager
def upstream(models: list[str]) -> Iterator[int]:
    """Serve until the context ends; gives the port. It ends with this process too, by its standard input."""
    process = subprocess.Popen(
        [program("upstream"), *models],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=pinned_to(LOAD_CORE),
    )
    with process:
        assert process.stdout is not None
        word, _, port = process.stdout.readline().partition(" ")
        if word != "port":
            raise SystemExit("bench: the upstream did not start")
        try:
            yield int(port)
        finally:
            process.kill()
