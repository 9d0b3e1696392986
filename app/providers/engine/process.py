"""A child process seen from the supervisor: starting it, asking it, ending it."""

import collections
import json
import re
import secrets
import select
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

from app.providers.engine import log
from app.providers.engine.errors import EngineFailed
from app.providers.engine.messages import ChildSettings, EngineAddress, LoadOptions
from app.providers.engine.shelf import ModelFile
from app.providers.engine.sizing import context_of

_PROJECT = Path(__file__).resolve().parents[3]
_LARGEST_LOAD_S = 900.0
_ANSWER_S = 2.0
_END_S = 1.0

_BATCH_BUFFER_BYTES = 256 * 1024**2
_SMALLEST_BATCH_TOKENS, _LARGEST_BATCH_TOKENS = 512, 8192

_UNREADABLE = (OSError, ValueError, TypeError, LookupError)

# llama.cpp begins a line with time and severity: "0.00.006.769 E llama_model_load: error loading model: …"
_COMPLAINT = re.compile(r"^[\d.]+ E \S+ *(?:\S+: )?(?P<text>.+)$")


class Child:
    """One running model. It is ours until `stop`; its key is known to nobody else."""

    def __init__(self, file: ModelFile, options: LoadOptions) -> None:
        self._key = secrets.token_urlsafe(24)
        self._last_words: collections.deque[str] = collections.deque(maxlen=40)
        self._port = 0
        self.context_length: int | None = None
        # A session of its own: Ctrl-C in the terminal reaches gunicorn first, which lets answers finish.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "app.providers.engine.child"],
            cwd=_PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, args=(self._pipe(self._process.stderr),), daemon=True)
        self._listener.start()
        try:
            stdin = self._pipe(self._process.stdin)
            stdin.write(json.dumps(settings(file, options, self._key)).encode() + b"\n")
            stdin.flush()
        except BrokenPipeError:
            # It died at once; `wait_until_ready` says why.
            pass

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def address(self) -> EngineAddress:
        return EngineAddress(base_url=f"http://127.0.0.1:{self._port}/v1", api_key=self._key)

    def wait_until_ready(self) -> None:
        """Return when the model answers. Raises EngineFailed with the engine's own reason."""
        stdout = self._pipe(self._process.stdout)
        readable, _, _ = select.select([stdout], [], [], _LARGEST_LOAD_S)
        if not readable:
            self.stop()
            raise EngineFailed("load_timeout", f"The model did not load within {_LARGEST_LOAD_S:.0f} s.")
        with stdout:
            line = stdout.readline()
        if not line.endswith(b"\n"):
            self.wait()
            raise EngineFailed("load_failed", f"The engine could not load the model: {self.reason()}")
        try:
            self._port = int(line.rpartition(b":")[2])
            self.context_length = int(self._ask("/props")["default_generation_settings"]["n_ctx"])
        except _UNREADABLE as error:
            self.stop()
            raise EngineFailed("load_failed", f"The engine does not answer as expected: {error}") from error

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def is_busy(self) -> bool:
        """Whether it is answering somebody; one that does not say is taken to be."""
        try:
            return any(slot["is_processing"] for slot in self._ask("/slots"))
        except _UNREADABLE:
            return self.is_alive()

    def wait(self) -> None:
        """Return when the process has ended and its last words are heard."""
        self._process.wait()
        self._close_stdin()
        self._listener.join(_END_S)

    def stop(self) -> None:
        """End the process, by the end of its input and within a second by force."""
        self._close_stdin()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self.wait()

    def reason(self) -> str:
        """Why it ended, in the engine's words where it said any."""
        # The first complaint is the cause; what follows only reports that it failed.
        for line in list(self._last_words):
            complaint = _COMPLAINT.match(line)
            if complaint:
                return complaint["text"].strip()
        code = self._process.poll()
        return f"it ended by signal {-code}" if code is not None and code < 0 else f"it ended with status {code}"

    def _close_stdin(self) -> None:
        try:
            self._pipe(self._process.stdin).close()
        except BrokenPipeError:
            # What was still to be written has no reader any more.
            pass

    def _listen(self, stderr: IO[bytes]) -> None:
        with stderr:
            for line in stderr:
                text = line.decode(errors="replace").rstrip()
                self._last_words.append(text)
                log.write(f"engine pid={self._process.pid} {text}")

    def _ask(self, path: str) -> Any:
        """One GET by hand: `http.client` would bring three megabytes into a process that lives very long."""
        question = f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self._key}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self._port), timeout=_ANSWER_S) as connection:
            connection.sendall(question.encode())
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        return json.loads(answer.partition(b"\r\n\r\n")[2])

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None, "all three are pipes"
        return pipe


def settings(file: ModelFile, options: LoadOptions, key: str) -> ChildSettings:
    """What `options` mean for this file: its context, and memory that fits it."""
    header = file.header
    assert header is not None, "a file without a readable header is never loaded"
    context = context_of(header, options)
    return ChildSettings(
        path=str(file.path),
        alias=file.id,
        api_key=key,
        context_tokens=context.all_tokens,
        shared_context=context.shared,
        batch_tokens=_batch_tokens(file.type == "embeddings", header.vocabulary, context.tokens),
        parallel=context.parallel,
        own_pooling=header.pooling > 0,
        threads=options.threads,
        gpu_layers=options.gpu_layers,
        projector=str(file.projector) if file.projector else None,
    )


def _batch_tokens(embeds_only: bool, vocabulary: int, context_tokens: int) -> int:
    """How many tokens go through the model at once.

    A text to embed must fit in one batch. llama.cpp keeps a score per batch token and vocabulary entry, so
    models that write get as much as a bounded buffer allows.
    """
    fits = _LARGEST_BATCH_TOKENS if embeds_only else _BATCH_BUFFER_BYTES // (4 * max(vocabulary, 1))
    return max(_SMALLEST_BATCH_TOKENS, min(fits, context_tokens, _LARGEST_BATCH_TOKENS))
