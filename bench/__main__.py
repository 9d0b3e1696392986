"""`python -m bench`: prepares the contenders, measures them in interleaved rounds, prints and writes the tables."""

import argparse
import datetime
import json
import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench import children, machine, report
from bench.contenders.base import Contender, LeftOut, Running, Setting
from bench.contenders.direct import Direct
from bench.contenders.litellm import LiteLLM
from bench.contenders.nginx import Nginx
from bench.contenders.patchbay import Patchbay
from bench.contenders.portkey import Portkey
from bench.figures import Figures, Ledger, Soak, medians
from bench.measure import FULL, QUICK, Scale, measure, soak
from bench.places import README, REPORT, RESULTS
from bench.upstream import upstream

CONTENDERS: tuple[type[Contender], ...] = (Direct, Nginx, LiteLLM, Portkey, Patchbay)


@dataclass(slots=True)
class Session:
    """What a run has gathered so far."""

    scale: Scale
    rounds: dict[str, list[Figures]] = field(default_factory=lambda: defaultdict(list))
    left_out: dict[str, str] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    soak: Soak | None = None
    ledger: Ledger | None = None

    def leave_out(self, contender: Contender, why: object) -> None:
        self.left_out[contender.name] = str(why).strip()
        print(f"\n!!! {contender.title} is left out: {why}\n", flush=True)


def main() -> None:
    options = _options()
    children.stop_all_at_exit()
    scale = replace(QUICK if options.quick else FULL, **({"rounds": options.rounds} if options.rounds else {}))
    session = Session(scale)
    began = time.monotonic()
    with upstream(list(scale.models)) as port:
        chosen = _prepared(session, _chosen(options.only, Setting(port, scale.models)))
        for number in range(scale.rounds):
            for contender in [one for one in chosen if one.name not in session.left_out]:
                _one_round(session, contender, number + 1)
        measured = [one for one in chosen if session.rounds.get(one.name)]
        _soak(session, [] if options.no_soak else measured)
        _check_ledger(session, measured)
    outcome = _outcome(session, measured, quick=options.quick)
    _write(outcome, options.out, options.json)
    print(f"{time.monotonic() - began:.0f} s", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    names = ",".join(contender.name for contender in CONTENDERS)
    parser.add_argument("--quick", action="store_true", help="one short round, under three minutes")
    parser.add_argument("--only", default=names, help=f"comma-separated contenders (default: {names})")
    parser.add_argument(
        "--rounds", type=int, help=f"interleaved rounds (default: {FULL.rounds}, quick: {QUICK.rounds})"
    )
    parser.add_argument("--no-soak", action="store_true", help="leave out Patchbay's soak")
    parser.add_argument("--out", type=Path, help=f"the Markdown file (default: docs/{REPORT.name}, quick: none)")
    parser.add_argument("--json", type=Path, help="the JSON file (default: bench/results/latest.json, quick: none)")
    options = parser.parse_args()
    if not options.quick:
        options.out = options.out or REPORT
        options.json = options.json or RESULTS / "latest.json"
    unknown = set(options.only.split(",")) - set(names.split(","))
    if unknown:
        parser.error(f"unknown contender: {', '.join(sorted(unknown))}")
    return options


def _chosen(only: str, setting: Setting) -> list[Contender]:
    """The upstream itself is always measured: added times are counted from it."""
    names = {"direct", *only.split(",")}
    return [contender(setting) for contender in CONTENDERS if contender.name in names]


def _prepared(session: Session, contenders: list[Contender]) -> list[Contender]:
    ready = []
    for contender in contenders:
        try:
            contender.prepare()
        except LeftOut as reason:
            session.leave_out(contender, reason)
        else:
            ready.append(contender)
    return ready


def _one_round(session: Session, contender: Contender, number: int) -> None:
    def say(what: str) -> None:
        print(f"round {number}  {contender.title:9} {what}", flush=True)

    running = _started(session, contender)
    if running is None:
        return
    try:
        found = measure(running.target, running.cold_start_s, session.scale, say)
    finally:
        running.stop()
    session.rounds[contender.name].append(found.figures)
    session.sent[contender.name] += found.sent


def _started(session: Session, contender: Contender) -> Running | None:
    """A start counts one request: the one whose answer ends it."""
    try:
        running = contender.start()
    except LeftOut as reason:
        session.leave_out(contender, reason)
        return None
    session.sent[contender.name] += 1
    return running


def _soak(session: Session, contenders: list[Contender]) -> None:
    for contender in contenders:
        if contender.name != Patchbay.name or (running := _started(session, contender)) is None:
            continue
        print(f"soak     {contender.title}: {session.scale.soak_requests:,} requests", flush=True)
        try:
            session.soak, sent = soak(running.target, session.scale)
        finally:
            running.stop()
        session.sent[contender.name] += sent


def _check_ledger(session: Session, contenders: list[Contender]) -> None:
    aborted = session.soak.aborted if session.soak else 0
    for contender in contenders:
        rows = contender.ledger_rows()
        if rows is not None:
            session.ledger = Ledger(rows=rows, sent=session.sent[contender.name], aborted=aborted)


def _outcome(session: Session, measured: list[Contender], *, quick: bool) -> report.Outcome:
    return report.Outcome(
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        machine=machine.describe(),
        rounds=session.scale.rounds,
        quick=quick,
        titles={contender.name: contender.title for contender in CONTENDERS},
        versions={contender.name: contender.version() for contender in measured if contender.name != Direct.name},
        medians={contender.name: medians(session.rounds[contender.name]) for contender in measured},
        every_round=dict(session.rounds),
        left_out=session.left_out,
        soak=session.soak,
        ledger=session.ledger,
    )


def _write(outcome: report.Outcome, page: Path | None, data: Path | None) -> None:
    text = report.markdown(outcome)
    print("\n" + text, flush=True)
    if page is not None:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text)
        if page == REPORT:
            README.write_text(report.with_tables(README.read_text(), outcome))
    if data is not None:
        data.parent.mkdir(parents=True, exist_ok=True)
        data.write_text(json.dumps(report.as_json(outcome), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
