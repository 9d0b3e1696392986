"""One file per kind of provider, named after it."""
