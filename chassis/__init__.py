"""How any service runs; no business in it."""
