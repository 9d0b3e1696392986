"""Why a conversation could not be taken in."""

from __future__ import annotations


class Unreadable(Exception):
    """The words are for people."""
