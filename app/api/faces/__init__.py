"""The faces kept for older clients: lists of routes, of which their views, help and documents are made."""
