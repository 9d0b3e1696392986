"""Where the benchmark keeps things: sources beside this file, everything made or installed under var/bench."""

from pathlib import Path

SOURCES = Path(__file__).resolve().parent
PROJECT = SOURCES.parent
STATE = PROJECT / "var" / "bench"
BUILD = STATE / "build"
RUN = STATE / "run"
RESULTS = SOURCES / "results"
README = PROJECT / "README.md"
REPORT = PROJECT / "docs" / "benchmark.md"
