"""What Patchbay's figures must reach, and whether they do: the ratios and limits of the first version and the goal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.figures import Figures, Soak

KB = 1024
MB = 1024 * 1024
FLAT_GROWTH = 0.05
ALL_DELIVERED = 0.99


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the table; `first` and `goal` are None where it could not be measured."""

    what: str
    measured: str
    first_limit: str
    first: bool | None
    goal_limit: str
    goal: bool | None


def verdicts(found: Mapping[str, Figures], soak: Soak | None) -> list[Verdict]:
    """Empty when Patchbay was not measured."""
    own = found.get("patchbay")
    if own is None:
        return []
    nobody = Figures()
    direct, litellm, portkey = (found.get(name, nobody) for name in ("direct", "litellm", "portkey"))
    return [
        _at_least("requests/s at 32, × LiteLLM", _ratio(own.requests_per_s_32, litellm.requests_per_s_32), 40, 200),
        _at_least("requests/s at 32, × Portkey", _ratio(own.requests_per_s_32, portkey.requests_per_s_32), 2.5, 12),
        _at_most("CPU per request, µs", own.cpu_us_per_request, 300, 65),
        _at_most("added p50 at one connection, ms", _added_ms(own.p50_us, direct.p50_us), 0.5, 0.12),
        _at_most("added p99 at one connection, ms", _added_ms(own.p99_us, direct.p99_us), 2, 0.3),
        _at_most("CPU per streamed chunk, µs", own.cpu_us_per_chunk, 60, 22),
        _all_delivered(own),
        _at_most("1,000 streams: chunk delay p99, ms", _times(own.paced_delay_p99_us, 1e-3), 10, 3),
        _at_most("1,000 streams: share of a core, %", _times(own.paced_core_share, 100), None, 30),
        _at_most("memory per stream, KB", _times(own.bytes_per_stream, 1 / KB), 45, 15),
        _at_most("memory idle, MB", _times(own.idle_bytes, 1 / MB), 110, 60),
        _at_most("cold start to the first answer, s", own.cold_start_s, 2, 0.5),
        _flat(soak),
    ]


def _at_most(what: str, value: float | None, first: float | None, goal: float) -> Verdict:
    return _compared(what, value, ("≤", lambda limit: value is not None and value <= limit), first, goal)


def _at_least(what: str, value: float | None, first: float, goal: float) -> Verdict:
    return _compared(what, value, ("≥", lambda limit: value is not None and value >= limit), first, goal)


def _compared(
    what: str, value: float | None, rule: tuple[str, Callable[[float], bool]], first: float | None, goal: float
) -> Verdict:
    sign, holds = rule
    return Verdict(
        what,
        "–" if value is None else f"{value:.3g}" if value < 100 else f"{value:,.0f}",
        "–" if first is None else f"{sign} {first:g}",
        None if value is None or first is None else holds(first),
        f"{sign} {goal:g}",
        None if value is None else holds(goal),
    )


def _all_delivered(own: Figures) -> Verdict:
    rate, due, complete = own.paced_chunks_per_s, own.paced_due_per_s, own.paced_streams_complete
    if rate is None or due is None or complete is None:
        return Verdict("1,000 streams: all delivered", "–", "all", None, "all", None)
    fine = rate >= ALL_DELIVERED * due and complete == 1
    measured = f"{rate / due:.1%} in time, {complete:.1%} complete"
    return Verdict("1,000 streams: all delivered", measured, "all", fine, "all", fine)


def _flat(soak: Soak | None) -> Verdict:
    limit = f"≤ +{FLAT_GROWTH:.0%}"
    if soak is None:
        return Verdict("soak: memory growth", "–", limit, None, limit, None)
    fine = soak.growth <= FLAT_GROWTH
    return Verdict(f"soak of {soak.requests:,}: memory growth", f"{soak.growth:+.1%}", limit, fine, limit, fine)


def _ratio(value: float | None, base: float | None) -> float | None:
    return value / base if value is not None and base else None


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _added_ms(value_us: float | None, base_us: float | None) -> float | None:
    return None if value_us is None or base_us is None else (value_us - base_us) / 1000
