"""Remembering: the only code that knows SQL. Rows never leave it, domain values do."""
