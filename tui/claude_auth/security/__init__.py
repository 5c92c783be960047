"""Secrets, and the one boundary where text from outside becomes text that may be shown."""
