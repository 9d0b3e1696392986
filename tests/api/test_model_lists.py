"""What people see who open a list of models: everything that is known, at once."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest

from app.admin.aliases import AliasDraft
from app.domain.catalog import AliasTarget
from tests.api.callers import TESTER, Doorstep
from tests.support.fixtures import NewUpstream
from tests.support.replies import respond
from tests.support.upstream import Upstream

MODELS = "/api/v1/llm-providers/models"


def listed(door: Doorstep, query: str, **key: Any) -> Any:
    reply = door.client(door.key(door.person(f"Uri{time.monotonic_ns()}"), **key)).get(MODELS + query)
    assert reply.status_code == 200
    return cast("Any", reply.json)["data"]


def test_nine_dead_providers_of_ten_hold_nobody_up(
    door: Doorstep, upstream: Upstream, new_upstream: NewUpstream
) -> None:
    upstream.will_list("one")
    door.provider(name="Alive", base_url=upstream.base_url)
    while not listed(door, "?refresh=true")["models"]:
        pass
    for number, speaks in enumerate(["silence", "deaf", "nothing"] * 3):
        door.provider(name=f"Dead {number}", base_url=new_upstream(speaks=speaks).base_url)
    began = time.monotonic()

    found = listed(door, "?detailed=true&wait=false")

    assert time.monotonic() - began < 0.3
    assert [model["id"] for model in found["models"]] == ["alive/one"]
    assert found["providers"][0].items() >= {"name": "Alive", "cable": 1, "is_default": True, "state": "ok"}.items()
    assert found["providers"][0]["since"].endswith("Z")
    assert {one["slug"]: (one["state"], one["error"]) for one in found["providers"] if one["slug"] != "alive"} == {
        f"dead-{number}": ("unknown", None) for number in range(9)
    }


def test_a_list_never_asked_for_is_waited_for_a_second(
    door: Doorstep, upstream: Upstream, new_upstream: NewUpstream
) -> None:
    upstream.will_list("one")
    door.provider(name="Alive", base_url=upstream.base_url)
    door.provider(name="Dead", base_url=new_upstream(speaks="silence").base_url)
    began = time.monotonic()

    found = listed(door, "?detailed=true")

    assert 0.5 < time.monotonic() - began < 2
    assert [model["id"] for model in found["models"]] == ["alive/one"]


def test_it_tells_the_aliases_and_what_answers_where_nothing_is_named(door: Doorstep, upstream: Upstream) -> None:
    upstream.will_list("one", "two")
    door.provider(base_url=upstream.base_url, models={"chat": "one", "vision": None, "embedding": None})
    door.parts.aliases.create(AliasDraft("quick", (AliasTarget("shared/two"),)), TESTER)
    door.parts.state.refresh()

    everything = listed(door, "")
    narrowed = listed(door, "", models=("shared/two",))

    quick = {"name": "quick", "model": "shared/two"}
    assert everything["aliases"] == narrowed["aliases"] == [quick]
    assert everything["defaults"] == {"chat": "shared/one", "vision": None, "embedding": None}
    assert narrowed["defaults"] == {"chat": None, "vision": None, "embedding": None}


def test_the_defaults_of_parameters_are_those_of_the_provider(door: Doorstep, upstream: Upstream) -> None:
    upstream.will_list("one")
    door.provider(base_url=upstream.base_url, temperature=0.3, max_tokens=500)

    [model] = listed(door, "?detailed=true")["models"]

    defaults = {one["name"]: one["default"] for one in model["parameters"]}
    assert (defaults["temperature"], defaults["max_tokens"], defaults["top_p"]) == (0.3, 500, 1)


@pytest.mark.parametrize(
    ("said", "reads_images", "abilities"),
    [
        ({"input_modalities": ["text", "image"]}, True, ["chat", "completion", "embedding", "vision"]),
        ({"input_modalities": ["text"]}, False, ["chat", "completion", "embedding"]),
        ({}, None, ["chat", "completion", "embedding"]),
    ],
)
def test_it_tells_whether_a_model_reads_images_where_its_list_does(
    door: Doorstep,
    upstream: Upstream,
    said: dict[str, Any],
    reads_images: bool | None,
    abilities: list[str],
) -> None:
    upstream.will(respond(200, {"data": [{"id": "one", **said}]}), on="GET /v1/models")
    door.provider(base_url=upstream.base_url)

    [model] = listed(door, "?detailed=true")["models"]

    assert (model["reads_images"], model["capabilities"]) == (reads_images, abilities)


def test_anthropics_clients_get_the_list_in_their_shape(door: Doorstep, upstream: Upstream) -> None:
    upstream.will(respond(200, {"data": [{"id": "one", "created": 1_700_000_000}]}), on="GET /v1/models")
    door.provider(name="Box", base_url=upstream.base_url)
    door.parts.aliases.create(AliasDraft("claude-one", (AliasTarget("box/one"),)), TESTER)
    client = door.client(door.key(door.person("Ann")))

    found = client.get("/v1/models?limit=1000", headers={"anthropic-version": "2023-06-01"})
    one = client.get("/v1/models/box/one", headers={"anthropic-version": "2023-06-01"})

    model = {
        "type": "model",
        "id": "box/one",
        "display_name": "one",
        "created_at": "2023-11-14T22:13:20.000Z",
        "max_input_tokens": None,
        "max_tokens": None,
    }
    alias = {
        "type": "model",
        "id": "claude-one",
        "display_name": "claude-one",
        "created_at": "1970-01-01T00:00:00.000Z",
    }
    assert found.json == {"data": [model, alias], "has_more": False, "first_id": "box/one", "last_id": "claude-one"}
    assert one.json == model


@pytest.mark.parametrize("created", [1_700_000_000_000, -1])
def test_a_time_that_is_none_keeps_no_list_from_anthropics_clients(
    door: Doorstep, upstream: Upstream, created: int
) -> None:
    upstream.will(respond(200, {"data": [{"id": "one", "created": created}]}), on="GET /v1/models")
    door.provider(base_url=upstream.base_url)
    client = door.client(door.key(door.person("Ann")))

    found = client.get("/v1/models", headers={"anthropic-version": "2023-06-01"})

    assert found.json is not None
    assert [one["created_at"] for one in found.json["data"]] == ["1970-01-01T00:00:00.000Z"]
