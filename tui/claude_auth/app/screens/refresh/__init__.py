"""Refreshing a login."""
