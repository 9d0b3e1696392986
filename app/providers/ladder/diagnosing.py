"""From the step that failed to what it means, and to an address that works."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

Try = Callable[[ProviderConfig], Outcome]


class Diagnosing:
    """Explains one outcome; every repair it offers has been tried out and was green."""

    def __init__(
        self, config: ProviderConfig, vendor: Vendor, outcome: Outcome, limits: Limits, *, allow_private: bool
    ) -> None:
        assert outcome.fault is not None
        self._config = config
        self._vendor = vendor
        self._outcome = outcome
        self._fault: Fault = outcome.fault
        self._url = Url.of(config.base_url)
        self._allow_private = allow_private
        quick = limits.repair_s
        self._quick = Limits(quick, quick, quick, quick, 0.0, quick)

    def report(self) -> LadderReport:
        failed = self._outcome.steps[-1].step
        if failed == "connect" and self._fault.diagnosis is Diagnosis.NOTHING_LISTENING:
            guesses = repairs.other_places(self._url, self._vendor, self._outcome)
            return self._explained(Diagnosis.NOTHING_LISTENING, self._first_green(guesses))
        if isinstance(self._fault, HandshakeFailed):
            return self._about_handshake()
        if failed == "http" and self._config.proxy_url is None and self._may_be_tls():
            guesses = repairs.other_scheme(self._url, self._vendor)
            return self._explained(Diagnosis.PLAIN_ON_TLS_PORT, self._first_green(guesses))
        if failed in ("http", "models") and self._fault.diagnosis in _MAY_BE_THE_PATH:
            return self._about_path()
        return self._explained(self._fault.diagnosis, None)

    # TLS or not

    def _may_be_tls(self) -> bool:
        """TLS servers answer plain HTTP with an alert, with nothing, or with a 400 (nginx, Go)."""
        if self._url.scheme != "http":
            return False
        is_suspect = self._fault.diagnosis is Diagnosis.NOT_HTTP or self._fault.status == 400
        return is_suspect and line.speaks_tls(self._outcome.places, self._quick.connect_s)

    def _about_handshake(self) -> LadderReport:
        if self._config.proxy_url is None and line.speaks_tls(self._outcome.places, self._quick.connect_s):
            return replace(self._explained(Diagnosis.TLS_UNTRUSTED, None), message=words.no_handshake(self._config))
        guesses = repairs.other_scheme(self._url, self._vendor)
        # Whether plain HTTP is spoken is asked without the key: it was meant for a safe connection.
        plain = self._try(repairs.without_key(repairs.moved(self._config, guesses[0])))
        if not plain.reached_http:
            return self._explained(self._fault.diagnosis, None)
        fitting = guesses if repairs.may_go_plain(self._config, self._outcome) else ()
        return self._explained(Diagnosis.TLS_ON_PLAIN_PORT, self._first_green(fitting))

    # The path

    def _about_path(self) -> LadderReport:
        if self._fault.diagnosis is Diagnosis.REDIRECTS:
            leads = repairs.redirected(self._url, self._fault)
            green = self._first_green(leads)
            if green is not None:
                return self._explained(Diagnosis.REDIRECTS, green)
        seen, _ = repairs.path_fault(self._url.path)
        guesses = repairs.other_paths(self._url, self._vendor)
        green = self._first_green(guesses)
        if seen is not None and (green is not None or self._gets_further(guesses[0])):
            return self._explained(seen, green)
        lacks_v1 = green is not None and green.path == f"{self._url.path}/v1"
        if lacks_v1 and self._fault.diagnosis is Diagnosis.NOT_FOUND:
            return self._explained(Diagnosis.MISSING_V1, green)
        return self._explained(self._fault.diagnosis, green)

    def _gets_further(self, mended: Url) -> bool:
        """Whether the mended address is an API's, though something else, such as the key, is wrong too."""
        return self._try(repairs.moved(self._config, mended)).reached_api

    # Trying out

    def _first_green(self, guesses: Sequence[Url]) -> Url | None:
        """The first of `guesses` that works; all are tried at once."""
        tried = repairs.unique(guesses)
        if not tried:
            return None
        with ThreadPoolExecutor(len(tried)) as pool:
            outcomes = list(pool.map(self._try, [repairs.moved(self._config, guess) for guess in tried]))
        return next((guess for guess, outcome in zip(tried, outcomes, strict=True) if outcome.fault is None), None)

    def _try(self, config: ProviderConfig) -> Outcome:
        return Climb(config, Target.of(config, allow_private=self._allow_private), self._quick).run()

    def _explained(self, diagnosis: Diagnosis, green: Url | None) -> LadderReport:
        repair = None if green is None else str(green)
        return LadderReport(
            ok=False,
            steps=self._outcome.steps,
            diagnosis=diagnosis,
            message=words.failure(self._config, self._vendor, self._outcome, diagnosis, repair),
            repair=None if repair is None else {"base_url": repair},
        )
