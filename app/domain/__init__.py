"""The vocabulary of Patchbay: values and pure functions that every other package speaks in."""
