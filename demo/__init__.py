"""The demo model that comes with Patchbay: its texts, its training and the trained file."""
