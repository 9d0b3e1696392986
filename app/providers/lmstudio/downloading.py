"""Fetching a model to LM Studio's machine: a job that is asked how far it is.

Source: https://lmstudio.ai/docs/developer/rest (since 0.4.0). There is no way to end a job from outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.domain.errors import (
    InvalidRequest,
    Problem,
    ProviderError,
    ProviderFailed,
    ProviderProtocol,
)
from app.domain.lifecycle import DownloadWish, Progress, Report
from app.domain.stopping import Stop
from app.providers.http.waiting import sleep
from app.providers.lmstudio.lists import Listing, Lists
from app.providers.lmstudio.native import LMStudioApi, within
from app.providers.plain_models import first_int

HUB = "https://huggingface.co/"
LOOK_AGAIN_S = 1.0
FIRST_LOOK_S = 0.1
"""Each further look comes twice as late, up to `LOOK_AGAIN_S`: small models are there at once."""
ANSWER_S = 30.0
LIST_S = 5.0
FAILURES = 30
"""So many looks in a row may fail, as they do while LM Studio restarts."""


class Downloading:
    """One wish for one model."""

    def __init__(self, api: LMStudioApi, lists: Lists, wish: DownloadWish) -> None:
        self._api = api
        self._lists = lists
        self._wish = wish

    def done(self, before: Listing, report: Report, stop: Stop) -> str:
        """The model's id in the list, where it can be told; else what was wished.

        Raises ProviderError, InvalidRequest, or the stop's reason.
        """
        if self._wish.quantization is not None and not self._wish.model.startswith(HUB):
            problem = f"can only be given with an address below {HUB}"
            raise InvalidRequest(
                f"quantization {problem}.", param="quantization", details=[Problem("quantization", problem)]
            )
        body = {"model": self._wish.model}
        if self._wish.quantization is not None:
            body["quantization"] = self._wish.quantization
        patience = within(ANSWER_S, f"did not start the download within {ANSWER_S:g} s")
        state = self._api.post("/api/v1/models/download", body, patience, stop)
        for told in self._told(state, stop):
            report(_progress(told))
        return self._identifier(before, stop)

    def _told(self, state: Any, stop: Stop) -> Iterator[Mapping[str, Any]]:
        """What the server tells of the job, until it is complete."""
        failures = 0
        pause_s = FIRST_LOOK_S
        job: str | None = None
        while True:
            match state:
                case {"status": "already_downloaded"}:
                    return
                case {"status": "completed"}:
                    yield state
                    return
                case {"status": "failed"}:
                    raise ProviderFailed(
                        f"{self._name} could not download {self._wish.model}. LM Studio itself shows why.",
                        provider=self._slug,
                    )
                case {"status": "downloading" | "paused", "job_id": str(job)}:
                    yield state
                case _:
                    raise ProviderProtocol(
                        f"{self._name} sent something that can't be read as a download.", provider=self._slug
                    )
            sleep(pause_s, stop)
            pause_s = min(pause_s * 2, LOOK_AGAIN_S)
            try:
                state = self._status(job, stop)
                failures = 0
            except ProviderError as error:
                failures += 1
                if not error.retry_same or failures >= FAILURES:
                    raise

    def _status(self, job: str, stop: Stop) -> Any:
        patience = within(ANSWER_S, f"did not tell about the download within {ANSWER_S:g} s")
        return self._api.get(f"/api/v1/models/download/status/{job}", patience, stop)

    def _identifier(self, before: Listing, stop: Stop) -> str:
        patience = within(LIST_S, f"did not list its models within {LIST_S:g} s")
        after = {one.id for one in self._lists.read(patience, stop).models}
        new = after - {one.id for one in before.models}
        wished = self._wish.model
        if wished in after or len(new) != 1:
            return wished
        return new.pop()

    @property
    def _name(self) -> str:
        return self._api.config.name

    @property
    def _slug(self) -> str:
        return self._api.config.slug


def _progress(state: Mapping[str, Any]) -> Progress:
    done, total = first_int(state, "downloaded_bytes"), first_int(state, "total_size_bytes")
    share = min(done / total, 1.0) if done is not None and total else None
    return Progress(share, done, total, str(state["status"]))
