"""What keeps Patchbay from starting, in words for the person at the terminal."""

from __future__ import annotations

import os

CANNOT_START = 2
"""Exit status of a start that can't succeed before something is changed."""


class StartError(Exception):
    """Shown as one message, without a traceback."""


class StartFailure:
    """Carries the message from the worker that could not start to the arbiter, which then ends with it."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)

    def write(self, error: StartError) -> None:
        os.write(self._writer, str(error).encode() + b"\n")

    def read(self) -> str | None:
        """The first message, or None."""
        try:
            return os.read(self._reader, 4096).decode().splitlines()[0]
        except BlockingIOError:
            return None
