"""Fetching a model: a job that is watched until it is done."""

from __future__ import annotations

import pytest

from app.domain import errors as e
from app.domain.lifecycle import DownloadWish, Progress
from app.domain.stopping import Stop
from tests.providers.lmstudio.conftest import QWEN, At
from tests.support.fixtures import NewLMStudio
from tests.support.lmstudio.server import LMStudio
from tests.support.replies import openai_error, respond

DOWNLOAD = "/api/v1/models/download"
STATUS = "GET /api/v1/models/download/status/*"
HUB = "https://huggingface.co/someone/Some-Model-GGUF"


def test_a_download_is_watched_to_its_end(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(download_s=0.5)
    somebody = at(server)

    name = somebody.download("qwen/qwen3-4b")

    done = [one.done_bytes for one in somebody.told]
    assert name == "qwen/qwen3-4b"
    assert somebody.told[0].fraction == pytest.approx(0.0, abs=0.2)
    assert somebody.told[0].detail == "downloading"
    assert (somebody.told[-1].fraction, somebody.told[-1].detail) == (1.0, "completed")
    assert {one.total_bytes for one in somebody.told} == {2_497_280_000}
    assert done == sorted(done, key=lambda one: one or 0)
    assert name in somebody.models()


def test_what_is_there_is_not_fetched_again(lmstudio: LMStudio, at: At) -> None:
    somebody = at(lmstudio)

    assert somebody.download(QWEN) == QWEN
    assert somebody.told == []


def test_a_model_of_the_hub_gets_the_name_that_the_list_has_afterwards(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(download_s=0.0)

    name = at(server).download(HUB, "Q8_0")

    asked = next(one.json for one in server.requests if one.path == DOWNLOAD)
    assert (name, asked) == ("some-model", {"model": HUB, "quantization": "Q8_0"})


def test_a_quantization_needs_an_address(lmstudio: LMStudio, at: At) -> None:
    with pytest.raises(e.InvalidRequest) as caught:
        at(lmstudio).download("qwen/qwen3-4b", "Q8_0")

    assert caught.value.param == "quantization"
    assert lmstudio.asked(DOWNLOAD) == 0


def test_an_unknown_model_is_not_found(lmstudio: LMStudio, at: At) -> None:
    with pytest.raises(e.ProviderRejected) as caught:
        at(lmstudio).download("nobody/has-this")

    assert caught.value.told_code == "model_not_found"


def test_a_download_that_fails_says_so(new_lmstudio: NewLMStudio, at: At) -> None:
    with pytest.raises(e.ProviderFailed, match="could not download"):
        at(new_lmstudio(download="fails", download_s=0.0)).download("qwen/qwen3-4b")


def test_a_paused_download_is_told_and_can_be_left(new_lmstudio: NewLMStudio, at: At) -> None:
    somebody, stop = at(new_lmstudio(download="pauses", download_s=0.0)), Stop()
    told: list[Progress] = []

    def report(progress: Progress) -> None:
        told.append(progress)
        stop.stop(e.Stopped("Stopped."))

    with pytest.raises(e.Stopped):
        somebody.provider.download(DownloadWish("qwen/qwen3-4b"), report, stop)

    assert [(one.fraction, one.detail) for one in told] == [(0.5, "paused")]


def test_a_look_may_fail_and_the_next_one_goes_on(new_lmstudio: NewLMStudio, at: At) -> None:
    server = new_lmstudio(download_s=600.0)
    somebody = at(server)
    done = {"job_id": "a", "status": "completed", "total_size_bytes": 4, "downloaded_bytes": 4}
    server.will(openai_error(500), respond(200, done), on=STATUS)

    assert somebody.download("qwen/qwen3-4b") == "qwen/qwen3-4b"
    assert somebody.fractions()[-1] == 1.0


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (respond(404, {"error": {"type": "job_not_found", "message": "not found"}}), e.ProviderRejected),
        (respond(200, {"error": "Unexpected endpoint or method."}), e.ProviderProtocol),
        (respond(200, {"status": "blue"}), e.ProviderProtocol),
    ],
    ids=["job unknown", "200 and an error", "nonsense"],
)
def test_a_job_that_cannot_be_followed_is_an_error(
    new_lmstudio: NewLMStudio, at: At, reply: object, error: type[e.ProviderError]
) -> None:
    server = new_lmstudio(download_s=600.0)
    server.will(reply, on=STATUS)  # type: ignore[arg-type]  # all are replies

    with pytest.raises(error):
        at(server).download("qwen/qwen3-4b")


def test_downloading_before_0_4_0_names_the_version_that_can(new_lmstudio: NewLMStudio, at: At) -> None:
    with pytest.raises(e.CapabilityNotSupported, match=r"0\.4\.0, which is the first that downloads models"):
        at(new_lmstudio("0.3.6")).download("qwen/qwen3-4b")
