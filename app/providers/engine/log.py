"""The supervisor's log lines, on standard error; `logging` would bring a megabyte into a process that hardly logs."""

import select
import sys

LONGEST = 1000


def info(line: str) -> None:
    write(f"INFO engine {line}")


def warning(line: str) -> None:
    write(f"WARNING engine {line}")


def write(line: str) -> None:
    """A line that nobody reads is dropped: waiting for its reader would keep the children from being ended."""
    _, writable, _ = select.select([], [sys.stderr], [], 0)
    if writable:
        # One write, so that lines of several threads stay whole, and short enough for what is free in a pipe.
        sys.stderr.write(f"{line[:LONGEST]}\n")
