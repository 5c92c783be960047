"""The dashboard, and what its keys open."""
