"""The full log."""
