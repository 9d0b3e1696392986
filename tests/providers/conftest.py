"""The upstream server for the tests of everything that speaks to vendors."""

from tests.support.fixtures import new_upstream, upstream, upstream_process

__all__ = ["new_upstream", "upstream", "upstream_process"]
