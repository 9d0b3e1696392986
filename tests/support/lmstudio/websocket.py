"""The websockets that LM Studio's own package speaks, as far as loading needs them.

Source: the package lmstudio 1.6.0b1. One socket per namespace; the first message tells who it is, then channels are
opened on it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

from wsproto.connection import Connection, ConnectionType
from wsproto.events import CloseConnection, Message, Ping

from tests.support.commands import Received
from tests.support.lmstudio.machine import Instance, Machine
from tests.support.lmstudio.shelf import Model
from tests.support.lmstudio.wire import Actions
from tests.support.rendering import Send, Talk, head

NAMESPACES = {"/llm": False, "/embedding": True}
"""Whether the models of each are for embeddings."""
_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEYS = {
    "contextLength": "context_length",
    "evalBatchSize": "eval_batch_size",
    "flashAttention": "flash_attention",
    "numExperts": "num_experts",
    "offloadKVCacheToGpu": "offload_kv_cache_to_gpu",
}


def is_one(request: Received) -> bool:
    return request.path in NAMESPACES and request.headers.get("upgrade", "").lower() == "websocket"


def upgraded(machine: Machine, request: Received) -> Actions:
    key = request.headers["sec-websocket-key"] + _MAGIC
    accepted = base64.b64encode(hashlib.sha1(key.encode(), usedforsecurity=False).digest()).decode()
    kinds = (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accepted))
    yield Send(head(101, kinds))
    yield Talk(lambda sock, data: Conversation(machine, sock, embeds=NAMESPACES[request.path]).go_on(data))


class Conversation:
    """With one client, about models that embed or about those that chat."""

    def __init__(self, machine: Machine, sock: socket.socket, *, embeds: bool) -> None:
        self._machine = machine
        self._sock = sock
        self._embeds = embeds
        self._socket = Connection(ConnectionType.SERVER)

    def go_on(self, data: bytes) -> None:
        messages = self._messages(data)
        who = next(messages, None)
        if who is None or not self._knows(who):
            self._say({"success": False, "error": {"title": "Invalid passkey for LM Studio API token"}})
            return
        self._say({"success": True})
        for message in messages:
            match message:
                case {"type": "channelCreate", "endpoint": "loadModel", "channelId": int(channel)}:
                    self._load(channel, message["creationParameter"])
                case _:
                    warning = f"Unknown message: {message}"
                    self._say({"type": "communicationWarning", "warning": warning})

    def _knows(self, who: dict[str, Any]) -> bool:
        token = self._machine.switches.token
        return token in (None, f"sk-lm-{who['clientIdentifier']}:{who['clientPasskey']}")

    def _load(self, channel: int, wished: dict[str, Any]) -> None:
        machine, switches = self._machine, self._machine.switches
        model = machine.model(wished["modelKey"])
        if model is None or model.embeds != self._embeds:
            title = f"Model not found: {wished['modelKey']}"
            self._fail(channel, {"title": title, "displayData": _not_found(wished["modelKey"])})
            return
        if switches.load_answers != "loaded":
            self._fail(channel, {"title": "Failed to load model", "cause": "Insufficient memory"})
            return
        ttl_ms = wished.get("ttlMs")
        config, gpu_ratio = _settings(wished["loadConfigStack"])
        instance = machine.load(
            model,
            config,
            None if ttl_ms is None else ttl_ms / 1000,
            identifier=wished.get("identifier"),
            gpu_ratio=gpu_ratio,
        )
        self._send(channel, {"type": "resolved", "info": {"modelKey": model.key}})
        self._send(channel, {"type": "startLoading"})
        for step in range(1, switches.progress_steps + 1):
            time.sleep(switches.load_s / switches.progress_steps)
            self._send(channel, {"type": "progress", "progress": step / switches.progress_steps})
        while not instance.is_ready:
            time.sleep(0.01)
        self._send(channel, {"type": "success", "info": _told(instance, model)})
        self._say({"type": "channelClose", "channelId": channel})

    def _fail(self, channel: int, error: dict[str, Any]) -> None:
        self._say({"type": "channelError", "channelId": channel, "error": error})

    def _send(self, channel: int, message: dict[str, Any]) -> None:
        self._say({"type": "channelSend", "channelId": channel, "message": message})

    def _say(self, document: dict[str, Any]) -> None:
        self._sock.sendall(self._socket.send(Message(json.dumps(document))))

    def _messages(self, data: bytes) -> Iterator[dict[str, Any]]:
        """What the client says, until it leaves."""
        text = ""
        while True:
            if data:
                self._socket.receive_data(data)
            for event in self._socket.events():
                match event:
                    case Message():
                        text += str(event.data)
                        if event.message_finished:
                            yield json.loads(text)
                            text = ""
                    case Ping():
                        self._sock.sendall(self._socket.send(event.response()))
                    case CloseConnection():
                        self._sock.sendall(self._socket.send(event.response()))
                        return
            data = self._sock.recv(65536)
            if not data:
                return


def _settings(stack: dict[str, Any]) -> tuple[dict[str, Any], float | None]:
    """The options of a load by the native API's names, and how much of it goes to the GPU."""
    config: dict[str, Any] = {}
    gpu_ratio = None
    for layer in stack["layers"]:
        for one in layer["config"]["fields"]:
            name = one["key"].rpartition(".")[2]
            if name == "offloadRatio":
                gpu_ratio = one["value"]
            elif name in _KEYS:
                config[_KEYS[name]] = one["value"]
    return config, gpu_ratio


def _told(instance: Instance, model: Model) -> dict[str, Any]:
    return {
        "identifier": instance.id,
        "instanceReference": f"ref-{instance.id}",
        "path": f"{model.publisher}/{model.name}.gguf",
        "modelKey": model.key,
    }


def _not_found(query: str) -> dict[str, Any]:
    return {
        "code": "generic.noModelMatchingQuery",
        "query": {"path": query},
        "loadedModelsSample": [],
        "totalLoadedModels": 0,
    }
