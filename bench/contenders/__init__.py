"""One file per gateway under test; each says how it is installed, configured and started."""
