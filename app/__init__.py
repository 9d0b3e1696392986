"""Patchbay: one door to every language model."""
