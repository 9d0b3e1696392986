"""The load generator is compiled: without a C compiler its tests are left out, and the header says so."""

import shutil

COMPILER = shutil.which("cc")
collect_ignore = [] if COMPILER else ["test_load.py"]


def pytest_report_header() -> str | None:
    if COMPILER:
        return None
    return "LEFT OUT: tests/bench/test_load.py needs a C compiler named cc (Debian: apt-get install gcc libc6-dev)"
