"""One live request."""
