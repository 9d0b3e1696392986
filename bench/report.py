"""The benchmark's result as Markdown and JSON."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bench.figures import Figures, Ledger, Soak
from bench.targets import KB, MB, Verdict, verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A whole run: medians by contender's name, in the order of the columns."""

    date: str
    machine: str
    rounds: int
    quick: bool
    titles: Mapping[str, str]
    versions: Mapping[str, str]
    medians: Mapping[str, Figures]
    every_round: Mapping[str, list[Figures]]
    left_out: Mapping[str, str]
    soak: Soak | None
    ledger: Ledger | None


def markdown(outcome: Outcome) -> str:
    """The whole page."""
    parts = [
        "# Benchmark",
        _introduction(outcome),
        "## Figures",
        _figures_table(outcome),
        _ratio_table(outcome),
        "## Targets",
        _target_table(verdicts(outcome.medians, outcome.soak)),
        _notes(outcome),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


README_BLOCK = re.compile(r"(<!-- benchmark -->\n).*?(<!-- /benchmark -->)", re.DOTALL)


def with_tables(readme: str, outcome: Outcome) -> str:
    """`readme` with this run's figures and ratios between its benchmark marks."""
    where = f"{outcome.date}, medians of {outcome.rounds} rounds. {outcome.machine}."
    tables = "\n\n".join(part for part in (where, _figures_table(outcome), _ratio_table(outcome)) if part)
    tables = tables.replace("## Patchbay compared\n\n", "")
    return README_BLOCK.sub(lambda found: f"{found[1]}\n{tables}\n\n{found[2]}", readme)


def as_json(outcome: Outcome) -> dict[str, Any]:
    lines = verdicts(outcome.medians, outcome.soak)
    return {**asdict(outcome), "targets": [asdict(line) for line in lines]}


def _introduction(outcome: Outcome) -> str:
    versions = " · ".join(f"{outcome.titles[name]} {version}" for name, version in outcome.versions.items())
    kind = "a quick run" if outcome.quick else "medians"
    plural = "s" if outcome.rounds > 1 else ""
    lines = [
        f"{outcome.date}, {kind} of {outcome.rounds} interleaved round{plural}. {outcome.machine}.",
        "",
        f"{versions}.",
        "",
        "Every gateway has one worker on a core of its own; the fake upstream and the load share another. Made by "
        "`./patchbay bench`; `bench/README.md` says what each row means. Compare ratios within one run: absolute "
        "times depend on the machine.",
    ]
    return "\n".join(lines)


def _figures_table(outcome: Outcome) -> str:
    direct = outcome.medians.get("direct", Figures())
    rows: list[tuple[str, Callable[[Figures], str]]] = [
        ("requests/s, 1 connection", lambda f: _count(f.requests_per_s_1)),
        ("requests/s, 32 connections", lambda f: _count(f.requests_per_s_32)),
        ("requests/s, 256 connections", lambda f: _count(f.requests_per_s_256)),
        ("p50 / p99 at 1 connection, ms", lambda f: _pair(_ms(f.p50_us), _ms(f.p99_us))),
        ("added p50 / p99, ms", lambda f: _added(f, direct)),
        ("CPU per request, µs", lambda f: _small(f.cpu_us_per_request)),
        ("streamed chunks/s, 16 unpaced streams", lambda f: _count(f.chunks_per_s)),
        ("CPU per chunk, µs", lambda f: _small(f.cpu_us_per_chunk)),
        ("1,000 streams × 10/s: chunks/s delivered", lambda f: _count(f.paced_chunks_per_s)),
        ("– chunk delay p50 / p99, ms", lambda f: _pair(_ms(f.paced_delay_p50_us), _ms(f.paced_delay_p99_us))),
        ("– first chunk p99, ms", lambda f: _ms(f.paced_first_chunk_p99_us)),
        ("– streams complete", lambda f: _percent(f.paced_streams_complete)),
        ("– share of a core", lambda f: _percent(f.paced_core_share)),
        (
            "memory idle → 1,000 streams, MB",
            lambda f: _arrow(_scaled(f.idle_bytes, MB), _scaled(f.streaming_bytes, MB)),
        ),
        ("memory per stream, KB", lambda f: _scaled(f.bytes_per_stream, KB)),
        ("1,000 connections, upstream takes 200 ms (ideal 5,000/s)", lambda f: _count(f.delayed_requests_per_s)),
        ("cold start to the first answer, s", lambda f: _small(f.cold_start_s)),
        ("failed requests and streams", lambda f: _count(f.failures)),
    ]
    body = [[name, *(show(figures) for figures in outcome.medians.values())] for name, show in rows]
    return _table(["", *(outcome.titles[name] for name in outcome.medians)], body)


def _ratio_table(outcome: Outcome) -> str:
    """How many times better Patchbay is than each peer; below 1 it is worse."""
    own = outcome.medians.get("patchbay")
    peers = {name: f for name, f in outcome.medians.items() if name not in ("patchbay", "direct")}
    if own is None or not peers:
        return ""
    rows: list[tuple[str, str, bool]] = [
        ("requests/s, 1 connection", "requests_per_s_1", True),
        ("requests/s, 32 connections", "requests_per_s_32", True),
        ("requests/s, 256 connections", "requests_per_s_256", True),
        ("p50 at 1 connection", "p50_us", False),
        ("p99 at 1 connection", "p99_us", False),
        ("CPU per request", "cpu_us_per_request", False),
        ("streamed chunks/s", "chunks_per_s", True),
        ("CPU per chunk", "cpu_us_per_chunk", False),
        ("chunk delay p99, 1,000 streams", "paced_delay_p99_us", False),
        ("memory idle", "idle_bytes", False),
        ("memory per stream", "bytes_per_stream", False),
        ("slow upstream, requests/s", "delayed_requests_per_s", True),
        ("cold start", "cold_start_s", False),
    ]
    body = [
        [title, *(_times(getattr(own, name), getattr(peer, name), more) for peer in peers.values())]
        for title, name, more in rows
    ]
    header = ["Patchbay is … times as good as", *(outcome.titles[name] for name in peers)]
    return "## Patchbay compared\n\n" + _table(header, body)


def _target_table(lines: list[Verdict]) -> str:
    word = {True: "met", False: "**missed**", None: "–"}
    body = [
        [line.what, line.measured, line.first_limit, word[line.first], line.goal_limit, word[line.goal]]
        for line in lines
    ]
    return _table(["", "measured", "first version", "", "goal", ""], body) if lines else "Patchbay was not measured."


def _notes(outcome: Outcome) -> str:
    notes = [f"- **{outcome.titles[name]} was left out:** {why}" for name, why in outcome.left_out.items()]
    if outcome.soak is not None:
        after = " → ".join(f"{size / MB:.0f}" for size in outcome.soak.after_bytes)
        notes.append(
            f"- Soak: {outcome.soak.requests:,} requests, {outcome.soak.aborted:,} of them left by the client, "
            f"{outcome.soak.failures:,} failed; memory before {outcome.soak.before_bytes / MB:.0f} MB, after each "
            f"quarter {after} MB."
        )
    if outcome.ledger is not None:
        verdict = "agrees" if outcome.ledger.agrees else "**does not agree**"
        notes.append(
            f"- Ledger: {outcome.ledger.rows:,} rows for {outcome.ledger.sent:,} requests sent "
            f"({outcome.ledger.aborted:,} left by the client): {verdict}."
        )
    return "\n".join(["## Notes", "", *notes]) if notes else ""


def _table(header: list[str], body: list[list[str]]) -> str:
    rule = ["---", *("---:" for _ in header[1:])]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, rule, *body])


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _small(value: float | None) -> str:
    if value is None:
        return "–"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 3
    return f"{value:,.{digits}f}"


def _ms(value_us: float | None) -> str:
    return "–" if value_us is None else _small(value_us / 1000)


def _scaled(value: float | None, unit: int) -> str:
    return "–" if value is None else _small(value / unit)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _pair(first: str, second: str) -> str:
    return first if first == second == "–" else f"{first} / {second}"


def _arrow(first: str, second: str) -> str:
    return first if first == second == "–" else f"{first} → {second}"


def _added(figures: Figures, direct: Figures) -> str:
    if figures is direct:
        return "–"
    return _pair(_ms(_difference(figures.p50_us, direct.p50_us)), _ms(_difference(figures.p99_us, direct.p99_us)))


def _difference(value: float | None, base: float | None) -> float | None:
    return None if value is None or base is None else value - base


def _times(own: float | None, peer: float | None, more_is_better: bool) -> str:
    if not own or not peer:
        return "–"
    return f"{_small(own / peer if more_is_better else peer / own)} ×"
