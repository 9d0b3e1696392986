"""Deciding what happens to a request."""
