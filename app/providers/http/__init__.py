"""The pooled client of the hot path: non-blocking sockets, a C parser, every wait can be stopped from outside."""
