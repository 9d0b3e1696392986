"""How far llama.cpp has read a prompt is told to who watches, by the real engine too."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain.lifecycle import READING_PROMPT
from app.providers.base import Attempt, Provider, Surroundings
from app.providers.registry import connect
from tests.providers.asking import asked, attempt, config_of, model
from tests.providers.conftest import NewProvider
from tests.providers.engine.supervised import Supervisor
from tests.support.replies import answer_with, respond
from tests.support.upstream import Upstream

ROLE = {"index": 0, "finish_reason": None, "delta": {"role": "assistant", "content": None}}
PIECE = 300
LONG = ({"role": "user", "content": "word " * 400},)


def chunk(progress: Any = None, **choice: Any) -> bytes:
    """Of PIECE bytes."""
    told = {} if progress is None else {"prompt_progress": progress}
    data = b"data: " + json.dumps({"choices": [{**ROLE, **choice}], **told}).encode() + b"\n\n"
    return b":" + b" " * (PIECE - len(data) - 2) + b"\n" + data


def heard(provider: Provider, during: Attempt, name: str = "m", **fields: Any) -> tuple[list[float | None], str]:
    """The shares that were told before the answer, and its text."""
    shares: list[float | None] = []
    text = ""
    for burst in provider.answer(asked(stream=True, **fields), model(name), during):
        if not burst and during.progress is not None:
            assert during.progress.detail == READING_PROMPT
            shares.append(during.progress.fraction)
        text += "".join(event.text for event in burst)
    return shares, text


def test_shares_of_the_prompt_are_told(upstream: Upstream, new_provider: NewProvider) -> None:
    body = b"".join(
        [
            chunk({"total": 200, "cache": 0, "processed": 50, "time_ms": 9}),
            chunk({"total": 200, "cache": 0, "processed": 200, "time_ms": 9}),
            chunk({"total": 0, "cache": 0, "processed": 0, "time_ms": 9}),
            chunk({"total": "many"}),
            chunk(delta={"content": "hi"}),
            chunk(delta={}, finish_reason="stop"),
            b"data: [DONE]\n\n",
        ]
    )
    headers = {"Content-Type": "text/event-stream"}
    upstream.will(respond(200, body, headers=headers, piece_bytes=PIECE, piece_every_s=0.05))

    shares, text = heard(new_provider("llamacpp", upstream.base_url), replace(attempt(), watches=True))

    # Two that come together are one, the newer.
    assert shares in ([0.25, 1.0], [1.0])
    assert text == "hi"
    assert upstream.last.json["return_progress"] is True


@pytest.mark.parametrize("kind", ["llamacpp", "openai_compatible"])
def test_nobody_else_is_asked_for_it(kind: str, upstream: Upstream, new_provider: NewProvider) -> None:
    upstream.will(answer_with("hi"))
    during = replace(attempt(), watches=kind != "llamacpp")

    assert heard(new_provider(kind, upstream.base_url), during) == ([], "hi")
    assert "return_progress" not in upstream.last.json


def test_the_engine_on_this_machine_tells_it(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, "--threads", "1")
    provider = connect(config_of("local_gguf", ""), Surroundings(engine=supervisor.client))
    try:
        toy = provider.models()[0].id
        shares, text = heard(provider, replace(attempt(60.0), watches=True), toy, messages=LONG, max_tokens=3)
        unwatched, _ = heard(provider, attempt(60.0), toy, messages=LONG, max_tokens=3)
    finally:
        provider.close()
        supervisor.end()

    assert shares, text
    assert shares == sorted(shares, key=lambda one: one or 0.0)
    assert shares[-1] == 1.0
    assert text
    assert unwatched == []
