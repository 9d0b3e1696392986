"""Asking the demo model."""

import http.client
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.providers.engine.messages import EngineAddress

DEMO = Path(__file__).resolve().parents[2] / "demo" / "patchbay-toy.gguf"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Toy:
    """Where the model answers."""

    address: EngineAddress

    def post(self, path: str, body: Json) -> Any:
        """The decoded answer to a request; paths of the engine outside /v1 begin with two slashes."""
        url = urlsplit(self.address.base_url)
        target = path[1:] if path.startswith("//") else url.path + path
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.address.api_key}", "Content-Type": "application/json"}
        try:
            connection.request("POST", target, json.dumps(body), headers)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def message(self, messages: str | list[Json], **options: Any) -> Json:
        """The assistant's whole message, at temperature 0 unless told otherwise."""
        if isinstance(messages, str):
            messages = [user(messages)]
        body = {"temperature": 0, "max_tokens": 600, **options, "messages": messages}
        message: Json = self.post("/chat/completions", body)["choices"][0]["message"]
        return message

    def says(self, messages: str | list[Json], **options: Any) -> str:
        """The text of its answer."""
        content = self.message(messages, **options)["content"]
        assert isinstance(content, str)
        return content


def user(content: Any) -> Json:
    """A user's turn."""
    return {"role": "user", "content": content}


def assistant(content: str) -> Json:
    """A turn of the model's."""
    return {"role": "assistant", "content": content}
