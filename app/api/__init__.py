"""Speaking to clients: the only code that knows Flask."""
