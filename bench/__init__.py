"""Start-up against its bounds, measured side by side on the same machine."""
