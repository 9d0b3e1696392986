"""One list out of those that a server has, whichever its version."""

from __future__ import annotations

import pytest

from app.domain.catalog import Instance, ModelState, ModelType, Treatment
from app.domain.errors import ProviderAuthFailed, ProviderFailed
from app.domain.lifecycle import Act
from app.providers import parameters as rules
from tests.providers.conftest import NewProvider
from tests.providers.lmstudio.conftest import EMBEDS, GPT, PHI, QWEN, SEES, At
from tests.support.fixtures import NewLMStudio
from tests.support.lmstudio.server import LMStudio
from tests.support.replies import Response, respond, web_page

EVERY = [QWEN, SEES, GPT, PHI, EMBEDS]
NATIVE = "0.4.0", "0.4.23", "1.1.7"


@pytest.mark.parametrize("version", NATIVE)
def test_v1_tells_everything(new_lmstudio: NewLMStudio, at: At, version: str) -> None:
    models = at(new_lmstudio(version, loaded=[QWEN])).models()

    qwen = models[QWEN]
    assert (qwen.name, qwen.type, qwen.state, qwen.arch, qwen.quantization) == (
        "Qwen3 8B",
        ModelType.LLM,
        ModelState.LOADED,
        "qwen3",
        "Q4_K_M",
    )
    assert (qwen.size_bytes, qwen.max_context_length, qwen.loaded_context_length) == (5_027_783_488, 40960, 8192)
    assert qwen.instances == (Instance(QWEN, 8192),)
    assert {key: model.capabilities for key, model in models.items()} == {
        QWEN: ("chat", "completion", "tools", "reasoning"),
        SEES: ("chat", "completion", "vision"),
        GPT: ("chat", "completion", "tools", "reasoning"),
        PHI: ("chat", "completion"),
        EMBEDS: ("embedding",),
    }
    assert [model.reads_images for model in models.values()] == [False, True, False, False, False]
    assert models[EMBEDS].type is ModelType.EMBEDDINGS
    # v1 does not tell it of a model for embeddings, v0 does.
    assert models[EMBEDS].arch == "nomic-bert"


def test_v0_tells_states_and_what_models_read(new_lmstudio: NewLMStudio, at: At) -> None:
    models = at(new_lmstudio("0.3.16", loaded=[QWEN])).models()

    assert [(one.type, one.state, one.loaded_context_length, one.instances) for one in models.values()] == [
        (ModelType.LLM, ModelState.LOADED, 8192, ()),
        (ModelType.VLM, ModelState.NOT_LOADED, None, ()),
        (ModelType.LLM, ModelState.NOT_LOADED, None, ()),
        (ModelType.LLM, ModelState.NOT_LOADED, None, ()),
        (ModelType.EMBEDDINGS, ModelState.NOT_LOADED, None, ()),
    ]
    assert models[QWEN].capabilities == ("chat", "completion", "tools")


def test_before_0_3_6_there_are_only_names(new_lmstudio: NewLMStudio, at: At) -> None:
    models = at(new_lmstudio("0.3.5")).models()

    assert {one.state for one in models.values()} == {ModelState.REMOTE}
    assert (next(iter(models)), models[EMBEDS].type) == (QWEN, ModelType.EMBEDDINGS)


@pytest.mark.parametrize("unknown_route", [200, 404])
def test_the_family_is_found_out_once_and_again_after_a_failure(
    new_lmstudio: NewLMStudio, at: At, unknown_route: int
) -> None:
    server = new_lmstudio("0.3.6", unknown_route=unknown_route)
    somebody = at(server)

    def paths() -> list[str]:
        found = [one.path for one in server.requests]
        server.forget()
        return found

    somebody.models()
    first = paths()
    somebody.models()
    second = paths()
    server.set(version="0.4.23")
    states = respond(200, {"data": [{"id": QWEN, "state": "not-loaded"}]})
    server.will(web_page(500), states, on="GET /api/v0/models")
    with pytest.raises(ProviderFailed):
        somebody.models()
    server.forget()
    somebody.models()

    assert (first, second) == (["/api/v1/models", "/api/v0/models"], ["/api/v0/models"])
    assert paths() == ["/api/v1/models", "/api/v0/models"]


def test_a_server_that_became_older_is_found_out_at_once(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio("0.4.0")
    somebody = at(server)
    somebody.models()
    server.set(version="0.3.6")

    assert somebody.models()[QWEN].size_bytes is None


def test_loaded_in_either_list_is_loaded(new_lmstudio: NewLMStudio, at: At) -> None:
    models = at(new_lmstudio("0.4.21", loaded=[QWEN], hides_instances=True)).models()

    assert (models[QWEN].state, models[QWEN].loaded_context_length, models[QWEN].instances) == (
        ModelState.LOADED,
        8192,
        (),
    )
    assert models[QWEN].size_bytes is not None


def test_instances_are_counted_and_the_first_one_answers_to_the_models_name(lmstudio: LMStudio, at: At) -> None:
    lmstudio.will(
        respond(
            200,
            {
                "models": [
                    {
                        "type": "llm",
                        "key": "a/b",
                        "loaded_instances": [
                            {"id": "a/b:2", "config": {"context_length": 2048}},
                            {"id": "a/b", "config": {"context_length": 4096}},
                            {"id": "mine", "config": {}},
                        ],
                    },
                    "garbage",
                    {"no": "key"},
                ]
            },
        ),
        on="GET /api/v1/models",
    )
    lmstudio.will(
        respond(
            200,
            {
                "data": [
                    {"id": "a/b", "type": "llm", "state": "loaded"},
                    {"id": "a/b:2", "type": "llm", "state": "loaded"},
                    {"id": "a/b:3", "type": "llm", "state": "loaded"},
                    {"id": "mine", "type": "llm", "state": "loaded"},
                    {"id": "c/d", "type": "vlm", "state": "loading"},
                ]
            },
        ),
        on="GET /api/v0/models",
    )

    models = at(lmstudio).models()

    assert [(one.id, one.state, one.loaded_context_length) for one in models.values()] == [
        ("a/b", ModelState.LOADED, 4096),
        ("c/d", ModelState.LOADING, None),
    ]
    assert models["a/b"].instances == (Instance("a/b:2", 2048), Instance("a/b", 4096), Instance("mine", None))
    # Nothing was said of it, which is not the same as no.
    assert (models["a/b"].reads_images, models["a/b"].reasoning_efforts) == (None, None)


def test_a_server_behind_a_path_is_asked_there(lmstudio: LMStudio, new_provider: NewProvider) -> None:
    lmstudio.will(respond(200, {"models": [{"key": "a/b"}]}), on="GET /box/api/v1/models")

    models = new_provider("lmstudio", f"{lmstudio.url}/box/v1").models()

    assert [one.id for one in models] == ["a/b"]


@pytest.mark.parametrize("older", [respond(404, {"error": "gone"}), web_page(500)], ids=["gone", "broken"])
def test_v1_alone_will_do(new_lmstudio: NewLMStudio, at: At, older: object) -> None:
    server = new_lmstudio(loaded=[QWEN])
    server.will(older, on="GET /api/v0/models")  # type: ignore[arg-type]  # both are replies

    assert at(server).models()[QWEN].state is ModelState.LOADED


def test_a_list_that_breaks_while_a_model_is_being_loaded_is_a_failure_and_no_older_server(
    new_lmstudio: NewLMStudio, at: At
) -> None:
    server = new_lmstudio()
    server.will(web_page(500), on="GET /api/v?/models")

    with pytest.raises(ProviderFailed):
        at(server).models()


def test_a_token_is_sent_and_its_lack_told(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(token="sk-lm-a:b")

    assert QWEN in at(server, api_key="sk-lm-a:b").models()
    with pytest.raises(ProviderAuthFailed) as caught:
        at(server, api_key=None).models()
    assert "token is required" not in caught.value.message


def test_an_idle_connection_that_the_server_closed_is_replaced(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio()
    server.behave(requests_per_connection=1, afterwards="reset")
    somebody = at(server)

    assert [len(somebody.models()) for _ in range(3)] == [5, 5, 5]


@pytest.mark.parametrize("older", [None, respond(404, {"error": "gone"})], ids=["v0", "v0 is gone"])
@pytest.mark.parametrize(
    ("switches", "loads"),
    [
        ({}, True),
        ({"loaded": [QWEN]}, True),
        ({"jit": False}, False),
        ({"jit": False, "loaded": [QWEN]}, False),
        ({"loaded": EVERY}, None),
        ({"jit": False, "loaded": EVERY}, None),
    ],
    ids=["on", "on, one loaded", "off", "off, one loaded", "on, all loaded", "off, all loaded"],
)
def test_whether_requests_load_models_is_told_by_what_is_not_loaded(
    new_lmstudio: NewLMStudio, at: At, switches: dict[str, object], loads: bool | None, older: Response | None
) -> None:
    server = new_lmstudio(**switches)
    if older is not None:
        server.will(older, on="GET /api/v0/models")

    assert {one.loads_on_use for one in at(server).models().values()} == {loads}


@pytest.mark.parametrize(
    "names",
    [web_page(500), respond(200, {"data": [{"id": "a/b@q4"}]}), respond(404, {"error": "gone"})],
    ids=["broken", "names of their own", "gone"],
)
def test_what_can_not_be_told_apart_is_not_guessed(new_lmstudio: NewLMStudio, at: At, names: Response) -> None:
    server = new_lmstudio(jit=False)
    server.will(respond(404, {"error": "gone"}), on="GET /api/v0/models")
    server.will(names, on="GET /v1/models")

    assert {one.loads_on_use for one in at(server).models().values()} == {None}


def test_it_is_off_only_where_both_older_lists_say_so(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio()
    server.will(respond(200, {"data": []}), on="GET /api/v0/models")

    assert {one.loads_on_use for one in at(server).models().values()} == {True}


@pytest.mark.parametrize(
    ("version", "jit", "loads"), [("0.3.6", True, True), ("0.3.6", False, None), ("0.3.5", True, None)]
)
def test_older_servers_tell_it_only_where_it_is_on(
    new_lmstudio: NewLMStudio, at: At, version: str, jit: bool, loads: bool | None
) -> None:
    models = at(new_lmstudio(version, jit=jit, loaded=[QWEN])).models()

    assert {one.loads_on_use for one in models.values()} == {loads}


# What follows from the lists


@pytest.mark.parametrize(
    ("version", "model", "treatment", "choices"),
    [
        ("0.4.23", PHI, Treatment.DROPPED, rules.CHAT["reasoning_effort"].choices),
        ("0.4.23", GPT, Treatment.SENT, ("low", "medium", "high")),
        ("0.4.23", QWEN, Treatment.SENT, ("none", "minimal", "low", "medium", "high", "xhigh", "max")),
        ("0.3.6", PHI, Treatment.SENT, rules.CHAT["reasoning_effort"].choices),
    ],
    ids=["does not reason", "levels", "on and off", "nobody says"],
)
def test_reasoning_effort_is_for_models_that_reason(
    new_lmstudio: NewLMStudio, at: At, version: str, model: str, treatment: Treatment, choices: tuple[str, ...]
) -> None:
    somebody = at(new_lmstudio(version))

    effort = rules.by_name(somebody.provider.parameters(somebody.models()[model]))["reasoning_effort"]

    assert (effort.treatment, effort.choices) == (treatment, choices)


def test_what_can_be_done_depends_on_the_version(new_lmstudio: NewLMStudio, at: At) -> None:
    acts = {}
    for version in ("0.3.6", "0.4.0"):
        somebody = at(new_lmstudio(version))
        acts[version] = somebody.provider.acts(somebody.models()[QWEN])

    assert acts == {"0.3.6": {Act.LOAD}, "0.4.0": {Act.LOAD, Act.UNLOAD}}
