"""The way to each host."""
