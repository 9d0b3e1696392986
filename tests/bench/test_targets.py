"""Targets, medians and the page made of them."""

from bench.figures import Figures, Ledger, Soak, medians
from bench.report import Outcome, markdown
from bench.targets import verdicts

MB = 1024 * 1024


def soak(*after_mb: int) -> Soak:
    return Soak(
        requests=100, aborted=10, failures=0, before_bytes=50 * MB, after_bytes=tuple(size * MB for size in after_mb)
    )


def test_the_median_ignores_rounds_that_lack_a_figure() -> None:
    rounds = [Figures(p50_us=3.0), Figures(p50_us=1.0, p99_us=9.0), Figures(p50_us=2.0)]

    assert medians(rounds) == Figures(p50_us=2.0, p99_us=9.0)


def test_a_ratio_between_both_limits_meets_the_first_and_misses_the_goal() -> None:
    found = {"litellm": Figures(requests_per_s_32=80), "patchbay": Figures(requests_per_s_32=8000)}

    line = verdicts(found, None)[0]

    assert (line.measured, line.first, line.goal) == ("100", True, False)


def test_added_time_is_counted_from_the_upstream_alone() -> None:
    found = {"direct": Figures(p50_us=100), "patchbay": Figures(p50_us=400)}

    lines = {line.what: line for line in verdicts(found, None)}

    added = lines["added p50 at one connection, ms"]
    assert (added.measured, added.first, added.goal) == ("0.3", True, False)


def test_memory_that_grows_after_the_first_quarter_is_not_flat() -> None:
    found = {"patchbay": Figures()}

    assert verdicts(found, soak(60, 61, 61, 61))[-1].first is True
    assert verdicts(found, soak(60, 62, 64, 66))[-1].first is False


def test_what_was_not_measured_has_no_verdict() -> None:
    assert {line.first for line in verdicts({"patchbay": Figures()}, None)} == {None}
    assert verdicts({"nginx": Figures()}, None) == []


def test_a_ledger_agrees_when_only_abandoned_requests_lack_a_row() -> None:
    assert Ledger(rows=95, sent=100, aborted=10).agrees
    assert not Ledger(rows=89, sent=100, aborted=10).agrees
    assert not Ledger(rows=101, sent=100, aborted=10).agrees


def test_the_page_says_who_was_left_out_and_why() -> None:
    outcome = Outcome(
        date="2026-11-21",
        machine="a machine",
        rounds=3,
        quick=False,
        titles={"direct": "direct", "nginx": "nginx", "patchbay": "Patchbay"},
        versions={"patchbay": "1"},
        medians={"direct": Figures(requests_per_s_32=90000), "patchbay": Figures(requests_per_s_32=8000)},
        every_round={},
        left_out={"nginx": "nginx is not installed"},
        soak=soak(60, 60),
        ledger=None,
    )

    page = markdown(outcome)

    assert "- **nginx was left out:** nginx is not installed" in page
    assert "| requests/s, 32 connections | 90,000 | 8,000 |" in page
