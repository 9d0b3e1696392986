"""Speaking to the engine's supervisor from a gunicorn worker, over its Unix socket."""

import socket
from pathlib import Path

import msgspec

from app.providers.engine.address import socket_path
from app.providers.engine.errors import EngineFailed, EngineUnavailable
from app.providers.engine.messages import (
    AS_SUITS,
    EngineAddress,
    EngineModel,
    EngineStatus,
    LoadOptions,
    Reply,
    Request,
)

_AT_ONCE_S = 5.0
_TO_ANSWER_S = 10.0
"""How much longer than the supervisor we wait, so that its own message arrives."""


class EngineClient:
    """Asks the supervisor; holds nothing, so that all greenlets may share one."""

    def __init__(self, path: Path) -> None:
        self._path = str(socket_path(path.absolute()))

    def models(self, options: LoadOptions = AS_SUITS) -> list[EngineModel]:
        """Every GGUF file, the demo model last; files that cannot be run have an `error`.

        `options` are what a load would be made with, for the memory it would take.
        """
        return list(self._ask(Request("list", options=options)).models or ())

    def status(self) -> EngineStatus:
        """What is loaded, and whether anything can be."""
        status = self._ask(Request("status")).status
        if status is None:
            raise EngineUnavailable("the engine's supervisor sent no status")
        return status

    def ensure(self, model_id: str, *, wait_s: float = 300.0) -> EngineAddress:
        """Where `model_id` answers, loading it first if necessary. Cheap when it is loaded: ask for every request."""
        return self._address(Request("ensure", model=model_id, wait_s=wait_s))

    def load(
        self,
        model_id: str,
        options: LoadOptions,
        *,
        wait_s: float = 300.0,
        pinned: bool = False,
    ) -> EngineAddress:
        """The same with these options; a model loaded with other options is loaded again once it is idle.

        One that was loaded with `pinned` options is only loaded again by another such load.
        """
        return self._address(Request("load", model=model_id, options=options, wait_s=wait_s, pinned=pinned))

    def unload(self, model_id: str) -> None:
        """End the model's process, even while it answers. Nothing happens if it is not loaded."""
        self._ask(Request("unload", model=model_id))

    def _address(self, request: Request) -> EngineAddress:
        address = self._ask(request).address
        if address is None:
            raise EngineUnavailable("the engine's supervisor sent no address")
        return address

    def _ask(self, request: Request) -> Reply:
        """Raises EngineUnavailable or EngineFailed."""
        waits = request.op in ("ensure", "load")
        try:
            line = self._exchange(
                msgspec.json.encode(request), request.wait_s + _TO_ANSWER_S if waits else _TO_ANSWER_S
            )
            reply = msgspec.json.decode(line, type=Reply)
        except (OSError, msgspec.MsgspecError) as error:
            raise EngineUnavailable(f"the engine's supervisor does not answer: {error}") from error
        if reply.problem is not None:
            raise EngineFailed(reply.problem.code, reply.problem.message)
        return reply

    def _exchange(self, line: bytes, wait_s: float) -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_AT_ONCE_S)
            connection.connect(self._path)
            connection.sendall(line + b"\n")
            connection.settimeout(wait_s)
            with connection.makefile("rb") as answer:
                return answer.readline()
