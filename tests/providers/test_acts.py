"""What changes something at a server is sent once, also where the connection ends without an answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.domain.errors import StreamCut
from app.domain.lifecycle import DownloadWish, LoadWish, Progress
from app.domain.stopping import Stop
from app.providers.base import Provider
from tests.providers.asking import model, timeouts
from tests.providers.conftest import NewProvider
from tests.support.replies import hang_up, respond
from tests.support.upstream import Upstream

NAME = "llama3.2:latest"
TAGS = {"models": [{"name": NAME, "model": NAME, "details": {"family": "llama"}, "size": 5}]}
ROUTED = {"data": [{"id": NAME, "status": {"value": "unloaded"}}]}
LOADED = {"data": [{"id": NAME, "status": {"value": "loaded"}}]}

Act = Callable[[Provider], object]


def quiet(_: Progress) -> None:
    """Whoever does not care how far it is."""


def load(provider: Provider) -> object:
    return provider.load(model(NAME), LoadWish(), quiet, Stop())


def unload(provider: Provider) -> object:
    return provider.unload(model(NAME))


def download(provider: Provider) -> object:
    return provider.download(DownloadWish(NAME), quiet, Stop())


def delete(provider: Provider) -> None:
    provider.delete(model(NAME))


@pytest.mark.parametrize(
    ("act", "on"),
    [
        (load, "POST /api/generate"),
        (unload, "POST /api/generate"),
        (download, "POST /api/pull"),
        (delete, "DELETE /api/delete"),
    ],
)
def test_ollama_is_told_once(act: Act, on: str, upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(respond(200, TAGS), on="GET /api/tags")
    upstream.will(respond(200, {"models": [] if act is load else TAGS["models"]}), on="GET /api/ps")
    upstream.will(respond(200, {"capabilities": ["completion"]}), on="POST /api/show")

    _told_once(act, on, upstream, new_provider("ollama", upstream.base_url, timeouts=timeouts()))


@pytest.mark.parametrize(
    ("act", "on"),
    [
        (load, "POST /models/load"),
        (unload, "POST /models/unload"),
        (download, "POST /models"),
        (delete, "DELETE /models"),
    ],
)
def test_a_router_of_llamacpp_is_told_once(act: Act, on: str, upstream: Upstream, new_provider: NewProvider) -> None:
    for path in ("/v1/models", "/models"):
        upstream.will(respond(200, LOADED if act is unload else ROUTED), on=f"GET {path}")
    upstream.will(respond(404, {}), on="GET /props")

    _told_once(act, on, upstream, new_provider("llamacpp", upstream.base_url, timeouts=timeouts()))


def _told_once(act: Act, on: str, upstream: Upstream, provider: Provider) -> None:
    """With a connection in the pool, which the act could go over."""
    upstream.will(hang_up(), on=on)
    provider.models()

    with pytest.raises(StreamCut):
        act(provider)

    method, _, path = on.partition(" ")
    acts = [one for one in upstream.requests if one.method == method and one.path.partition("?")[0] == path]
    assert len(acts) == 1
