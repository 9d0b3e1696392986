"""From the step that failed to what it means, and to an address that works."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from app.domain.catalog import ProviderConfig
from app.providers.http.target import Target
from app.providers.ladder import line, repairs, words
from app.providers.ladder.climb import Climb, Limits, Outcome
from app.providers.ladder.repairs import Url
from app.providers.ladder.report import Diagnosis, Fault, HandshakeFailed, LadderReport
from app.providers.ladder.vendors import Vendor

_MAY_BE_THE_PATH = frozenset(
    {
        Diagnosis.NOT_FOUND,
        Diagnosis.WEB_PAGE,
        Diagnosis.ERROR_IN_200,
        Diagnosis.BAD_JSON,
        Diagnosis.REDIRECTS,
        Diagnosis.SERVER_ERROR,
    }
)
_MAX_GUESSES = 6
# Even late there is time for a server that answers at once.
_LEAST_S = 0.5


class Diagnosing:
    """Explains one outcome; every repair it offers has been tried out and was green."""

    def __init__(
        self, config: ProviderConfig, vendor: Vendor, outcome: Outcome, *, allow_private: bool, limits: Limits
    ) -> None:
        assert outcome.fault is not None
        self._config = config
        self._vendor = vendor
        self._outcome = outcome
        self._fault: Fault = outcome.fault
        self._url = Url.of(config.base_url)
        self._allow_private = allow_private
        self._limits = limits
        self._until = outcome.started + limits.total_s

    def report(self) -> LadderReport:
        failed = self._outcome.steps[-1].step
        if failed == "connect" and self._fault.diagnosis is Diagnosis.NOTHING_LISTENING:
            guesses = repairs.other_places(self._url, self._vendor, self._outcome)
            return self._explained(Diagnosis.NOTHING_LISTENING, self._green_of(guesses))
        if isinstance(self._fault, HandshakeFailed):
            return self._about_handshake()
        if failed == "http" and self._config.proxy_url is None and self._may_be_tls():
            guesses = repairs.other_scheme(self._url, self._vendor)
            return self._explained(Diagnosis.PLAIN_ON_TLS_PORT, self._green_of(guesses))
        if failed in ("http", "models") and self._fault.diagnosis in _MAY_BE_THE_PATH:
            return self._about_path()
        return self._explained(self._fault.diagnosis, None)

    # TLS or not

    def _may_be_tls(self) -> bool:
        """TLS servers answer plain HTTP with an alert, with nothing, or with a 400 (nginx, Go)."""
        if self._url.scheme != "http":
            return False
        is_suspect = self._fault.diagnosis is Diagnosis.NOT_HTTP or self._fault.status == 400
        return is_suspect and line.speaks_tls(self._outcome.places, self._seconds())

    def _speaks_tls_after_all(self) -> bool:
        """A server that was silent at the first greeting is not asked again: it may be waiting for a line of HTTP."""
        if self._config.proxy_url is not None or self._fault.diagnosis is Diagnosis.TOO_SLOW:
            return False
        return line.speaks_tls(self._outcome.places, self._seconds())

    def _about_handshake(self) -> LadderReport:
        if self._speaks_tls_after_all():
            return replace(self._explained(Diagnosis.TLS_UNTRUSTED, None), message=words.no_handshake(self._config))
        guesses = repairs.other_scheme(self._url, self._vendor)
        # Whether plain HTTP is spoken is asked without the key: it was meant for a safe connection.
        plain = self._try(repairs.without_key(repairs.moved(self._config, guesses[0])))
        if not plain.reached_http:
            return self._explained(self._fault.diagnosis, None)
        fitting = guesses if repairs.may_go_plain(self._config, self._outcome) else ()
        return self._explained(Diagnosis.TLS_ON_PLAIN_PORT, self._green_of(fitting))

    # The path

    def _about_path(self) -> LadderReport:
        leads = repairs.redirected(self._url, self._fault)
        tried = self._tried((*leads, *repairs.other_paths(self._url, self._vendor)))
        green = _first_green(tried)
        seen, mended = repairs.path_fault(self._url.path)
        # The mended address may be an API's though something else, such as the key, is wrong too.
        if seen is not None and (green is not None or tried[replace(self._url, path=mended)].reached_api):
            return self._explained(seen, green)
        lacks_v1 = green is not None and green.path == f"{self._url.path}/v1"
        if lacks_v1 and self._fault.diagnosis is Diagnosis.NOT_FOUND:
            return self._explained(Diagnosis.MISSING_V1, green)
        return self._explained(self._fault.diagnosis, green)

    # Trying out

    def _green_of(self, guesses: Sequence[Url]) -> Url | None:
        return _first_green(self._tried(guesses))

    def _tried(self, guesses: Sequence[Url]) -> dict[Url, Outcome]:
        """How the first few of `guesses` come out, all tried at once."""
        few = tuple(dict.fromkeys(guesses))[:_MAX_GUESSES]
        if not few:
            return {}
        with ThreadPoolExecutor(len(few)) as pool:
            outcomes = pool.map(self._try, [repairs.moved(self._config, guess) for guess in few])
            return dict(zip(few, outcomes, strict=True))

    def _try(self, config: ProviderConfig) -> Outcome:
        seconds = self._seconds()
        limits = Limits(seconds, seconds, seconds, seconds, repair_s=0.0, total_s=seconds)
        return Climb(config, Target.of(config, allow_private=self._allow_private), limits).run()

    def _seconds(self) -> float:
        """For the next thing to be tried."""
        return max(_LEAST_S, min(self._limits.repair_s, self._until - time.monotonic()))

    def _explained(self, diagnosis: Diagnosis, green: Url | None) -> LadderReport:
        repair = None if green is None else str(green)
        return LadderReport(
            ok=False,
            steps=self._outcome.steps,
            diagnosis=diagnosis,
            message=words.failure(self._config, self._vendor, self._outcome, diagnosis, repair),
            repair=None if repair is None else {"base_url": repair},
        )


def _first_green(tried: Mapping[Url, Outcome]) -> Url | None:
    return next((url for url, outcome in tried.items() if outcome.fault is None), None)
