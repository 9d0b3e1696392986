"""What the terminal says of model servers on this machine."""

from __future__ import annotations

from dataclasses import replace

from app.domain.catalog import ProviderConfig
from app.providers.discovery import Found
from app.serving.neighbours import offers

LM_STUDIO = Found("lmstudio", "lmstudio", "http://127.0.0.1:1234/v1", "LM Studio", 4, "")


def test_a_server_is_offered_with_the_command_that_adds_it() -> None:
    assert list(offers([LM_STUDIO], [])) == [
        "Found LM Studio with 4 models. Use it: ./patchbay admin providers add"
        " --kind lmstudio --name 'LM Studio' --base-url http://127.0.0.1:1234/v1"
    ]


def test_a_server_that_tells_no_models_is_offered_without_a_number() -> None:
    [line] = offers([replace(LM_STUDIO, models_count=None)], [])

    assert line.startswith("Found LM Studio. Use it: ")


def test_a_server_that_is_a_provider_already_is_not_offered() -> None:
    known = [ProviderConfig("1", "other", "Other", "openai_compatible", "http://localhost:1234/v1")]

    assert list(offers([LM_STUDIO], known)) == []


def test_another_port_is_another_server() -> None:
    assert (
        len(
            list(
                offers(
                    [LM_STUDIO],
                    [ProviderConfig("1", "other", "Other", "openai_compatible", "http://localhost:1235/v1")],
                )
            )
        )
        == 1
    )
