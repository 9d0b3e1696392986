"""The connection ladder: tests a provider step by step, says what is wrong, offers only repairs that it has tried."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.domain.catalog import ProviderConfig
from app.providers.base import Provider
from app.providers.http.target import Target
from app.providers.ladder import words
from app.providers.ladder.climb import Climb, Limits
from app.providers.ladder.diagnosing import Diagnosing
from app.providers.ladder.local import local_report
from app.providers.ladder.report import Diagnosis, LadderReport, Step
from app.providers.ladder.vendors import vendor_of

__all__ = ["Diagnosis", "LadderReport", "Limits", "Step", "run_ladder"]


def run_ladder(
    config: ProviderConfig,
    *,
    completion: bool = False,
    allow_private: bool = True,
    probe: Provider | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> LadderReport:
    """Tests `config` in about ten seconds at most, without spending tokens unless `completion`.

    `probe` is the provider itself; it is needed where the kind has no address of its own, and not used elsewhere.
    """
    if probe is not None and probe.KIND.local:
        return local_report(probe, completion=completion, within_s=limits.total_s)
    if not _is_address(config.base_url):
        step = Step("resolve", False, 0.0, "no address")
        return LadderReport(False, (step,), Diagnosis.DNS_FAILED, words.no_address())
    vendor = vendor_of(config)
    target = Target.of(config, allow_private=allow_private)
    outcome = Climb(config, target, limits).run(completion=completion)
    if outcome.fault is None:
        return LadderReport(True, outcome.steps, Diagnosis.OK, words.success(config, vendor, outcome))
    return Diagnosing(config, vendor, outcome, allow_private=allow_private, limits=limits).report()


def _is_address(base_url: str) -> bool:
    try:
        parts = urlsplit(base_url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False  # A port that is no number, brackets that do not close.
