"""The upstream server for these tests."""

from tests.support.fixtures import new_upstream, upstream, upstream_process

__all__ = ["new_upstream", "upstream", "upstream_process"]
