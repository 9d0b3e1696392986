"""The ports of the simulated LM Studio, the process that has them, and the test's side of both."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import Any
from urllib.parse import unquote

import msgspec

from tests.support.certificates import Certificates
from tests.support.commands import Manners, Opened, Received
from tests.support.control import Switchboard, decoded
from tests.support.listener import Listener
from tests.support.lmstudio import lists, native, websocket, wire
from tests.support.lmstudio.anthropic import messages
from tests.support.lmstudio.inference import answered
from tests.support.lmstudio.machine import Machine
from tests.support.lmstudio.native_chat import NativeChat
from tests.support.lmstudio.switches import Switches
from tests.support.upstream import Upstream, UpstreamProcess

CONTROL = "/_control"
KEEP_ALIVE_S = 5.0


class Server(Listener):
    """One LM Studio. Rules that a test adds go first."""

    def __init__(self, manners: Manners, certificates: Certificates, switches: Switches | None = None) -> None:
        self.machine = Machine(switches or Switches())
        patient = manners.idle_close_s is None
        super().__init__(
            msgspec.structs.replace(manners, idle_close_s=KEEP_ALIVE_S) if patient else manners, certificates
        )

    def _reply_to(self, request: Received) -> wire.Actions:
        if request.path == CONTROL:
            return self._control(request)
        with self._lock:
            self._requests.append(request)
            ruled = self._ruled(request)
        return self._routed(request) if ruled is None else self._rendered(ruled, request)

    def _control(self, request: Received) -> wire.Actions:
        """GET tells what there is; POST changes switches."""
        if request.method == "POST":
            try:
                self.change(request.body)
            except (msgspec.MsgspecError, KeyError) as error:
                return wire.reply(400, {"error": str(error)})
        return wire.reply(200, self.told())

    def change(self, body: bytes) -> None:
        """Switches that are not named stay. New `loaded` models start over with an empty memory."""
        changes = decoded(body, dict[str, Any])
        # Checked here: `replace` takes anything.
        switches = msgspec.convert({**msgspec.structs.asdict(self.machine.switches), **changes}, Switches)
        unknown = changes.keys() - set(Switches.__struct_fields__)
        if unknown:
            raise msgspec.ValidationError(f"no such switches: {', '.join(sorted(unknown))}")
        if "loaded" in changes:
            self.machine = Machine(switches)
        else:
            self.machine.switches = switches

    def told(self) -> dict[str, Any]:
        machine = self.machine
        instances = [
            {
                "id": one.id,
                "config": one.config,
                "ready": one.is_ready,
                "jit": one.just_in_time,
                "ttl_s": one.ttl_s,
                "gpu_ratio": one.gpu_ratio,
            }
            for one in machine.instances()
        ]
        switches = msgspec.to_builtins(machine.switches)
        counts = {"prompts_read": machine.prompts_read, "tokens_made": machine.tokens_made}
        return {"switches": switches, "instances": instances, **counts}

    # Routes

    def _routed(self, request: Received) -> wire.Actions:
        machine, path = self.machine, request.path
        if path == "/lmstudio-greeting":
            return wire.reply(200, {"lmstudio": True})
        if websocket.is_one(request):
            return websocket.upgraded(machine, request)
        token = machine.switches.token
        if token is not None and machine.version >= (0, 4, 0) and not _has(request, token):
            words = "An LM Studio API token is required to make requests to this server."
            return wire.native_error(401, "invalid_request", words, code="invalid_api_key")
        found = self._listed(request) if request.method == "GET" else self._posted(request)
        if found is not None:
            return found
        status = machine.switches.unknown_route if path.startswith("/api/v1/") else 200
        return wire.unexpected(request, status)

    def _listed(self, request: Received) -> wire.Actions | None:
        machine, path = self.machine, request.path
        if machine.switches.list_breaks_while_loading and machine.is_loading and path.endswith("/models"):
            return wire.broken_page()
        match path:
            case "/v1/models":
                return wire.reply(200, lists.openai(machine))
            case "/api/v0/models" if machine.version >= (0, 3, 6):
                return wire.reply(200, lists.v0(machine))
            case "/api/v1/models" if machine.version >= (0, 4, 0):
                return wire.reply(200, lists.v1(machine))
        if path.startswith("/api/v0/models/") and machine.version >= (0, 3, 6):
            one = lists.v0_one(machine, unquote(path.removeprefix("/api/v0/models/")))
            return None if one is None else wire.reply(200, one)
        if path.startswith("/api/v1/models/download/status/") and machine.version >= (0, 4, 0):
            return native.download_status(machine, path.rpartition("/")[2])
        return None

    def _posted(self, request: Received) -> wire.Actions | None:
        machine, path = self.machine, request.path
        try:
            body = request.json
        except msgspec.DecodeError:
            return wire.invalid_json()
        if not isinstance(body, dict):
            return wire.invalid_json()
        if machine.version >= (0, 4, 0):
            match path:
                case "/api/v1/models/load":
                    return native.load(machine, body)
                case "/api/v1/models/unload":
                    return native.unload(machine, body)
                case "/api/v1/models/download":
                    return native.download(machine, body)
                case "/api/v1/chat":
                    return NativeChat(machine, body).answered()
                case "/v1/messages" if machine.version >= (0, 4, 1):
                    return messages(machine, body)
        root, _, name = path.partition("/")[2].rpartition("/")
        known = name in ("completions", "embeddings") and root.removesuffix("/chat") in _roots(machine)
        return answered(machine, request, body) if known else None


def _roots(machine: Machine) -> tuple[str, ...]:
    return ("v1", "api/v0") if machine.version >= (0, 3, 6) else ("v1",)


def _has(request: Received, token: str) -> bool:
    return token in (request.key, request.headers.get("x-api-key"))


class Servers(Switchboard):
    """Ports like this; `switches` is one more command."""

    def __init__(self, first: Switches | None = None) -> None:
        super().__init__(Server)
        self._first = first

    def open(self, manners: Manners) -> Opened:
        opened = super().open(manners)
        server = self._listeners[opened.id]
        if self._first is not None and isinstance(server, Server):
            server.machine, self._first = Machine(self._first), None
        return opened

    def tell(self, listener: Listener, command: str, body: bytes) -> None:
        if command == "switches" and isinstance(listener, Server):
            listener.change(body)
        else:
            super().tell(listener, command, body)


# The test's side


class Loaded(msgspec.Struct):
    """An instance, as `GET /_control` tells it."""

    id: str
    config: dict[str, Any]
    ready: bool
    jit: bool
    ttl_s: float | None
    gpu_ratio: float | None


class State(msgspec.Struct):
    switches: Switches
    instances: list[Loaded]
    prompts_read: int
    tokens_made: int

    @property
    def loaded(self) -> dict[str, int]:
        """The context length of each instance that is ready, by its id."""
        return {one.id: one.config["context_length"] for one in self.instances if one.ready}


class LMStudio(Upstream):
    """One simulated LM Studio."""

    def set(self, **switches: Any) -> None:
        """Change fields of `Switches`."""
        self.tell("switches", switches)

    @property
    def state(self) -> State:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", CONTROL, headers={"Connection": "close"})
            return msgspec.json.decode(connection.getresponse().read(), type=State)
        finally:
            connection.close()

    def ask(self, path: str, body: object) -> Any:
        """What the server answers to a POST, decoded."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", path, msgspec.json.encode(body), {"Connection": "close"})
            return msgspec.json.decode(connection.getresponse().read())
        finally:
            connection.close()

    def asked(self, path: str) -> int:
        """How many POST requests there were for this path."""
        return sum(one.method == "POST" and one.path == path for one in self.requests)


class LMStudioProcess(UpstreamProcess):
    """The process; ports are opened in it."""

    def __init__(self) -> None:
        super().__init__("tests.support.lmstudio")

    def lmstudio(self, version: str, *, manners: Manners | None = None, **switches: Any) -> LMStudio:
        asked = manners or Manners(idle_close_s=KEEP_ALIVE_S)
        server = LMStudio(self, self.command("POST", "/ports", asked, Opened), asked)
        server.set(version=version, **switches)
        return server
